/*
 * The inner loops for keys in any order: one per instruction set and number of grids, all with the
 * same results bit for bit.
 *
 * A piece of values is split on the grids first, which vectors do; then its parts are added where
 * their keys are, one value after the other. The parts of a piece whose values all have one key are
 * added to each other before.
 */
#ifndef WEIR_EXACT_SCATTER_KERNELS_H
#define WEIR_EXACT_SCATTER_KERNELS_H

#include <stdbool.h>

#include "exact/add_kernels.h"

/* Values of a piece: as their parts are at most 2^41 units, together they are at most 2^49, and an
 * accumulator that was at most 2^52 units before stays exact. */
#define EXACT_PIECE 256

/*
 * Part g of value i to parts[g * EXACT_PIECE + i], for i < count <= EXACT_PIECE; parts are aligned
 * to MEM_ALIGNMENT. Those of values that do not take part are 0. Returns how many these are; their
 * offsets are in ret_failed, ascending.
 */
typedef size_t exact_split_kernel(const struct exact_split *split, const void *values, size_t count,
                                  double *parts, uint16_t ret_failed[static EXACT_PIECE]);

/* Adds part g of value i to sums[keys[i] * grids + g]. Returns whether one of these sums passed the
 * limit of its grid. */
typedef bool exact_scatter_kernel(const struct exact_split *split, double *sums,
                                  const uint32_t *keys, const double *parts, size_t count);

/* The same where all keys are keys[0]. */
struct exact_scatter_kernels {
    exact_split_kernel *split[EXACT_GRIDS_MOST + 1]; /* by number of grids; [0], [1] are NULL */
    exact_scatter_kernel *scatter[EXACT_GRIDS_MOST + 1];
    exact_scatter_kernel *gather[EXACT_GRIDS_MOST + 1];
};

extern const struct exact_scatter_kernels exact_scatter_scalar;
#ifdef __x86_64__
extern const struct exact_scatter_kernels exact_scatter_avx2;
extern const struct exact_scatter_kernels exact_scatter_avx512;
#endif

/* Those for os_instruction_set(). */
const struct exact_scatter_kernels *exact_scatter_chosen(void);
#endif
