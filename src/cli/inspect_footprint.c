#include <string.h>

#include "cli/inspect_notes.h"
#include "cli/inspect_view.h"
#include "cli/table.h"
#include "inspect/inspect.h"
#include "term/text.h"

/* What a column takes in a JSON document, names apart. */
#define FIELD_DOCUMENT_BYTES 2048

/* The numbers of bits set in a mask, as names with blanks between them. */
static void name_bits(uint32_t mask, const char *(*name)(int number), char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (int number = 0; number < 32 && used < size; number++) {
        const char *text = mask & 1u << number ? name(number) : "";
        if (text == NULL)
            text = "?";
        if (text[0] != '\0')
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used > 0 ? " " : "", text);
    }
}

static const char *name_codec(int number)
{
    return codec_name((enum codec)number);
}

/* Levels are run lengths in every file: saying so for each column would only hide the rest. */
static uint32_t telling_encodings(const struct inspect_storage *storage,
                                  const struct column_type *type)
{
    uint32_t levels = 1u << PARQUET_BIT_PACKED;
    if (type->physical != COLUMN_BOOLEAN)
        levels |= 1u << PARQUET_RLE;
    return (storage->encodings & ~levels) != 0 ? storage->encodings & ~levels : storage->encodings;
}

/* The type as people have it: a nested field's shape; an annotation that was passed over. */
static void describe_type(const struct parquet_metadata *metadata, uint32_t field, char *buffer,
                          size_t size)
{
    const struct parquet_field *description = &metadata->fields[field];
    const struct parquet_column *column = &metadata->columns[description->first_column];
    char type[96];
    if (description->nested) {
        snprintf(buffer, size, "%s", description->shape);
        return;
    }
    column_type_describe(&column->type, type, sizeof type);
    if (column->annotation != NULL)
        snprintf(buffer, size, "%s (%s)", type, column->annotation);
    else
        snprintf(buffer, size, "%s", type);
}

static void describe_field(const struct parquet_metadata *metadata, uint32_t field, char *buffer,
                           size_t size)
{
    const struct parquet_field *description = &metadata->fields[field];
    const struct parquet_column *column = &metadata->columns[description->first_column];
    describe_type(metadata, field, buffer, size);
    size_t used = strlen(buffer);
    if (!description->nested && !column->nullable)
        snprintf(buffer + used, size - used, " not null");
}

static enum error_code add_size(struct table *table, uint64_t bytes, bool exact,
                                struct error *error)
{
    char size[24], text[32];
    snprintf(text, sizeof text, "%s%s", exact ? "" : "~", mem_format_size(bytes, size));
    return table_add(table, text, error);
}

static enum error_code add_footprint(struct table *table, const struct inspect_footprint *footprint,
                                     bool exact, struct error *error)
{
    TRY(add_size(table, footprint->on_disk, true, error));
    TRY(add_size(table, footprint->decoded, true, error));
    TRY(add_size(table, footprint->arrow, exact, error));
    TRY(add_size(table, footprint->pandas, exact, error));
    TRY(add_size(table, footprint->pandas_objects, exact, error));
    return add_size(table, footprint->polars, exact, error);
}

static enum error_code add_field(struct table *table, const struct parquet_metadata *metadata,
                                 uint32_t field, struct inspect_footprint *total, bool *all_exact,
                                 struct error *error)
{
    const struct parquet_field *description = &metadata->fields[field];
    const struct parquet_column *column = &metadata->columns[description->first_column];
    struct inspect_storage storage = inspect_storage_of(metadata, field);
    struct inspect_footprint footprint;
    bool exact;
    char text[256], name[INSPECT_NAME_SIZE];
    inspect_column(metadata, field, &footprint, &exact);
    inspect_add(total, &footprint);
    *all_exact &= exact;
    TRY(table_add(table, inspect_short_name(description->name, name), error));
    describe_field(metadata, field, text, sizeof text);
    TRY(table_add(table, text, error));
    name_bits(storage.codecs, name_codec, text, sizeof text);
    TRY(table_add(table, storage.encrypted ? "encrypted" : text, error));
    name_bits(telling_encodings(&storage, &column->type), parquet_encoding_name, text, sizeof text);
    TRY(table_add(table, text, error));
    return add_footprint(table, &footprint, exact, error);
}

static enum error_code write_columns(struct mem_arena *arena,
                                     const struct parquet_metadata *metadata, struct error *error)
{
    static const struct table_column columns[] = {
        {"column", false},    {"type", false},   {"codec", false}, {"encodings", false},
        {"on disk", true},    {"decoded", true}, {"Arrow", true},  {"pandas", true},
        {"pandas < 3", true}, {"Polars", true},
    };
    struct table table;
    struct inspect_footprint total = {0};
    bool exact = true;
    table_init(&table, arena, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < metadata->field_count; i++)
        TRY(add_field(&table, metadata, i, &total, &exact, error));
    TRY(table_add(&table, "together", error));
    for (int i = 0; i < 3; i++)
        TRY(table_add(&table, "", error));
    TRY(add_footprint(&table, &total, exact, error));
    return table_write(&table, stdout, error);
}

