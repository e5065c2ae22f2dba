#include "key/form.h"

#include <string.h>

#define DAY_NS INT64_C(86400000000000)

static enum key_form form_of_integer(const struct column_type *type)
{
    bool is_signed = type->logical != COLUMN_INTEGER || type->is_signed;
    if (type->physical == COLUMN_INT32)
        return is_signed ? KEY_FORM_SIGNED32 : KEY_FORM_UNSIGNED32;
    return is_signed ? KEY_FORM_SIGNED64 : KEY_FORM_UNSIGNED64;
}

static enum key_form form_of_fixed(const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL)
        return KEY_FORM_FIXED_DECIMAL;
    return type->logical == COLUMN_FLOAT16 && type->type_length == 2 ? KEY_FORM_FLOAT16
                                                                     : KEY_FORM_FIXED;
}

enum key_form key_form_of(const struct column_type *type)
{
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return KEY_FORM_BOOLEAN;
    case COLUMN_INT32:
    case COLUMN_INT64:
        return form_of_integer(type);
    case COLUMN_INT96:
        return KEY_FORM_INT96;
    case COLUMN_FLOAT:
        return KEY_FORM_FLOAT;
    case COLUMN_DOUBLE:
        return KEY_FORM_DOUBLE;
    case COLUMN_BYTE_ARRAY:
        return type->logical == COLUMN_DECIMAL ? KEY_FORM_DECIMAL : KEY_FORM_TEXT;
    case COLUMN_FIXED:
        break;
    }
    return form_of_fixed(type);
}

/* ---- canonical values ---- */

/* Of a float of so many bits, whose infinity has these: what follows is all NaN. */
static inline uint64_t canonical_float(uint64_t bits, unsigned width, uint64_t infinity)
{
    uint64_t sign = UINT64_C(1) << (width - 1);
    uint64_t magnitude = bits & (sign - 1);
    uint64_t quiet = infinity | (infinity & -infinity) >> 1;
    uint64_t number = magnitude == 0 ? 0 : bits;
    return magnitude > infinity ? quiet : number;
}

#define INFINITY16 UINT64_C(0x7c00)
#define INFINITY32 UINT64_C(0x7f800000)
#define INFINITY64 UINT64_C(0x7ff0000000000000)

/* The day goes as far as its 32 bits do; what is beyond stays with the nanoseconds. */
static void canonical_int96(const uint8_t *value, uint8_t *ret)
{
    int64_t nanoseconds;
    uint32_t julian;
    memcpy(&nanoseconds, value, sizeof nanoseconds);
    memcpy(&julian, value + sizeof nanoseconds, sizeof julian);
    int64_t days = nanoseconds / DAY_NS - (nanoseconds % DAY_NS < 0);
    int64_t day = (int64_t)julian + days;
    int64_t bounded = day < 0 ? 0 : day > UINT32_MAX ? UINT32_MAX : day;
    nanoseconds = (int64_t)(nanoseconds - (__int128)(bounded - (int64_t)julian) * DAY_NS);
    julian = (uint32_t)bounded;
    memcpy(ret, &nanoseconds, sizeof nanoseconds);
    memcpy(ret + sizeof nanoseconds, &julian, sizeof julian);
}

static void canonical_halves(const uint8_t *values, size_t count, uint8_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, values + i * sizeof bits, sizeof bits);
        bits = (uint16_t)canonical_float(bits, 16, INFINITY16);
        memcpy(ret + i * sizeof bits, &bits, sizeof bits);
    }
}

static void canonical_floats(const uint8_t *values, size_t count, uint8_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i * sizeof bits, sizeof bits);
        bits = (uint32_t)canonical_float(bits, 32, INFINITY32);
        memcpy(ret + i * sizeof bits, &bits, sizeof bits);
    }
}

static void canonical_doubles(const uint8_t *values, size_t count, uint8_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, values + i * sizeof bits, sizeof bits);
        bits = canonical_float(bits, 64, INFINITY64);
        memcpy(ret + i * sizeof bits, &bits, sizeof bits);
    }
}

void key_form_canonical(enum key_form form, const uint8_t *values, size_t count, uint8_t *ret)
{
    if (form == KEY_FORM_DOUBLE)
        canonical_doubles(values, count, ret);
    else if (form == KEY_FORM_FLOAT)
        canonical_floats(values, count, ret);
    else if (form == KEY_FORM_FLOAT16)
        canonical_halves(values, count, ret);
    for (size_t i = 0; form == KEY_FORM_INT96 && i < count; i++)
        canonical_int96(values + i * 12, ret + i * 12);
    for (size_t i = 0; form == KEY_FORM_BOOLEAN && i < count; i++)
        ret[i] = values[i] != 0;
}

struct column_bytes key_form_minimal(struct column_bytes decimal)
{
    static const uint8_t zero[1] = {0};
    if (decimal.size == 0)
        return (struct column_bytes){zero, sizeof zero};
    while (decimal.size > 1) {
        uint8_t first = decimal.data[0], second = decimal.data[1];
        bool needless = (first == 0 && second < 0x80) || (first == 0xff && second >= 0x80);
        if (!needless)
            break;
        decimal.data++;
        decimal.size--;
    }
    return decimal;
}
