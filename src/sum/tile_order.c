/*
 * In which order tiles are taken.
 *
 * A tile that begins a row group begins where the footers say, so it need not wait for the tile in
 * front of it. Where it decodes a dictionary it takes several times as long as those that follow,
 * which would all wait behind it: so it is taken some turns early, by one thread, while the others
 * finish the row group before.
 */
#include "sum/sum_int.h"
#include "sum/wave.h"

/* A row of a dictionary page takes about as long as so many PLAIN ones. */
#define DICTIONARY_COST 2

/* Whether a dictionary begins with the row. cursor: the first border not before the tile. */
static bool opens_dictionary(const struct sum *sum, uint64_t row, size_t *cursor)
{
    const struct page_border *borders = (const struct page_border *)sum->facts.borders.data;
    size_t count = sum->facts.borders.size / sizeof *borders;
    while (*cursor < count && borders[*cursor].row < row)
        (*cursor)++;
    return *cursor < count && borders[*cursor].row == row && borders[*cursor].dictionary &&
           borders[*cursor].fresh_chunk;
}

/* Turns that the other threads need for what one thread does in the tile's time. */
static uint64_t turns_early(const struct sum *sum, uint64_t tile)
{
    uint64_t threads = sum->plan.threads;
    uint64_t rows = sum->tile_starts[tile + 1] - sum->tile_starts[tile];
    uint64_t turns = (threads - 1) * DICTIONARY_COST * rows / sum->plan.tile_rows;
    return turns < threads * WAVE_EARLY_MOST ? turns : threads * WAVE_EARLY_MOST;
}

/* Files that differ in their row groups would have to be decoded from before the tile on. */
static bool may_reorder(const struct sum *sum)
{
    return sum->plan.threads > 1 && !sum->facts.mixed_layouts &&
           sum->plan.tile_rows < sum->tile_rows_most;
}

/*
 * Puts the tile in front of those that were placed last, but never before the tiles in front of
 * another early one: two such tiles under way might leave no thread for what they wait for.
 */
static void place_early(struct sum *sum, uint64_t tile, uint64_t turns, uint64_t lowest)
{
    uint64_t turn = tile;
    while (turns > 0 && turn > 0 && sum->tile_turns[turn - 1] >= lowest) {
        sum->tile_turns[turn] = sum->tile_turns[turn - 1];
        turn--;
        turns--;
    }
    sum->tile_turns[turn] = tile;
    sum->tile_early[tile] = turn < tile;
}

static void place_tiles(struct sum *sum)
{
    size_t cursor = 0;
    uint64_t lowest = 0;
    for (uint64_t tile = 0; tile < sum->plan.tile_count; tile++) {
        sum->tile_early[tile] = false;
        sum->tile_turns[tile] = tile;
        if (may_reorder(sum) && opens_dictionary(sum, sum->tile_starts[tile], &cursor))
            place_early(sum, tile, turns_early(sum, tile), lowest);
        if (sum->tile_early[tile])
            lowest = tile + 1;
    }
}

enum error_code sum_order_tiles(struct sum *sum, struct error *error)
{
    uint64_t count = sum->plan.tile_count;
    void *turns, *early;
    TRY(mem_arena_alloc(&sum->arena, (count + 1) * sizeof *sum->tile_turns, &turns, error));
    TRY(mem_arena_alloc(&sum->arena, count + 1, &early, error));
    sum->tile_turns = turns;
    sum->tile_early = early;
    place_tiles(sum);
    mem_buffer_release(&sum->facts.borders);
    return ERROR_NONE;
}
