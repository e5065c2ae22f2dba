#include <assert.h>
#include <math.h>
#include <string.h>

#include "exact/tile.h"

static double value_at(const uint8_t *values, size_t i)
{
    double value;
    memcpy(&value, values + i * sizeof value, sizeof value);
    return value;
}

static void note_special(struct exact_tile *tile, size_t key, double value)
{
    if (!tile->has_specials)
        memset(tile->specials, 0, tile->key_count);
    tile->has_specials = true;
    tile->specials[key] |= isnan(value) ? SPECIAL_NAN : value > 0 ? SPECIAL_PLUS : SPECIAL_MINUS;
}

/* What grids would have to cover for this value; it is not zero. */
static void note_value(struct exact_tile *tile, struct double_parts parts)
{
    exact_tile_note_range(tile, parts.exponent + __builtin_ctzll(parts.magnitude),
                          parts.exponent + 64 - __builtin_clzll(parts.magnitude));
}

static bool refuse(struct exact_tile *tile, enum exact_need need)
{
    tile->need = need;
    return false;
}

bool exact_tile_add_odd(struct exact_tile *tile, size_t key, double value)
{
    if (!isfinite(value)) {
        if (tile->specials == NULL)
            return refuse(tile, NEED_SPECIALS);
        note_special(tile, key, value);
        return true;
    }
    struct double_parts parts = double_parts_of(value);
    note_value(tile, parts);
    uint64_t *limbs = exact_sparse_require(&tile->sparse, (uint32_t)key);
    if (limbs == NULL)
        return refuse(tile, NEED_ENTRIES);
    superaccumulator_add(limbs, parts.magnitude, parts.exponent, parts.negative);
    return true;
}

static void add_dense(struct exact_tile *tile, size_t first_key, const uint8_t *values,
                      size_t count)
{
    uint16_t failed[EXACT_BLOCK];
    uint16_t *additions = &tile->additions[first_key / EXACT_BLOCK];
    if (*additions == EXACT_ADDITIONS_MOST)
        exact_tile_carry(tile, first_key / EXACT_BLOCK);
    ++*additions;
    size_t failed_count =
        tile->add(&tile->split, tile->sums + first_key, tile->stride, values, count, failed);
    for (size_t i = 0; i < failed_count; i++)
        if (!exact_tile_add_odd(tile, first_key + failed[i], value_at(values, failed[i])))
            tile->crowded = true;
}

static void add_super(struct exact_tile *tile, size_t first_key, const uint8_t *values,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = value_at(values, i);
        if (isfinite(value))
            superaccumulator_add_double(tile->limbs + (first_key + i) * SUPER_LIMBS, value);
        else
            note_special(tile, first_key + i, value);
    }
}

static void add_block(struct exact_tile *tile, size_t first_key, const uint8_t *values,
                      size_t count)
{
    if (tile->limbs != NULL)
        add_super(tile, first_key, values, count);
    else
        add_dense(tile, first_key, values, count);
}

/* As many of count keys as lie in the first one's block. */
static size_t keys_in_block(size_t first_key, size_t count)
{
    size_t left = EXACT_BLOCK - first_key % EXACT_BLOCK;
    return count < left ? count : left;
}

static enum exact_outcome outcome_of(struct exact_tile *tile)
{
    if (!tile->crowded)
        return EXACT_DONE;
    tile->next = exact_tile_advise(tile);
    return EXACT_CROWDED;
}

enum exact_outcome exact_tile_add(struct exact_tile *tile, size_t first_key, const void *values,
                                  size_t count)
{
    const uint8_t *bytes = values;
    assert(first_key <= tile->key_count && count <= tile->key_count - first_key);
    while (count > 0 && !tile->crowded) {
        size_t now = keys_in_block(first_key, count);
        add_block(tile, first_key, bytes, now);
        bytes += now * sizeof(double);
        first_key += now;
        count -= now;
    }
    return outcome_of(tile);
}

enum exact_outcome exact_tile_add_floats(struct exact_tile *tile, size_t first_key,
                                         const void *values, size_t count)
{
    const uint8_t *bytes = values;
    double converted[EXACT_BLOCK];
    assert(first_key <= tile->key_count && count <= tile->key_count - first_key);
    while (count > 0 && !tile->crowded) {
        size_t now = keys_in_block(first_key, count);
        exact_convert_floats(bytes, now, converted);
        add_block(tile, first_key, (const uint8_t *)converted, now);
        bytes += now * sizeof(float);
        first_key += now;
        count -= now;
    }
    return outcome_of(tile);
}
