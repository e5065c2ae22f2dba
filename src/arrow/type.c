#include "arrow/type.h"

#include <stddef.h>

/* Decimal128 holds 38 digits. */
#define DECIMAL128_DIGITS 38

/* A width that Arrow does not have becomes the width of the values as they are stored. */
static struct arrow_type integer_type(uint32_t bits, bool is_signed, uint32_t stored_bits)
{
    if ((bits != 8 && bits != 16 && bits != 32) || bits > stored_bits)
        bits = stored_bits;
    return (struct arrow_type){.id = ARROW_INT, .bit_width = bits, .is_signed = is_signed};
}

static struct arrow_type fixed_type(uint32_t bytes)
{
    return (struct arrow_type){.id = ARROW_FIXED_SIZE_BINARY, .bit_width = bytes * 8};
}

static struct arrow_type float_type(enum arrow_precision precision)
{
    return (struct arrow_type){
        .id = ARROW_FLOATING_POINT, .bit_width = 16u << precision, .unit = (int)precision};
}

static struct arrow_type decimal_type(const struct column_type *type, uint32_t bits)
{
    if (bits == 0)
        bits = type->precision > DECIMAL128_DIGITS ? 256 : 128;
    return (struct arrow_type){
        .id = ARROW_DECIMAL, .bit_width = bits, .precision = type->precision, .scale = type->scale};
}

static const char *timezone_of(const struct column_field *field)
{
    if (!field->type.utc_adjusted || field->type.logical != COLUMN_TIMESTAMP)
        return NULL;
    return field->arrow.timezone[0] != '\0' ? field->arrow.timezone : "UTC";
}

static struct arrow_type timestamp_type(const struct column_field *field)
{
    return (struct arrow_type){.id = ARROW_TIMESTAMP,
                               .bit_width = 64,
                               .unit = (int)field->type.unit,
                               .timezone = timezone_of(field)};
}

static struct arrow_type time_type(const struct column_type *type)
{
    bool narrow = type->unit <= COLUMN_MILLISECONDS;
    return (struct arrow_type){
        .id = ARROW_TIME, .bit_width = narrow ? 32 : 64, .unit = (int)type->unit};
}

static struct arrow_type date_type(const struct column_field *field)
{
    bool wide = field->arrow.kind == COLUMN_ARROW_DATE64;
    return (struct arrow_type){.id = ARROW_DATE,
                               .bit_width = wide ? 64 : 32,
                               .unit = wide ? ARROW_DATE_MILLISECOND : ARROW_DATE_DAY};
}

/* Types stored as INT32 or INT64. */
static struct arrow_type number_type(const struct column_field *field)
{
    const struct column_type *type = &field->type;
    uint32_t stored = type->physical == COLUMN_INT32 ? 32 : 64;
    switch (type->logical) {
    case COLUMN_DATE:
        return date_type(field);
    case COLUMN_TIME:
        return time_type(type);
    case COLUMN_TIMESTAMP:
        return timestamp_type(field);
    case COLUMN_DECIMAL:
        return decimal_type(type, 0);
    case COLUMN_INTEGER:
        return integer_type(type->bit_width, type->is_signed, stored);
    default:
        break;
    }
    if (field->arrow.kind == COLUMN_ARROW_DURATION && type->physical == COLUMN_INT64)
        return (struct arrow_type){
            .id = ARROW_DURATION, .bit_width = 64, .unit = (int)field->arrow.unit};
    return integer_type(stored, true, stored);
}

/* Types stored as byte arrays. */
static struct arrow_type bytes_type(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_DECIMAL:
        return decimal_type(type, 0);
    case COLUMN_STRING:
    case COLUMN_ENUM:
        return (struct arrow_type){.id = ARROW_UTF8};
    case COLUMN_JSON:
        return (struct arrow_type){.id = ARROW_UTF8, .extension = "arrow.json"};
    default:
        return (struct arrow_type){.id = ARROW_BINARY};
    }
}

static struct arrow_type fixed_bytes_type(const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL)
        return decimal_type(type, 0);
    if (type->logical == COLUMN_FLOAT16 && type->type_length == 2)
        return float_type(ARROW_HALF);
    struct arrow_type result = fixed_type(type->type_length);
    if (type->logical == COLUMN_UUID && type->type_length == 16)
        result.extension = "arrow.uuid";
    return result;
}

struct arrow_type arrow_batch_type_of(const struct column_field *field)
{
    if (field->type.logical == COLUMN_UNKNOWN)
        return (struct arrow_type){.id = ARROW_NULL};
    switch (field->type.physical) {
    case COLUMN_BOOLEAN:
        return (struct arrow_type){.id = ARROW_BOOL, .bit_width = 1};
    case COLUMN_INT32:
    case COLUMN_INT64:
        return number_type(field);
    case COLUMN_INT96:
        return (struct arrow_type){
            .id = ARROW_TIMESTAMP, .bit_width = 64, .unit = COLUMN_NANOSECONDS};
    case COLUMN_FLOAT:
        return float_type(ARROW_SINGLE);
    case COLUMN_DOUBLE:
        return float_type(ARROW_DOUBLE);
    case COLUMN_BYTE_ARRAY:
        return bytes_type(&field->type);
    case COLUMN_FIXED:
        break;
    }
    return fixed_bytes_type(&field->type);
}

/* Text that the input had as large or as view. */
static enum arrow_type_id text_id(enum arrow_type_id id, enum column_arrow_kind kind)
{
    if (kind == COLUMN_ARROW_LARGE)
        return id == ARROW_UTF8 ? ARROW_LARGE_UTF8 : ARROW_LARGE_BINARY;
    if (kind == COLUMN_ARROW_VIEW)
        return id == ARROW_UTF8 ? ARROW_UTF8_VIEW : ARROW_BINARY_VIEW;
    return id;
}

/* Whether bits are a width of Arrow's decimals that holds the digits. */
static bool decimal_width_fits(uint32_t bits, int32_t digits)
{
    return (bits == 32 && digits <= 9) || (bits == 64 && digits <= 18) ||
           (bits == 128 && digits <= DECIMAL128_DIGITS) || bits == 256;
}

struct arrow_type arrow_type_of(const struct column_field *field)
{
    const struct column_arrow *arrow = &field->arrow;
    struct arrow_type type = arrow_batch_type_of(field);
    bool seconds = arrow->kind == COLUMN_ARROW_SECONDS && type.unit == COLUMN_MILLISECONDS;
    if (type.id == ARROW_UTF8 || type.id == ARROW_BINARY)
        type.id = text_id(type.id, arrow->kind);
    if ((type.id == ARROW_TIMESTAMP || type.id == ARROW_TIME) && seconds)
        type.unit = COLUMN_SECONDS;
    if (type.id == ARROW_DECIMAL && decimal_width_fits(arrow->decimal_bits, type.precision))
        type.bit_width = arrow->decimal_bits;
    return type;
}
