#include "aggregate/value_widen.h"

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

enum error_code value_widen_decimals(const struct aggregate_value *value,
                                     const struct column_bytes *decimals, size_t count,
                                     uint8_t *ret, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!widen(&decimals[i], value->width, ret + i * value->width))
            return error_set(error, ERROR_INPUT,
                             "a decimal of %u bytes is larger than its precision of %d allows",
                             decimals[i].size, value->type.precision);
    }
    return ERROR_NONE;
}

enum error_code value_tile_widen(struct value_tile *tile, const struct column_slice *slice,
                                 struct column_slice *ret, struct error *error)
{
    if (slice->value_count > VALUE_TILE_WINDOW)
        return error_set(error, ERROR_INTERNAL, "a slice of %u values is too long to be widened",
                         slice->value_count);
    TRY(value_widen_decimals(tile->value, slice->values, slice->value_count, tile->widened, error));
    *ret = *slice;
    ret->values = tile->widened;
    return ERROR_NONE;
}

/* By the exponent of the widened number (half's bias 15, float's 127). */
static float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = half & 0x7fff;
    union {
        uint32_t bits;
        float value;
    } wide;
    if (magnitude >= 0x7c00) {
        wide.bits = sign | 0x7f800000 | (magnitude & 0x3ff) << 13;
        return wide.value;
    }
    wide.bits = magnitude << 13;
    wide.value *= 0x1p112f;
    wide.bits |= sign;
    return wide.value;
}

void value_widen_halves(const void *halves, size_t count, float *ret)
{
    const uint8_t *bytes = halves;
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        ret[i] = half_to_float(half);
    }
}
