#include "parquet/metadata.h"

#include <string.h>
#include <xxhash.h>

#include "parquet/footer.h"
#include "parquet/foreign.h"

/* Length and magic behind the footer. */
#define ENDING_SIZE ((size_t)8)
/* Most footers are smaller, and it costs little to read more than one needs. */
#define TAIL_GUESS ((size_t)32 << 10)
#define FILE_LEAST 12

/* An entry has at least a key: head, length, end. */
#define KEY_VALUE_LEAST 3

const char *parquet_encoding_name(int encoding)
{
    static const char *const names[] = {"PLAIN",
                                        NULL,
                                        "PLAIN_DICTIONARY",
                                        "RLE",
                                        "BIT_PACKED",
                                        "DELTA_BINARY_PACKED",
                                        "DELTA_LENGTH_BYTE_ARRAY",
                                        "DELTA_BYTE_ARRAY",
                                        "RLE_DICTIONARY",
                                        "BYTE_STREAM_SPLIT"};
    return encoding >= 0 && (size_t)encoding < sizeof names / sizeof names[0] ? names[encoding]
                                                                              : NULL;
}

void parquet_metadata_release(struct parquet_metadata *metadata)
{
    mem_arena_release(&metadata->arena);
    *metadata = (struct parquet_metadata){.arena = metadata->arena};
}

static enum error_code read_text(struct footer *footer, const struct thrift_field *field,
                                 const char **ret, size_t *ret_size)
{
    struct parquet_bytes bytes;
    char *copy;
    TRY(thrift_binary(&footer->thrift, field, &bytes));
    TRY(mem_arena_copy(&footer->metadata->arena, bytes.data, bytes.size, &copy,
                       footer->thrift.error));
    *ret = copy;
    *ret_size = bytes.size;
    return ERROR_NONE;
}

static enum error_code read_key_value(struct footer *footer, struct parquet_key_value *entry)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == 1)
            TRY(footer_read_name(footer, &field, &entry->key));
        else if (field.id == 2 && field.type == THRIFT_BINARY) /* some writers put numbers there */
            TRY(read_text(footer, &field, &entry->value, &entry->value_size));
        else
            TRY(thrift_skip(&footer->thrift, field.type));
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    if (entry->key == NULL)
        return thrift_fail(&footer->thrift, "a key-value entry has no key");
    return ERROR_NONE;
}

static enum error_code read_key_values(struct footer *footer, const struct thrift_field *field)
{
    uint32_t count;
    void *memory;
    struct parquet_metadata *metadata = footer->metadata;
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, KEY_VALUE_LEAST, &count));
    TRY(mem_arena_alloc_array(&metadata->arena, count, sizeof(struct parquet_key_value), &memory,
                              footer->thrift.error));
    metadata->key_values = memory;
    metadata->key_value_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        TRY(read_key_value(footer, &metadata->key_values[i]));
        metadata->key_value_count++;
    }
    return ERROR_NONE;
}

static enum error_code read_footer_field(struct footer *footer, const struct thrift_field *field)
{
    struct thrift_reader *thrift = &footer->thrift;
    struct parquet_metadata *metadata = footer->metadata;
    switch (field->id) {
    case 1:
        return thrift_i32(thrift, field, &metadata->version);
    case 2:
        return footer_read_schema(footer, field);
    case 3:
        return thrift_u63(thrift, field, &metadata->row_count);
    case 4:
        return footer_read_row_groups(footer, field);
    case 5:
        return read_key_values(footer, field);
    case 6:
        return footer_read_name(footer, field, &metadata->created_by);
    case 7:
        if (footer->has_orders) /* each list may go through all chunks: one is work enough */
            return thrift_fail(thrift, "it has two lists of column orders");
        footer->has_orders = true;
        return footer_read_column_orders(footer, field);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code check_row_count(struct footer *footer)
{
    struct parquet_metadata *metadata = footer->metadata;
    uint64_t rows = 0;
    if (!footer->has_schema)
        return thrift_fail(&footer->thrift, "it has no schema");
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        if (__builtin_add_overflow(rows, metadata->row_groups[i].row_count, &rows))
            return thrift_fail(&footer->thrift, "it counts too many rows");
    }
    if (rows != metadata->row_count)
        return thrift_fail(&footer->thrift, "its row groups have another number of rows than it");
    return ERROR_NONE;
}

static enum error_code parse_footer(struct footer *footer)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_footer_field(footer, &field));
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    footer_settle_statistics(footer, footer->has_orders);
    footer_settle_writer(footer);
    return check_row_count(footer);
}

/* The last bytes of a file, read at once in the hope that the footer is among them. */
struct tail {
    struct mem_account *account;
    uint64_t file_size;
    void *memory;
    size_t size;
};

static void tail_release(struct tail *tail)
{
    mem_free(tail->memory);
}

