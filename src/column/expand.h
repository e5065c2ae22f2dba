/*
 * From the dense values of a slice to one value a row: each goes where its row is, rows without one
 * become zero bytes.
 *
 * There is one loop per instruction set and width, all with the same results.
 */
#ifndef WEIR_COLUMN_EXPAND_H
#define WEIR_COLUMN_EXPAND_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills out with count values. present has count bytes, 1 where the row has a value and else 0;
 * values has as many as there are ones, and no byte behind them is read. Both and out may lie at
 * any address and do not overlap. Returns the values used.
 */
typedef size_t expand_kernel(const uint8_t *present, const uint8_t *values, size_t count,
                             uint8_t *out);

struct expand_kernels {
    expand_kernel *expand_4; /* values of 4 bytes */
    expand_kernel *expand_8;
};

extern const struct expand_kernels expand_kernels_scalar;
#ifdef __x86_64__
extern const struct expand_kernels expand_kernels_avx2;
extern const struct expand_kernels expand_kernels_avx512;
#endif

/* Those for os_instruction_set(). */
const struct expand_kernels *expand_kernels_chosen(void);

/* The same for values of width bytes, by the chosen kernel where there is one. */
size_t expand_values(const uint8_t *present, const uint8_t *values, size_t width, size_t count,
                     uint8_t *out);

#endif
