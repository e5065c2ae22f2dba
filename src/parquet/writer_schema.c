/* Schema elements: what each column type is called, in the new way and in the old. */
#include <string.h>

#include "parquet/annotations.h"
#include "parquet/writer_footer.h"

static enum logical_field logical_field(enum column_logical logical)
{
    static const enum logical_field fields[] = {
        [COLUMN_PLAIN] = LOGICAL_NONE,      [COLUMN_STRING] = LOGICAL_STRING,
        [COLUMN_ENUM] = LOGICAL_ENUM,       [COLUMN_JSON] = LOGICAL_JSON,
        [COLUMN_BSON] = LOGICAL_BSON,       [COLUMN_UUID] = LOGICAL_UUID,
        [COLUMN_DECIMAL] = LOGICAL_DECIMAL, [COLUMN_DATE] = LOGICAL_DATE,
        [COLUMN_TIME] = LOGICAL_TIME,       [COLUMN_TIMESTAMP] = LOGICAL_TIMESTAMP,
        [COLUMN_INTEGER] = LOGICAL_INTEGER, [COLUMN_FLOAT16] = LOGICAL_FLOAT16,
        [COLUMN_INTERVAL] = LOGICAL_NONE,   [COLUMN_UNKNOWN] = LOGICAL_UNKNOWN,
    };
    return fields[logical];
}

/* Times of day have an old name only where they are in UTC; timestamps always, as Arrow writes
 * them. */
static enum converted_type converted_time(const struct column_type *type)
{
    bool millis = type->unit == COLUMN_MILLISECONDS, micros = type->unit == COLUMN_MICROSECONDS;
    if ((!millis && !micros) || (type->logical == COLUMN_TIME && !type->utc_adjusted))
        return CONVERTED_NONE;
    if (type->logical == COLUMN_TIME)
        return millis ? CONVERTED_TIME_MILLIS : CONVERTED_TIME_MICROS;
    return millis ? CONVERTED_TIMESTAMP_MILLIS : CONVERTED_TIMESTAMP_MICROS;
}

static enum converted_type converted_integer(const struct column_type *type)
{
    int step = type->bit_width == 8 ? 0 : type->bit_width == 16 ? 1 : type->bit_width == 32 ? 2 : 3;
    int first = type->is_signed ? CONVERTED_INT_8 : CONVERTED_UINT_8;
    return (enum converted_type)(first + step);
}

static enum converted_type converted_type(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_STRING:
        return CONVERTED_UTF8;
    case COLUMN_ENUM:
        return CONVERTED_ENUM;
    case COLUMN_JSON:
        return CONVERTED_JSON;
    case COLUMN_BSON:
        return CONVERTED_BSON;
    case COLUMN_DECIMAL:
        return CONVERTED_DECIMAL;
    case COLUMN_DATE:
        return CONVERTED_DATE;
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return converted_time(type);
    case COLUMN_INTEGER:
        return converted_integer(type);
    case COLUMN_INTERVAL:
        return CONVERTED_INTERVAL;
    case COLUMN_PLAIN:
    case COLUMN_UUID:
    case COLUMN_FLOAT16:
    case COLUMN_UNKNOWN:
        return CONVERTED_NONE;
    }
    return CONVERTED_NONE;
}

static void put_time(struct compact_writer *writer, const struct column_type *type)
{
    compact_field_bool(writer, 1, type->utc_adjusted);
    compact_begin(writer, 2);
    /* TimeUnit: 1 MILLIS, 2 MICROS, 3 NANOS. */
    compact_field_empty(writer, type->unit == COLUMN_MILLISECONDS   ? 1
                                : type->unit == COLUMN_MICROSECONDS ? 2
                                                                    : 3);
    compact_end(writer);
}

static void put_logical(struct compact_writer *writer, const struct column_type *type)
{
    enum logical_field field = logical_field(type->logical);
    if (field == LOGICAL_NONE)
        return;
    compact_begin(writer, 10);
    compact_begin(writer, field);
    if (field == LOGICAL_DECIMAL) {
        compact_field_i32(writer, 1, type->scale);
        compact_field_i32(writer, 2, type->precision);
    } else if (field == LOGICAL_INTEGER) {
        compact_field_byte(writer, 1, (int8_t)type->bit_width);
        compact_field_bool(writer, 2, type->is_signed);
    } else if (field == LOGICAL_TIME || field == LOGICAL_TIMESTAMP) {
        put_time(writer, type);
    }
    compact_end(writer);
    compact_end(writer);
}

void compact_schema_root(struct compact_writer *writer, uint32_t field_count)
{
    compact_begin_element(writer);
    compact_field_i32(writer, 3, 0); /* required */
    compact_field_bytes(writer, 4, "schema", 6);
    compact_field_i32(writer, 5, (int32_t)field_count);
    compact_end(writer);
}

void compact_schema_element(struct compact_writer *writer, const struct column_field *field)
{
    const struct column_type *type = &field->type;
    enum converted_type converted = converted_type(type);
    compact_begin_element(writer);
    compact_field_i32(writer, 1, (int32_t)type->physical);
    if (type->physical == COLUMN_FIXED)
        compact_field_i32(writer, 2, (int32_t)type->type_length);
    compact_field_i32(writer, 3, field->nullable ? 1 : 0);
    compact_field_bytes(writer, 4, field->name, strlen(field->name));
    if (converted != CONVERTED_NONE)
        compact_field_i32(writer, 6, (int32_t)converted);
    if (type->logical == COLUMN_DECIMAL) {
        compact_field_i32(writer, 7, type->scale);
        compact_field_i32(writer, 8, type->precision);
    }
    put_logical(writer, type);
    compact_end(writer);
}
