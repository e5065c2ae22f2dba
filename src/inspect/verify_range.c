#include "inspect/verify_range.h"

#include <math.h>
#include <string.h>

#include "parquet/writer_range.h"

void verify_range_init(struct verify_range *range, struct mem_account *account)
{
    range->any = false;
    mem_buffer_init(&range->least, account, SIZE_MAX / 2);
    mem_buffer_init(&range->greatest, account, SIZE_MAX / 2);
}

void verify_range_release(struct verify_range *range)
{
    range->any = false;
    mem_buffer_release(&range->least);
    mem_buffer_release(&range->greatest);
}

void verify_range_clear(struct verify_range *range)
{
    range->any = false;
}

struct parquet_bytes verify_value_bytes(const struct column_type *type, const void *value)
{
    struct column_bytes bytes;
    if (type->physical != COLUMN_BYTE_ARRAY)
        return (struct parquet_bytes){value, column_value_size(type)};
    memcpy(&bytes, value, sizeof bytes);
    return (struct parquet_bytes){bytes.data, bytes.size};
}

bool verify_is_ordered(const struct parquet_column *column)
{
    const struct column_type *type = &column->type;
    return !column->unordered && column->annotation == NULL && column->unsupported == NULL &&
           type->physical != COLUMN_INT96 && type->logical != COLUMN_INTERVAL &&
           type->logical != COLUMN_UNKNOWN;
}

bool verify_bound_fits(const struct column_type *type, struct parquet_bytes bound)
{
    if (type->physical == COLUMN_BYTE_ARRAY)
        return bound.size <= UINT32_MAX;
    if (type->physical == COLUMN_FIXED && type->logical != COLUMN_FLOAT16)
        return bound.size <= type->type_length;
    return bound.size == column_value_size(type);
}

bool verify_bound_is_nan(const struct column_type *type, struct parquet_bytes bound)
{
    float single;
    double number;
    uint16_t half;
    if (type->physical == COLUMN_FLOAT && bound.size == sizeof single) {
        memcpy(&single, bound.data, sizeof single);
        return isnan(single);
    }
    if (type->physical == COLUMN_DOUBLE && bound.size == sizeof number) {
        memcpy(&number, bound.data, sizeof number);
        return isnan(number);
    }
    if (type->logical == COLUMN_FLOAT16 && bound.size == sizeof half) {
        memcpy(&half, bound.data, sizeof half);
        return (half & 0x7fff) > 0x7c00;
    }
    return false;
}

/* Fixed bytes compare as byte arrays do, which may be of two lengths. */
static bool is_bytes(const struct column_type *type)
{
    return type->physical == COLUMN_BYTE_ARRAY || type->physical == COLUMN_FIXED;
}

int verify_bound_compare(const struct column_type *type, struct parquet_bytes a,
                         struct parquet_bytes b)
{
    if (!is_bytes(type))
        return column_value_compare(type, a.data, b.data);
    struct column_type bytes_type = *type;
    struct column_bytes x = {a.data, (uint32_t)a.size};
    struct column_bytes y = {b.data, (uint32_t)b.size};
    bytes_type.physical = COLUMN_BYTE_ARRAY;
    return column_value_compare(&bytes_type, &x, &y);
}

char *verify_bound_format(const struct column_type *type, struct parquet_bytes bound, char *buffer,
                          size_t size)
{
    struct column_bytes bytes = {bound.data, (uint32_t)bound.size};
    struct column_type shown = *type;
    const void *value = bound.data;
    if (type->physical == COLUMN_BYTE_ARRAY ||
        (type->physical == COLUMN_FIXED && bound.size != type->type_length)) {
        shown.physical = COLUMN_BYTE_ARRAY;
        if (type->physical == COLUMN_FIXED)
            shown.logical = COLUMN_PLAIN;
        value = &bytes;
    }
    column_value_format(&shown, value, buffer, size);
    return buffer;
}

static enum error_code keep(struct mem_buffer *buffer, struct parquet_bytes value,
                            struct error *error)
{
    TRY(mem_buffer_renew(buffer, value.size, error));
    if (value.size > 0)
        memcpy(buffer->data, value.data, value.size);
    buffer->size = value.size;
    return ERROR_NONE;
}

