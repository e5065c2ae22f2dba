#include "arrow/schema.h"

#include <stdlib.h>

#include "arrow/base64.h"
#include "arrow/flat_reader.h"
#include "arrow/type.h"

/* Slots of the tables in Message.fbs and Schema.fbs. */
enum { MESSAGE_HEADER_KIND = 1, MESSAGE_HEADER = 2 };
enum { SCHEMA_FIELDS = 1 };
enum { FIELD_NAME = 0, FIELD_TYPE_ID = 2, FIELD_TYPE = 3, FIELD_DICTIONARY = 4 };
enum { TYPE_UNIT = 0, TIMESTAMP_ZONE = 1, DECIMAL_BITS = 2 };
enum { INT_BITS = 0, INT_SIGNED = 1 };
enum { DICTIONARY_INDEX = 1, DICTIONARY_ORDERED = 2 };
enum { HEADER_SCHEMA = 1 };

/* Defaults of the unit fields. */
enum { DEFAULT_TIMESTAMP_UNIT = COLUMN_SECONDS, DEFAULT_UNIT = COLUMN_MILLISECONDS };

/* Fields in the order of their names, so that each of the schema's is found at once. */
struct field_index {
    struct column_field **sorted;
    uint32_t count;
};

static int compare_fields(const void *a, const void *b)
{
    const struct column_field *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Order of a name that has no NUL against one that has; a NUL inside it makes it another name. */
static int compare_name(struct cursor name, const char *field_name)
{
    size_t size = cursor_left(&name), length = strlen(field_name);
    size_t both = size < length ? size : length;
    int order = both > 0 ? memcmp(name.at, field_name, both) : 0;
    return order != 0 ? order : (size > length) - (size < length);
}

static struct column_field *find_field(const struct field_index *index, struct cursor name)
{
    uint32_t low = 0, high = index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_name(name, index->sorted[middle]->name);
        if (order == 0)
            return index->sorted[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_bytes(const struct column_type *type)
{
    return type->physical == COLUMN_BYTE_ARRAY && type->logical != COLUMN_DECIMAL;
}

static bool is_plain_int64(const struct column_type *type)
{
    return type->physical == COLUMN_INT64 &&
           (type->logical == COLUMN_PLAIN || (type->logical == COLUMN_INTEGER && type->is_signed));
}

/* A zone's name is printable ASCII and fits. */
static void apply_timezone(struct column_arrow *arrow, struct cursor zone)
{
    size_t size = cursor_left(&zone);
    if (size >= sizeof arrow->timezone)
        return;
    for (size_t i = 0; i < size; i++) {
        if (zone.at[i] <= ' ' || zone.at[i] > '~')
            return;
    }
    memcpy(arrow->timezone, zone.at, size);
    arrow->timezone[size] = '\0';
}

static void apply_timestamp(struct column_field *field, const struct flat_table *type)
{
    struct cursor zone;
    if (field->type.logical != COLUMN_TIMESTAMP)
        return;
    if (field->type.utc_adjusted && flat_string(type, TIMESTAMP_ZONE, &zone))
        apply_timezone(&field->arrow, zone);
    if (flat_i16(type, TYPE_UNIT, DEFAULT_TIMESTAMP_UNIT) == COLUMN_SECONDS &&
        field->type.unit == COLUMN_MILLISECONDS)
        field->arrow.kind = COLUMN_ARROW_SECONDS;
}

static void apply_duration(struct column_field *field, const struct flat_table *type)
{
    int16_t unit = flat_i16(type, TYPE_UNIT, DEFAULT_UNIT);
    if (!is_plain_int64(&field->type) || unit < COLUMN_SECONDS || unit > COLUMN_NANOSECONDS)
        return;
    field->arrow.kind = COLUMN_ARROW_DURATION;
    field->arrow.unit = (enum column_unit)unit;
}

static void apply_decimal(struct column_field *field, const struct flat_table *type)
{
    int32_t bits = flat_i32(type, DECIMAL_BITS, 128);
    if (field->type.logical == COLUMN_DECIMAL &&
        (bits == 32 || bits == 64 || bits == 128 || bits == 256))
        field->arrow.decimal_bits = (uint16_t)bits;
}

static void apply_type(struct column_field *field, enum arrow_type_id id,
                       const struct flat_table *type)
{
    const struct column_type *own = &field->type;
    int16_t unit;
    switch (id) {
    case ARROW_LARGE_UTF8:
    case ARROW_LARGE_BINARY:
        if (is_bytes(own))
            field->arrow.kind = COLUMN_ARROW_LARGE;
        return;
    case ARROW_UTF8_VIEW:
    case ARROW_BINARY_VIEW:
        if (is_bytes(own))
            field->arrow.kind = COLUMN_ARROW_VIEW;
        return;
    case ARROW_DATE:
        unit = flat_i16(type, TYPE_UNIT, ARROW_DATE_MILLISECOND);
        if (own->logical == COLUMN_DATE && unit == ARROW_DATE_MILLISECOND)
            field->arrow.kind = COLUMN_ARROW_DATE64;
        return;
    case ARROW_TIME:
        unit = flat_i16(type, TYPE_UNIT, DEFAULT_UNIT);
        if (own->logical == COLUMN_TIME && own->unit == COLUMN_MILLISECONDS &&
            unit == COLUMN_SECONDS)
            field->arrow.kind = COLUMN_ARROW_SECONDS;
        return;
    case ARROW_TIMESTAMP:
        apply_timestamp(field, type);
        return;
    case ARROW_DURATION:
        apply_duration(field, type);
        return;
    case ARROW_DECIMAL:
        apply_decimal(field, type);
        return;
    default:
        return;
    }
}

static void apply_dictionary(struct column_arrow *arrow, const struct flat_table *encoding)
{
    struct flat_table index;
    int32_t bits = 32;
    bool is_signed = true;
    if (flat_child(encoding, DICTIONARY_INDEX, &index)) {
        bits = flat_i32(&index, INT_BITS, 0);
        is_signed = flat_u8(&index, INT_SIGNED, 0) != 0;
    }
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
        return;
    arrow->dictionary = true;
    arrow->dictionary_ordered = flat_u8(encoding, DICTIONARY_ORDERED, 0) != 0;
    arrow->index_bits = (uint8_t)bits;
    arrow->index_signed = is_signed;
}

static void apply_field(const struct field_index *index, const struct flat_table *described)
{
    struct cursor name;
    struct flat_table child;
    if (!flat_string(described, FIELD_NAME, &name))
        return;
    struct column_field *field = find_field(index, name);
    if (field == NULL)
        return;
    if (flat_child(described, FIELD_TYPE, &child))
        apply_type(field, (enum arrow_type_id)flat_u8(described, FIELD_TYPE_ID, ARROW_NONE),
                   &child);
    if (flat_child(described, FIELD_DICTIONARY, &child))
        apply_dictionary(&field->arrow, &child);
}

/* The flatbuffer of an encapsulated message: older writers left the continuation marker out. */
static bool message_body(const struct mem_buffer *bytes, struct flat_table *ret)
{
    struct cursor cursor = cursor_over(bytes->data, bytes->size);
    uint32_t size;
    const uint8_t *body;
    if (!cursor_u32(&cursor, &size) || (size == UINT32_MAX && !cursor_u32(&cursor, &size)))
        return false;
    return cursor_bytes(&cursor, size, &body) && flat_root(body, size, ret);
}

static void apply_message(const struct field_index *index, const struct mem_buffer *bytes)
{
    struct flat_table message, schema, described;
    struct flat_vector fields;
    if (!message_body(bytes, &message) ||
        flat_u8(&message, MESSAGE_HEADER_KIND, 0) != HEADER_SCHEMA ||
        !flat_child(&message, MESSAGE_HEADER, &schema) ||
        !flat_vector(&schema, SCHEMA_FIELDS, sizeof(uint32_t), &fields))
        return;
    for (uint32_t i = 0; i < fields.count; i++) {
        if (flat_element(&schema, &fields, i, &described))
            apply_field(index, &described);
    }
}

void arrow_schema_apply(const char *value, size_t value_size, struct column_field *fields,
                        uint32_t field_count, struct mem_account *account)
{
    struct error ignored;
    struct mem_buffer bytes;
    void *sorted = NULL;
    mem_buffer_init(&bytes, account, value_size / 4 * 3 + 3);
    if (field_count > 0 && base64_decode(value, value_size, &bytes, &ignored) == ERROR_NONE &&
        mem_alloc_array(account, field_count, sizeof(struct column_field *), &sorted, &ignored) ==
            ERROR_NONE) {
        struct field_index index = {sorted, field_count};
        for (uint32_t i = 0; i < field_count; i++)
            index.sorted[i] = &fields[i];
        qsort(index.sorted, field_count, sizeof *index.sorted, compare_fields);
        apply_message(&index, &bytes);
    }
    mem_free(sorted);
    mem_buffer_release(&bytes);
}
