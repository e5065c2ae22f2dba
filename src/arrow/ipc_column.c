#include "arrow/ipc_column.h"

#include <string.h>

#define NANOSECONDS_A_DAY  INT64_C(86400000000000)
#define MILLISECONDS_A_DAY INT64_C(86400000)
#define JULIAN_EPOCH       2440588

static bool is_text(enum arrow_type_id id)
{
    return id == ARROW_UTF8 || id == ARROW_BINARY;
}

static struct column_bytes bytes_at(const void *values, uint32_t index)
{
    struct column_bytes bytes;
    memcpy(&bytes, (const uint8_t *)values + sizeof bytes * index, sizeof bytes);
    return bytes;
}

static bool has_value(const struct column_slice *slice, uint32_t row)
{
    return slice->present == NULL || slice->present[row] != 0;
}

enum error_code arrow_column_init(struct arrow_column *ret, const struct column_field *field,
                                  const struct column_slice *slice, struct error *error)
{
    struct arrow_column column = {
        .type = arrow_batch_type_of(field),
        .field = field,
        .slice = slice,
        .null_count = slice->row_count - slice->value_count,
    };
    if (is_text(column.type.id)) {
        for (uint32_t i = 0; i < slice->value_count; i++)
            column.text_size += bytes_at(slice->values, i).size;
    }
    if (column.text_size > INT32_MAX) {
        error_set(error, ERROR_UNSUPPORTED, "one batch holds more than 2 GiB of text");
        error_hint(error, "write Parquet instead of Arrow");
        error_in_column(error, field->name);
        return ERROR_UNSUPPORTED;
    }
    *ret = column;
    return ERROR_NONE;
}

struct arrow_buffers arrow_column_buffers(const struct arrow_column *column)
{
    uint64_t rows = column->slice->row_count;
    uint64_t validity = column->null_count > 0 ? (rows + 7) / 8 : 0;
    if (column->type.id == ARROW_NULL)
        return (struct arrow_buffers){.count = 0};
    if (is_text(column->type.id))
        return (struct arrow_buffers){{validity, (rows + 1) * 4, column->text_size}, 3};
    return (struct arrow_buffers){{validity, (rows * column->type.bit_width + 7) / 8, 0}, 2};
}

/* One bit a row, lowest first; read from bytes of 0 and others. */
static enum error_code put_bits(struct arrow_writer *writer, const uint8_t *flags, uint32_t count,
                                struct error *error)
{
    for (uint32_t row = 0; row < count; row += 8) {
        uint8_t bits = 0;
        for (uint32_t i = 0; i < 8 && row + i < count; i++)
            bits = (uint8_t)(bits | (flags[row + i] != 0) << i);
        TRY(arrow_put(writer, &bits, 1, error));
    }
    return arrow_pad(writer, error);
}

static enum error_code put_booleans(const struct arrow_column *column, struct arrow_writer *writer,
                                    struct error *error)
{
    const struct column_slice *slice = column->slice;
    const uint8_t *value = slice->values;
    if (column->null_count == 0)
        return put_bits(writer, value, slice->row_count, error);
    for (uint32_t row = 0; row < slice->row_count; row += 8) {
        uint8_t bits = 0;
        for (uint32_t i = 0; i < 8 && row + i < slice->row_count; i++) {
            if (has_value(slice, row + i))
                bits = (uint8_t)(bits | (*value++ != 0) << i);
        }
        TRY(arrow_put(writer, &bits, 1, error));
    }
    return arrow_pad(writer, error);
}

static enum error_code put_text(const struct arrow_column *column, struct arrow_writer *writer,
                                struct error *error)
{
    const struct column_slice *slice = column->slice;
    uint32_t end = 0, next = 0;
    TRY(arrow_put(writer, &end, sizeof end, error));
    for (uint32_t row = 0; row < slice->row_count; row++) {
        if (has_value(slice, row))
            end += bytes_at(slice->values, next++).size;
        TRY(arrow_put(writer, &end, sizeof end, error));
    }
    TRY(arrow_pad(writer, error));
    for (uint32_t i = 0; i < slice->value_count; i++) {
        struct column_bytes bytes = bytes_at(slice->values, i);
        TRY(arrow_put(writer, bytes.data, bytes.size, error));
    }
    return arrow_pad(writer, error);
}

static enum error_code does_not_fit(const struct arrow_column *column, const void *value,
                                    const char *type, struct error *error)
{
    char text[128];
    column_value_format(&column->field->type, value, text, sizeof text);
    error_set(error, ERROR_OVERFLOW, "%s does not fit Arrow's %s", text, type);
    error_hint(error, "write Parquet or CSV instead of Arrow");
    error_in_column(error, column->field->name);
    return ERROR_OVERFLOW;
}

