#include "sort/key.h"

#include <string.h>

#define NULL_MARK    0
#define VALUE_MARK   1
#define TEXT_ESCAPE  255
#define DAY_NS       86400000000000
#define DECIMAL_HEAD 5 /* sign and length */

static enum sort_key_kind kind_of_integer(const struct column_type *type)
{
    bool is_signed = type->logical != COLUMN_INTEGER || type->is_signed;
    if (type->physical == COLUMN_INT32)
        return is_signed ? SORT_KEY_SIGNED32 : SORT_KEY_UNSIGNED32;
    return is_signed ? SORT_KEY_SIGNED64 : SORT_KEY_UNSIGNED64;
}

static enum sort_key_kind kind_of_fixed(const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL && type->type_length > 0)
        return SORT_KEY_FIXED_DECIMAL;
    return type->logical == COLUMN_FLOAT16 && type->type_length == 2 ? SORT_KEY_FLOAT16
                                                                     : SORT_KEY_FIXED;
}

struct sort_key_type sort_key_type_of(const struct column_type *type)
{
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return (struct sort_key_type){SORT_KEY_BOOLEAN, 1};
    case COLUMN_INT32:
        return (struct sort_key_type){kind_of_integer(type), 4};
    case COLUMN_INT64:
        return (struct sort_key_type){kind_of_integer(type), 8};
    case COLUMN_INT96:
        return (struct sort_key_type){SORT_KEY_INT96, 16};
    case COLUMN_FLOAT:
        return (struct sort_key_type){SORT_KEY_FLOAT, 4};
    case COLUMN_DOUBLE:
        return (struct sort_key_type){SORT_KEY_DOUBLE, 8};
    case COLUMN_BYTE_ARRAY:
        return (struct sort_key_type){
            type->logical == COLUMN_DECIMAL ? SORT_KEY_DECIMAL : SORT_KEY_TEXT, 0};
    case COLUMN_FIXED:
        break;
    }
    return (struct sort_key_type){kind_of_fixed(type), type->type_length};
}

/* ---- text ---- */

static size_t text_size(struct column_bytes text)
{
    size_t size = (size_t)text.size + 2;
    for (uint32_t i = 0; i < text.size; i++)
        size += text.data[i] == 0;
    return size;
}

static uint8_t *write_text(struct column_bytes text, uint8_t *at)
{
    const uint8_t *from = text.data;
    size_t left = text.size;
    while (left > 0) {
        const uint8_t *zero = memchr(from, 0, left);
        size_t plain = zero != NULL ? (size_t)(zero - from) + 1 : left;
        memcpy(at, from, plain);
        at += plain;
        if (zero != NULL)
            *at++ = TEXT_ESCAPE;
        from += plain;
        left -= plain;
    }
    *at++ = 0;
    *at++ = 0;
    return at;
}

/* ---- decimals of any length ---- */

static bool is_negative(struct column_bytes number)
{
    return number.size > 0 && (number.data[0] & 0x80) != 0;
}

/* Without the leading bytes that only repeat the sign: then a longer number is further from zero.
 */
static struct column_bytes without_sign_bytes(struct column_bytes number)
{
    uint8_t sign = is_negative(number) ? 0xff : 0;
    while (number.size > 0 && number.data[0] == sign) {
        number.data++;
        number.size--;
    }
    return number;
}

static uint8_t *write_u32(uint32_t value, uint8_t *at)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static uint8_t *write_u64(uint64_t value, uint8_t *at)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static uint8_t *write_decimal(struct column_bytes number, uint8_t *at)
{
    bool negative = is_negative(number);
    number = without_sign_bytes(number);
    *at++ = negative ? 0 : 1;
    at = write_u32(negative ? ~number.size : number.size, at);
    if (number.size > 0)
        memcpy(at, number.data, number.size);
    return at + number.size;
}

/* ---- numbers of fixed width ---- */

