/* Keys of several levels in one order. */
#include "group/hash.h"
#include "group/results.h"

/* The number of a level's next key; 0: it has none up to the bound. */
static uint32_t next_of(const struct results_level *level, uint64_t bound)
{
    const struct group_table *table = level->table;
    if (level->cursor == table->count)
        return 0;
    uint32_t number = table->order[level->cursor];
    return table->hashes[number] <= bound ? number : 0;
}

/* The level with the least next key, or depth. */
static uint32_t least_level(const struct group_results *results, uint64_t bound)
{
    uint32_t least = results->depth, least_number = 0;
    for (uint32_t i = 0; i < results->depth; i++) {
        uint32_t number = next_of(&results->levels[i], bound);
        if (number == 0)
            continue;
        if (least == results->depth ||
            group_table_compare(results->levels[i].table, number, results->levels[least].table,
                                least_number) < 0) {
            least = i;
            least_number = number;
        }
    }
    return least;
}

/* Takes a key out of every level that has it; returns how many do. */
static uint32_t take_key(struct group_results *results, uint32_t least, uint64_t bound,
                         uint32_t entries)
{
    const struct group_table *table = results->levels[least].table;
    uint32_t number = table->order[results->levels[least].cursor], taken = 0;
    if (table->texts != NULL)
        results->keys[results->count] = group_text(table->texts[number]);
    else
        results->codes[results->count] = group_code(table->hashes[number]);
    for (uint32_t i = least; i < results->depth; i++) {
        struct results_level *level = &results->levels[i];
        uint32_t other = next_of(level, bound);
        if (other == 0 || group_table_compare(table, number, level->table, other) != 0)
            continue;
        results->level_of[entries + taken] = (uint8_t)i;
        results->from[entries + taken] = other;
        results->to[entries + taken] = results->count;
        level->cursor++;
        taken++;
    }
    return taken;
}

/* Which keys the window has and where they come from. */
static uint32_t choose_keys(struct group_results *results, uint64_t bound)
{
    uint32_t entries = 0;
    results->count = 0;
    while (entries + results->depth <= VALUE_TILE_WINDOW) {
        uint32_t least = least_level(results, bound);
        if (least == results->depth)
            break;
        entries += take_key(results, least, bound, entries);
        results->count++;
    }
    return entries;
}

static enum error_code add_level(struct group_results *results, uint32_t level, uint32_t entries,
                                 struct error *error)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < entries; i++) {
        if (results->level_of[i] != level)
            continue;
        results->from_one[count] = results->from[i];
        results->to_one[count++] = results->to[i];
    }
    if (count == 0)
        return ERROR_NONE;
    return group_totals_merge(&results->window, results->to_one,
                              &results->levels[level].table->totals, results->from_one, count,
                              error);
}

static enum error_code open_window(struct group_results *results, struct error *error)
{
    struct grouping *grouping = results->grouping;
    if (results->window.values == NULL)
        TRY(group_totals_init(&results->window, &grouping->shape, &grouping->account, error));
    TRY(group_totals_reserve(&results->window, VALUE_TILE_WINDOW, error));
    return group_totals_clear(&results->window, error);
}

enum error_code group_results_merge(struct group_results *results, struct error *error)
{
    uint32_t entries = choose_keys(results, results->levels[results->depth - 1].bound);
    if (entries == 0)
        return ERROR_NONE;
    TRY(open_window(results, error));
    for (uint32_t level = 0; level < results->depth; level++)
        TRY(add_level(results, level, entries, error));
    for (uint32_t i = 0; i < results->count; i++)
        results->gathered[i] = i;
    results->numbers = results->gathered;
    results->totals = &results->window;
    return ERROR_NONE;
}
