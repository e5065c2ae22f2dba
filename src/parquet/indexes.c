#include "parquet/indexes.h"

#include <string.h>

#include "parquet/page_state.h"

/* A text takes at least the four bytes of its length in a dictionary page. */
#define TEXT_LEAST 4

size_t parquet_page_reader_views_size(const struct parquet_column *column, uint64_t dictionary_size)
{
    if (column->type.physical != COLUMN_BYTE_ARRAY || dictionary_size == 0)
        return 0;
    return mem_charge_of(dictionary_size / TEXT_LEAST * sizeof(struct column_bytes));
}

enum error_code parquet_page_reader_next_indexes(struct parquet_page_reader *reader,
                                                 uint32_t max_rows, struct parquet_index_slice *ret,
                                                 struct error *error)
{
    return page_finish(reader, page_next(reader, max_rows, true, ret, error), error);
}

/* The page that is being read gives way, and is loaded again. */
static enum error_code fetch_dictionary(struct parquet_page_reader *reader, struct error *error)
{
    page_free_idle(reader);
    TRY(page_fetch_dictionary(reader, false, error));
    reader->memory.idle = 0;
    if (!reader->loaded || reader->rows_left == 0)
        return ERROR_NONE;
    return page_reload(reader, error);
}

/* At the beginning of a chunk it is read on the way to the first page, so that it is read once. */
static enum error_code find_dictionary(struct parquet_page_reader *reader, struct error *error)
{
    if (page_dictionary_is_current(reader) || reader->no_dictionary ||
        reader->chunk->value_count == 0 || reader->column->type.physical == COLUMN_BOOLEAN)
        return ERROR_NONE;
    if (reader->next_page == 0)
        return page_advance(reader, true, error);
    return fetch_dictionary(reader, error);
}

static enum error_code make_views(struct parquet_page_reader *reader, struct error *error)
{
    struct dictionary *dictionary = &reader->dictionary;
    struct mem_buffer *buffer = &reader->memory.buffers[PAGE_BUFFER_VIEWS];
    TRY(page_memory_renew(&reader->memory, buffer, dictionary->count * sizeof(struct column_bytes),
                          error));
    struct column_bytes *views = (struct column_bytes *)(void *)buffer->data;
    for (uint32_t i = 0; i < dictionary->count; i++) {
        const uint8_t *data = dictionary->page + dictionary->offsets[i];
        uint32_t size;
        memcpy(&size, data - sizeof size, sizeof size);
        views[i] = (struct column_bytes){data, size};
    }
    dictionary->views = views;
    return ERROR_NONE;
}

static enum error_code show_dictionary(struct parquet_page_reader *reader, const void **ret,
                                       uint32_t *ret_count, struct error *error)
{
    const struct dictionary *dictionary = &reader->dictionary;
    bool is_text;
    *ret = reader->present; /* an address for no values */
    *ret_count = 0;
    TRY(page_need_open(reader, error));
    TRY(find_dictionary(reader, error));
    if (!page_dictionary_is_current(reader) || !reader->dictionary_first || dictionary->count == 0)
        return ERROR_NONE;
    is_text = reader->column->type.physical == COLUMN_BYTE_ARRAY;
    if (is_text && dictionary->views == NULL)
        TRY(make_views(reader, error));
    *ret = is_text ? (const void *)dictionary->views : dictionary->page;
    *ret_count = dictionary->count;
    return ERROR_NONE;
}

enum error_code parquet_page_reader_dictionary(struct parquet_page_reader *reader, const void **ret,
                                               uint32_t *ret_count, struct error *error)
{
    return page_finish(reader, show_dictionary(reader, ret, ret_count, error), error);
}
