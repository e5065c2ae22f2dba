#include "column/column.h"

#include <string.h>

#include "column/text.h"

static void text_uuid(struct text *text, const uint8_t *bytes)
{
    static const uint8_t parts[] = {4, 2, 2, 2, 6};
    for (size_t i = 0; i < sizeof parts; i++) {
        if (i > 0)
            text_char(text, '-');
        text_hex(text, bytes, parts[i]);
        bytes += parts[i];
    }
}

/* An integer of at most 64 bits, whatever it stands for. */
static void text_integer(struct text *text, const struct column_type *type, int64_t value)
{
    switch (type->logical) {
    case COLUMN_DATE:
        text_date(text, value);
        return;
    case COLUMN_TIME:
        text_time(text, value, type);
        return;
    case COLUMN_TIMESTAMP:
        text_timestamp(text, value, type);
        return;
    case COLUMN_DECIMAL:
        text_decimal_integer(text, value, type->scale);
        return;
    case COLUMN_INTEGER:
        if (!type->is_signed) {
            bool narrow = type->physical == COLUMN_INT32;
            text_unsigned(text, narrow ? (uint32_t)value : (uint64_t)value);
            return;
        }
        break;
    default:
        break;
    }
    text_signed(text, value);
}

static bool is_text(enum column_logical logical)
{
    return logical == COLUMN_STRING || logical == COLUMN_ENUM || logical == COLUMN_JSON;
}

static void text_fixed(struct text *text, const struct column_type *type, const uint8_t *bytes,
                       size_t count)
{
    if (type->logical == COLUMN_DECIMAL) {
        text_decimal(text, bytes, count, type->scale);
    } else if (type->logical == COLUMN_UUID && count == 16) {
        text_uuid(text, bytes);
    } else if (type->logical == COLUMN_INTERVAL && count == 12) {
        text_interval(text, bytes);
    } else if (type->logical == COLUMN_FLOAT16 && count == 2) {
        uint16_t bits;
        memcpy(&bits, bytes, sizeof bits);
        text_half(text, bits);
    } else if (is_text(type->logical)) {
        text_bytes(text, bytes, count);
    } else {
        text_hex(text, bytes, count);
    }
}

/* Values may stand at any address, so each is copied out first. */
static void text_value(struct text *text, const struct column_type *type, const void *value)
{
    union {
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        struct column_bytes bytes;
    } v;
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        text_string(text, *(const uint8_t *)value != 0 ? "true" : "false");
        return;
    case COLUMN_INT32:
        memcpy(&v.i32, value, sizeof v.i32);
        text_integer(text, type, v.i32);
        return;
    case COLUMN_INT64:
        memcpy(&v.i64, value, sizeof v.i64);
        text_integer(text, type, v.i64);
        return;
    case COLUMN_INT96:
        text_int96(text, value);
        return;
    case COLUMN_FLOAT:
        memcpy(&v.f32, value, sizeof v.f32);
        text_float(text, v.f32);
        return;
    case COLUMN_DOUBLE:
        memcpy(&v.f64, value, sizeof v.f64);
        text_double(text, v.f64);
        return;
    case COLUMN_BYTE_ARRAY:
        memcpy(&v.bytes, value, sizeof v.bytes);
        text_fixed(text, type, v.bytes.data, v.bytes.size);
        return;
    case COLUMN_FIXED:
        text_fixed(text, type, value, type->type_length);
        return;
    }
}

size_t column_value_format(const struct column_type *type, const void *value, char *buffer,
                           size_t size)
{
    struct text text = {buffer, size, 0};
    text_value(&text, type, value);
    return text_end(&text);
}
