#include "filter/order_key.h"

#include "os/os.h"

static enum value_form form_of_integers(const struct column_type *type)
{
    bool is_unsigned = type->logical == COLUMN_INTEGER && !type->is_signed;
    if (type->physical == COLUMN_INT32)
        return is_unsigned ? FORM_UINT32 : FORM_INT32;
    return is_unsigned ? FORM_UINT64 : FORM_INT64;
}

static enum value_form form_of_bytes(const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL)
        return FORM_DECIMAL;
    if (type->logical == COLUMN_INTERVAL)
        return FORM_UNORDERED;
    if (type->logical == COLUMN_FLOAT16 && type->physical == COLUMN_FIXED && type->type_length == 2)
        return FORM_HALF;
    return FORM_BYTES;
}

enum value_form value_form_of(const struct column_type *type)
{
    if (type->logical == COLUMN_UNKNOWN)
        return FORM_NONE;
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return FORM_BOOLEAN;
    case COLUMN_INT32:
    case COLUMN_INT64:
        return form_of_integers(type);
    case COLUMN_INT96:
        return FORM_INT96;
    case COLUMN_FLOAT:
        return FORM_FLOAT;
    case COLUMN_DOUBLE:
        return FORM_DOUBLE;
    case COLUMN_BYTE_ARRAY:
    case COLUMN_FIXED:
        break;
    }
    return form_of_bytes(type);
}

const struct value_kernels *value_kernels_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &value_kernels_avx512;
    case OS_AVX2:
        return &value_kernels_avx2;
    case OS_SCALAR:
        break;
    }
#endif
    return &value_kernels_scalar;
}

uint64_t value_key(enum value_form form, const void *value)
{
    uint64_t key = 0;
    value_kernels_scalar.keys(form, value, 1, &key);
    return key;
}

struct column_bytes value_bytes(const struct column_type *type, const void *values, size_t i)
{
    struct column_bytes bytes;
    size_t size = column_value_size(type);
    const uint8_t *value = (const uint8_t *)values + i * size;
    if (type->physical != COLUMN_BYTE_ARRAY)
        return (struct column_bytes){value, (uint32_t)size};
    memcpy(&bytes, value, sizeof bytes);
    return bytes;
}

static int compare_bytes(struct column_bytes a, struct column_bytes b)
{
    uint32_t both = a.size < b.size ? a.size : b.size;
    int order = both > 0 ? memcmp(a.data, b.data, both) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

#define DECIMAL_BYTES 16

/* A decimal of up to 16 bytes as one number. */
static __int128 load_decimal(struct column_bytes bytes)
{
    uint8_t wide[DECIMAL_BYTES];
    uint64_t high, low;
    memset(wide, bytes.size > 0 && bytes.data[0] >= 0x80 ? 0xff : 0, sizeof wide);
    if (bytes.size > 0)
        memcpy(wide + sizeof wide - bytes.size, bytes.data, bytes.size);
    memcpy(&high, wide, sizeof high);
    memcpy(&low, wide + sizeof high, sizeof low);
    return (__int128)((unsigned __int128)__builtin_bswap64(high) << 64 | __builtin_bswap64(low));
}

static int compare_decimals(struct column_bytes a, struct column_bytes b)
{
    static const struct column_type decimal = {.physical = COLUMN_BYTE_ARRAY,
                                               .logical = COLUMN_DECIMAL};
    if (a.size > DECIMAL_BYTES || b.size > DECIMAL_BYTES)
        return column_value_compare(&decimal, &a, &b);
    __int128 x = load_decimal(a), y = load_decimal(b);
    return (x > y) - (x < y);
}

int value_bytes_compare(enum value_form form, struct column_bytes a, struct column_bytes b)
{
    static const struct column_type int96 = {.physical = COLUMN_INT96};
    if (form == FORM_DECIMAL)
        return compare_decimals(a, b);
    if (form == FORM_INT96)
        return column_value_compare(&int96, a.data, b.data);
    return compare_bytes(a, b);
}
