#include <math.h>
#include <string.h>

#include "exact/tile.h"

/* What of each sum is a multiple of the coarser unit moves there, rounded to nearest. */
static void carry_grid(double *sums, double *coarser, size_t count, int coarser_unit)
{
    double constant = ldexp(1.5, 52 + coarser_unit);
    for (size_t k = 0; k < count; k++) {
        double carry = (sums[k] + constant) - constant;
        sums[k] -= carry;
        coarser[k] += carry;
    }
}

static void carry_coarsest(double *sums, int64_t *carries, size_t count, int unit)
{
    double constant = ldexp(1.5, 52 + unit), scale = ldexp(1.0, -unit);
    for (size_t k = 0; k < count; k++) {
        double carry = (sums[k] + constant) - constant;
        sums[k] -= carry;
        carries[k] += (int64_t)(carry * scale);
    }
}

void exact_tile_carry(struct exact_tile *tile, size_t block)
{
    size_t first = block * EXACT_BLOCK;
    size_t left = tile->key_count - first;
    size_t count = left < EXACT_BLOCK ? left : EXACT_BLOCK;
    if (!tile->carried)
        memset(tile->carries, 0, tile->key_count * sizeof *tile->carries);
    tile->carried = true;
    for (int g = tile->grids.count - 1; g > 0; g--) {
        double *sums = tile->sums + (size_t)g * tile->stride + first;
        carry_grid(sums, sums - tile->stride, count, exact_unit(tile->grids, g - 1));
    }
    carry_coarsest(tile->sums + first, tile->carries + first, count, exact_unit(tile->grids, -1));
    tile->additions[block] = 0;
}

void exact_tile_carry_key(struct exact_tile *tile, size_t key)
{
    double *sums = tile->sums + key * tile->step;
    for (int g = tile->grids.count - 1; g > 0; g--)
        carry_grid(&sums[g], &sums[g - 1], 1, exact_unit(tile->grids, g - 1));
    carry_coarsest(sums, &tile->carries[key], 1, exact_unit(tile->grids, -1));
}
