#include "arrow/stream_type.h"

#include "arrow/type.h"

/* Slots of the type tables and of what a field's metadata is made of. */
enum { INT_BITS = 0, INT_SIGNED = 1 };
enum { DECIMAL_PRECISION = 0, DECIMAL_SCALE = 1, DECIMAL_BITS = 2 };
enum { TYPE_UNIT = 0, TIME_BITS = 1, TIMESTAMP_ZONE = 1, FIXED_WIDTH = 0 };
enum { DICTIONARY_INDEX = 1, DICTIONARY_ORDERED = 2 };
enum { KEY_VALUE_KEY = 0, KEY_VALUE_VALUE = 1 };

#define EXTENSION_KEY "ARROW:extension:name"
#define UUID_BYTES    16

/* What a type becomes: a column's type and the way there. */
struct target {
    struct column_field *field;
    struct stream_type *type;
};

static void set_fixed(struct target to, enum column_physical physical, uint32_t width,
                      enum stream_conversion conversion)
{
    to.field->type.physical = physical;
    to.type->layout = STREAM_FIXED;
    to.type->width = width;
    to.type->conversion = conversion;
}

static const char *read_int(struct target to, const struct flat_table *type)
{
    static const enum stream_conversion narrow[2][2] = {{STREAM_FROM_UINT8, STREAM_FROM_UINT16},
                                                        {STREAM_FROM_INT8, STREAM_FROM_INT16}};
    int32_t bits = flat_i32(type, INT_BITS, 0);
    bool is_signed = flat_u8(type, INT_SIGNED, 0) != 0;
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
        return "an integer of unknown width";
    set_fixed(to, bits == 64 ? COLUMN_INT64 : COLUMN_INT32, (uint32_t)bits / 8,
              bits < 32 ? narrow[is_signed][bits / 8 - 1] : STREAM_KEEP);
    if (bits >= 32 && is_signed)
        return NULL;
    to.field->type.logical = COLUMN_INTEGER;
    to.field->type.bit_width = (uint8_t)bits;
    to.field->type.is_signed = is_signed;
    return NULL;
}

static const char *read_float(struct target to, const struct flat_table *type)
{
    switch (flat_i16(type, TYPE_UNIT, ARROW_HALF)) {
    case ARROW_HALF:
        set_fixed(to, COLUMN_FIXED, 2, STREAM_KEEP);
        to.field->type.logical = COLUMN_FLOAT16;
        to.field->type.type_length = 2;
        return NULL;
    case ARROW_SINGLE:
        set_fixed(to, COLUMN_FLOAT, 4, STREAM_KEEP);
        return NULL;
    case ARROW_DOUBLE:
        set_fixed(to, COLUMN_DOUBLE, 8, STREAM_KEEP);
        return NULL;
    default:
        return "a float of unknown width";
    }
}

/* The fewest bytes that hold so many digits and a sign; log10(2) to five places is enough below 256
 * bits. */
static uint32_t decimal_bytes(int32_t digits)
{
    uint32_t bytes = 1;
    while ((int32_t)((8 * bytes - 1) * 30103 / 100000) < digits)
        bytes++;
    return bytes;
}

static const char *read_decimal(struct target to, const struct flat_table *type)
{
    int32_t bits = flat_i32(type, DECIMAL_BITS, 128);
    int32_t precision = flat_i32(type, DECIMAL_PRECISION, 0);
    int32_t scale = flat_i32(type, DECIMAL_SCALE, 0);
    if (bits != 32 && bits != 64 && bits != 128 && bits != 256)
        return "a decimal of unknown width";
    int32_t most = bits == 32 ? 9 : bits == 64 ? 18 : bits == 128 ? 38 : 76;
    if (precision < 1 || precision > most || scale < 0 || scale > precision)
        return "a decimal whose scale is not within its digits";
    if (bits <= 64) {
        set_fixed(to, bits == 32 ? COLUMN_INT32 : COLUMN_INT64, (uint32_t)bits / 8, STREAM_KEEP);
    } else {
        set_fixed(to, COLUMN_FIXED, (uint32_t)bits / 8,
                  bits == 128 ? STREAM_DECIMAL_128 : STREAM_DECIMAL_256);
        to.field->type.type_length = decimal_bytes(precision);
    }
    to.field->type.logical = COLUMN_DECIMAL;
    to.field->type.precision = precision;
    to.field->type.scale = scale;
    to.field->arrow.decimal_bits = (uint16_t)bits;
    return NULL;
}

static const char *read_date(struct target to, const struct flat_table *type)
{
    int16_t unit = flat_i16(type, TYPE_UNIT, ARROW_DATE_MILLISECOND);
    if (unit == ARROW_DATE_MILLISECOND) {
        set_fixed(to, COLUMN_INT32, 8, STREAM_DAYS);
        to.field->arrow.kind = COLUMN_ARROW_DATE64;
    } else if (unit == ARROW_DATE_DAY) {
        set_fixed(to, COLUMN_INT32, 4, STREAM_KEEP);
    } else {
        return "a date of unknown unit";
    }
    to.field->type.logical = COLUMN_DATE;
    return NULL;
}

