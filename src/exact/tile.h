/*
 * Inside a tile.
 *
 * Everything that grows with the keys lies in one block, cut anew by each begin; the block is kept
 * while it is large enough. Parts that most sums never need (carries, specials, the sparse store)
 * hold anything until they are first used, so that they cost address space but no pages.
 *
 * Keys come in blocks of EXACT_BLOCK. additions counts the additions to a block since its last
 * carry, a bound on those to each of its keys.
 *
 * A tile for keys in any order (any) has a block for each of its parts instead, made when it is
 * needed, in an account of its own. There the accumulators are looked at after each piece of
 * additions: those beyond EXACT_UNITS_MOST units are carried, however often a key was added to.
 */
#ifndef WEIR_EXACT_TILE_H
#define WEIR_EXACT_TILE_H

#include "exact/add_kernels.h"
#include "exact/exact.h"
#include "exact/scatter_kernels.h"
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

/* What adding in any order stopped for. */
enum exact_need {
    NEED_NOTHING,
    NEED_CARRIES,  /* an accumulator is full */
    NEED_SPECIALS, /* NaN or an infinity was met */
    NEED_ENTRIES,  /* the sparse store is full */
    NEED_GRIDS     /* too many values are outside the grids */
};

/*
 * Where values outside the grids lie, by EXACT_RANGE_BITS bits: how many begin (or end) there, and
 * the lowest (highest) of these. A few that lie far from the others then need not decide.
 */
#define EXACT_RANGE_BITS    32
#define EXACT_RANGE_BUCKETS 67

struct exact_ends {
    uint32_t count[EXACT_RANGE_BUCKETS];
    int16_t end[EXACT_RANGE_BUCKETS];
};

struct exact_tile {
    struct mem_account *account;
    size_t limit;
    void *block;
    size_t block_size;

    size_t key_count;
    struct exact_grids grids;
    struct exact_split split;
    exact_add_kernel *add;

    double *sums; /* grid g of key k at sums[g * stride + k * step] */
    size_t stride, step;
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

    /* Keys in any order. */
    bool any;
    struct mem_account own; /* of all parts */
    const struct exact_scatter_kernels *scatter;
    enum exact_need need;
    uint64_t met, odd; /* values since these grids are in use; those of them that are outside */
    bool patient;      /* no grids would be better */
    struct exact_ends lows, highs;
};

/* Exponent of the unit of a grid; grid -1 is that of carries. */
static inline int exact_unit(struct exact_grids grids, int grid)
{
    return grids.exponent + 1 - EXACT_GRID_BITS * (grid + 1);
}

/* Moves what is above half a unit of the next coarser grid there, for all keys of a block. */
void exact_tile_carry(struct exact_tile *tile, size_t block);

/* Carries what a key of a tile for any order has beyond half a unit of the next coarser grid. */
void exact_tile_carry_key(struct exact_tile *tile, size_t key);

/* The same for those of the keys that have passed a limit; NEED_CARRIES where there are no carries
 * yet. */
void exact_tile_carry_full(struct exact_tile *tile, const uint32_t *keys, size_t count);

/* Adds a value that the dense grids do not take; false where there is no room. */
bool exact_tile_add_odd(struct exact_tile *tile, size_t key, double value);

/* Notes that grids would have to cover multiples of 2^lowest below 2^highest. */
void exact_tile_note_range(struct exact_tile *tile, int lowest, int highest);

/* All that a key holds but NaN and infinities, as a superaccumulator. */
void exact_tile_wide(const struct exact_tile *tile, size_t key, uint64_t ret[static SUPER_LIMBS]);

/* Adds a superaccumulator to a key of a tile for any order; false: not added, see need. */
bool exact_tile_put(struct exact_tile *tile, size_t key, const uint64_t limbs[static SUPER_LIMBS]);

/* Takes what a tile for any order needs, where that is not other grids. */
CHECKED enum error_code exact_tile_supply(struct exact_tile *tile, struct error *error);

/* Empty parts of a tile for any order, for key_count and grids; on failure there are none. */
CHECKED enum error_code exact_tile_take_parts(struct exact_tile *tile, struct error *error);
void exact_tile_drop_parts(struct exact_tile *tile);

/* What follows from grids: constants and kernels. */
void exact_tile_choose(struct exact_tile *tile);

/* ERROR_INTERNAL unless a tile can have so many grids. */
CHECKED enum error_code exact_check_grid_count(int grid_count, struct error *error);

/* The grids to begin again with, seen from now; kept in next when the tile becomes crowded. */
struct exact_grids exact_tile_advise(const struct exact_tile *tile);

/* The same where what the tile is to take over does not fit its grids: more of them. */
struct exact_grids exact_tile_more_grids(const struct exact_tile *tile);

/* Grids with an exponent that keeps every grid within the range of doubles. */
struct exact_grids exact_grids_clamped(struct exact_grids grids);
#endif
