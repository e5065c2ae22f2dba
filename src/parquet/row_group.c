#include <string.h>

#include "parquet/footer.h"

/* A chunk holds at least seven fields of metadata; a row group its list and its count. */
#define CHUNK_LEAST     12
#define ROW_GROUP_LEAST 4
/* Behind the opening magic. */
#define DATA_START 4
/* Chunks never overlap; lengths that are a little too great are known of writers. Far more than the
 * file holds would be work without end. */
#define CLAIM_MOST 4

/* Of the format's PageType. */
enum { PAGE_TYPE_DATA = 0, PAGE_TYPE_DATA_V2 = 3 };

/* A chunk as it stands in the file, before it is checked. */
struct raw_chunk {
    bool has_metadata;
    bool has_data_page;
    bool has_length;
    int32_t physical;
    int32_t codec;
    uint64_t data_page_offset;
    int64_t dictionary_page_offset;
    struct parquet_bytes last_name; /* of the path in the schema */
};

static enum error_code refuse_chunk(struct footer *footer, const struct parquet_column *column,
                                    const char *problem)
{
    enum error_code code = thrift_fail(&footer->thrift, problem);
    error_in_column(footer->thrift.error, column->path);
    return code;
}

static enum error_code read_encodings(struct thrift_reader *thrift,
                                      const struct thrift_field *field, uint32_t *ret)
{
    uint32_t count;
    TRY(thrift_list(thrift, field, THRIFT_I32, 1, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct thrift_field element = thrift_element(THRIFT_I32);
        int32_t encoding;
        TRY(thrift_i32(thrift, &element, &encoding));
        if (encoding >= 0 && encoding < 32)
            *ret |= UINT32_C(1) << encoding;
    }
    return ERROR_NONE;
}

static enum error_code read_path(struct thrift_reader *thrift, const struct thrift_field *field,
                                 struct parquet_bytes *ret_last)
{
    uint32_t count;
    TRY(thrift_list(thrift, field, THRIFT_BINARY, 1, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct thrift_field element = thrift_element(THRIFT_BINARY);
        TRY(thrift_binary(thrift, &element, ret_last));
    }
    return ERROR_NONE;
}

/* Where a bloom filter is: a help only, so what makes no sense counts as not said. */
static enum error_code read_hint(struct thrift_reader *thrift, const struct thrift_field *field,
                                 uint64_t *ret)
{
    int32_t number;
    int64_t value = 0;
    if (field->type == THRIFT_I64) {
        TRY(thrift_i64(thrift, field, &value));
    } else if (field->type == THRIFT_I32) {
        TRY(thrift_i32(thrift, field, &number));
        value = number;
    } else {
        TRY(thrift_skip(thrift, field->type));
    }
    *ret = value > 0 ? (uint64_t)value : 0;
    return ERROR_NONE;
}

/* Of a kind of page: what it is, how it is encoded, and how many there are. */
struct encoding_count {
    int32_t page_type, encoding, count;
};

static enum error_code read_encoding_count(struct thrift_reader *thrift, struct encoding_count *ret)
{
    int32_t *const numbers[] = {&ret->page_type, &ret->encoding, &ret->count};
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id >= 1 && field.id <= 3 && field.type == THRIFT_I32)
            TRY(thrift_i32(thrift, &field, numbers[field.id - 1]));
        else
            TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

/* What pages of the data there are, coded and other ones. */
enum { SOME_CODED = 1, SOME_PLAIN = 2 };

static unsigned coding_bits(const struct encoding_count *pages)
{
    bool is_data = pages->page_type == PAGE_TYPE_DATA || pages->page_type == PAGE_TYPE_DATA_V2;
    bool is_coded =
        pages->encoding == PARQUET_PLAIN_DICTIONARY || pages->encoding == PARQUET_RLE_DICTIONARY;
    if (!is_data || pages->count == 0)
        return 0;
    return is_coded ? SOME_CODED : SOME_PLAIN;
}

/* A help only, as the places of bloom filters. */
static enum error_code read_coding(struct thrift_reader *thrift, const struct thrift_field *field,
                                   enum parquet_coding *ret)
{
    static const enum parquet_coding codings[] = {PARQUET_CODING_UNKNOWN, PARQUET_CODING_ALL,
                                                  PARQUET_CODING_NONE, PARQUET_CODING_SOME};
    uint32_t count;
    unsigned bits = 0;
    bool sound = true;
    *ret = PARQUET_CODING_UNKNOWN;
    if (field->type != THRIFT_LIST)
        return thrift_skip(thrift, field->type);
    TRY(thrift_list(thrift, field, THRIFT_STRUCT, 1, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct encoding_count pages = {-1, -1, -1};
        TRY(read_encoding_count(thrift, &pages));
        sound &= pages.page_type >= 0 && pages.encoding >= 0 && pages.count >= 0;
        bits |= coding_bits(&pages);
    }
    *ret = sound ? codings[bits] : PARQUET_CODING_UNKNOWN;
    return ERROR_NONE;
}

static enum error_code read_metadata_field(struct footer *footer, const struct thrift_field *field,
                                           const struct parquet_column *column,
                                           struct raw_chunk *raw, struct parquet_chunk *chunk)
{
    struct thrift_reader *thrift = &footer->thrift;
    switch (field->id) {
    case 1:
        return thrift_i32(thrift, field, &raw->physical);
    case 2:
        return read_encodings(thrift, field, &chunk->encodings);
    case 3:
        return read_path(thrift, field, &raw->last_name);
    case 4:
        return thrift_i32(thrift, field, &raw->codec);
    case 5:
        return thrift_u63(thrift, field, &chunk->value_count);
    case 6:
        return thrift_u63(thrift, field, &chunk->decoded_length);
    case 7:
        raw->has_length = true;
        return thrift_u63(thrift, field, &chunk->length);
    case 9:
        raw->has_data_page = true;
        return thrift_u63(thrift, field, &raw->data_page_offset);
    case 11:
        return thrift_i64(thrift, field, &raw->dictionary_page_offset);
    case 12:
        return footer_keep_statistics(footer, field, &column->type, &chunk->statistics);
    case 13:
        return read_coding(thrift, field, &chunk->coding);
    case 14:
        return read_hint(thrift, field, &chunk->bloom_filter_offset);
    case 15:
        return read_hint(thrift, field, &chunk->bloom_filter_length);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code read_chunk_metadata(struct footer *footer, const struct thrift_field *outer,
                                           const struct parquet_column *column,
                                           struct raw_chunk *raw, struct parquet_chunk *chunk)
{
    struct thrift_field field;
    TRY(thrift_is_struct(&footer->thrift, outer));
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_metadata_field(footer, &field, column, raw, chunk));
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    raw->has_metadata = true;
    return ERROR_NONE;
}

/* Some writers name the file itself by an empty path. */
static enum error_code read_file_path(struct footer *footer, const struct thrift_field *field,
                                      struct parquet_chunk *chunk)
{
    struct parquet_bytes path;
    char *copy;
    TRY(thrift_binary(&footer->thrift, field, &path));
    if (path.size == 0)
        return ERROR_NONE;
    chunk->elsewhere = true;
    if (footer->metadata->elsewhere != NULL)
        return ERROR_NONE;
    TRY(mem_arena_copy(&footer->metadata->arena, path.data, path.size, &copy,
                       footer->thrift.error));
    footer->metadata->elsewhere = copy;
    return ERROR_NONE;
}

static enum error_code read_chunk_field(struct footer *footer, const struct thrift_field *field,
                                        const struct parquet_column *column, struct raw_chunk *raw,
                                        struct parquet_chunk *chunk)
{
    struct thrift_reader *thrift = &footer->thrift;
    switch (field->id) {
    case 1:
        return read_file_path(footer, field, chunk);
    case 3:
        return read_chunk_metadata(footer, field, column, raw, chunk);
    case 4:
        return thrift_u63(thrift, field, &chunk->offset_index_offset);
    case 5:
        return thrift_u31(thrift, field, &chunk->offset_index_length);
    case 6:
        return thrift_u63(thrift, field, &chunk->column_index_offset);
    case 7:
        return thrift_u31(thrift, field, &chunk->column_index_length);
    case 8:
        chunk->encrypted = true;
        return thrift_skip(thrift, field->type);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static bool in_file(const struct footer *footer, uint64_t offset, uint64_t length)
{
    return offset >= DATA_START && offset <= footer->data_end &&
           length <= footer->data_end - offset;
}

/* The dictionary stands first; an offset before the file's data or behind the data pages is one
 * that a writer left unset. */
static void place_chunk(const struct raw_chunk *raw, struct parquet_chunk *chunk)
{
    chunk->offset = raw->data_page_offset;
    chunk->data_page_offset = raw->data_page_offset;
    if (raw->dictionary_page_offset >= DATA_START &&
        (uint64_t)raw->dictionary_page_offset < raw->data_page_offset) {
        chunk->offset = (uint64_t)raw->dictionary_page_offset;
        chunk->dictionary_offset = chunk->offset;
    }
}

/* A page index is a help only: one that cannot be where it is said to be is left aside. */
static void check_page_index(const struct footer *footer, struct parquet_chunk *chunk)
{
    if (!in_file(footer, chunk->offset_index_offset, chunk->offset_index_length)) {
        chunk->page_index_outside |= chunk->offset_index_length > 0;
        chunk->offset_index_offset = 0;
        chunk->offset_index_length = 0;
    }
    if (!in_file(footer, chunk->column_index_offset, chunk->column_index_length)) {
        chunk->page_index_outside |= chunk->column_index_length > 0;
        chunk->column_index_offset = 0;
        chunk->column_index_length = 0;
    }
}

/* A name with a zero byte stands otherwise in the schema's copy and is not compared. The lengths
 * are compared with care: many row groups may name a column whose name is very long. */
static bool names_column(const struct raw_chunk *raw, const struct parquet_column *column)
{
    const struct parquet_bytes *name = &raw->last_name;
    if (name->data == NULL || memchr(name->data, 0, name->size) != NULL)
        return true;
    return strnlen(column->name, name->size + 1) == name->size &&
           memcmp(name->data, column->name, name->size) == 0;
}

/* What must be known of a column to read it, and agree with the schema. */
static enum error_code check_description(struct footer *footer, const struct parquet_column *column,
                                         const struct raw_chunk *raw)
{
    if (!raw->has_metadata || !raw->has_data_page)
        return refuse_chunk(footer, column, "it does not say where a column's values are");
    if (!raw->has_length)
        return refuse_chunk(footer, column, "it does not say how many bytes a column takes");
    if (raw->physical != (int32_t)column->type.physical)
        return refuse_chunk(footer, column, "a column has two physical types");
    if (codec_name((enum codec)raw->codec) == NULL)
        return refuse_chunk(footer, column, "a column's compression is unknown");
    if (!column->nested && !names_column(raw, column))
        return refuse_chunk(footer, column, "a column has two names");
    return ERROR_NONE;
}

static enum error_code check_place(struct footer *footer, const struct parquet_column *column,
                                   struct parquet_chunk *chunk)
{
    bool inside = in_file(footer, chunk->offset, chunk->length);
    if (chunk->elsewhere || (chunk->value_count == 0 && !inside)) {
        chunk->offset = DATA_START;
        chunk->length = 0;
        return ERROR_NONE;
    }
    if (!inside)
        return refuse_chunk(footer, column, "a column's values would stand outside the file");
    footer->claimed += chunk->length; /* of at most 2^31 chunks, each within the file */
    if (footer->claimed / CLAIM_MOST > footer->data_end)
        return refuse_chunk(footer, column, "its columns together are longer than the file");
    if (chunk->value_count > 0 && chunk->dictionary_offset != 0 &&
        chunk->data_page_offset - chunk->offset >= chunk->length)
        return refuse_chunk(footer, column, "a column's values would begin behind its end");
    return ERROR_NONE;
}

static enum error_code check_chunk(struct footer *footer, const struct parquet_column *column,
                                   const struct raw_chunk *raw, struct parquet_chunk *chunk)
{
    check_page_index(footer, chunk);
    if (chunk->encrypted && !raw->has_metadata)
        return ERROR_NONE;
    TRY(check_description(footer, column, raw));
    chunk->codec = (enum codec)raw->codec;
    place_chunk(raw, chunk);
    return check_place(footer, column, chunk);
}

static enum error_code read_chunk(struct footer *footer, const struct parquet_column *column,
                                  struct parquet_chunk *chunk)
{
    struct raw_chunk raw = {.physical = -1, .codec = -1};
    struct thrift_field field;
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_chunk_field(footer, &field, column, &raw, chunk));
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    return check_chunk(footer, column, &raw, chunk);
}

static enum error_code read_chunks(struct footer *footer, const struct thrift_field *field,
                                   struct parquet_row_group *group)
{
    uint32_t count;
    void *memory;
    struct parquet_metadata *metadata = footer->metadata;
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, CHUNK_LEAST, &count));
    if (count != metadata->column_count)
        return thrift_fail(&footer->thrift,
                           "a row group has another number of columns than the schema");
    if (group->chunks != NULL)
        return thrift_fail(&footer->thrift, "a row group has two lists of columns");
    TRY(mem_arena_alloc_array(&metadata->arena, count, sizeof(struct parquet_chunk), &memory,
                              footer->thrift.error));
    group->chunks = memory;
    for (uint32_t i = 0; i < count; i++)
        TRY(read_chunk(footer, &metadata->columns[i], &group->chunks[i]));
    return ERROR_NONE;
}

static enum error_code read_sorting_column(struct thrift_reader *thrift,
                                           struct parquet_sorting *sorting)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == 1)
            TRY(thrift_u31(thrift, &field, &sorting->column));
        else if (field.id == 2)
            TRY(thrift_bool(thrift, &field, &sorting->descending));
        else if (field.id == 3)
            TRY(thrift_bool(thrift, &field, &sorting->nulls_first));
        else
            TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

/* An order is told, not relied upon: columns that do not exist are left out. */
static enum error_code read_sorting(struct footer *footer, const struct thrift_field *field,
                                    struct parquet_row_group *group)
{
    uint32_t count;
    void *memory;
    struct parquet_metadata *metadata = footer->metadata;
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, 1, &count));
    TRY(mem_arena_alloc_array(&metadata->arena, count, sizeof(struct parquet_sorting), &memory,
                              footer->thrift.error));
    group->sorting = memory;
    group->sorting_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct parquet_sorting sorting = {.column = UINT32_MAX};
        TRY(read_sorting_column(&footer->thrift, &sorting));
        if (sorting.column < metadata->column_count)
            group->sorting[group->sorting_count++] = sorting;
    }
    return ERROR_NONE;
}

