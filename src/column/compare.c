#include "column/column.h"

#include <string.h>

#include "column/text.h"

/* -1, 0 or 1 of two values that C can compare. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_floats(double a, double b)
{
    bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan)
        return a_nan - b_nan;
    return ORDER(a, b);
}

static int compare_integers(const struct column_type *type, int64_t a, int64_t b)
{
    if (type->logical != COLUMN_INTEGER || type->is_signed)
        return ORDER(a, b);
    /* Sign extension keeps the order of unsigned 32-bit values, too. */
    return ORDER((uint64_t)a, (uint64_t)b);
}

static int compare_int96(const uint8_t *a, const uint8_t *b)
{
    int64_t a_days, b_days, a_rest, b_rest;
    int96_split(a, &a_days, &a_rest);
    int96_split(b, &b_days, &b_rest);
    int days = ORDER(a_days, b_days);
    return days != 0 ? days : ORDER(a_rest, b_rest);
}

static int compare_bytes(struct column_bytes a, struct column_bytes b)
{
    uint32_t both = a.size < b.size ? a.size : b.size;
    int order = both > 0 ? memcmp(a.data, b.data, both) : 0;
    return order != 0 ? order : ORDER(a.size, b.size);
}

/* Drops leading bytes that only repeat the sign, down to keep bytes; false if others stand there.
 */
static bool shorten(struct column_bytes *bytes, uint32_t keep, uint8_t sign)
{
    for (; bytes->size > keep; bytes->data++, bytes->size--) {
        if (bytes->data[0] != sign)
            return false;
    }
    return true;
}

/* Big-endian two's complement of any two lengths. */
static int compare_decimals(struct column_bytes a, struct column_bytes b)
{
    uint8_t a_sign = a.size > 0 && a.data[0] >= 0x80 ? 0xff : 0;
    uint8_t b_sign = b.size > 0 && b.data[0] >= 0x80 ? 0xff : 0;
    if (a_sign != b_sign)
        return a_sign != 0 ? -1 : 1;
    uint32_t both = a.size < b.size ? a.size : b.size;
    int longer = a_sign != 0 ? -1 : 1; /* what it means to be beyond the other's length */
    if (!shorten(&a, both, a_sign))
        return longer;
    if (!shorten(&b, both, a_sign))
        return -longer;
    /* Equal sign and length: two's complement is in the order of unsigned bytes. */
    return both > 0 ? memcmp(a.data, b.data, both) : 0;
}

static int compare_halves(const uint8_t *a, const uint8_t *b)
{
    uint16_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return compare_floats(half_to_double(x), half_to_double(y));
}

static int compare_blocks(const struct column_type *type, struct column_bytes a,
                          struct column_bytes b)
{
    if (type->logical == COLUMN_DECIMAL)
        return compare_decimals(a, b);
    if (type->logical == COLUMN_FLOAT16 && a.size == 2 && b.size == 2)
        return compare_halves(a.data, b.data);
    return compare_bytes(a, b);
}

int column_value_compare(const struct column_type *type, const void *a, const void *b)
{
    union {
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        struct column_bytes bytes;
    } x, y;
    size_t size = column_value_size(type);
    if (size <= sizeof x) {
        memcpy(&x, a, size);
        memcpy(&y, b, size);
    }
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return (*(const uint8_t *)a != 0) - (*(const uint8_t *)b != 0);
    case COLUMN_INT32:
        return compare_integers(type, x.i32, y.i32);
    case COLUMN_INT64:
        return compare_integers(type, x.i64, y.i64);
    case COLUMN_INT96:
        return compare_int96(a, b);
    case COLUMN_FLOAT:
        return compare_floats((double)x.f32, (double)y.f32);
    case COLUMN_DOUBLE:
        return compare_floats(x.f64, y.f64);
    case COLUMN_BYTE_ARRAY:
        return compare_blocks(type, x.bytes, y.bytes);
    case COLUMN_FIXED:
        return compare_blocks(type, (struct column_bytes){a, type->type_length},
                              (struct column_bytes){b, type->type_length});
    }
    return 0;
}