/* Seconds become milliseconds, for which Parquet has a type. */
static void set_unit(struct target to, int16_t unit, enum stream_conversion of_seconds)
{
    to.field->type.unit = (enum column_unit)unit;
    if (unit != COLUMN_SECONDS)
        return;
    to.field->type.unit = COLUMN_MILLISECONDS;
    to.field->arrow.kind = COLUMN_ARROW_SECONDS;
    to.type->conversion = of_seconds;
}

static const char *read_time(struct target to, const struct flat_table *type)
{
    int16_t unit = flat_i16(type, TYPE_UNIT, COLUMN_MILLISECONDS);
    int32_t bits = flat_i32(type, TIME_BITS, 32);
    bool narrow = unit == COLUMN_SECONDS || unit == COLUMN_MILLISECONDS;
    if (unit < COLUMN_SECONDS || unit > COLUMN_NANOSECONDS || bits != (narrow ? 32 : 64))
        return "a time of unknown unit";
    set_fixed(to, narrow ? COLUMN_INT32 : COLUMN_INT64, (uint32_t)bits / 8, STREAM_KEEP);
    set_unit(to, unit, STREAM_SECONDS_32);
    to.field->type.logical = COLUMN_TIME;
    return NULL;
}

/* A zone's name is printable ASCII and fits, else the zone stays unnamed. */
static void copy_zone(struct column_arrow *arrow, struct cursor zone)
{
    size_t size = cursor_left(&zone);
    bool fits = size < sizeof arrow->timezone;
    for (size_t i = 0; fits && i < size; i++)
        fits = zone.at[i] > ' ' && zone.at[i] <= '~';
    if (fits)
        memcpy(arrow->timezone, zone.at, size);
}

static const char *read_timestamp(struct target to, const struct flat_table *type)
{
    struct cursor zone;
    int16_t unit = flat_i16(type, TYPE_UNIT, COLUMN_SECONDS);
    if (unit < COLUMN_SECONDS || unit > COLUMN_NANOSECONDS)
        return "a timestamp of unknown unit";
    set_fixed(to, COLUMN_INT64, 8, STREAM_KEEP);
    set_unit(to, unit, STREAM_SECONDS_64);
    to.field->type.logical = COLUMN_TIMESTAMP;
    if (flat_string(type, TIMESTAMP_ZONE, &zone) && cursor_left(&zone) > 0) {
        to.field->type.utc_adjusted = true;
        copy_zone(&to.field->arrow, zone);
    }
    return NULL;
}

static const char *read_duration(struct target to, const struct flat_table *type)
{
    int16_t unit = flat_i16(type, TYPE_UNIT, COLUMN_MILLISECONDS);
    if (unit < COLUMN_SECONDS || unit > COLUMN_NANOSECONDS)
        return "a duration of unknown unit";
    set_fixed(to, COLUMN_INT64, 8, STREAM_KEEP);
    to.field->arrow.kind = COLUMN_ARROW_DURATION;
    to.field->arrow.unit = (enum column_unit)unit;
    return NULL;
}

static const char *read_fixed(struct target to, const struct flat_table *type)
{
    int32_t width = flat_i32(type, FIXED_WIDTH, 0);
    if (width <= 0)
        return "fixed-size binary of no bytes";
    set_fixed(to, COLUMN_FIXED, (uint32_t)width, STREAM_KEEP);
    to.field->type.type_length = (uint32_t)width;
    return NULL;
}

static void set_text(struct target to, enum stream_layout layout, bool is_utf8,
                     enum column_arrow_kind kind)
{
    to.field->type.physical = COLUMN_BYTE_ARRAY;
    to.field->type.logical = is_utf8 ? COLUMN_STRING : COLUMN_PLAIN;
    to.field->arrow.kind = kind;
    to.type->layout = layout;
    if (layout == STREAM_VIEWS) {
        to.type->conversion = STREAM_VIEW;
        to.type->width = 16;
    }
}

static bool is_text(const struct cursor *text, const char *expected)
{
    size_t size = strlen(expected);
    return cursor_left(text) == size && memcmp(text->at, expected, size) == 0;
}

/* The name of the extension type, if the field's metadata has one. */
static bool extension_of(const struct flat_table *described, struct cursor *ret)
{
    struct flat_vector entries;
    struct flat_table entry;
    struct cursor key;
    if (!flat_vector(described, STREAM_FIELD_METADATA, sizeof(uint32_t), &entries))
        return false;
    for (uint32_t i = 0; i < entries.count; i++) {
        if (flat_element(described, &entries, i, &entry) &&
            flat_string(&entry, KEY_VALUE_KEY, &key) && is_text(&key, EXTENSION_KEY))
            return flat_string(&entry, KEY_VALUE_VALUE, ret);
    }
    return false;
}

