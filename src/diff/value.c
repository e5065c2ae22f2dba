#include "diff/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diff/wide.h"

enum value_class { CLASS_OTHER, CLASS_INTEGER, CLASS_FLOAT, CLASS_DECIMAL };

static const struct diff_value_result identical = {true, 0.0};
static const struct diff_value_result incomparable = {false, (double)INFINITY};

bool diff_is_integer(const struct column_type *type)
{
    bool physical = type->physical == COLUMN_INT32 || type->physical == COLUMN_INT64;
    return physical && (type->logical == COLUMN_PLAIN || type->logical == COLUMN_INTEGER);
}

static enum value_class class_of(const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL)
        return CLASS_DECIMAL;
    if (type->physical == COLUMN_FLOAT || type->physical == COLUMN_DOUBLE ||
        (type->logical == COLUMN_FLOAT16 && type->type_length == 2))
        return CLASS_FLOAT;
    return diff_is_integer(type) ? CLASS_INTEGER : CLASS_OTHER;
}

bool diff_is_float_or_decimal(const struct column_type *type)
{
    enum value_class class = class_of(type);
    return class == CLASS_FLOAT || class == CLASS_DECIMAL;
}

/* ---- which method ---- */

static enum diff_method number_method(enum value_class left, enum value_class right)
{
    if (left == CLASS_FLOAT && right == CLASS_FLOAT)
        return DIFF_FLOATS;
    if (left == CLASS_FLOAT || right == CLASS_FLOAT)
        return DIFF_MIXED;
    return left == CLASS_INTEGER && right == CLASS_INTEGER ? DIFF_INTEGERS : DIFF_DECIMALS;
}

static bool same_layout(const struct column_type *a, const struct column_type *b)
{
    if (column_type_equal(a, b))
        return true;
    if (a->physical != b->physical || a->type_length != b->type_length)
        return false;
    return a->physical == COLUMN_BYTE_ARRAY || a->physical == COLUMN_FIXED;
}

bool diff_are_timestamps(const struct column_type *a, const struct column_type *b)
{
    return a->physical == COLUMN_INT64 && b->physical == COLUMN_INT64 &&
           a->logical == COLUMN_TIMESTAMP && b->logical == COLUMN_TIMESTAMP &&
           a->utc_adjusted == b->utc_adjusted;
}

bool diff_value_pair_of(const struct column_type *left, const struct column_type *right,
                        struct diff_value_pair *ret)
{
    enum value_class a = class_of(left), b = class_of(right);
    *ret = (struct diff_value_pair){DIFF_BYTES, column_type_equal(left, right), *left, *right};
    if (left->logical == COLUMN_UNKNOWN || right->logical == COLUMN_UNKNOWN)
        ret->method = DIFF_NEVER;
    else if (a != CLASS_OTHER && b != CLASS_OTHER)
        ret->method = number_method(a, b);
    else if (a != CLASS_OTHER || b != CLASS_OTHER)
        return false;
    else if (!same_layout(left, right) && diff_are_timestamps(left, right))
        ret->method = DIFF_TIMES;
    else
        return same_layout(left, right);
    return true;
}

/* ---- values as C has them ---- */

static int64_t load_i64(const void *value)
{
    int64_t integer;
    memcpy(&integer, value, sizeof integer);
    return integer;
}

static struct column_bytes load_bytes(const struct column_type *type, const void *value)
{
    struct column_bytes bytes = {value, (uint32_t)column_value_size(type)};
    if (type->physical == COLUMN_BYTE_ARRAY)
        memcpy(&bytes, value, sizeof bytes);
    return bytes;
}

static __int128 load_integer(const struct column_type *type, const void *value)
{
    bool is_signed = type->logical != COLUMN_INTEGER || type->is_signed;
    if (type->physical == COLUMN_INT64)
        return is_signed ? (__int128)load_i64(value) : (__int128)(uint64_t)load_i64(value);
    int32_t integer;
    memcpy(&integer, value, sizeof integer);
    return is_signed ? (__int128)integer : (__int128)(uint32_t)integer;
}

static double load_half(const uint8_t *value)
{
    unsigned bits = value[0] | (unsigned)value[1] << 8;
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023);
    double magnitude = exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 31)
        magnitude = mantissa == 0 ? (double)INFINITY : (double)NAN;
    return bits >> 15 != 0 ? -magnitude : magnitude;
}

static double load_float(const struct column_type *type, const void *value)
{
    float single;
    double number;
    if (type->physical == COLUMN_DOUBLE) {
        memcpy(&number, value, sizeof number);
        return number;
    }
    if (type->physical == COLUMN_FIXED)
        return load_half(value);
    memcpy(&single, value, sizeof single);
    return (double)single;
}

