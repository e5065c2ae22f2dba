#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES 1

typedef double vector;
typedef bool mask;

static inline vector vector_of(double x)
{
    return x;
}

static inline vector vector_load(const void *at)
{
    vector value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline void vector_store(double *at, vector sums)
{
    *at = sums;
}

static inline mask vector_taken(vector x, vector rest, vector bound)
{
    return (fabs(x) < bound) & (rest == 0);
}

static inline vector vector_add_taken(vector sums, vector part, mask taken)
{
    return taken ? sums + part : sums;
}

static inline unsigned mask_failed(mask taken)
{
    return !taken;
}

#include "exact/add_loop.h"
#include "exact/scatter_loop.h"

const struct exact_kernels exact_kernels_scalar = ADD_KERNELS;
const struct exact_scatter_kernels exact_scatter_scalar = SCATTER_KERNELS;

void exact_convert_floats(const void *floats, size_t count, double *ret)
{
    const uint8_t *bytes = floats;
    for (size_t i = 0; i < count; i++) {
        float value;
        memcpy(&value, bytes + i * sizeof value, sizeof value);
        ret[i] = (double)value;
    }
}
