/*
 * Inside a tile.
 *
 * Everything that grows with the keys lies in one block, cut anew by each begin; the block is kept
 * while it is large enough. Parts that most sums never need (carries, specials, the sparse store)
 * hold anything until they are first used, so that they cost address space but no pages.
 *
 * Keys come in blocks of EXACT_BLOCK. additions counts the additions to a block since its last
 * carry, a bound on those to each of its keys.
 */
#ifndef WEIR_EXACT_TILE_H
#define WEIR_EXACT_TILE_H

#include "exact/add_kernels.h"
#include "exact/exact.h"
#include "exact/sparse.h"
#include "exact/superaccumulator.h"

/* Key numbers and entries are kept in 32 bits. */
#define EXACT_KEYS_MOST ((size_t)1 << 31)

/*
 * A part is at most 2^41 units of its grid. A carry leaves at most 2^41 units and then each grid
 * receives at most 2^11 + 1 units from the next finer one: with so many additions between carries
 * no accumulator passes 2^53 units.
 */
#define EXACT_ADDITIONS_MOST 4090

#define EXACT_EXPONENT_MOST 960

/* What a key met besides numbers. */
enum exact_special { SPECIAL_NAN = 1, SPECIAL_PLUS = 2, SPECIAL_MINUS = 4 };

struct exact_tile {
    struct mem_account *account;
    size_t limit;
    void *block;
    size_t block_size;

    size_t key_count;
    struct exact_grids grids;
    struct exact_split split;
    exact_add_kernel *add;

    double *sums; /* grid g of key k at sums[g * stride + k] */
    size_t stride;
    uint16_t *additions; /* of each block of keys */
    int64_t *carries;    /* above the coarsest grid, in units of 2^(exponent + 1) */
    bool carried;        /* carries are in use */
    uint8_t *specials;   /* enum exact_special bits of each key */
    bool has_specials;   /* specials are in use */
    struct exact_sparse sparse;
    uint64_t *limbs; /* with EXACT_GRIDS_SUPER: SUPER_LIMBS of each key */

    bool crowded;
    int lowest, highest;     /* of values not taken: multiples of 2^lowest, below 2^highest */
    unsigned rounds;         /* begins in a row that followed advice */
    struct exact_grids next; /* that advice */
};

/* Exponent of the unit of a grid; grid -1 is that of carries. */
static inline int exact_unit(struct exact_grids grids, int grid)
{
    return grids.exponent + 1 - EXACT_GRID_BITS * (grid + 1);
}

/* Moves what is above half a unit of the next coarser grid there, for all keys of a block. */
void exact_tile_carry(struct exact_tile *tile, size_t block);

/* The grids to begin again with, seen from now; kept in next when the tile becomes crowded. */
struct exact_grids exact_tile_advise(const struct exact_tile *tile);

/* Grids with an exponent that keeps every grid within the range of doubles. */
struct exact_grids exact_grids_clamped(struct exact_grids grids);
#endif
