/*
 * Exact sums: for each key of a tile, the correctly rounded value of the mathematical sum of all
 * the doubles that were added, whatever their order.
 *
 * A tile holds the accumulators of a run of keys, numbered from 0. The dense part is G doubles a
 * key on fixed grids of EXACT_GRID_BITS = 42 bits. For values below 2^exponent the grid g counts
 * multiples of 2^(exponent + 1 - 42 * (g + 1)). Adding and subtracting 1.5 * 2^(52 + grid) splits a
 * value into multiples of each grid without error; each part is added to its own accumulator, also
 * without error, for 2^12 additions; then what is above half a grid is carried to the next coarser
 * grid, the coarsest into a carry array made on first need. A value takes part only if |x| <
 * 2^exponent and nothing of it is left after the last grid. Every other value (too large, too fine,
 * NaN, infinite) leaves the dense part untouched and goes to a sparse store: a superaccumulator of
 * 64-bit limbs for its key, or a count of NaN, +Inf, -Inf. The sparse store is bounded: when it is
 * full the tile is EXACT_CROWDED, and the caller begins it again with the grids that
 * exact_tile_advice names (in the end: a superaccumulator for every key).
 *
 * Rounding happens once. With two grids the sum of two doubles is it: IEEE addition rounds
 * correctly. Else one wide integer is rounded to nearest, ties to even, with guard and sticky bits.
 * A zero sum is +0.0; any NaN, or both infinities, give the quiet NaN 0x7ff8000000000000; an exact
 * sum beyond the largest double rounds to an infinity as IEEE says.
 *
 * Sources: Ahrens, Demmel, Nguyen, "Algorithms for Efficient Reproducible Floating Point
 * Summation", ACM TOMS 46(3), 2020 (binned numbers); Rump, Ogita, Oishi, "Accurate Floating-Point
 * Summation", SIAM J. Sci. Comput. 31, 2008 (error-free extraction); Neal, "Fast exact summation
 * using small and large superaccumulators", arXiv:1505.05571, 2015.
 *
 * A tile belongs to one thread. Rounding mode must be to nearest and subnormals must be on:
 * exact_check_environment, called once on each thread.
 */
#ifndef WEIR_EXACT_EXACT_H
#define WEIR_EXACT_EXACT_H

#include "mem/mem.h"

#define EXACT_GRID_BITS   42
#define EXACT_GRIDS_MOST  6 /* dense grids; beyond that every key has a superaccumulator */
#define EXACT_GRIDS_SUPER 0 /* as grid count: a superaccumulator for every key */

struct exact_grids {
    int exponent; /* dense values have |x| < 2^exponent; at most 960 */
    int count;    /* 2..EXACT_GRIDS_MOST, or EXACT_GRIDS_SUPER */
};

/* ERROR_INTERNAL when this thread rounds otherwise than to nearest or flushes subnormals. */
CHECKED enum error_code exact_check_environment(struct error *error);

/* Grids for values up to magnitude (from statistics; need not be true). NaN, 0 and infinities: a
 * middling guess. */
struct exact_grids exact_grids_for(double magnitude);

struct exact_tile;

/* Bytes of a tile for key_count keys with these grids, its sparse store at its bound included. */
size_t exact_tile_size(size_t key_count, int grid_count);

/* A tile that may hold at most limit bytes; memory is taken at begin and kept between. */
CHECKED enum error_code exact_tile_create(struct mem_account *account, size_t limit,
                                          struct exact_tile **ret, struct error *error);
void exact_tile_destroy(struct exact_tile *tile);

/* The most keys that fit the tile's limit with so many grids. */
size_t exact_tile_key_limit(const struct exact_tile *tile, int grid_count);

/* Starts anew with all sums empty; ERROR_MEMORY when key_count is beyond exact_tile_key_limit. */
CHECKED enum error_code exact_tile_begin(struct exact_tile *tile, size_t key_count,
                                         struct exact_grids grids, struct error *error);

enum exact_outcome { EXACT_DONE, EXACT_CROWDED };

/*
 * Adds values[i] to key first_key + i for i < count. values may lie at any address.
 * EXACT_CROWDED: the sparse store is full, the tile must be begun again with exact_tile_advice.
 */