static enum error_code read_tail(const struct store_object *object, struct tail *tail,
                                 uint64_t size, struct error *error)
{
    mem_free(tail->memory);
    tail->memory = NULL;
    tail->size = (size_t)(size < tail->file_size ? size : tail->file_size);
    TRY(mem_alloc(tail->account, tail->size, &tail->memory, error));
    return store_read(object, tail->file_size - tail->size, tail->memory, tail->size, error);
}

/* Says what the file looks like where its first bytes tell; otherwise why it cannot be Parquet. */
static enum error_code not_parquet(const struct store_object *object, const char *why,
                                   struct error *error)
{
    uint8_t head[FOREIGN_HEAD];
    uint64_t file_size = object->identity.size;
    size_t size = file_size < sizeof head ? (size_t)file_size : sizeof head;
    struct error unread;
    const char *likeness = NULL;
    error_init(&unread);
    if (store_read(object, 0, head, size, &unread) == ERROR_NONE)
        likeness = foreign_describe(head, size);
    if (likeness != NULL)
        return error_set(error, ERROR_INPUT, "this is not a Parquet file: %s; it looks like %s",
                         why, likeness);
    return error_set(error, ERROR_INPUT, "this is not a Parquet file: %s", why);
}

static enum error_code refuse_encrypted(struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_UNSUPPORTED, "the file is encrypted, its footer too");
    error_hint(error, "the file without encryption");
    return code;
}

static enum error_code check_ending(const struct store_object *object, const struct tail *tail,
                                    uint64_t *ret_length, struct error *error)
{
    const uint8_t *ending = (const uint8_t *)tail->memory + tail->size - ENDING_SIZE;
    uint32_t length;
    if (memcmp(ending + 4, "PARE", 4) == 0)
        return refuse_encrypted(error);
    if (memcmp(ending + 4, "PAR1", 4) != 0)
        return not_parquet(object, "it does not end with PAR1", error);
    memcpy(&length, ending, sizeof length);
    if (length > tail->file_size - FILE_LEAST)
        return error_set(error, ERROR_INPUT,
                         "the end of the file is damaged: its footer would be longer than the "
                         "file");
    *ret_length = (uint64_t)length + ENDING_SIZE;
    return ERROR_NONE;
}

/* The magic in front is not read here: it would cost another read, every reader passes over it, and
 * the values can be read whatever it says. */
static enum error_code read_footer(const struct store_object *object, struct tail *tail,
                                   uint64_t *ret_length, struct error *error)
{
    if (tail->file_size == 0)
        return error_set(error, ERROR_INPUT, "this is not a Parquet file: it is empty");
    if (tail->file_size < FILE_LEAST)
        return not_parquet(object, "it is too short", error);
    TRY(read_tail(object, tail, TAIL_GUESS, error));
    TRY(check_ending(object, tail, ret_length, error));
    if (*ret_length > tail->size)
        TRY(read_tail(object, tail, *ret_length, error));
    return ERROR_NONE;
}

enum error_code parquet_check_opening(const struct store_object *object, struct error *error)
{
    char magic[4];
    TRY(store_read(object, 0, magic, sizeof magic, error));
    if (memcmp(magic, "PAR1", sizeof magic) == 0)
        return ERROR_NONE;
    error_set(error, ERROR_INPUT, "the file does not begin with PAR1");
    error_in_file(error, object->path);
    error_at_offset(error, 0);
    return ERROR_INPUT;
}

static enum error_code read_metadata(const struct store_object *object,
                                     struct parquet_metadata *metadata, struct error *error)
{
    AUTO(tail_release)
    struct tail tail = {.account = metadata->arena.account, .file_size = object->identity.size};
    uint64_t length;
    TRY(read_footer(object, &tail, &length, error));
    uint64_t start = tail.file_size - length;
    const uint8_t *bytes = (const uint8_t *)tail.memory + tail.size - length;
    metadata->footer_length = length;
    metadata->footer_hash = XXH3_64bits(bytes, (size_t)length);
    struct footer footer = {
        .thrift =
            thrift_reader_over(bytes, (size_t)length - ENDING_SIZE, start, "the footer", error),
        .metadata = metadata,
        .data_end = start,
    };
    return parse_footer(&footer);
}

enum error_code parquet_metadata_read(const struct store_object *object,
                                      struct mem_account *account, struct parquet_metadata *ret,
                                      struct error *error)
{
    struct parquet_metadata metadata = {0};
    mem_arena_init(&metadata.arena, account);
    enum error_code code = read_metadata(object, &metadata, error);
    if (code != ERROR_NONE) {
        error_in_file(error, object->path);
        parquet_metadata_release(&metadata);
        return code;
    }
    *ret = metadata;
    return ERROR_NONE;
}

const struct parquet_key_value *parquet_key_value(const struct parquet_metadata *metadata,
                                                  const char *key)
{
    for (uint32_t i = 0; i < metadata->key_value_count; i++) {
        if (strcmp(metadata->key_values[i].key, key) == 0)
            return &metadata->key_values[i];
    }
    return NULL;
}

struct column_field parquet_column_field(const struct parquet_column *column)
{
    return (struct column_field){
        .name = column->name, .type = column->type, .nullable = column->nullable};
}
