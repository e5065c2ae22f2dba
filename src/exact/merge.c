#include <assert.h>
#include <math.h>

#include "exact/tile.h"

#define INLINE static inline __attribute__((always_inline))

/* A sum below so many units of the coarsest grid is split like a value: six of them and what is
 * there already stay below 2^53 units. */
#define MERGE_UNITS 0x1p48

/* A key that holds nothing but dense sums. */
static bool is_plain(const struct exact_tile *tile, size_t key)
{
    return (!tile->carried || tile->carries[key] == 0) &&
           (!tile->has_specials || tile->specials[key] == 0) &&
           exact_sparse_find(&tile->sparse, (uint32_t)key) == NULL;
}

/* The sums of a key, each a double, split on the grids of the other tile; false: nothing is added,
 * one of them does not fit. */
INLINE bool merge_dense(struct exact_tile *tile, uint32_t key, const double *from, size_t stride,
                        int from_grids, int grids)
{
    const struct exact_split *split = &tile->split;
    double total[EXACT_GRIDS_MOST] = {0}, bound = split->limit[0] * (MERGE_UNITS * 0x1p-52);
    double *sums = tile->sums + (size_t)key * (size_t)grids;
    bool fits = true, over = false;
    for (int f = 0; f < from_grids; f++) {
        double rest = from[(size_t)f * stride];
        fits &= fabs(rest) < bound;
        for (int g = 0; g < grids; g++) {
            double part = (rest + split->constant[g]) - split->constant[g];
            rest -= part;
            total[g] += part;
        }
        fits &= rest == 0;
    }
    if (!fits)
        return false;
    for (int g = 0; g < grids; g++) {
        sums[g] += total[g];
        over |= fabs(sums[g]) > split->limit[g];
    }
    if (over)
        exact_tile_carry_full(tile, &key, 1);
    return true;
}

static bool merge_wide(struct exact_tile *tile, uint32_t key, const struct exact_tile *from,
                       size_t from_key)
{
    uint64_t limbs[SUPER_LIMBS];
    unsigned specials = from->has_specials ? from->specials[from_key] : 0;
    if (specials != 0 && tile->specials == NULL) {
        tile->need = NEED_SPECIALS;
        return false;
    }
    exact_tile_wide(from, from_key, limbs);
    if (!exact_tile_put(tile, key, limbs))
        return false;
    if (specials != 0)
        tile->specials[key] |= (uint8_t)specials;
    return true;
}

static bool merge_key(struct exact_tile *tile, uint32_t key, const struct exact_tile *from,
                      size_t from_key)
{
    int grids = tile->grids.count, from_grids = from->grids.count;
    if (grids == EXACT_GRIDS_SUPER || from_grids == EXACT_GRIDS_SUPER || !is_plain(from, from_key))
        return merge_wide(tile, key, from, from_key);
    const double *sums = from->sums + from_key * from->step;
    bool merged = grids == 2 && from_grids == 2
                      ? merge_dense(tile, key, sums, from->stride, 2, 2)
                      : merge_dense(tile, key, sums, from->stride, from_grids, grids);
    return merged || merge_wide(tile, key, from, from_key);
}

size_t exact_tile_merge(struct exact_tile *tile, const uint32_t *keys,
                        const struct exact_tile *from, const uint32_t *from_keys, size_t count)
{
    size_t done = 0;
    assert(tile->any && tile != from);
    while (done < count && tile->need == NEED_NOTHING &&
           merge_key(tile, keys[done], from, from_keys[done]))
        done++;
    return done;
}
