#include "parquet/gather.h"

#include <string.h>

uint32_t gather_greatest(const uint32_t *indices, size_t count)
{
    uint32_t greatest = 0;
    for (size_t i = 0; i < count; i++)
        greatest = indices[i] > greatest ? indices[i] : greatest;
    return greatest;
}

/* With a constant width each copy is a load and a store. */
__attribute__((always_inline)) static inline void gather_of(const uint8_t *dictionary,
                                                            const uint32_t *indices, size_t count,
                                                            size_t width, uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * width, dictionary + indices[i] * width, width);
}

void gather_fixed(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                  uint8_t *out)
{
    switch (width) {
    case 4:
        gather_of(dictionary, indices, count, 4, out);
        break;
    case 8:
        gather_of(dictionary, indices, count, 8, out);
        break;
    case 12:
        gather_of(dictionary, indices, count, 12, out);
        break;
    case 16:
        gather_of(dictionary, indices, count, 16, out);
        break;
    default:
        gather_of(dictionary, indices, count, width, out);
    }
}

void gather_bytes(const uint8_t *page, const uint32_t *offsets, const uint32_t *indices,
                  size_t count, struct column_bytes *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *data = page + offsets[indices[i]];
        memcpy(&out[i].size, data - sizeof out[i].size, sizeof out[i].size);
        out[i].data = data;
    }
}

__attribute__((always_inline)) static inline void split_of(const uint8_t *streams, size_t stride,
                                                           size_t count, size_t width, uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t byte = 0; byte < width; byte++)
            out[i * width + byte] = streams[byte * stride + i];
    }
}

void gather_split(const uint8_t *streams, size_t stride, size_t first, size_t count, size_t width,
                  uint8_t *out)
{
    streams += first;
    if (width == 8)
        split_of(streams, stride, count, 8, out);
    else if (width == 4)
        split_of(streams, stride, count, 4, out);
    else
        split_of(streams, stride, count, width, out);
}