static enum error_code check_row_group(struct footer *footer, const struct parquet_row_group *group,
                                       bool has_rows)
{
    const struct parquet_metadata *metadata = footer->metadata;
    if (group->chunks == NULL || !has_rows)
        return thrift_fail(&footer->thrift, "a row group lacks its columns or its count of rows");
    for (uint32_t i = 0; i < metadata->column_count; i++) {
        const struct parquet_column *column = &metadata->columns[i];
        const struct parquet_chunk *chunk = &group->chunks[i];
        if (!column->nested && !chunk->encrypted && chunk->value_count != group->row_count)
            return refuse_chunk(footer, column,
                                "a column has another number of values than its row group rows");
    }
    return ERROR_NONE;
}

static enum error_code read_row_group(struct footer *footer, struct parquet_row_group *group)
{
    struct thrift_field field;
    bool has_rows = false;
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == 1) {
            TRY(read_chunks(footer, &field, group));
        } else if (field.id == 4) {
            TRY(read_sorting(footer, &field, group));
        } else if (field.id == 3) {
            TRY(thrift_u63(&footer->thrift, &field, &group->row_count));
            has_rows = true;
        } else {
            TRY(thrift_skip(&footer->thrift, field.type));
        }
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    return check_row_group(footer, group, has_rows);
}

enum error_code footer_read_row_groups(struct footer *footer, const struct thrift_field *field)
{
    uint32_t count;
    void *memory;
    struct parquet_metadata *metadata = footer->metadata;
    if (!footer->has_schema || metadata->row_groups != NULL)
        return thrift_fail(&footer->thrift, "its row groups stand in the wrong place");
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, ROW_GROUP_LEAST, &count));
    TRY(mem_arena_alloc_array(&metadata->arena, count, sizeof(struct parquet_row_group), &memory,
                              footer->thrift.error));
    metadata->row_groups = memory;
    for (uint32_t i = 0; i < count; i++) {
        enum error_code code = read_row_group(footer, &metadata->row_groups[i]);
        if (code != ERROR_NONE)
            error_in_row_group(footer->thrift.error, i);
        TRY(code);
        metadata->row_group_count++;
    }
    return ERROR_NONE;
}
