#include "parquet/page_reader.h"

#include <string.h>

#include "parquet/page_state.h"
#include "parquet/unpack.h"

enum error_code parquet_page_reader_create(struct mem_account *account, size_t limit,
                                           struct parquet_page_reader **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct parquet_page_reader), &memory, error));
    struct parquet_page_reader *reader = memory;
    page_memory_init(&reader->memory, account, limit);
    codec_state_init(&reader->codec, account);
    reader->input.buffer = &reader->memory.buffers[PAGE_BUFFER_INPUT];
    reader->input.memory = &reader->memory;
    reader->page_guess = PAGE_FIRST_GUESS;
    *ret = reader;
    return ERROR_NONE;
}

void parquet_page_reader_destroy(struct parquet_page_reader *reader)
{
    if (reader == NULL)
        return;
    page_memory_release(&reader->memory);
    codec_state_release(&reader->codec);
    mem_free(reader);
}

/* Header, and what is read behind a page or at first. */
#define INPUT_SLACK ((size_t)16 << 10)

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

size_t parquet_page_reader_size(const struct parquet_column *column, enum codec codec,
                                uint64_t compressed_page, uint64_t decompressed_page,
                                uint64_t dictionary_size)
{
    const struct column_type *type = &column->type;
    uint64_t stored_dictionary =
        dictionary_size > 0 ? codec_bound(codec, (size_t)dictionary_size) + INPUT_SLACK : 0;
    uint64_t values = (uint64_t)value_reader_most(type) * column_value_size(type);
    if (dictionary_size > 0)
        values = larger(values, VALUE_INDEXES_BYTES);
    uint64_t largest = larger(decompressed_page, dictionary_size);
    size_t size = mem_charge_of(sizeof(struct parquet_page_reader));
    size += mem_charge_of(larger(compressed_page + INPUT_SLACK, stored_dictionary));
    size += mem_charge_of(larger(decompressed_page, stored_dictionary));
    size += mem_charge_of(dictionary_size);
    size += mem_charge_of(values);
    if (type->physical == COLUMN_BYTE_ARRAY)
        size += mem_charge_of(dictionary_size);
    if (type->physical == COLUMN_BYTE_ARRAY || type->physical == COLUMN_FIXED)
        size +=
            mem_charge_of(VALUE_TEXT_BYTES + decompressed_page) + mem_charge_of(decompressed_page);
    return size + codec_block_decoder_size(codec, largest);
}

bool parquet_chunk_in_pieces(const struct parquet_column *column, const struct parquet_chunk *chunk)
{
    uint32_t plain = 1u << PARQUET_PLAIN | 1u << PARQUET_RLE | 1u << PARQUET_BIT_PACKED;
    return chunk->codec == CODEC_UNCOMPRESSED && (chunk->encodings & ~plain) == 0 &&
           value_is_fixed(&column->type);
}

enum error_code page_finish(struct parquet_page_reader *reader, enum error_code code,
                            struct error *error)
{
    if (code == ERROR_NONE)
        return code;
    if (reader->chunk != NULL) {
        error_in_file(error, reader->object->path);
        error_in_column(error, reader->column->path);
        uint64_t page = reader->rows_left > 0 ? reader->header.page.offset : reader->next_page;
        error_at_offset(error, (int64_t)(reader->chunk->offset + page));
    }
    reader->chunk = NULL;
    return code;
}

static enum error_code check_readable(const struct parquet_column *column,
                                      const struct parquet_chunk *chunk, struct error *error)
{
    if (column->unsupported != NULL)
        return error_set(error, ERROR_UNSUPPORTED, "the column cannot be read: %s",
                         column->unsupported);
    if (chunk->encrypted)
        return error_set(error, ERROR_UNSUPPORTED, "the column is encrypted");
    if (chunk->elsewhere)
        return error_set(error, ERROR_UNSUPPORTED, "the column's values stand in another file");
    return ERROR_NONE;
}

static enum error_code check_position(const struct parquet_chunk *chunk,
                                      const struct parquet_position *position, struct error *error)
{
    if (position->page_offset > chunk->length || position->page_row > chunk->value_count)
        return error_set(error, ERROR_INTERNAL, "a position outside of its column chunk");
    return ERROR_NONE;
}

