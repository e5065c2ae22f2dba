/*
 * The inner loops of exact sums: one per instruction set and number of grids, all with the same
 * results bit for bit.
 *
 * A kernel splits each value on the grids and adds the parts to the accumulators of its key. A
 * value takes part if |x| < bound and nothing is left of it after the last grid. The others, NaN
 * among them, change nothing; the kernel notes their offsets.
 */
#ifndef WEIR_EXACT_ADD_KERNELS_H
#define WEIR_EXACT_ADD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "exact/exact.h"

/* Values a kernel takes at once, and keys that share a count of additions. */
#define EXACT_BLOCK 512

struct exact_split {
    double bound;                      /* 2^exponent */
    double constant[EXACT_GRIDS_MOST]; /* 1.5 * 2^52 units of each grid */
    double limit[EXACT_GRIDS_MOST];    /* 2^52 units of each grid */
};

/*
 * Adds values[i] to sums[g * stride + i] for i < count <= EXACT_BLOCK and all grids g. Returns how
 * many values did not take part; their offsets i are in ret_failed, ascending.
 */
typedef size_t exact_add_kernel(const struct exact_split *split, double *sums, size_t stride,
                                const void *values, size_t count,
                                uint16_t ret_failed[static EXACT_BLOCK]);

/* Kernels by number of grids: [0] and [1] are NULL. */
struct exact_kernels {
    exact_add_kernel *add[EXACT_GRIDS_MOST + 1];
};

extern const struct exact_kernels exact_kernels_scalar;
#ifdef __x86_64__
extern const struct exact_kernels exact_kernels_avx2;
extern const struct exact_kernels exact_kernels_avx512;
#endif

/* Those for os_instruction_set(). */
const struct exact_kernels *exact_kernels_chosen(void);

/* Converts floats that lie at any address. */
void exact_convert_floats(const void *floats, size_t count, double *ret);
#endif
