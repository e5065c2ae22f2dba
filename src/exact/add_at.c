#include <assert.h>
#include <math.h>
#include <string.h>

#include "exact/one_key.h"
#include "exact/tile.h"

/* Values outside the grids are slow: more than these and one in so many ask for other grids. */
#define ODD_FREE  4096
#define ODD_SHARE 16

static double value_at(const uint8_t *values, size_t i)
{
    double value;
    memcpy(&value, values + i * sizeof value, sizeof value);
    return value;
}

static bool is_full(const struct exact_tile *tile, size_t key)
{
    for (int g = 0; g < tile->grids.count; g++)
        if (fabs(tile->sums[key * tile->step + (size_t)g]) > tile->split.limit[g])
            return true;
    return false;
}

void exact_tile_carry_full(struct exact_tile *tile, const uint32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_full(tile, keys[i]))
            continue;
        if (tile->carries != NULL)
            exact_tile_carry_key(tile, keys[i]);
        else
            tile->need = NEED_CARRIES;
    }
}

static void add_parts(struct exact_tile *tile, const uint32_t *keys, const double *parts,
                      size_t count)
{
    int grids = tile->grids.count;
    exact_scatter_kernel *add =
        is_one_key(keys, count) ? tile->scatter->gather[grids] : tile->scatter->scatter[grids];
    if (add(&tile->split, tile->sums, keys, parts, count))
        exact_tile_carry_full(tile, keys, count);
}

static bool add_odd(struct exact_tile *tile, size_t key, double value)
{
    if (!exact_tile_add_odd(tile, key, value))
        return false;
    tile->odd++;
    if (!tile->patient && tile->odd > ODD_FREE + tile->met / ODD_SHARE)
        tile->need = NEED_GRIDS;
    return true;
}

static size_t add_dense(struct exact_tile *tile, const uint32_t *keys, const uint8_t *values,
                        size_t count)
{
    double parts[EXACT_GRIDS_MOST * EXACT_PIECE] __attribute__((aligned(MEM_ALIGNMENT)));
    uint16_t failed[EXACT_PIECE];
    size_t failed_count =
        tile->scatter->split[tile->grids.count](&tile->split, values, count, parts, failed);
    for (size_t f = 0; f < failed_count; f++)
        if (!add_odd(tile, keys[failed[f]], value_at(values, failed[f]))) {
            count = failed[f];
            break;
        }
    tile->met += count;
    if (count > 0)
        add_parts(tile, keys, parts, count);
    return count;
}

static size_t add_super(struct exact_tile *tile, const uint32_t *keys, const uint8_t *values,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double value = value_at(values, i);
        if (isfinite(value))
            superaccumulator_add_double(tile->limbs + (size_t)keys[i] * SUPER_LIMBS, value);
        else if (!exact_tile_add_odd(tile, keys[i], value))
            return i;
    }
    return count;
}

static size_t add_piece(struct exact_tile *tile, const uint32_t *keys, const uint8_t *values,
                        size_t count)
{
    if (tile->limbs != NULL)
        return add_super(tile, keys, values, count);
    return add_dense(tile, keys, values, count);
}

static size_t piece_of(size_t left)
{
    return left < EXACT_PIECE ? left : EXACT_PIECE;
}

size_t exact_tile_add_at(struct exact_tile *tile, const uint32_t *keys, const void *values,
                         size_t count)
{
    const uint8_t *bytes = values;
    size_t done = 0;
    assert(tile->any);
    while (done < count && tile->need == NEED_NOTHING)
        done += add_piece(tile, keys + done, bytes + done * sizeof(double), piece_of(count - done));
    return done;
}

size_t exact_tile_add_floats_at(struct exact_tile *tile, const uint32_t *keys, const void *values,
                                size_t count)
{
    const uint8_t *bytes = values;
    double converted[EXACT_PIECE];
    size_t done = 0;
    assert(tile->any);
    while (done < count && tile->need == NEED_NOTHING) {
        size_t now = piece_of(count - done);
        exact_convert_floats(bytes + done * sizeof(float), now, converted);
        done += add_piece(tile, keys + done, (const uint8_t *)converted, now);
    }
    return done;
}
