#include <float.h>
#include <math.h>

#include "exact/tile.h"

/* Room above the largest value that statistics named. */
#define HEADROOM_BITS 3
/* For data nothing is known of: whole precision from 2^-9 to 2^22. */
#define MIDDLING_EXPONENT 22
/* So many times in a row the same number of grids may be tried elsewhere. */
#define MOVES_MOST 2

struct exact_grids exact_grids_for(double magnitude)
{
    int exponent = MIDDLING_EXPONENT;
    if (isfinite(magnitude) && magnitude != 0) {
        (void)frexp(magnitude, &exponent);
        exponent += HEADROOM_BITS;
    }
    return exact_grids_clamped((struct exact_grids){.exponent = exponent, .count = 2});
}

/* Of the values outside the grids, and of keys, so few are left to the sparse store: one in so
 * many, where keys come in any order. That is half of what it can take. */
#define FEW_SHARE 64

struct range {
    int lowest, highest; /* multiples of 2^lowest, below 2^highest */
};

static void note_end(struct exact_ends *ends, int at, bool least)
{
    int bucket = (at - SUPER_LOWEST) / EXACT_RANGE_BITS;
    bool first = ends->count[bucket] == 0;
    if (first || (least ? at < ends->end[bucket] : at > ends->end[bucket]))
        ends->end[bucket] = (int16_t)at;
    ends->count[bucket] += ends->count[bucket] < UINT32_MAX;
}

void exact_tile_note_range(struct exact_tile *tile, int lowest, int highest)
{
    if (lowest < tile->lowest)
        tile->lowest = lowest;
    if (highest > tile->highest)
        tile->highest = highest;
    if (!tile->any)
        return;
    note_end(&tile->lows, lowest, true);
    note_end(&tile->highs, highest, false);
}

/* The end that all but a few have on their inner side; bucket goes from first by step. */
static int inner_end(const struct exact_ends *ends, int first, int step)
{
    uint64_t total = 0, passed = 0;
    for (int b = 0; b < EXACT_RANGE_BUCKETS; b++)
        total += ends->count[b];
    for (int b = first; b >= 0 && b < EXACT_RANGE_BUCKETS; b += step) {
        passed += ends->count[b];
        if (passed > total / FEW_SHARE)
            return ends->end[b];
    }
    return 0;
}

/* What values outside the grids ask for. */
static struct range range_of(const struct exact_tile *tile)
{
    if (!tile->any || tile->lowest > tile->highest)
        return (struct range){tile->lowest, tile->highest};
    return (struct range){inner_end(&tile->lows, 0, 1),
                          inner_end(&tile->highs, EXACT_RANGE_BUCKETS - 1, -1)};
}

static bool grid_is_used(const struct exact_tile *tile, int grid)
{
    const double *sums = tile->sums + (size_t)grid * tile->stride;
    size_t few = tile->any ? tile->key_count / FEW_SHARE : 0;
    for (size_t k = 0; k < tile->key_count; k++)
        if (sums[k * tile->step] != 0 && few-- == 0)
            return true;
    return false;
}

/* Widens the range by the grids that hold anything; a guess where sums cancelled. */
static struct range widen_by_grids(const struct exact_tile *tile, struct range range)
{
    int first = 0, last = tile->grids.count - 1;
    while (!tile->carried && first <= last && !grid_is_used(tile, first))
        first++;
    while (last > first && !grid_is_used(tile, last))
        last--;
    if (first > last)
        return range;
    int lowest = exact_unit(tile->grids, last), highest = exact_unit(tile->grids, first - 1) - 1;
    return (struct range){lowest < range.lowest ? lowest : range.lowest,
                          highest > range.highest ? highest : range.highest};
}

/* The fewest grids, at least least, that hold the range; what is left over is shared above and
 * below. */
static struct exact_grids grids_over(struct range range, int least)
{
    int bits = range.highest + 1 - range.lowest;
    int count = (bits + EXACT_GRID_BITS - 1) / EXACT_GRID_BITS;
    if (count < least)
        count = least;
    if (count > EXACT_GRIDS_MOST || range.highest > EXACT_EXPONENT_MOST)
        return (struct exact_grids){0, EXACT_GRIDS_SUPER};
    int spare = count * EXACT_GRID_BITS - bits;
    return exact_grids_clamped((struct exact_grids){range.highest + spare / 2, count});
}

struct exact_grids exact_tile_more_grids(const struct exact_tile *tile)
{
    struct range range = range_of(tile);
    int lowest = exact_unit(tile->grids, tile->grids.count - 1);
    if (range.lowest > lowest)
        range.lowest = lowest;
    if (range.highest < tile->grids.exponent)
        range.highest = tile->grids.exponent;
    return grids_over(range, tile->grids.count + 1);
}

static bool same(struct exact_grids a, struct exact_grids b)
{
    return a.count == b.count && a.exponent == b.exponent;
}

/*
 * A tile that is begun again and again with what this returns ends: after MOVES_MOST such rounds
 * each has one grid more than the one before, and superaccumulators take everything.
 */
struct exact_grids exact_tile_advise(const struct exact_tile *tile)
{
    struct exact_grids super = {0, EXACT_GRIDS_SUPER};
    if (tile->grids.count == EXACT_GRIDS_SUPER)
        return (struct exact_grids){MIDDLING_EXPONENT, EXACT_GRIDS_MOST};
    struct range range = range_of(tile);
    bool met = range.lowest <= range.highest;
    int least = tile->rounds < MOVES_MOST && met ? 2 : tile->grids.count + 1;
    if (!met)
        range =
            (struct range){exact_unit(tile->grids, tile->grids.count - 1), tile->grids.exponent};
    range = widen_by_grids(tile, range);
    struct exact_grids grids = grids_over(range, least);
    return same(grids, tile->grids) ? super : grids;
}

struct exact_grids exact_tile_advice(const struct exact_tile *tile)
{
    return tile->crowded ? tile->next : exact_tile_advise(tile);
}
