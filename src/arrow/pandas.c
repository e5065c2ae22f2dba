#include "arrow/pandas.h"

#include <jansson.h>
#include <string.h>

/* pandas' own metadata is some hundred bytes a column; more than this is something else. */
#define MOST_BYTES ((size_t)16 << 20)
/* Memory that the parsed form takes for each byte of text at worst: a value for every two bytes. */
#define BYTES_A_BYTE 48

struct dtype {
    const char *pandas_type;
    const char *numpy_type;
};

static struct dtype integer_dtype(const struct column_type *type)
{
    static const struct dtype signed_types[] = {
        {"int8", "int8"}, {"int16", "int16"}, {"int32", "int32"}, {"int64", "int64"}};
    static const struct dtype unsigned_types[] = {
        {"uint8", "uint8"}, {"uint16", "uint16"}, {"uint32", "uint32"}, {"uint64", "uint64"}};
    bool known = type->logical == COLUMN_INTEGER;
    unsigned bits = known ? type->bit_width : type->physical == COLUMN_INT32 ? 32 : 64;
    unsigned index = bits <= 8 ? 0 : bits <= 16 ? 1 : bits <= 32 ? 2 : 3;
    return known && !type->is_signed ? unsigned_types[index] : signed_types[index];
}

static struct dtype timestamp_dtype(const struct column_type *type)
{
    static const char *const names[] = {"datetime64[s]", "datetime64[ms]", "datetime64[us]",
                                        "datetime64[ns]"};
    return (struct dtype){type->utc_adjusted ? "datetimetz" : "datetime", names[type->unit & 3]};
}

/* What pandas calls a column. */
static struct dtype dtype_of(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_STRING:
    case COLUMN_ENUM:
    case COLUMN_JSON:
        return (struct dtype){"unicode", "object"};
    case COLUMN_DECIMAL:
        return (struct dtype){"decimal", "object"};
    case COLUMN_DATE:
        return (struct dtype){"date", "object"};
    case COLUMN_TIME:
        return (struct dtype){"time", "object"};
    case COLUMN_TIMESTAMP:
        return timestamp_dtype(type);
    case COLUMN_FLOAT16:
        return (struct dtype){"float16", "float16"};
    case COLUMN_UNKNOWN:
        return (struct dtype){"empty", "object"};
    default:
        break;
    }
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return (struct dtype){"bool", "bool"};
    case COLUMN_INT32:
    case COLUMN_INT64:
        return integer_dtype(type);
    case COLUMN_INT96:
        return (struct dtype){"datetime", "datetime64[ns]"};
    case COLUMN_FLOAT:
        return (struct dtype){"float32", "float32"};
    case COLUMN_DOUBLE:
        return (struct dtype){"float64", "float64"};
    default:
        return (struct dtype){"bytes", "object"};
    }
}

/* pandas_type of every entry that is a number and nothing else. */
static bool is_number(const char *pandas_type)
{
    static const char *const names[] = {"bool",    "int8",    "int16",  "int32",  "int64",
                                        "uint8",   "uint16",  "uint32", "uint64", "float16",
                                        "float32", "float64", "decimal"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], pandas_type) == 0)
            return true;
    }
    return false;
}

/* The name of the column in the file that an entry speaks of; NULL when it says none. */
static const char *entry_field(const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "field_name"));
    return name != NULL ? name : json_string_value(json_object_get(entry, "name"));
}

/* Entries by the field they speak of; borrows them. NULL when there is no memory. */
static json_t *index_entries(json_t *columns)
{
    json_t *by_field = json_object();
    size_t i;
    json_t *entry;
    json_array_foreach(columns, i, entry)
    {
        const char *name = entry_field(entry);
        if (name != NULL && json_object_get(by_field, name) == NULL)
            json_object_set(by_field, name, entry);
    }
    return by_field;
}

/* An entry describes a field unless it names another kind of number: a sum may be wider. */
static bool entry_fits(const json_t *entry, const struct column_field *field)
{
    const char *said = json_string_value(json_object_get(entry, "pandas_type"));
    const char *is = dtype_of(&field->type).pandas_type;
    return said == NULL || !is_number(said) || strcmp(said, is) == 0 || !is_number(is);
}

static json_t *decimal_metadata(const struct column_type *type)
{
    if (type->logical != COLUMN_DECIMAL)
        return json_null();
    return json_pack("{s:i, s:i}", "precision", (int)type->precision, "scale", (int)type->scale);
}