static void write_heading(const struct parquet_metadata *metadata, const char *path, uint64_t size,
                          bool first)
{
    char rows[64], groups[64], bytes[24];
    if (!first)
        putchar('\n');
    text_put(stdout, path);
    printf("\n  %s, %s, %s", text_plural(metadata->row_count, "row", rows, sizeof rows),
           text_plural(metadata->row_group_count, "row group", groups, sizeof groups),
           mem_format_size(size, bytes));
    if (metadata->created_by != NULL) {
        char writer[INSPECT_NAME_SIZE];
        fputs(", written by ", stdout);
        text_put(stdout, inspect_short_name(metadata->created_by, writer));
    }
    fputs("\n\n", stdout);
}

static json_t *names_array(uint32_t mask, const char *(*name)(int number))
{
    json_t *array = json_array();
    for (int number = 0; number < 32; number++)
        if (mask & 1u << number)
            json_array_append_new(array, document_text(name(number)));
    return array;
}

static void set_footprint(json_t *object, const struct inspect_footprint *footprint, bool exact)
{
    json_object_set_new(object, "on_disk_bytes", document_count(footprint->on_disk));
    json_object_set_new(object, "decoded_bytes", document_count(footprint->decoded));
    json_object_set_new(object, "arrow_bytes", document_count(footprint->arrow));
    json_object_set_new(object, "pandas_bytes", document_count(footprint->pandas));
    json_object_set_new(object, "pandas_objects_bytes", document_count(footprint->pandas_objects));
    json_object_set_new(object, "polars_bytes", document_count(footprint->polars));
    json_object_set_new(object, "estimated", json_boolean(!exact));
}

static json_t *field_document(const struct parquet_metadata *metadata, uint32_t field,
                              struct inspect_footprint *total, bool *all_exact)
{
    const struct parquet_field *description = &metadata->fields[field];
    const struct parquet_column *column = &metadata->columns[description->first_column];
    struct inspect_storage storage = inspect_storage_of(metadata, field);
    struct inspect_footprint footprint;
    bool exact;
    char type[256];
    inspect_column(metadata, field, &footprint, &exact);
    inspect_add(total, &footprint);
    *all_exact &= exact;
    json_t *object = json_object();
    json_object_set_new(object, "name", document_text(description->name));
    json_object_set_new(object, "nested", json_boolean(description->nested));
    describe_type(metadata, field, type, sizeof type);
    json_object_set_new(object, "type", document_text(type));
    json_object_set_new(object, "nullable",
                        description->nested ? json_null() : json_boolean(column->nullable));
    json_object_set_new(object, "codecs", names_array(storage.codecs, name_codec));
    json_object_set_new(object, "encodings", names_array(storage.encodings, parquet_encoding_name));
    json_object_set_new(object, "encrypted", json_boolean(storage.encrypted));
    set_footprint(object, &footprint, exact);
    return object;
}

static json_t *file_document(const struct parquet_metadata *metadata, const char *path,
                             uint64_t size)
{
    struct inspect_footprint total = {0};
    bool exact = true;
    json_t *object = json_object();
    json_t *columns = json_array();
    json_object_set_new(object, "file", document_text(path));
    json_object_set_new(object, "file_bytes", document_count(size));
    json_object_set_new(object, "rows", document_count(metadata->row_count));
    json_object_set_new(object, "row_groups", document_count(metadata->row_group_count));
    json_object_set_new(object, "created_by", document_text(metadata->created_by));
    json_object_set_new(object, "columns", columns);
    for (uint32_t i = 0; i < metadata->field_count; i++)
        json_array_append_new(columns, field_document(metadata, i, &total, &exact));
    json_t *together = json_object();
    set_footprint(together, &total, exact);
    json_object_set_new(object, "total", together);
    return object;
}

/* Columns in a document take memory that no account counts: there may be as many as would fit. */
static enum error_code append_document(struct inspection *inspection,
                                       const struct store_object *object,
                                       const struct parquet_metadata *metadata, struct error *error)
{
    if (metadata->field_count > mem_account_left(&inspection->account) / FIELD_DOCUMENT_BYTES) {
        error_set(error, ERROR_MEMORY, "a document of %u columns does not fit the memory allowed",
                  metadata->field_count);
        error_hint(error, "a larger --memory");
        return ERROR_MEMORY;
    }
    json_t *file = file_document(metadata, object->path, object->identity.size);
    enum error_code code = inspect_set_notes(file, object, metadata, &inspection->account, error);
    if (code == ERROR_NONE)
        json_array_append_new(inspection->files, file);
    else
        json_decref(file);
    return code;
}

enum error_code inspect_show_footprint(struct inspection *inspection,
                                       const struct store_object *object,
                                       const struct parquet_metadata *metadata, struct error *error)
{
    if (inspection->files != NULL)
        return append_document(inspection, object, metadata, error);
    struct mem_arena arena;
    mem_arena_init(&arena, &inspection->account);
    write_heading(metadata, object->path, object->identity.size, inspection->shown == 0);
    enum error_code code = write_columns(&arena, metadata, error);
    mem_arena_release(&arena);
    TRY(code);
    return inspect_write_notes(object, metadata, &inspection->account, error);
}
