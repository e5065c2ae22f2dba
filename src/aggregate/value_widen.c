/* Decimals in byte arrays have any length; tiles want one. */
#include <string.h>

#include "aggregate/value_tile.h"

/* Two's complement, most significant byte first: sign bytes in front say nothing. False: the value
 * needs more than width bytes. */
static bool widen(const struct column_bytes *value, size_t width, uint8_t *out)
{
    const uint8_t *bytes = value->data;
    size_t size = value->size;
    uint8_t sign = size > 0 && bytes[0] >= 0x80 ? 0xff : 0;
    while (size > width) {
        if (*bytes != sign)
            return false;
        bytes++;
        size--;
    }
    if (size == width && ((bytes[0] ^ sign) & 0x80) != 0)
        return false;
    memset(out, sign, width - size);
    if (size > 0)
        memcpy(out + width - size, bytes, size);
    return true;
}

enum error_code value_tile_widen(struct value_tile *tile, const struct column_slice *slice,
                                 struct column_slice *ret, struct error *error)
{
    const struct column_bytes *values = slice->values;
    size_t width = tile->value->width;
    if (slice->value_count > VALUE_TILE_WINDOW)
        return error_set(error, ERROR_INTERNAL, "a slice of %u values is too long to be widened",
                         slice->value_count);
    for (uint32_t i = 0; i < slice->value_count; i++) {
        if (!widen(&values[i], width, tile->widened + i * width))
            return error_set(error, ERROR_INPUT,
                             "a decimal of %u bytes is larger than its precision of %d allows",
                             values[i].size, tile->value->type.precision);
    }
    *ret = *slice;
    ret->values = tile->widened;
    return ERROR_NONE;
}