enum exact_outcome exact_tile_add(struct exact_tile *tile, size_t first_key, const void *values,
                                  size_t count) CHECKED;
/* The same for floats, which are doubles after conversion. */
enum exact_outcome exact_tile_add_floats(struct exact_tile *tile, size_t first_key,
                                         const void *values, size_t count) CHECKED;

/* The grids that would hold densely all that was met since begin. Never those that were in use. */
struct exact_grids exact_tile_advice(const struct exact_tile *tile);

/* Correctly rounded sums of keys first_key..first_key+count-1. */
void exact_tile_sums(struct exact_tile *tile, size_t first_key, size_t count, double *ret);

/* Correctly rounded quotients sum / counts[i]; a count of 0 gives NaN. Infinities and NaN as in
 * sums. */
void exact_tile_means(struct exact_tile *tile, size_t first_key, size_t count,
                      const uint64_t *counts, double *ret);

/*
 * ---- keys in any order ----
 *
 * A tile begun by exact_tile_begin_any takes values that come with the number of their key. Only
 * the functions below are for it, and exact_tile_advice. The grids of a key stand side by side, and
 * memory is held for sums only: what carries, NaN, infinities and values outside the grids need is
 * taken when the first of them is met. So adding may stop: then exact_tile_make_room takes what was
 * missing, or brings all sums to grids that hold more, and adding goes on. Nothing is begun again.
 */

/* Bytes of a tile begun by exact_tile_begin_any, while it needs no more than its sums; and the most
 * that carries, specials and values outside the grids take besides. */
size_t exact_tile_size_any(size_t key_count, int grid_count);
size_t exact_tile_spare_any(size_t key_count);

/* Starts anew with all sums empty, for keys in any order; ERROR_MEMORY beyond the tile's limit. */
CHECKED enum error_code exact_tile_begin_any(struct exact_tile *tile, size_t key_count,
                                             struct exact_grids grids, struct error *error);

/* Makes the memory of sums resident at once: where keys will be met all over. */
void exact_tile_populate(struct exact_tile *tile);

/* Empties all sums; memory and grids stay. */
void exact_tile_clear(struct exact_tile *tile);

/* Adds values[i] to key keys[i], which may repeat; returns how many of the values were taken: where
 * fewer than count, exact_tile_make_room is to be called before the others are added. */
size_t exact_tile_add_at(struct exact_tile *tile, const uint32_t *keys, const void *values,
                         size_t count) CHECKED;
size_t exact_tile_add_floats_at(struct exact_tile *tile, const uint32_t *keys, const void *values,
                                size_t count) CHECKED;

/* Adds what keys from_keys[0..count-1] of another tile, of either kind, hold to keys[0..count-1];
 * returns how many were taken, as exact_tile_add_at does. from is not changed. */
size_t exact_tile_merge(struct exact_tile *tile, const uint32_t *keys,
                        const struct exact_tile *from, const uint32_t *from_keys, size_t count)
    CHECKED;

/* Takes what adding stopped for. ERROR_MEMORY leaves the sums as they were. */
CHECKED enum error_code exact_tile_make_room(struct exact_tile *tile, struct error *error);

/* Makes room for key_count keys, which is no fewer than there are; new ones are empty. ERROR_MEMORY
 * leaves the sums as they were. */
CHECKED enum error_code exact_tile_grow(struct exact_tile *tile, size_t key_count,
                                        struct error *error);

/* Other grids, the same sums exactly; more grids than were asked for where these cannot hold them.
 * ERROR_MEMORY leaves the tile as it was. */
CHECKED enum error_code exact_tile_regrid(struct exact_tile *tile, struct exact_grids grids,
                                          struct error *error);

/* As exact_tile_sums and exact_tile_means, for keys[0..count-1]. */
void exact_tile_sums_at(const struct exact_tile *tile, const uint32_t *keys, size_t count,
                        double *ret);
void exact_tile_means_at(const struct exact_tile *tile, const uint32_t *keys, size_t count,
                         const uint64_t *counts, double *ret);
#endif
