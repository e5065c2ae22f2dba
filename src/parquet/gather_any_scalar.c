/* Loops of gather.c for widths that have no kernel of their own. */
#include <string.h>

#include "parquet/gather.h"

#define INLINE __attribute__((always_inline)) static inline

/* With a constant width each copy is a load and a store. */
INLINE void look_up(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                    uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * width, dictionary + indices[i] * width, width);
}

void gather_any(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                uint8_t *out)
{
    switch (width) {
    case 2:
        look_up(dictionary, indices, count, 2, out);
        break;
    case 12:
        look_up(dictionary, indices, count, 12, out);
        break;
    case 16:
        look_up(dictionary, indices, count, 16, out);
        break;
    default:
        look_up(dictionary, indices, count, width, out);
    }
}

void gather_bytes(const uint8_t *page, const uint32_t *offsets, const uint32_t *indices,
                  size_t count, struct column_bytes *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *data = page + offsets[indices[i]];
        uint32_t size;
        memcpy(&size, data - sizeof size, sizeof size);
        out[i] = (struct column_bytes){data, size};
    }
}

INLINE void repeat_of(const uint8_t *value, size_t count, size_t width, uint8_t *out)
{
    uint8_t copy[16];
    memcpy(copy, value, width);
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * width, copy, width);
}

void gather_repeated(const uint8_t *value, size_t count, size_t width, uint8_t *out)
{
    switch (width) {
    case 4:
        repeat_of(value, count, 4, out);
        break;
    case 8:
        repeat_of(value, count, 8, out);
        break;
    case 16:
        repeat_of(value, count, 16, out);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * width, value, width);
    }
}

void gather_split_2(const uint8_t *streams, size_t stride, size_t count, uint8_t *out)
{
    const uint8_t *low = streams, *high = streams + stride;
    for (size_t i = 0; i < count; i++) {
        uint16_t value = (uint16_t)(low[i] | high[i] << 8);
        memcpy(out + 2 * i, &value, sizeof value);
    }
}

void gather_spread(const uint8_t *pieces, size_t count, size_t size, size_t width, uint8_t *out)
{
    if (size == 8) {
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * width, pieces + 8 * i, 8);
        return;
    }
    for (size_t i = 0; i < count; i++)
        out[i * width] = pieces[i];
}
