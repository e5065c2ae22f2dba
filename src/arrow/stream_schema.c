#include "arrow/stream_schema.h"

#include <stdlib.h>

#include "arrow/stream_fields.h"

enum { SCHEMA_ENDIANNESS = 0, SCHEMA_FIELDS = 1 };
enum { DICTIONARY_ID = 0 };

void stream_schema_init(struct stream_schema *schema, struct mem_account *account)
{
    *schema = (struct stream_schema){0};
    mem_arena_init(&schema->arena, account);
}

void stream_schema_release(struct stream_schema *schema)
{
    struct mem_account *account = schema->arena.account;
    for (uint32_t i = 0; i < schema->dictionary_count; i++)
        stream_dictionary_release(&schema->dictionaries[i]);
    mem_arena_release(&schema->arena);
    stream_schema_init(schema, account);
}

static enum error_code damaged(const char *what, struct error *error)
{
    return error_set(error, ERROR_INPUT, "an Arrow schema is damaged: %s", what);
}

/* A column with a dictionary, while dictionaries are put together. */
struct encoded {
    int64_t id;
    uint32_t column;
    struct stream_type layout; /* of the values */
};

static int compare_encoded(const void *a, const void *b)
{
    const struct encoded *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

/* What is gathered from the fields before it is put together. */
struct reading {
    struct stream_schema *schema;
    struct mem_account *account;
    struct stream_fields fields;
    struct encoded *encoded;
    uint32_t encoded_count;
};

/* Names are C strings everywhere else, so one with a NUL inside would be taken for another. */
static enum error_code read_name(struct reading *reading, const struct flat_table *described,
                                 struct stream_column *column, struct error *error)
{
    struct cursor name = cursor_over("", 0);
    char *copy = NULL;
    if (!flat_string(described, STREAM_FIELD_NAME, &name))
        name = cursor_over("", 0);
    TRY(mem_arena_copy(&reading->schema->arena, name.at, cursor_left(&name), &copy, error));
    column->field.name = copy;
    if (memchr(copy, '\0', cursor_left(&name)) != NULL)
        column->unread = "one whose name has a NUL inside";
    return ERROR_NONE;
}

static enum error_code read_column(struct reading *reading, const struct flat_table *described,
                                   uint32_t index, struct error *error)
{
    struct stream_column *column = &reading->schema->columns[index];
    struct stream_type type, index_type;
    struct flat_table encoding;
    TRY(stream_fields_measure(&reading->fields, described, &column->extent, error));
    const char *unread = stream_type_read(described, &column->field, &type);
    bool is_encoded = flat_child(described, STREAM_FIELD_DICTIONARY, &encoding);
    if (is_encoded && unread == NULL &&
        !stream_index_type_read(&encoding, &column->field.arrow, &index_type))
        unread = "encoded with indices of unknown width";
    column->type = is_encoded && unread == NULL ? index_type : type;
    column->field.nullable = flat_u8(described, STREAM_FIELD_NULLABLE, 0) != 0;
    column->unread = unread;
    TRY(read_name(reading, described, column, error));
    if (is_encoded && column->unread == NULL)
        reading->encoded[reading->encoded_count++] =
            (struct encoded){flat_i64(&encoding, DICTIONARY_ID, 0), index, type};
    return ERROR_NONE;
}

static bool same_layout(const struct stream_type *a, const struct stream_type *b)
{
    return a->layout == b->layout && a->conversion == b->conversion && a->width == b->width &&
           a->out_width == b->out_width;
}

/* Columns with the same id share a dictionary, and must then have its type. */
static enum error_code use_dictionary(struct reading *reading, const struct encoded *encoded,
                                      struct error *error)
{
    struct stream_schema *schema = reading->schema;
    struct stream_column *column = &schema->columns[encoded->column];
    struct stream_dictionary *dictionary = schema->dictionaries + schema->dictionary_count;
    if (schema->dictionary_count > 0 && dictionary[-1].id == encoded->id) {
        dictionary--;
    } else {
        schema->dictionary_count++;
        stream_dictionary_init(dictionary, reading->account, &column->field.type, &encoded->layout);
        dictionary->id = encoded->id;
    }
    if (!same_layout(&dictionary->array.type, &encoded->layout) ||
        !column_type_equal(&dictionary->type, &column->field.type))
        return damaged("two columns share a dictionary but not its type", error);
    column->dictionary = dictionary;
    return ERROR_NONE;
}

static enum error_code read_dictionaries(struct reading *reading, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(&reading->schema->arena, reading->encoded_count,
                              sizeof(struct stream_dictionary), &memory, error));
    reading->schema->dictionaries = memory;
    qsort(reading->encoded, reading->encoded_count, sizeof *reading->encoded, compare_encoded);
    for (uint32_t i = 0; i < reading->encoded_count; i++)
        TRY(use_dictionary(reading, &reading->encoded[i], error));
    return ERROR_NONE;
}

static enum error_code read_columns(struct reading *reading, const struct flat_table *table,
                                    const struct flat_vector *fields, struct error *error)
{
    struct stream_schema *schema = reading->schema;
    struct flat_table described;
    void *memory;
    TRY(mem_arena_alloc_array(&schema->arena, fields->count, sizeof(struct stream_column), &memory,
                              error));
    schema->columns = memory;
    for (uint32_t i = 0; i < fields->count; i++) {
        if (!flat_element(table, fields, i, &described))
            return damaged("a field is missing", error);
        schema->column_count = i + 1;
        TRY(read_column(reading, &described, i, error));
    }
    return ERROR_NONE;
}

enum error_code stream_schema_read(struct stream_schema *schema,
                                   const struct stream_message *message, struct error *error)
{
    struct flat_vector fields = {0};
    void *encoded;
    struct reading reading = {
        .schema = schema, .account = schema->arena.account, .fields = stream_fields_of(message)};
    if (flat_i16(&message->header, SCHEMA_ENDIANNESS, 0) != 0)
        return error_set(error, ERROR_UNSUPPORTED, "an Arrow stream of big-endian values");
    if (!flat_vector(&message->header, SCHEMA_FIELDS, sizeof(uint32_t), &fields))
        fields.count = 0;
    if (fields.count > reading.fields.left)
        return damaged("it has more fields than bytes", error);
    TRY(mem_alloc_array(reading.account, fields.count, sizeof *reading.encoded, &encoded, error));
    reading.encoded = encoded;
    enum error_code code = read_columns(&reading, &message->header, &fields, error);
    if (code == ERROR_NONE)
        code = read_dictionaries(&reading, error);
    mem_free(encoded);
    return code;
}

struct stream_dictionary *stream_schema_dictionary(const struct stream_schema *schema, int64_t id)
{
    uint32_t low = 0, high = schema->dictionary_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct stream_dictionary *found = &schema->dictionaries[middle];
        if (found->id == id)
            return found;
        if (id < found->id)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