/* Extension types that Parquet has annotations for. */
static void apply_extension(const struct flat_table *described, struct column_type *type)
{
    struct cursor name;
    bool may_be_uuid = type->physical == COLUMN_FIXED && type->logical == COLUMN_PLAIN &&
                       type->type_length == UUID_BYTES;
    if (!may_be_uuid && type->logical != COLUMN_STRING)
        return;
    if (!extension_of(described, &name))
        return;
    if (may_be_uuid && is_text(&name, "arrow.uuid"))
        type->logical = COLUMN_UUID;
    if (type->logical == COLUMN_STRING && is_text(&name, "arrow.json"))
        type->logical = COLUMN_JSON;
}

static const char *name_nested(int id)
{
    switch (id) {
    case STREAM_LIST:
    case STREAM_LARGE_LIST:
    case STREAM_FIXED_SIZE_LIST:
    case STREAM_LIST_VIEW:
    case STREAM_LARGE_LIST_VIEW:
        return "a list";
    case STREAM_STRUCT:
        return "a struct";
    case STREAM_MAP:
        return "a map";
    case STREAM_UNION:
        return "a union";
    case STREAM_RUN_END_ENCODED:
        return "run-end encoded";
    case STREAM_INTERVAL:
        return "an interval";
    default:
        return "of a type that is not known";
    }
}

static const char *read_texts(struct target to, enum arrow_type_id id)
{
    bool is_utf8 = id == ARROW_UTF8 || id == ARROW_LARGE_UTF8 || id == ARROW_UTF8_VIEW;
    if (id == ARROW_UTF8 || id == ARROW_BINARY)
        set_text(to, STREAM_TEXT_32, is_utf8, COLUMN_ARROW_DEFAULT);
    else if (id == ARROW_LARGE_UTF8 || id == ARROW_LARGE_BINARY)
        set_text(to, STREAM_TEXT_64, is_utf8, COLUMN_ARROW_LARGE);
    else
        set_text(to, STREAM_VIEWS, is_utf8, COLUMN_ARROW_VIEW);
    return NULL;
}

static const char *read_by_id(struct target to, enum arrow_type_id id,
                              const struct flat_table *type)
{
    switch (id) {
    case ARROW_NULL:
        to.field->type = (struct column_type){.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN};
        to.type->layout = STREAM_NOTHING;
        return NULL;
    case ARROW_INT:
        return read_int(to, type);
    case ARROW_FLOATING_POINT:
        return read_float(to, type);
    case ARROW_BOOL:
        to.field->type.physical = COLUMN_BOOLEAN;
        to.type->layout = STREAM_BITS;
        to.type->width = 1;
        return NULL;
    case ARROW_DECIMAL:
        return read_decimal(to, type);
    case ARROW_DATE:
        return read_date(to, type);
    case ARROW_TIME:
        return read_time(to, type);
    case ARROW_TIMESTAMP:
        return read_timestamp(to, type);
    case ARROW_DURATION:
        return read_duration(to, type);
    case ARROW_FIXED_SIZE_BINARY:
        return read_fixed(to, type);
    case ARROW_UTF8:
    case ARROW_BINARY:
    case ARROW_LARGE_UTF8:
    case ARROW_LARGE_BINARY:
    case ARROW_UTF8_VIEW:
    case ARROW_BINARY_VIEW:
        return read_texts(to, id);
    default:
        return name_nested((int)id);
    }
}

const char *stream_type_read(const struct flat_table *described, struct column_field *ret_field,
                             struct stream_type *ret)
{
    struct flat_table type;
    struct target to = {ret_field, ret};
    ret_field->type = (struct column_type){0};
    ret_field->arrow = (struct column_arrow){0};
    *ret = (struct stream_type){.layout = STREAM_OTHER};
    if (!flat_child(described, STREAM_FIELD_TYPE, &type))
        return "of a type that is not known";
    uint8_t id = flat_u8(described, STREAM_FIELD_TYPE_ID, ARROW_NONE);
    const char *unread = read_by_id(to, (enum arrow_type_id)id, &type);
    if (unread != NULL) {
        ret->layout = STREAM_OTHER;
        return unread;
    }
    apply_extension(described, &ret_field->type);
    ret->out_width = (uint32_t)column_value_size(&ret_field->type);
    return NULL;
}

bool stream_index_type_read(const struct flat_table *encoding, struct column_arrow *ret,
                            struct stream_type *ret_type)
{
    struct flat_table index;
    int32_t bits = 32;
    bool is_signed = true;
    if (flat_child(encoding, DICTIONARY_INDEX, &index)) {
        bits = flat_i32(&index, INT_BITS, 0);
        is_signed = flat_u8(&index, INT_SIGNED, 0) != 0;
    }
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
        return false;
    ret->dictionary = true;
    ret->dictionary_ordered = flat_u8(encoding, DICTIONARY_ORDERED, 0) != 0;
    ret->index_bits = (uint8_t)bits;
    ret->index_signed = is_signed;
    *ret_type = (struct stream_type){.layout = STREAM_FIXED, .width = (uint32_t)bits / 8};
    return true;
}
