/*
 * The loop that the kernels share. The file that includes it defines first, for its instruction
 * set:
 *
 *   LANES                    values in a vector
 *   vector, mask             types; vectors add and subtract with + and -
 *   vector_of(x)             x in every lane
 *   vector_load(p)           LANES doubles at any address
 *   vector_taken(x, rest, bound)   lanes where |x| < bound and rest is 0
 *   vector_add_taken(sums, part, taken)   sums + part in those lanes, sums in the others
 *   vector_store(p, sums)    to an address that is a multiple of the vector's size
 *   mask_failed(taken)       one bit for each lane that is not set
 *
 * Nothing here may be contracted or reassociated: (x + c) - c is the point.
 */
#include <string.h>

#include "exact/add_kernels.h"

#define INLINE static inline __attribute__((always_inline))

/* One value, where vectors do not fit; true when it took part. */
INLINE int add_one(const struct exact_split *split, double *sums, size_t stride, const uint8_t *at,
                   int grids)
{
    double value, part[EXACT_GRIDS_MOST];
    memcpy(&value, at, sizeof value);
    double rest = value;
    for (int g = 0; g < grids; g++) {
        part[g] = (rest + split->constant[g]) - split->constant[g];
        rest -= part[g];
    }
    if (!(__builtin_fabs(value) < split->bound && rest == 0))
        return 0;
    for (int g = 0; g < grids; g++)
        sums[(size_t)g * stride] += part[g];
    return 1;
}

INLINE unsigned add_vector(vector bound, const vector *constant, double *sums, size_t stride,
                           const uint8_t *at, int grids)
{
    vector value = vector_load(at), rest = value, part[EXACT_GRIDS_MOST];
    for (int g = 0; g < grids; g++) {
        part[g] = (rest + constant[g]) - constant[g];
        rest = rest - part[g];
    }
    mask taken = vector_taken(value, rest, bound);
    for (int g = 0; g < grids; g++) {
        double *sum = sums + (size_t)g * stride;
        vector_store(sum, vector_add_taken(vector_load(sum), part[g], taken));
    }
    return mask_failed(taken);
}

INLINE size_t add_singles(const struct exact_split *split, double *sums, size_t stride,
                          const uint8_t *values, size_t from, size_t to, uint16_t *ret_failed,
                          size_t failed, int grids)
{
    for (size_t i = from; i < to; i++)
        if (!add_one(split, sums + i, stride, values + i * sizeof(double), grids))
            ret_failed[failed++] = (uint16_t)i;
    return failed;
}

/* Rare, and out of the way of the loop. */
static __attribute__((noinline)) size_t note_failed(unsigned lanes, size_t i, uint16_t *ret_failed,
                                                    size_t failed)
{
    for (; lanes != 0; lanes &= lanes - 1)
        ret_failed[failed++] = (uint16_t)(i + (unsigned)__builtin_ctz(lanes));
    return failed;
}

/* Values before the first whole vector of accumulators. */
INLINE size_t unaligned_values(const double *sums, size_t count)
{
    size_t past = (uintptr_t)sums / sizeof(double) % LANES;
    size_t head = (LANES - past) % LANES;
    return head < count ? head : count;
}

INLINE size_t add_values(const struct exact_split *split, double *sums, size_t stride,
                         const void *values, size_t count, uint16_t *ret_failed, int grids)
{
    const uint8_t *bytes = values;
    vector bound = vector_of(split->bound), constant[EXACT_GRIDS_MOST];
    for (int g = 0; g < grids; g++)
        constant[g] = vector_of(split->constant[g]);
    size_t i = unaligned_values(sums, count);
    size_t failed = add_singles(split, sums, stride, bytes, 0, i, ret_failed, 0, grids);
    for (; i + LANES <= count; i += LANES) {
        unsigned lanes =
            add_vector(bound, constant, sums + i, stride, bytes + i * sizeof(double), grids);
        if (__builtin_expect(lanes != 0, 0))
            failed = note_failed(lanes, i, ret_failed, failed);
    }
    return add_singles(split, sums, stride, bytes, i, count, ret_failed, failed, grids);
}

/* A kernel for a constant number of grids. */
#define ADD_KERNEL(name, grids)                                                                    \
    static size_t name(const struct exact_split *split, double *sums, size_t stride,               \
                       const void *values, size_t count, uint16_t ret_failed[static EXACT_BLOCK])  \
    {                                                                                              \
        return add_values(split, sums, stride, values, count, ret_failed, grids);                  \
    }

ADD_KERNEL(add_2, 2)
ADD_KERNEL(add_3, 3)
ADD_KERNEL(add_4, 4)
ADD_KERNEL(add_5, 5)
ADD_KERNEL(add_6, 6)

#define ADD_KERNELS                                                                                \
    {                                                                                              \
        .add = { NULL, NULL, add_2, add_3, add_4, add_5, add_6 }                                   \
    }