/* ---- methods ---- */

static struct diff_value_result integer_result(unsigned __int128 distance)
{
    return distance == 0 ? identical : (struct diff_value_result){false, (double)distance};
}

static struct diff_value_result compare_integers(__int128 a, __int128 b)
{
    return integer_result((unsigned __int128)(a > b ? a - b : b - a));
}

/* Long doubles hold every 64-bit integer and every double. */
static struct diff_value_result compare_floats(long double a, long double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? (struct diff_value_result){false, 0.0} : incomparable;
    return (struct diff_value_result){false, a == b ? 0.0 : (double)fabsl(a - b)};
}

/* To be had without rounding twice: through the text. */
static double decimal_to_double(const struct column_type *type, const void *value)
{
    char text[512];
    size_t length = column_value_format(type, value, text, sizeof text);
    return length < sizeof text ? strtod(text, NULL) : (double)NAN;
}

static long double load_number(const struct column_type *type, const void *value)
{
    switch (class_of(type)) {
    case CLASS_FLOAT:
        return (long double)load_float(type, value);
    case CLASS_DECIMAL:
        return (long double)decimal_to_double(type, value);
    default:
        return (long double)load_integer(type, value);
    }
}

static bool load_wide(const struct column_type *type, const void *value, struct wide *ret)
{
    if (type->physical == COLUMN_INT32 || type->physical == COLUMN_INT64) {
        wide_from_integer(load_integer(type, value), ret);
        return true;
    }
    struct column_bytes bytes = load_bytes(type, value);
    return wide_from_bytes(bytes.data, bytes.size, ret);
}

static int32_t scale_of(const struct column_type *type)
{
    return type->logical == COLUMN_DECIMAL ? type->scale : 0;
}

static struct diff_value_result compare_decimals(const struct diff_value_pair *pair,
                                                 const void *left, const void *right)
{
    struct wide a, b;
    int64_t more = (int64_t)scale_of(&pair->left) - scale_of(&pair->right);
    if (!load_wide(&pair->left, left, &a) || !load_wide(&pair->right, right, &b) ||
        more > WIDE_LARGEST_SCALING || more < -WIDE_LARGEST_SCALING)
        return compare_floats(load_number(&pair->left, left), load_number(&pair->right, right));
    wide_scale(&a, more < 0 ? (unsigned)-more : 0);
    wide_scale(&b, more > 0 ? (unsigned)more : 0);
    struct wide distance = wide_distance(&a, &b);
    int32_t scale = more > 0 ? scale_of(&pair->left) : scale_of(&pair->right);
    return (struct diff_value_result){more == 0 && wide_is_zero(&distance),
                                      wide_to_double(&distance, scale)};
}

__int128 diff_value_integer(const struct column_type *type, const void *value)
{
    static const int64_t nanoseconds[] = {1000000000, 1000000, 1000, 1};
    __int128 integer = load_integer(type, value);
    return type->logical == COLUMN_TIMESTAMP ? integer * nanoseconds[type->unit & 3] : integer;
}

static bool same_bytes(const struct diff_value_pair *pair, const void *left, const void *right)
{
    struct column_bytes a = load_bytes(&pair->left, left), b = load_bytes(&pair->right, right);
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static struct diff_value_result compare_others(const struct diff_value_pair *pair, const void *left,
                                               const void *right)
{
    bool equal =
        pair->method == DIFF_TIMES
            ? diff_value_integer(&pair->left, left) == diff_value_integer(&pair->right, right)
            : pair->method == DIFF_BYTES && same_bytes(pair, left, right);
    if (!equal)
        return incomparable;
    return (struct diff_value_result){pair->method == DIFF_BYTES, 0.0};
}

struct diff_value_result diff_value_compare(const struct diff_value_pair *pair, const void *left,
                                            const void *right)
{
    if (left == NULL || right == NULL)
        return left == right ? identical : incomparable;
    if (pair->same_type && same_bytes(pair, left, right))
        return identical;
    switch (pair->method) {
    case DIFF_INTEGERS:
        return compare_integers(load_integer(&pair->left, left), load_integer(&pair->right, right));
    case DIFF_FLOATS:
    case DIFF_MIXED:
        return compare_floats(load_number(&pair->left, left), load_number(&pair->right, right));
    case DIFF_DECIMALS:
        return compare_decimals(pair, left, right);
    case DIFF_NEVER:
    case DIFF_BYTES:
    case DIFF_TIMES:
        break;
    }
    return compare_others(pair, left, right);
}