static enum error_code convert_int96(const struct arrow_column *column, const uint8_t *value,
                                     uint8_t *ret, struct error *error)
{
    int64_t rest, result;
    uint32_t julian;
    memcpy(&rest, value, sizeof rest);
    memcpy(&julian, value + sizeof rest, sizeof julian);
    int64_t days = (int64_t)julian - JULIAN_EPOCH;
    __int128 nanoseconds = (__int128)days * NANOSECONDS_A_DAY + rest;
    result = (int64_t)nanoseconds;
    if (result != nanoseconds)
        return does_not_fit(column, value, "timestamp[ns]", error);
    memcpy(ret, &result, sizeof result);
    return ERROR_NONE;
}

/* Big-endian bytes of any length to little-endian ones of the type's width. */
static enum error_code convert_decimal(const struct arrow_column *column, const void *value,
                                       struct column_bytes bytes, uint8_t *ret, struct error *error)
{
    uint32_t width = column->type.bit_width / 8;
    uint8_t sign = bytes.size > 0 && bytes.data[0] >= 0x80 ? 0xff : 0;
    memset(ret, sign, width);
    for (uint32_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[bytes.size - 1 - i];
        if (i < width)
            ret[i] = byte;
        else if (byte != sign)
            return does_not_fit(column, value, "decimals", error);
    }
    if (bytes.size > width && (ret[width - 1] & 0x80) != (sign & 0x80))
        return does_not_fit(column, value, "decimals", error);
    return ERROR_NONE;
}

/* Integers: the low bytes of the value, its sign continued. Arrow's date64 counts milliseconds. */
static void convert_integer(const struct arrow_column *column, const uint8_t *value, uint8_t *ret)
{
    int64_t number;
    uint32_t width = column->type.bit_width / 8;
    if (column->field->type.physical == COLUMN_INT32) {
        int32_t narrow;
        memcpy(&narrow, value, sizeof narrow);
        number = narrow;
    } else {
        memcpy(&number, value, sizeof number);
    }
    if (column->type.id == ARROW_DATE && column->type.unit == ARROW_DATE_MILLISECOND)
        number = (int64_t)((uint64_t)number * (uint64_t)MILLISECONDS_A_DAY);
    memset(ret, number < 0 ? 0xff : 0, width);
    memcpy(ret, &number, width < sizeof number ? width : sizeof number);
}

/* Values that lie in Parquet's layout as they do in Arrow's. */
static bool same_layout(const struct arrow_column *column)
{
    const struct column_type *type = &column->field->type;
    if (column->type.id == ARROW_DECIMAL || type->physical == COLUMN_INT96)
        return false;
    return column_value_size(type) * 8 == column->type.bit_width;
}

/* ret has room for 32 bytes. */
static enum error_code convert(const struct arrow_column *column, const uint8_t *value,
                               uint8_t *ret, struct error *error)
{
    const struct column_type *type = &column->field->type;
    switch (type->physical) {
    case COLUMN_INT96:
        return convert_int96(column, value, ret, error);
    case COLUMN_BYTE_ARRAY:
        return convert_decimal(column, value, bytes_at(value, 0), ret, error);
    case COLUMN_FIXED:
        return convert_decimal(column, value, (struct column_bytes){value, type->type_length}, ret,
                               error);
    default:
        convert_integer(column, value, ret);
        return ERROR_NONE;
    }
}

static enum error_code put_zeros(struct arrow_writer *writer, size_t size, struct error *error)
{
    static const uint8_t zeros[64];
    while (size > 0) {
        size_t part = size < sizeof zeros ? size : sizeof zeros;
        TRY(arrow_put(writer, zeros, part, error));
        size -= part;
    }
    return ERROR_NONE;
}

static enum error_code put_fixed(const struct arrow_column *column, struct arrow_writer *writer,
                                 struct error *error)
{
    const struct column_slice *slice = column->slice;
    const uint8_t *value = slice->values;
    size_t in_width = column_value_size(&column->field->type);
    size_t width = column->type.bit_width / 8;
    bool same = same_layout(column);
    uint8_t converted[32];
    if (same && column->null_count == 0) {
        TRY(arrow_put(writer, value, width * slice->row_count, error));
        return arrow_pad(writer, error);
    }
    for (uint32_t row = 0; row < slice->row_count; row++) {
        if (!has_value(slice, row)) {
            TRY(put_zeros(writer, width, error));
            continue;
        }
        if (!same)
            TRY(convert(column, value, converted, error));
        TRY(arrow_put(writer, same ? value : converted, width, error));
        value += in_width;
    }
    return arrow_pad(writer, error);
}

enum error_code arrow_column_write(const struct arrow_column *column, struct arrow_writer *writer,
                                   struct error *error)
{
    if (column->type.id == ARROW_NULL)
        return ERROR_NONE;
    if (column->null_count > 0)
        TRY(put_bits(writer, column->slice->present, column->slice->row_count, error));
    if (is_text(column->type.id))
        return put_text(column, writer, error);
    if (column->type.id == ARROW_BOOL)
        return put_booleans(column, writer, error);
    return put_fixed(column, writer, error);
}
