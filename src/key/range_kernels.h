/*
 * The loops of ranges over a block of values, one set for each instruction set.
 *
 * Private to the key room. Numbers are values less low, in as many bits as a value has: the wrap of
 * unsigned numbers puts values below low behind most, whatever their sign.
 */
#ifndef WEIR_KEY_RANGE_KERNELS_H
#define WEIR_KEY_RANGE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

struct range_kernels {
    /* The greatest number of count values, which may lie at any address. */
    uint64_t (*greatest_4)(const uint8_t *values, size_t count, uint64_t low);
    uint64_t (*greatest_8)(const uint8_t *values, size_t count, uint64_t low);
    /* Adds first + number * stride to each of ret. */
    void (*add_4)(const uint8_t *values, size_t count, uint64_t low, uint64_t first,
                  uint64_t stride, uint64_t *ret);
    void (*add_8)(const uint8_t *values, size_t count, uint64_t low, uint64_t first,
                  uint64_t stride, uint64_t *ret);
};

extern const struct range_kernels range_kernels_scalar;
#ifdef __x86_64__
extern const struct range_kernels range_kernels_avx2;
extern const struct range_kernels range_kernels_avx512;
#endif

/* The best that this machine has. */
const struct range_kernels *range_kernels_chosen(void);

#endif
