#include "aggregate/value.h"

#include <string.h>

#define DECIMAL_DIGITS_16 38 /* most digits of a decimal in 16 bytes */
#define DECIMAL_DIGITS_32 76

static void set_integer(struct aggregate_value *value, enum integer_source source,
                        enum extrema_kind extrema)
{
    value->arithmetic = VALUE_INTEGER;
    value->source = source;
    value->words = integer_words(source, value->width);
    value->comparable = true;
    value->extrema = extrema;
}

static void set_comparable(struct aggregate_value *value, enum extrema_kind extrema)
{
    value->comparable = true;
    value->extrema = extrema;
}

static bool has_sum(const struct column_type *type)
{
    return type->logical == COLUMN_PLAIN || type->logical == COLUMN_INTEGER ||
           type->logical == COLUMN_DECIMAL;
}

static void init_int(struct aggregate_value *value, const struct column_type *type)
{
    bool wide = type->physical == COLUMN_INT64;
    bool is_unsigned = type->logical == COLUMN_INTEGER && !type->is_signed;
    enum extrema_kind extrema = wide ? (is_unsigned ? EXTREMA_U64 : EXTREMA_I64)
                                     : (is_unsigned ? EXTREMA_U32 : EXTREMA_I32);
    enum integer_source source = wide ? (is_unsigned ? INTEGER_U64 : INTEGER_I64)
                                      : (is_unsigned ? INTEGER_U32 : INTEGER_I32);
    if (has_sum(type))
        set_integer(value, source, extrema);
    else
        set_comparable(value, extrema);
}

static void init_fixed(struct aggregate_value *value, const struct column_type *type)
{
    if (type->logical == COLUMN_DECIMAL && type->type_length <= 32) {
        set_integer(value, INTEGER_BIG_ENDIAN, EXTREMA_DECIMAL_BYTES);
    } else if (type->logical == COLUMN_FLOAT16 && type->type_length == 2) {
        value->arithmetic = VALUE_HALF;
        set_comparable(value, EXTREMA_FLOAT16);
    } else if (type->logical != COLUMN_INTERVAL) {
        set_comparable(value, EXTREMA_BYTES);
    }
}

static void init_byte_array(struct aggregate_value *value, const struct column_type *type)
{
    if (type->logical != COLUMN_DECIMAL || type->precision > DECIMAL_DIGITS_32)
        return;
    value->widened = true;
    value->width = type->precision <= DECIMAL_DIGITS_16 ? 16 : 32;
    set_integer(value, INTEGER_BIG_ENDIAN, EXTREMA_DECIMAL_BYTES);
}

void aggregate_value_init(struct aggregate_value *value, const char *name, uint32_t column,
                          const struct column_type *type)
{
    memset(value, 0, sizeof *value);
    value->name = name;
    value->column = column;
    value->type = *type;
    value->width = (uint32_t)column_value_size(type);
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        set_integer(value, INTEGER_BOOLEAN, EXTREMA_U8);
        break;
    case COLUMN_INT32:
    case COLUMN_INT64:
        init_int(value, type);
        break;
    case COLUMN_FLOAT:
        value->arithmetic = VALUE_FLOAT;
        set_comparable(value, EXTREMA_FLOAT);
        break;
    case COLUMN_DOUBLE:
        value->arithmetic = VALUE_DOUBLE;
        set_comparable(value, EXTREMA_DOUBLE);
        break;
    case COLUMN_INT96:
        set_comparable(value, EXTREMA_INT96);
        break;
    case COLUMN_FIXED:
        init_fixed(value, type);
        break;
    case COLUMN_BYTE_ARRAY:
        init_byte_array(value, type);
        break;
    }
}

static enum error_code refuse(const struct aggregate_value *value, const char *function,
                              const char *hint, struct error *error)
{
    char type[96];
    column_type_describe(&value->type, type, sizeof type);
    enum error_code code = error_set(error, ERROR_UNSUPPORTED,
                                     "%s of a column of type %s is not possible", function, type);
    error_in_column(error, value->name);
    error_hint(error, "%s", hint);
    return code;
}

/* Sums keep exactness: what fits no 64-bit integer is an error later, decimals get all digits. */
static struct column_type sum_type(const struct aggregate_value *value)
{
    struct column_type type = {.physical = COLUMN_DOUBLE};
    if (value->arithmetic != VALUE_INTEGER)
        return type;
    if (value->type.logical == COLUMN_DECIMAL) {
        bool small = value->type.precision <= DECIMAL_DIGITS_16;
        return (struct column_type){.physical = COLUMN_FIXED,
                                    .logical = COLUMN_DECIMAL,
                                    .type_length = small ? 16 : 32,
                                    .precision = small ? DECIMAL_DIGITS_16 : DECIMAL_DIGITS_32,
                                    .scale = value->type.scale};
    }
    type.physical = COLUMN_INT64;
    if (value->source == INTEGER_U32 || value->source == INTEGER_U64) {
        type.logical = COLUMN_INTEGER;
        type.bit_width = 64;
    }
    return type;
}

static enum error_code want_sum(struct aggregate_value *value, bool mean,
                                struct column_field *field, struct error *error)
{
    if (value->arithmetic == VALUE_NO_SUM)
        return refuse(value, mean ? "the mean" : "the sum",
                      value->comparable ? "min, max or count of it" : "count of it", error);
    value->wants_sum = true;
    value->wants_count |= mean;
    field->type = mean ? (struct column_type){.physical = COLUMN_DOUBLE} : sum_type(value);
    field->nullable = true;
    return ERROR_NONE;
}

static enum error_code want_extremum(struct aggregate_value *value, bool greatest,
                                     const struct column_field *source, struct column_field *field,
                                     struct error *error)
{
    if (!value->comparable)
        return refuse(value, greatest ? "the maximum" : "the minimum", "count of it", error);
    *(greatest ? &value->wants_maximum : &value->wants_minimum) = true;
    field->type = source->type;
    field->arrow = source->arrow;
    field->nullable = true;
    if (value->widened) {
        field->type.physical = COLUMN_FIXED;
        field->type.type_length = value->width;
    }
    return ERROR_NONE;
}

enum error_code aggregate_value_want(struct aggregate_value *value,
                                     const struct aggregate *aggregate,
                                     const struct column_field *source, struct column_field *ret,
                                     struct error *error)
{
    struct column_field field = {.name = aggregate->name};
    switch (aggregate->function) {
    case AGGREGATE_SUM:
    case AGGREGATE_MEAN:
        TRY(want_sum(value, aggregate->function == AGGREGATE_MEAN, &field, error));
        break;
    case AGGREGATE_MIN:
    case AGGREGATE_MAX:
        TRY(want_extremum(value, aggregate->function == AGGREGATE_MAX, source, &field, error));
        break;
    case AGGREGATE_COUNT:
    case AGGREGATE_COUNT_ROWS:
        value->wants_count = true;
        field.type.physical = COLUMN_INT64;
        break;
    }
    *ret = field;
    return ERROR_NONE;
}

size_t aggregate_value_key_bytes(const struct aggregate_value *value)
{
    size_t bytes = sizeof(uint32_t); /* rows without a value */
    if (value->wants_sum && value->arithmetic == VALUE_INTEGER)
        bytes += value->words * sizeof(uint64_t);
    if (value->wants_minimum)
        bytes += value->width + 1;
    if (value->wants_maximum)
        bytes += value->width + 1;
    return bytes;
}
