#include <string.h>

#include "key/cast_kinds.h"

#define HALF_FRACTION_BITS 10
#define HALF_BIAS          15

static bool is_half(const struct column_type *type)
{
    return type->physical == COLUMN_FIXED && type->logical == COLUMN_FLOAT16;
}

bool cast_is_float(const struct column_type *type)
{
    return type->physical == COLUMN_FLOAT || type->physical == COLUMN_DOUBLE || is_half(type);
}

/* Integers that every double holds. uint32 is left out: with int32 it would be int64, so whether
 * three types agree would depend on their order. */
static bool is_number32(const struct column_type *type)
{
    return cast_is_integer(type) && type->physical == COLUMN_INT32 &&
           !(cast_is_unsigned(type) && type->bit_width >= 32);
}

bool cast_unify_floats(const struct column_type *a, const struct column_type *b,
                       struct column_type *ret)
{
    bool mixed = (cast_is_float(a) && is_number32(b)) || (cast_is_float(b) && is_number32(a));
    if (!mixed && (!cast_is_float(a) || !cast_is_float(b)))
        return false;
    bool wide = mixed || a->physical == COLUMN_DOUBLE || b->physical == COLUMN_DOUBLE;
    *ret = (struct column_type){.physical = wide ? COLUMN_DOUBLE : COLUMN_FLOAT};
    return true;
}

/* IEEE 754 binary16 as the binary32 of the same value: the exponent's bias differs, and subnormal
 * numbers become normal ones. */
static float float_of_half(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
    uint32_t exponent = bits >> HALF_FRACTION_BITS & 31, fraction = bits & 1023;
    uint32_t wide = (exponent + 127 - HALF_BIAS) << 23 | fraction << 13;
    float value;
    if (exponent == 31)
        wide = UINT32_C(0x7f800000) | (fraction != 0 ? UINT32_C(0x400000) : 0);
    memcpy(&value, &wide, sizeof value);
    if (exponent == 0)
        value = (float)fraction * 0x1p-24f;
    return sign != 0 ? -value : value;
}

static double load(const struct column_type *from, const uint8_t *value)
{
    uint16_t half;
    float single;
    if (is_half(from)) {
        memcpy(&half, value, sizeof half);
        return (double)float_of_half(half);
    }
    memcpy(&single, value, sizeof single);
    return (double)single;
}

/* From a narrower to a wider one, so all values go well. */
size_t cast_floats(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
{
    size_t size = column_value_size(&cast->from);
    bool wide = cast->to.physical == COLUMN_DOUBLE;
    for (size_t i = 0; i < count; i++) {
        double number = load(&cast->from, values + i * size);
        float single = (float)number;
        if (wide)
            memcpy(ret + i * sizeof number, &number, sizeof number);
        else
            memcpy(ret + i * sizeof single, &single, sizeof single);
    }
    return count;
}
