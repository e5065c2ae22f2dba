/*
 * What a leaf's annotations mean: the union LogicalType, and before it the enum ConvertedType.
 * Source: LogicalTypes.md and parquet.thrift of apache/parquet-format.
 */
#include "parquet/annotations.h"
#include "parquet/footer.h"

/* A union is a struct with one field: its number is the choice. An empty member is passed over. */
static enum error_code read_unit(struct thrift_reader *thrift, int16_t *ret)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        *ret = field.id;
        TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

/* Members with parameters: DECIMAL {scale, precision}, TIME and TIMESTAMP {utc, unit}, INTEGER
 * {width, signed}. */
static enum error_code read_parameter(struct thrift_reader *thrift,
                                      const struct thrift_field *field,
                                      struct schema_element *element)
{
    int choice = element->logical * 10 + (field->id >= 0 && field->id < 10 ? field->id : 0);
    switch (choice) {
    case LOGICAL_DECIMAL * 10 + 1:
        return thrift_i32(thrift, field, &element->scale);
    case LOGICAL_DECIMAL * 10 + 2:
        return thrift_i32(thrift, field, &element->precision);
    case LOGICAL_TIME * 10 + 1:
    case LOGICAL_TIMESTAMP * 10 + 1:
        return thrift_bool(thrift, field, &element->utc_adjusted);
    case LOGICAL_TIME * 10 + 2:
    case LOGICAL_TIMESTAMP * 10 + 2:
        TRY(thrift_is_struct(thrift, field));
        return read_unit(thrift, &element->unit);
    case LOGICAL_INTEGER * 10 + 1:
        return thrift_i8(thrift, field, &element->bit_width);
    case LOGICAL_INTEGER * 10 + 2:
        return thrift_bool(thrift, field, &element->is_signed);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code read_member(struct thrift_reader *thrift, struct schema_element *element)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_parameter(thrift, &field, element));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

enum error_code footer_read_logical_type(struct thrift_reader *thrift,
                                         const struct thrift_field *field,
                                         struct schema_element *element)
{
    struct thrift_field member;
    TRY(thrift_is_struct(thrift, field));
    TRY(thrift_struct_begin(thrift, &member));
    while (member.type != THRIFT_STOP) {
        TRY(thrift_is_struct(thrift, &member));
        element->logical = member.id;
        TRY(read_member(thrift, element));
        TRY(thrift_struct_next(thrift, &member));
    }
    return ERROR_NONE;
}

/* Annotations with nothing but a name, in both forms. */
static enum column_logical plain_annotation(int32_t logical)
{
    switch (logical) {
    case LOGICAL_STRING:
        return COLUMN_STRING;
    case LOGICAL_ENUM:
        return COLUMN_ENUM;
    case LOGICAL_DATE:
        return COLUMN_DATE;
    case LOGICAL_UNKNOWN:
        return COLUMN_UNKNOWN;
    case LOGICAL_JSON:
        return COLUMN_JSON;
    case LOGICAL_BSON:
        return COLUMN_BSON;
    case LOGICAL_UUID:
        return COLUMN_UUID;
    case LOGICAL_FLOAT16:
        return COLUMN_FLOAT16;
    default:
        return COLUMN_PLAIN; /* one that is newer than weir: the physical type says enough */
    }
}

static bool set_unit(int16_t unit, struct column_type *type)
{
    type->unit = unit == 1   ? COLUMN_MILLISECONDS
                 : unit == 2 ? COLUMN_MICROSECONDS
                             : COLUMN_NANOSECONDS;
    return unit >= 1 && unit <= 3;
}

static bool apply_logical(const struct schema_element *element, struct column_type *type)
{
    switch (element->logical) {
    case LOGICAL_DECIMAL:
        type->logical = COLUMN_DECIMAL;
        type->precision = element->precision;
        type->scale = element->scale;
        return true;
    case LOGICAL_TIME:
    case LOGICAL_TIMESTAMP:
        type->logical = element->logical == LOGICAL_TIME ? COLUMN_TIME : COLUMN_TIMESTAMP;
        type->utc_adjusted = element->utc_adjusted;
        return set_unit(element->unit, type);
    case LOGICAL_INTEGER:
        type->logical = COLUMN_INTEGER;
        type->is_signed = element->is_signed;
        type->bit_width = (uint8_t)element->bit_width;
        return true;
    default:
        type->logical = plain_annotation(element->logical);
        return true;
    }
}

/* The old form of times has no flag: their values were said to be adjusted to UTC. */
static void set_time(struct column_type *type, enum column_logical logical, enum column_unit unit)
{
    type->logical = logical;
    type->unit = unit;
    type->utc_adjusted = true;
}

static void set_integer(struct column_type *type, int steps, bool is_signed)
{
    type->logical = COLUMN_INTEGER;
    type->is_signed = is_signed;
    type->bit_width = (uint8_t)(8 << steps);
}

static void apply_converted(const struct schema_element *element, struct column_type *type)
{
    int32_t converted = element->converted;
    if (converted == CONVERTED_UTF8) {
        type->logical = COLUMN_STRING;
    } else if (converted == CONVERTED_ENUM) {
        type->logical = COLUMN_ENUM;
    } else if (converted == CONVERTED_DECIMAL) {
        type->logical = COLUMN_DECIMAL;
        type->precision = element->precision;
        type->scale = element->scale;
    } else if (converted == CONVERTED_DATE) {
        type->logical = COLUMN_DATE;
    } else if (converted == CONVERTED_TIME_MILLIS || converted == CONVERTED_TIME_MICROS) {
        set_time(type, COLUMN_TIME,
                 converted == CONVERTED_TIME_MILLIS ? COLUMN_MILLISECONDS : COLUMN_MICROSECONDS);
    } else if (converted == CONVERTED_TIMESTAMP_MILLIS || converted == CONVERTED_TIMESTAMP_MICROS) {
        set_time(type, COLUMN_TIMESTAMP,
                 converted == CONVERTED_TIMESTAMP_MILLIS ? COLUMN_MILLISECONDS
                                                         : COLUMN_MICROSECONDS);
    } else if (converted >= CONVERTED_UINT_8 && converted <= CONVERTED_UINT_64) {
        set_integer(type, converted - CONVERTED_UINT_8, false);
    } else if (converted >= CONVERTED_INT_8 && converted <= CONVERTED_INT_64) {
        set_integer(type, converted - CONVERTED_INT_8, true);
    } else if (converted == CONVERTED_JSON || converted == CONVERTED_BSON) {
        type->logical = converted == CONVERTED_JSON ? COLUMN_JSON : COLUMN_BSON;
    } else if (converted == CONVERTED_INTERVAL) {
        type->logical = COLUMN_INTERVAL;
    } else if (converted == CONVERTED_NULL) {
        type->logical = COLUMN_UNKNOWN;
    }
}

/* Digits that always fit: 9 in 32 bits, 18 in 64, floor(log10(2^(8n-1)-1)) in n bytes. */
static bool decimal_fits(const struct column_type *type)
{
    if (type->precision < 1 || type->scale > type->precision)
        return false;
    switch (type->physical) {
    case COLUMN_INT32:
        return type->precision <= 9;
    case COLUMN_INT64:
        return type->precision <= 18;
    case COLUMN_FIXED:
        return (uint64_t)type->precision * 10000 <= ((uint64_t)type->type_length * 8 - 1) * 3011;
    case COLUMN_BYTE_ARRAY:
        return true;
    default:
        return false;
    }
}

static bool time_fits(const struct column_type *type)
{
    return type->unit == COLUMN_MILLISECONDS ? type->physical == COLUMN_INT32
                                             : type->physical == COLUMN_INT64;
}

static bool integer_fits(const struct column_type *type)
{
    if (type->bit_width == 64)
        return type->physical == COLUMN_INT64;
    return (type->bit_width == 8 || type->bit_width == 16 || type->bit_width == 32) &&
           type->physical == COLUMN_INT32;
}

static bool fixed_of(const struct column_type *type, uint32_t length)
{
    return type->physical == COLUMN_FIXED && type->type_length == length;
}

static bool annotation_fits(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_STRING:
    case COLUMN_ENUM:
    case COLUMN_JSON:
    case COLUMN_BSON:
        return type->physical == COLUMN_BYTE_ARRAY || type->physical == COLUMN_FIXED;
    case COLUMN_UUID:
        return fixed_of(type, 16);
    case COLUMN_DECIMAL:
        return decimal_fits(type);
    case COLUMN_DATE:
        return type->physical == COLUMN_INT32;
    case COLUMN_TIME:
        return time_fits(type);
    case COLUMN_TIMESTAMP:
        return type->physical == COLUMN_INT64;
    case COLUMN_INTEGER:
        return integer_fits(type);
    case COLUMN_FLOAT16:
        return fixed_of(type, 2);
    case COLUMN_INTERVAL:
        return fixed_of(type, 12);
    default:
        return true;
    }
}

const char *schema_leaf_type(const struct schema_element *element, struct column_type *ret)
{
    *ret = (struct column_type){.physical = (enum column_physical)element->physical};
    if (ret->physical == COLUMN_FIXED)
        ret->type_length = element->type_length;
    if (ret->physical == COLUMN_FIXED && ret->type_length == 0)
        return "its values have no length";
    bool known = true;
    if (element->logical != 0)
        known = apply_logical(element, ret);
    else
        apply_converted(element, ret);
    if (!known)
        return "its unit of time is unknown";
    return annotation_fits(ret) ? NULL : "its logical type does not fit its physical type";
}
