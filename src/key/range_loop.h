/* The loops themselves, for the compiler to vectorise; RANGE_KERNELS is the set's name. */
#include <string.h>

#include "key/range_kernels.h"

static inline uint32_t number_4(const uint8_t *value, uint64_t low)
{
    uint32_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits - (uint32_t)low;
}

static inline uint64_t number_8(const uint8_t *value, uint64_t low)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits - low;
}

static uint64_t greatest_4(const uint8_t *values, size_t count, uint64_t low)
{
    uint32_t greatest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = number_4(values + 4 * i, low);
        greatest = number > greatest ? number : greatest;
    }
    return greatest;
}

static uint64_t greatest_8(const uint8_t *values, size_t count, uint64_t low)
{
    uint64_t greatest = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = number_8(values + 8 * i, low);
        greatest = number > greatest ? number : greatest;
    }
    return greatest;
}

static void add_4(const uint8_t *values, size_t count, uint64_t low, uint64_t first,
                  uint64_t stride, uint64_t *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] += first + number_4(values + 4 * i, low) * stride;
}

static void add_8(const uint8_t *values, size_t count, uint64_t low, uint64_t first,
                  uint64_t stride, uint64_t *ret)
{
    for (size_t i = 0; i < count; i++)
        ret[i] += first + number_8(values + 8 * i, low) * stride;
}

const struct range_kernels RANGE_KERNELS = {greatest_4, greatest_8, add_4, add_8};