enum error_code
parquet_page_reader_open(struct parquet_page_reader *reader, const struct store_object *object,
                         const struct parquet_column *column, const struct parquet_chunk *chunk,
                         const struct parquet_position *position, struct error *error)
{
    struct parquet_position start = {0, 0};
    if (position != NULL)
        start = *position;
    reader->object = object;
    reader->column = column;
    reader->chunk = chunk;
    reader->row = start.page_row;
    reader->next_page = start.page_offset;
    reader->rows_left = 0;
    reader->loaded = false;
    reader->no_dictionary = false;
    reader->memory.idle = 0;
    page_window_open(&reader->input, object, chunk->offset, chunk->length);
    enum error_code code = check_readable(column, chunk, error);
    if (code == ERROR_NONE)
        code = check_position(chunk, &start, error);
    return page_finish(reader, code, error);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Decodes the levels of the next rows, if none are left that were decoded. */
static enum error_code need_block(struct parquet_page_reader *reader, struct error *error)
{
    uint32_t rows = smaller(reader->rows_left, PARQUET_SLICE_ROWS);
    if (reader->block_at < reader->block_rows)
        return ERROR_NONE;
    if (!levels_read(&reader->levels, reader->present, rows, &reader->block_ones))
        return value_damaged(error, "its definition levels end too early or are too high");
    reader->block_at = 0;
    reader->block_rows = rows;
    return ERROR_NONE;
}

/* How many of the next rows of the block have a value. */
static uint32_t block_ones(const struct parquet_page_reader *reader, uint32_t rows)
{
    if (rows == reader->block_rows - reader->block_at)
        return reader->block_ones;
    return (uint32_t)unpack_count_ones(reader->present + reader->block_at, rows);
}

/* Rows up to and with the one that has value number ones; there are more rows with a value. Eight
 * bytes of 0 and 1 add up in the highest of their product. */
static uint32_t rows_of(const uint8_t *present, uint32_t ones)
{
    uint32_t rows = 0;
    for (; ones > 8; rows += 8) {
        uint64_t eight;
        memcpy(&eight, present + rows, sizeof eight);
        ones -= (uint32_t)(eight * UINT64_C(0x0101010101010101) >> 56);
    }
    while (ones > 0)
        ones -= present[rows++];
    return rows;
}

static void give(struct parquet_page_reader *reader, uint32_t rows)
{
    reader->row += rows;
    reader->rows_left -= rows;
}

static void give_block(struct parquet_page_reader *reader, uint32_t rows, uint32_t ones)
{
    reader->block_at += rows;
    reader->block_ones -= ones;
    give(reader, rows);
}

static enum error_code take_values(struct parquet_page_reader *reader, uint32_t wanted,
                                   struct parquet_index_slice *ret, struct error *error)
{
    if (ret->coded)
        return values_indexes_read(&reader->values, wanted, &ret->indexes, &ret->value_count,
                                   &ret->repeated, error);
    return value_reader_read(&reader->values, wanted, &ret->values, &ret->value_count, error);
}

static enum error_code take_without_nulls(struct parquet_page_reader *reader, uint32_t max_rows,
                                          struct parquet_index_slice *ret, struct error *error)
{
    TRY(take_values(reader, smaller(max_rows, reader->rows_left), ret, error));
    ret->row_count = ret->value_count;
    give(reader, ret->row_count);
    return ERROR_NONE;
}

static enum error_code take_with_nulls(struct parquet_page_reader *reader, uint32_t max_rows,
                                       struct parquet_index_slice *ret, struct error *error)
{
    TRY(need_block(reader, error));
    const uint8_t *present = reader->present + reader->block_at;
    uint32_t rows = smaller(max_rows, reader->block_rows - reader->block_at);
    uint32_t ones = block_ones(reader, rows);
    if (ones > 0)
        TRY(take_values(reader, ones, ret, error));
    ret->row_count = ret->value_count < ones ? rows_of(present, ret->value_count) : rows;
    ret->present = ret->value_count == ret->row_count ? NULL : present;
    give_block(reader, ret->row_count, ret->value_count);
    return ERROR_NONE;
}

enum error_code page_need_open(const struct parquet_page_reader *reader, struct error *error)
{
    if (reader->chunk == NULL)
        return error_set(error, ERROR_INTERNAL, "a page reader is used that is not open");
    return ERROR_NONE;
}

/* A slice of the loaded page without rows as yet; addresses for no values. */
static struct parquet_index_slice begin_slice(const struct parquet_page_reader *reader,
                                              bool want_indexes)
{
    static const uint32_t no_indexes[1];
    if (!want_indexes || !values_are_indexes(&reader->values) || !reader->dictionary_first)
        return (struct parquet_index_slice){.values = reader->present};
    return (struct parquet_index_slice){
        .coded = true, .indexes = no_indexes, .dictionary_count = reader->dictionary.count};
}

enum error_code page_next(struct parquet_page_reader *reader, uint32_t max_rows, bool want_indexes,
                          struct parquet_index_slice *ret, struct error *error)
{
    TRY(page_need_open(reader, error));
    if (reader->row == reader->chunk->value_count) {
        *ret = (struct parquet_index_slice){.values = reader->present};
        return ERROR_NONE;
    }
    TRY(page_advance(reader, true, error));
    if (!reader->loaded)
        TRY(page_load(reader, error));
    *ret = begin_slice(reader, want_indexes);
    max_rows = max_rows > 0 ? max_rows : 1;
    if (reader->levels.form == LEVELS_NONE)
        return take_without_nulls(reader, max_rows, ret, error);
    return take_with_nulls(reader, max_rows, ret, error);
}

enum error_code parquet_page_reader_next(struct parquet_page_reader *reader, uint32_t max_rows,
                                         struct column_slice *ret, struct error *error)
{
    struct parquet_index_slice slice = {0};
    enum error_code code = page_next(reader, max_rows, false, &slice, error);
    if (code == ERROR_NONE)
        *ret = (struct column_slice){.row_count = slice.row_count,
                                     .value_count = slice.value_count,
                                     .present = slice.present,
                                     .values = slice.values};
    return page_finish(reader, code, error);
}

/* Passes over rows of a loaded page. */
static enum error_code skip_inside(struct parquet_page_reader *reader, uint32_t rows,
                                   struct error *error)
{
    while (rows > 0) {
        uint32_t now = rows, ones = rows;
        if (reader->levels.form == LEVELS_NONE) {
            TRY(value_reader_skip(&reader->values, ones, error));
            give(reader, now);
        } else {
            TRY(need_block(reader, error));
            now = smaller(rows, reader->block_rows - reader->block_at);
            ones = block_ones(reader, now);
            TRY(value_reader_skip(&reader->values, ones, error));
            give_block(reader, now, ones);
        }
        rows -= now;
    }
    return ERROR_NONE;
}

enum error_code page_reload(struct parquet_page_reader *reader, struct error *error)
{
    uint32_t passed = reader->header.page.value_count - reader->rows_left;
    reader->row -= passed;
    reader->rows_left += passed;
    reader->block_rows = 0;
    reader->block_at = 0;
    TRY(page_load(reader, error));
    return skip_inside(reader, passed, error);
}

/* Pages of a chunk mostly have the same number of rows: one that is passed as a whole need not be
 * read. */
static bool ends_inside_next(const struct parquet_page_reader *reader, uint64_t rows)
{
    return rows < reader->header.page.value_count;
}

static enum error_code skip_rows(struct parquet_page_reader *reader, uint64_t rows,
                                 struct error *error)
{
    TRY(page_need_open(reader, error));
    if (rows > reader->chunk->value_count - reader->row)
        return error_set(error, ERROR_INTERNAL, "rows passed over beyond a column chunk's end");
    while (rows > 0) {
        TRY(page_advance(reader, ends_inside_next(reader, rows), error));
        uint32_t now = rows < reader->rows_left ? (uint32_t)rows : reader->rows_left;
        if (now == reader->rows_left) {
            give(reader, now);
        } else {
            if (!reader->loaded)
                TRY(page_load(reader, error));
            TRY(skip_inside(reader, now, error));
        }
        rows -= now;
    }
    return ERROR_NONE;
}

enum error_code parquet_page_reader_skip(struct parquet_page_reader *reader, uint64_t rows,
                                         struct error *error)
{
    return page_finish(reader, skip_rows(reader, rows, error), error);
}

struct parquet_position parquet_page_reader_position(const struct parquet_page_reader *reader)
{
    const struct parquet_page *page = &reader->header.page;
    if (reader->rows_left > 0)
        return (struct parquet_position){page->offset, page->first_row};
    return (struct parquet_position){reader->next_page, reader->row};
}

const struct parquet_page *parquet_page_reader_page(const struct parquet_page_reader *reader)
{
    return &reader->header.page;
}

uint64_t parquet_page_reader_bytes_read(const struct parquet_page_reader *reader)
{
    return reader->input.bytes_read + reader->bytes_read_aside;
}

struct parquet_page_sizes parquet_page_reader_sizes(const struct parquet_page_reader *reader)
{
    return reader->sizes;
}