/* name is what pandas shows: that of the entry replaced, which may be null for an index. */
static json_t *new_entry(const struct column_field *field, const json_t *replaced)
{
    struct dtype dtype = dtype_of(&field->type);
    json_t *name = json_object_get(replaced, "name");
    json_t *shown = name != NULL ? json_incref(name) : json_string(field->name);
    return json_pack("{s:o, s:s, s:s, s:s, s:o}", "name", shown, "field_name", field->name,
                     "pandas_type", dtype.pandas_type, "numpy_type", dtype.numpy_type, "metadata",
                     decimal_metadata(&field->type));
}

static json_t *new_columns(json_t *by_field, const struct column_field *fields,
                           uint32_t field_count)
{
    json_t *columns = json_array();
    for (uint32_t i = 0; i < field_count; i++) {
        json_t *entry = json_object_get(by_field, fields[i].name);
        if (entry != NULL && entry_fits(entry, &fields[i]))
            json_array_append(columns, entry);
        else
            json_array_append_new(columns, new_entry(&fields[i], entry));
    }
    return columns;
}

/* Rows that a range stands for; -1 when it is not one. */
static int64_t range_length(const json_t *range)
{
    int64_t start, stop, step;
    const char *kind = json_string_value(json_object_get(range, "kind"));
    if (kind == NULL || strcmp(kind, "range") != 0)
        return -1;
    start = json_integer_value(json_object_get(range, "start"));
    stop = json_integer_value(json_object_get(range, "stop"));
    step = json_integer_value(json_object_get(range, "step"));
    if (step == 0)
        return -1;
    __int128 distance = (__int128)stop - start, stride = step;
    __int128 length = (distance + stride - (stride > 0 ? 1 : -1)) / stride;
    return length < 0 ? 0 : length > INT64_MAX ? -1 : (int64_t)length;
}

static json_t *new_index(const json_t *old, const json_t *field_names, uint64_t row_count)
{
    json_t *index = json_array();
    size_t i;
    json_t *level;
    json_array_foreach(old, i, level)
    {
        const char *name = json_string_value(level);
        int64_t length = name == NULL ? range_length(level) : -1;
        bool kept = name != NULL ? json_object_get(field_names, name) != NULL
                                 : length >= 0 && (uint64_t)length == row_count;
        if (kept)
            json_array_append(index, level);
    }
    return index;
}

static json_t *name_set(const struct column_field *fields, uint32_t field_count)
{
    json_t *names = json_object();
    for (uint32_t i = 0; i < field_count; i++)
        json_object_set_new(names, fields[i].name, json_true());
    return names;
}

static void rewrite(json_t *root, const struct column_field *fields, uint32_t field_count,
                    uint64_t row_count)
{
    json_t *by_field = index_entries(json_object_get(root, "columns"));
    json_t *names = name_set(fields, field_count);
    json_t *columns = new_columns(by_field, fields, field_count);
    json_t *index = new_index(json_object_get(root, "index_columns"), names, row_count);
    json_object_set_new(root, "columns", columns);
    json_object_set_new(root, "index_columns", index);
    json_decref(by_field);
    json_decref(names);
}

struct dump {
    struct mem_buffer *buffer;
    struct error *error;
    enum error_code code;
};

static int append_text(const char *text, size_t size, void *context)
{
    struct dump *dump = context;
    dump->code = mem_buffer_append(dump->buffer, text, size, dump->error);
    return dump->code == ERROR_NONE ? 0 : -1;
}

static bool is_understood(const json_t *root)
{
    return json_is_array(json_object_get(root, "columns")) &&
           json_is_array(json_object_get(root, "index_columns"));
}

static enum error_code rewrite_text(const char *value, size_t value_size,
                                    const struct column_field *fields, uint32_t field_count,
                                    uint64_t row_count, struct mem_buffer *ret, struct error *error)
{
    struct dump dump = {ret, error, ERROR_NONE};
    size_t before = ret->size;
    json_t *root = json_loadb(value, value_size, 0, NULL);
    if (is_understood(root)) {
        rewrite(root, fields, field_count, row_count);
        if (json_dump_callback(root, append_text, &dump, JSON_REAL_PRECISION(17)) != 0)
            ret->size = before;
    }
    json_decref(root);
    return dump.code;
}

/* The JSON library allocates by itself: what it may take is held in the account meanwhile, unused.
 */
enum error_code pandas_metadata_rewrite(const char *value, size_t value_size,
                                        const struct column_field *fields, uint32_t field_count,
                                        uint64_t row_count, struct mem_buffer *ret,
                                        struct error *error)
{
    void *held;
    struct error too_large;
    if (value == NULL || value_size > MOST_BYTES ||
        mem_alloc(ret->account, value_size * BYTES_A_BYTE, &held, &too_large) != ERROR_NONE)
        return ERROR_NONE;
    enum error_code code =
        rewrite_text(value, value_size, fields, field_count, row_count, ret, error);
    mem_free(held);
    return code;
}
