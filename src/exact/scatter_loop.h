/*
 * The loops of scatter_kernels.h; included behind add_loop.h, whose vectors and scalar tail they
 * use.
 */
#include "exact/scatter_kernels.h"

/* The grids of a key, two by two. */
typedef double grid_pair __attribute__((vector_size(16)));
typedef int64_t grid_bits __attribute__((vector_size(16)));

INLINE unsigned split_vector(vector bound, const vector *constant, const uint8_t *at, double *parts,
                             int grids)
{
    vector value = vector_load(at), rest = value, part[EXACT_GRIDS_MOST];
    for (int g = 0; g < grids; g++) {
        part[g] = (rest + constant[g]) - constant[g];
        rest = rest - part[g];
    }
    mask taken = vector_taken(value, rest, bound);
    for (int g = 0; g < grids; g++)
        vector_store(parts + (size_t)g * EXACT_PIECE,
                     vector_add_taken(vector_of(0.0), part[g], taken));
    return mask_failed(taken);
}

INLINE size_t split_values(const struct exact_split *split, const void *values, size_t count,
                           double *parts, uint16_t *ret_failed, int grids)
{
    const uint8_t *bytes = values;
    vector bound = vector_of(split->bound), constant[EXACT_GRIDS_MOST];
    size_t i = 0, failed = 0;
    for (int g = 0; g < grids; g++)
        constant[g] = vector_of(split->constant[g]);
    for (; i + LANES <= count; i += LANES) {
        unsigned lanes =
            split_vector(bound, constant, bytes + i * sizeof(double), parts + i, grids);
        if (__builtin_expect(lanes != 0, 0))
            failed = note_failed(lanes, i, ret_failed, failed);
    }
    for (int g = 0; g < grids; g++)
        for (size_t k = i; k < count; k++)
            parts[(size_t)g * EXACT_PIECE + k] = 0;
    return add_singles(split, parts, EXACT_PIECE, bytes, i, count, ret_failed, failed, grids);
}

/* All bits of a lane where its size is beyond the limit. */
INLINE grid_bits beyond(grid_pair sums, grid_pair limit)
{
    const grid_bits size = {INT64_MAX, INT64_MAX};
    return (grid_pair)((grid_bits)sums & size) > limit;
}

INLINE bool scatter_parts(const struct exact_split *split, double *sums, const uint32_t *keys,
                          const double *parts, size_t count, int grids)
{
    grid_bits over = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double *at = sums + (size_t)keys[i] * (size_t)grids;
        const double *part = parts + i;
        for (int g = 0; g + 1 < grids; g += 2) {
            const size_t h = (size_t)g * EXACT_PIECE;
            grid_pair sum, more = {part[h], part[h + EXACT_PIECE]};
            memcpy(&sum, at + g, sizeof sum);
            sum += more;
            memcpy(at + g, &sum, sizeof sum);
            over |= beyond(sum, (grid_pair){split->limit[g], split->limit[g + 1]});
        }
        if (grids % 2 != 0) {
            at[grids - 1] += part[(size_t)(grids - 1) * EXACT_PIECE];
            over |= beyond((grid_pair){at[grids - 1], 0}, (grid_pair){split->limit[grids - 1], 1});
        }
    }
    return (over[0] | over[1]) != 0;
}

INLINE double sum_of_parts(const double *parts, size_t count)
{
    vector sum = vector_of(0.0);
    double lanes[LANES] __attribute__((aligned(64))), whole = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        sum = sum + vector_load(parts + i);
    vector_store(lanes, sum);
    for (size_t l = 0; l < LANES; l++)
        whole += lanes[l];
    for (; i < count; i++)
        whole += parts[i];
    return whole;
}

INLINE bool gather_parts(const struct exact_split *split, double *sums, const uint32_t *keys,
                         const double *parts, size_t count, int grids)
{
    double *at = sums + (size_t)keys[0] * (size_t)grids;
    bool over = false;
    for (int g = 0; g < grids; g++) {
        at[g] += sum_of_parts(parts + (size_t)g * EXACT_PIECE, count);
        over |= __builtin_fabs(at[g]) > split->limit[g];
    }
    return over;
}

/* Kernels for a constant number of grids. */
#define SCATTER_KERNEL(grids)                                                                      \
    static size_t split_##grids(const struct exact_split *split, const void *values, size_t count, \
                                double *parts, uint16_t ret_failed[static EXACT_PIECE])            \
    {                                                                                              \
        return split_values(split, values, count, parts, ret_failed, grids);                       \
    }                                                                                              \
    static bool scatter_##grids(const struct exact_split *split, double *sums,                     \
                                const uint32_t *keys, const double *parts, size_t count)           \
    {                                                                                              \
        return scatter_parts(split, sums, keys, parts, count, grids);                              \
    }                                                                                              \
    static bool gather_##grids(const struct exact_split *split, double *sums,                      \
                               const uint32_t *keys, const double *parts, size_t count)            \
    {                                                                                              \
        return gather_parts(split, sums, keys, parts, count, grids);                               \
    }

SCATTER_KERNEL(2)
SCATTER_KERNEL(3)
SCATTER_KERNEL(4)
SCATTER_KERNEL(5)
SCATTER_KERNEL(6)

#define SCATTER_KERNELS                                                                            \
    {                                                                                              \
        .split = {NULL, NULL, split_2, split_3, split_4, split_5, split_6},                        \
        .scatter = {NULL, NULL, scatter_2, scatter_3, scatter_4, scatter_5, scatter_6},            \
        .gather = {                                                                                \
            NULL,                                                                                  \
            NULL,                                                                                  \
            gather_2,                                                                              \
            gather_3,                                                                              \
            gather_4,                                                                              \
            gather_5,                                                                              \
            gather_6                                                                               \
        }                                                                                          \
    }