static uint8_t *write_int96(const uint8_t *value, uint8_t *at)
{
    uint64_t nanoseconds;
    uint32_t day;
    memcpy(&nanoseconds, value, sizeof nanoseconds);
    memcpy(&day, value + 8, sizeof day);
    __int128 time = (__int128)day * DAY_NS + (int64_t)nanoseconds;
    at = write_u64((uint64_t)(time >> 64) ^ (1ull << 63), at);
    return write_u64((uint64_t)time, at);
}

/* Sign bit and all others so that unsigned order is the order of floats; NaN greatest, -0 as 0. */
static uint64_t ordered_float(uint64_t bits, unsigned width, unsigned mantissa)
{
    uint64_t sign = 1ull << (width - 1);
    uint64_t magnitude = bits & (sign - 1);
    uint64_t infinity = (sign - 1) >> mantissa << mantissa;
    if (magnitude > infinity)
        return sign | (sign - 1);
    bool negative = (bits & sign) != 0 && magnitude != 0;
    return negative ? sign - magnitude : sign | magnitude;
}

static uint8_t *write_float16(const uint8_t *value, uint8_t *at)
{
    uint64_t bits = ordered_float((uint64_t)value[0] | (uint64_t)value[1] << 8, 16, 10);
    *at++ = (uint8_t)(bits >> 8);
    *at++ = (uint8_t)bits;
    return at;
}

static uint8_t *write_fixed(const uint8_t *value, uint32_t length, uint8_t flip, uint8_t *at)
{
    if (length == 0)
        return at;
    memcpy(at, value, length);
    at[0] ^= flip;
    return at + length;
}

static uint32_t load_u32(const void *value)
{
    uint32_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits;
}

static uint64_t load_u64(const void *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    return bits;
}

static struct column_bytes load_bytes(const void *value)
{
    struct column_bytes bytes;
    memcpy(&bytes, value, sizeof bytes);
    return bytes;
}

/* ---- all ---- */

size_t sort_key_size(struct sort_key_type type, const void *value)
{
    if (value == NULL)
        return 1;
    if (type.kind == SORT_KEY_TEXT)
        return 1 + text_size(load_bytes(value));
    if (type.kind == SORT_KEY_DECIMAL)
        return 1 + DECIMAL_HEAD + without_sign_bytes(load_bytes(value)).size;
    return 1 + type.length;
}

uint8_t *sort_key_write(struct sort_key_type type, const void *value, uint8_t *at)
{
    *at++ = value == NULL ? NULL_MARK : VALUE_MARK;
    if (value == NULL)
        return at;
    switch (type.kind) {
    case SORT_KEY_BOOLEAN:
        *at = *(const uint8_t *)value != 0;
        return at + 1;
    case SORT_KEY_SIGNED32:
        return write_u32(load_u32(value) ^ (1u << 31), at);
    case SORT_KEY_UNSIGNED32:
        return write_u32(load_u32(value), at);
    case SORT_KEY_SIGNED64:
        return write_u64(load_u64(value) ^ (1ull << 63), at);
    case SORT_KEY_UNSIGNED64:
        return write_u64(load_u64(value), at);
    case SORT_KEY_INT96:
        return write_int96(value, at);
    case SORT_KEY_FLOAT16:
        return write_float16(value, at);
    case SORT_KEY_FLOAT:
        return write_u32((uint32_t)ordered_float(load_u32(value), 32, 23), at);
    case SORT_KEY_DOUBLE:
        return write_u64(ordered_float(load_u64(value), 64, 52), at);
    case SORT_KEY_TEXT:
        return write_text(load_bytes(value), at);
    case SORT_KEY_DECIMAL:
        return write_decimal(load_bytes(value), at);
    case SORT_KEY_FIXED:
        return write_fixed(value, type.length, 0, at);
    case SORT_KEY_FIXED_DECIMAL:
        return write_fixed(value, type.length, 0x80, at);
    }
    return at;
}
