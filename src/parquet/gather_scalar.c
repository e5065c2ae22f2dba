#include "parquet/kernels.h"

#include <string.h>

#define INLINE __attribute__((always_inline)) static inline

uint32_t greatest_scalar(const uint32_t *indices, size_t count)
{
    uint32_t greatest = 0;
    for (size_t i = 0; i < count; i++)
        greatest = indices[i] > greatest ? indices[i] : greatest;
    return greatest;
}

/* Two indices are one load: four instructions a value, which gathers by the processor hardly beat.
 */
INLINE void look_up_pair(const uint8_t *dictionary, const uint32_t *indices, size_t width,
                         uint8_t *out)
{
    uint64_t pair;
    memcpy(&pair, indices, sizeof pair);
    memcpy(out, dictionary + (uint32_t)pair * width, width);
    memcpy(out + width, dictionary + (pair >> 32) * width, width);
}

INLINE void look_up(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                    uint8_t *out)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        look_up_pair(dictionary, indices + i, width, out + i * width);
        look_up_pair(dictionary, indices + i + 2, width, out + (i + 2) * width);
    }
    for (; i < count; i++)
        memcpy(out + i * width, dictionary + indices[i] * width, width);
}

void gather_4_scalar(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    look_up(dictionary, indices, count, 4, out);
}

void gather_8_scalar(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    look_up(dictionary, indices, count, 8, out);
}

/* Compilers see that the values of many streams can be put together at once. */
INLINE void split_of(const uint8_t *streams, size_t stride, size_t count, size_t width,
                     uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t byte = 0; byte < width; byte++)
            out[i * width + byte] = streams[byte * stride + i];
    }
}

void split_4_scalar(const uint8_t *streams, size_t stride, size_t count, uint8_t *out)
{
    split_of(streams, stride, count, 4, out);
}

void split_8_scalar(const uint8_t *streams, size_t stride, size_t count, uint8_t *out)
{
    split_of(streams, stride, count, 8, out);
}
