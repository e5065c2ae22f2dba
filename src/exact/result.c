#include <math.h>
#include <string.h>

#include "exact/round.h"
#include "exact/tile.h"

/* Dense sums and carries of a key: at most 42 * EXACT_GRIDS_MOST + 64 bits in finest units. */
#define DENSE_LIMBS 5

static void add_carry(const struct exact_tile *tile, size_t key, uint64_t *limbs, size_t count,
                      int lowest)
{
    int64_t carry = tile->carries[key];
    uint64_t magnitude = carry < 0 ? 0 - (uint64_t)carry : (uint64_t)carry;
    limbs_add(limbs, count, magnitude, (unsigned)(exact_unit(tile->grids, -1) - lowest), carry < 0);
}

/* Adds what is dense to limbs whose bit 0 counts 2^lowest, at most the finest unit. */
static void add_dense(const struct exact_tile *tile, size_t key, uint64_t *limbs, size_t count,
                      int lowest)
{
    for (int g = 0; g < tile->grids.count; g++) {
        struct double_parts parts =
            double_parts_of(tile->sums[(size_t)g * tile->stride + key * tile->step]);
        if (parts.magnitude == 0)
            continue;
        int below = parts.exponent < lowest ? lowest - parts.exponent : 0; /* these bits are 0 */
        limbs_add(limbs, count, parts.magnitude >> below,
                  (unsigned)(parts.exponent + below - lowest), parts.negative);
    }
    if (tile->carried)
        add_carry(tile, key, limbs, count, lowest);
}

static struct exact_wide dense_sum(const struct exact_tile *tile, size_t key)
{
    uint64_t limbs[DENSE_LIMBS] = {0};
    int lowest = exact_unit(tile->grids, tile->grids.count - 1);
    add_dense(tile, key, limbs, DENSE_LIMBS, lowest);
    bool negative = limbs_make_positive(limbs, DENSE_LIMBS);
    return exact_wide_of_words(limbs, DENSE_LIMBS, lowest, negative);
}

/* The superaccumulator of a key, or NULL. */
static const uint64_t *held_limbs(const struct exact_tile *tile, size_t key)
{
    if (tile->limbs != NULL)
        return tile->limbs + key * SUPER_LIMBS;
    return exact_sparse_find(&tile->sparse, (uint32_t)key);
}

void exact_tile_wide(const struct exact_tile *tile, size_t key, uint64_t ret[static SUPER_LIMBS])
{
    const uint64_t *held = held_limbs(tile, key);
    if (held != NULL)
        memcpy(ret, held, SUPER_LIMBS * sizeof *ret);
    else
        memset(ret, 0, SUPER_LIMBS * sizeof *ret);
    if (tile->limbs == NULL)
        add_dense(tile, key, ret, SUPER_LIMBS, SUPER_LOWEST);
}

/* All that a key holds: its superaccumulator if it has one, and what is dense. */
static struct exact_wide whole_sum(const struct exact_tile *tile, size_t key)
{
    if (held_limbs(tile, key) == NULL)
        return dense_sum(tile, key);
    uint64_t limbs[SUPER_LIMBS];
    exact_tile_wide(tile, key, limbs);
    bool negative = limbs_make_positive(limbs, SUPER_LIMBS);
    return exact_wide_of_words(limbs, SUPER_LIMBS, SUPER_LOWEST, negative);
}

static double special_of(unsigned specials)
{
    if (specials == SPECIAL_PLUS)
        return (double)INFINITY;
    if (specials == SPECIAL_MINUS)
        return (double)-INFINITY;
    return exact_nan();
}

static void put_specials(const struct exact_tile *tile, size_t first_key, size_t count, double *ret)
{
    if (!tile->has_specials)
        return;
    for (size_t i = 0; i < count; i++)
        if (tile->specials[first_key + i] != 0)
            ret[i] = special_of(tile->specials[first_key + i]);
}

/* One IEEE addition of two exact numbers rounds once; + 0.0 makes a zero positive. */
static void add_pairs(const double *coarse, const double *fine, size_t count, double *restrict ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = (coarse[i] + fine[i]) + 0.0;
}

static void sum_pairs(const struct exact_tile *tile, size_t first_key, size_t count, double *ret)
{
    const double *coarse = tile->sums + first_key;
    add_pairs(coarse, coarse + tile->stride, count, ret);
    for (size_t i = 0; tile->carried && i < count; i++)
        if (tile->carries[first_key + i] != 0)
            ret[i] = exact_wide_round(whole_sum(tile, first_key + i));
    for (size_t e = 0; e < tile->sparse.count; e++) {
        size_t key = tile->sparse.keys[e];
        if (key >= first_key && key - first_key < count)
            ret[key - first_key] = exact_wide_round(whole_sum(tile, key));
    }
}

void exact_tile_sums(struct exact_tile *tile, size_t first_key, size_t count, double *ret)
{
    if (tile->grids.count == 2)
        sum_pairs(tile, first_key, count, ret);
    else
        for (size_t i = 0; i < count; i++)
            ret[i] = exact_wide_round(whole_sum(tile, first_key + i));
    put_specials(tile, first_key, count, ret);
}

void exact_tile_means(struct exact_tile *tile, size_t first_key, size_t count,
                      const uint64_t *counts, double *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct exact_wide sum = whole_sum(tile, first_key + i);
        ret[i] = counts[i] > 0 ? exact_wide_round(exact_wide_divide(sum, counts[i])) : 0.0;
    }
    put_specials(tile, first_key, count, ret);
    for (size_t i = 0; i < count; i++)
        if (counts[i] == 0)
            ret[i] = exact_nan();
}

static double sum_at(const struct exact_tile *tile, size_t key)
{
    if (tile->has_specials && tile->specials[key] != 0)
        return special_of(tile->specials[key]);
    bool pair = tile->grids.count == 2 && (!tile->carried || tile->carries[key] == 0) &&
                exact_sparse_find(&tile->sparse, (uint32_t)key) == NULL;
    if (!pair)
        return exact_wide_round(whole_sum(tile, key));
    const double *sums = tile->sums + key * tile->step;
    return (sums[0] + sums[1]) + 0.0;
}

void exact_tile_sums_at(const struct exact_tile *tile, const uint32_t *keys, size_t count,
                        double *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = sum_at(tile, keys[i]);
}

static double mean_at(const struct exact_tile *tile, size_t key, uint64_t count)
{
    if (count == 0)
        return exact_nan();
    if (tile->has_specials && tile->specials[key] != 0)
        return special_of(tile->specials[key]);
    return exact_wide_round(exact_wide_divide(whole_sum(tile, key), count));
}

void exact_tile_means_at(const struct exact_tile *tile, const uint32_t *keys, size_t count,
                         const uint64_t *counts, double *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = mean_at(tile, keys[i], counts[i]);
}