static struct parquet_bytes view(const struct mem_buffer *buffer)
{
    return (struct parquet_bytes){buffer->data, buffer->size};
}

static enum error_code widen(struct verify_range *range, const struct column_type *type,
                             struct parquet_bytes least, struct parquet_bytes greatest,
                             struct error *error)
{
    if (!range->any || verify_bound_compare(type, least, view(&range->least)) < 0)
        TRY(keep(&range->least, least, error));
    if (!range->any || verify_bound_compare(type, greatest, view(&range->greatest)) > 0)
        TRY(keep(&range->greatest, greatest, error));
    range->any = true;
    return ERROR_NONE;
}

/* One numeric type by its kernel, which begins at the ends of the type. */
#define WIDEN_NUMBERS(type_name, kernel, top, bottom)                                              \
    do {                                                                                           \
        type_name low = (top), high = (bottom);                                                    \
        kernel(values, count, &low, &high);                                                        \
        if (low > high)                                                                            \
            return ERROR_NONE;                                                                     \
        struct parquet_bytes least = {(const uint8_t *)&low, sizeof low};                          \
        struct parquet_bytes greatest = {(const uint8_t *)&high, sizeof high};                     \
        return widen(range, type, least, greatest, error);                                         \
    } while (0)

static enum error_code update_integers(struct verify_range *range, const struct column_type *type,
                                       const void *values, size_t count, struct error *error)
{
    bool is_unsigned = type->logical == COLUMN_INTEGER && !type->is_signed;
    if (type->physical == COLUMN_INT32 && is_unsigned)
        WIDEN_NUMBERS(uint32_t, range_u32, UINT32_MAX, 0);
    if (type->physical == COLUMN_INT32)
        WIDEN_NUMBERS(int32_t, range_i32, INT32_MAX, INT32_MIN);
    if (is_unsigned)
        WIDEN_NUMBERS(uint64_t, range_u64, UINT64_MAX, 0);
    WIDEN_NUMBERS(int64_t, range_i64, INT64_MAX, INT64_MIN);
}

static enum error_code update_floats(struct verify_range *range, const struct column_type *type,
                                     const void *values, size_t count, struct error *error)
{
    if (type->physical == COLUMN_FLOAT)
        WIDEN_NUMBERS(float, range_float, INFINITY, -INFINITY);
    WIDEN_NUMBERS(double, range_double, (double)INFINITY, -(double)INFINITY);
}

static enum error_code update_one_by_one(struct verify_range *range, const struct column_type *type,
                                         const void *values, size_t count, struct error *error)
{
    const uint8_t *at = values;
    size_t size = column_value_size(type);
    const uint8_t *least = NULL, *greatest = NULL;
    for (size_t i = 0; i < count; i++, at += size) {
        if (verify_bound_is_nan(type, verify_value_bytes(type, at)))
            continue;
        if (least == NULL || column_value_compare(type, at, least) < 0)
            least = at;
        if (greatest == NULL || column_value_compare(type, at, greatest) > 0)
            greatest = at;
    }
    if (least == NULL)
        return ERROR_NONE;
    return widen(range, type, verify_value_bytes(type, least), verify_value_bytes(type, greatest),
                 error);
}

enum error_code verify_range_update(struct verify_range *range, const struct column_type *type,
                                    const void *values, size_t count, struct error *error)
{
    switch (type->physical) {
    case COLUMN_INT32:
    case COLUMN_INT64:
        return count > 0 ? update_integers(range, type, values, count, error) : ERROR_NONE;
    case COLUMN_FLOAT:
    case COLUMN_DOUBLE:
        return update_floats(range, type, values, count, error);
    default:
        return update_one_by_one(range, type, values, count, error);
    }
}

enum error_code verify_range_merge(struct verify_range *range, const struct column_type *type,
                                   const struct verify_range *other, struct error *error)
{
    if (!other->any)
        return ERROR_NONE;
    return widen(range, type, view(&other->least), view(&other->greatest), error);
}
