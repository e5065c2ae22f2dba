/* Decimals: integers of up to 256 bits, times a power of ten. */
#include <string.h>

#include "key/cast_kinds.h"

#define LIMBS          4
#define WIDE_BYTES     32
#define PRECISION_MOST 76 /* digits that always fit into 256 bits with their sign */
/* Of integers, whatever their width: so it does not matter what is unified first. */
#define INTEGER_DIGITS 20

/* Two's complement, least significant limb first. */
struct wide {
    uint64_t limbs[LIMBS];
};

/* ---- types ---- */

bool cast_is_decimal(const struct column_type *type)
{
    return type->logical == COLUMN_DECIMAL;
}

/* What a type has room for: digits before and behind the point, and bytes. */
struct extent {
    int64_t whole, behind, bytes;
};

static bool extent_of(const struct column_type *type, struct extent *ret)
{
    if (cast_is_decimal(type))
        *ret = (struct extent){(int64_t)type->precision - type->scale, type->scale, 0};
    else if (!cast_is_integer(type))
        return false;
    else
        *ret = (struct extent){INTEGER_DIGITS, 0, 0};
    if (type->physical != COLUMN_BYTE_ARRAY)
        ret->bytes = (int64_t)column_value_size(type);
    return true;
}

/* Bytes of two's complement that hold every number of so many digits: log2(10) < 3.3220. */
static int64_t bytes_of_digits(int64_t digits)
{
    return (digits * 33220 / 10000 + 1 + 1 + 7) / 8;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Integers as long as they are enough, as they are quicker. */
static struct column_type decimal_type(int64_t precision, int64_t scale, int64_t bytes)
{
    struct column_type type = {.physical = COLUMN_FIXED,
                               .logical = COLUMN_DECIMAL,
                               .precision = (int32_t)precision,
                               .scale = (int32_t)scale};
    if (precision <= 9 && bytes <= 4)
        type.physical = COLUMN_INT32;
    else if (precision <= 18 && bytes <= 8)
        type.physical = COLUMN_INT64;
    else
        type.type_length = (uint32_t)(bytes < WIDE_BYTES ? bytes : WIDE_BYTES);
    return type;
}

static bool same_layout(const struct column_type *a, const struct column_type *b)
{
    return a->logical == b->logical && a->scale == b->scale && a->physical == b->physical &&
           a->type_length == b->type_length;
}

bool cast_unify_decimals(const struct column_type *a, const struct column_type *b,
                         struct column_type *ret)
{
    struct extent x, y;
    if ((!cast_is_decimal(a) && !cast_is_decimal(b)) || !extent_of(a, &x) || !extent_of(b, &y))
        return false;
    if (same_layout(a, b)) {
        *ret = a->precision > b->precision ? *a : *b;
        return true;
    }
    int64_t behind = greater(x.behind, y.behind);
    int64_t precision = greater(x.whole, y.whole) + behind;
    if (precision < 1 || precision > PRECISION_MOST || behind < 0)
        return false;
    int64_t bytes = greater(bytes_of_digits(precision), greater(x.bytes, y.bytes));
    *ret = decimal_type(precision, behind, bytes);
    return true;
}

/* ---- values ---- */

/* Big-endian; false: more than 256 bits. Sign bytes that say nothing may be many. */
static bool load_bytes(const uint8_t *bytes, size_t count, struct wide *ret)
{
    uint8_t sign = count > 0 && bytes[0] >= 0x80 ? 0xff : 0;
    for (; count > WIDE_BYTES; bytes++, count--) {
        if (bytes[0] != sign || (bytes[1] ^ sign) >= 0x80)
            return false;
    }
    uint8_t little[WIDE_BYTES];
    memset(little, sign, sizeof little);
    for (size_t i = 0; i < count; i++)
        little[i] = bytes[count - 1 - i];
    memcpy(ret->limbs, little, sizeof little);
    return true;
}

static struct wide wide_of(uint64_t low, bool negative)
{
    uint64_t high = negative ? UINT64_MAX : 0;
    return (struct wide){{low, high, high, high}};
}

static bool load(const struct column_type *from, const uint8_t *value, struct wide *ret)
{
    struct column_bytes bytes;
    int32_t narrow;
    int64_t integer;
    switch (from->physical) {
    case COLUMN_INT32:
        memcpy(&narrow, value, sizeof narrow);
        integer = cast_is_unsigned(from) ? (int64_t)(uint32_t)narrow : narrow;
        *ret = wide_of((uint64_t)integer, integer < 0);
        return true;
    case COLUMN_INT64:
        memcpy(&integer, value, sizeof integer);
        *ret = wide_of((uint64_t)integer, integer < 0 && !cast_is_unsigned(from));
        return true;
    case COLUMN_BYTE_ARRAY:
        memcpy(&bytes, value, sizeof bytes);
        return load_bytes(bytes.data, bytes.size, ret);
    default:
        return load_bytes(value, from->type_length, ret);
    }
}

static void negate(struct wide *number)
{
    bool carry = true;
    for (size_t i = 0; i < LIMBS; i++) {
        number->limbs[i] = ~number->limbs[i] + carry;
        carry = carry && number->limbs[i] == 0;
    }
}

static bool is_negative(const struct wide *number)
{
    return number->limbs[LIMBS - 1] >> 63 != 0;
}

/* Times ten to the digits; false: beyond 256 bits. */
static bool shift_digits(struct wide *number, int64_t digits)
{
    bool negative = is_negative(number);
    if (negative)
        negate(number);
    for (; digits > 0; digits--) {
        unsigned __int128 carry = 0;
        for (size_t i = 0; i < LIMBS; i++) {
            carry += (unsigned __int128)number->limbs[i] * 10;
            number->limbs[i] = (uint64_t)carry;
            carry >>= 64;
        }
        if (carry != 0 || is_negative(number))
            return false;
    }
    if (negative)
        negate(number);
    return true;
}

/* false: more bytes than there are. */
static bool store(const struct column_type *to, const struct wide *number, uint8_t *ret)
{
    uint8_t little[WIDE_BYTES];
    memcpy(little, number->limbs, sizeof little);
    size_t size = column_value_size(to);
    uint8_t sign = is_negative(number) ? 0xff : 0;
    for (size_t i = size; i < WIDE_BYTES; i++) {
        if (little[i] != sign)
            return false;
    }
    if (size < WIDE_BYTES && size > 0 && (little[size - 1] ^ sign) >= 0x80)
        return false;
    if (to->physical != COLUMN_FIXED) {
        memcpy(ret, little, size);
        return true;
    }
    for (size_t i = 0; i < size; i++)
        ret[i] = size - 1 - i < WIDE_BYTES ? little[size - 1 - i] : sign;
    return true;
}

size_t cast_decimals(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
{
    size_t from_size = column_value_size(&cast->from), to_size = column_value_size(&cast->to);
    int64_t digits =
        (int64_t)cast->to.scale - (cast_is_decimal(&cast->from) ? cast->from.scale : 0);
    for (size_t i = 0; i < count; i++) {
        struct wide number;
        if (!load(&cast->from, values + i * from_size, &number) || !shift_digits(&number, digits) ||
            !store(&cast->to, &number, ret + i * to_size))
            return i;
    }
    return count;
}
