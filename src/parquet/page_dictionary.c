#include <string.h>

#include "parquet/page_state.h"

bool page_dictionary_is_current(const struct parquet_page_reader *reader)
{
    return reader->has_dictionary && reader->dictionary_chunk == reader->chunk->offset &&
           column_type_equal(&reader->dictionary_type, &reader->column->type) &&
           store_identity_equal(&reader->dictionary_identity, &reader->object->identity);
}

static const char no_dictionary[] = "it refers to a dictionary, but the column has none";

static enum error_code check_header(const struct parquet_page *page, struct error *error)
{
    if (page->encoding != PARQUET_PLAIN && page->encoding != PARQUET_PLAIN_DICTIONARY)
        return value_damaged(error, "its dictionary has an encoding that dictionaries do not have");
    /* A value of two bytes or more takes room; four bytes of length do for texts. */
    if (page->value_count > page->uncompressed_size)
        return value_damaged(error, "its dictionary has more values than bytes");
    return ERROR_NONE;
}

/* The window moves on, so an uncompressed dictionary is copied. */
static enum error_code read_values(struct parquet_page_reader *reader, struct page_window *window,
                                   const struct parquet_page *page, const uint8_t **ret,
                                   struct error *error)
{
    const uint8_t *body;
    TRY(page_read_body(window, page, &body, error));
    return page_decompress(reader, body, page->compressed_size, PAGE_BUFFER_DICTIONARY,
                           page->uncompressed_size, ret, error);
}

static enum error_code find_values(struct parquet_page_reader *reader, const uint8_t *values,
                                   const struct parquet_page *page, struct error *error)
{
    struct mem_buffer *entries = &reader->memory.buffers[PAGE_BUFFER_ENTRIES];
    const struct column_type *type = &reader->column->type;
    size_t size = value_is_fixed(type) ? 0 : page->value_count * sizeof(uint32_t);
    if (size > page->uncompressed_size)
        return value_damaged(error, "its dictionary has more values than bytes");
    TRY(page_memory_renew(&reader->memory, entries, size, error));
    uint32_t *offsets = (uint32_t *)entries->data;
    TRY(dictionary_index(type, values, page->uncompressed_size, page->value_count, offsets, error));
    reader->dictionary =
        (struct dictionary){.page = values, .offsets = offsets, .count = page->value_count};
    return ERROR_NONE;
}

enum error_code page_read_dictionary(struct parquet_page_reader *reader, struct page_window *window,
                                     const struct page_header *header, struct error *error)
{
    const struct parquet_page *page = &header->page;
    const uint8_t *values;
    TRY(check_header(page, error));
    reader->has_dictionary = false;
    reader->memory.idle |= 1u << PAGE_BUFFER_VIEWS;
    TRY(read_values(reader, window, page, &values, error));
    TRY(find_values(reader, values, page, error));
    reader->has_dictionary = true;
    reader->dictionary_first = page->offset == 0;
    reader->dictionary_chunk = reader->chunk->offset;
    reader->dictionary_type = reader->column->type;
    reader->dictionary_identity = reader->object->identity;
    reader->dictionary_guess = page->header_size + (size_t)page->compressed_size;
    if (page->uncompressed_size > reader->sizes.dictionary)
        reader->sizes.dictionary = page->uncompressed_size;
    if (page->compressed_size > reader->sizes.compressed)
        reader->sizes.compressed = page->compressed_size;
    return ERROR_NONE;
}

static enum error_code fetch_through(struct parquet_page_reader *reader, struct page_window *aside,
                                     bool needed, struct error *error)
{
    struct page_header header;
    size_t guess = reader->dictionary_guess > 0 ? reader->dictionary_guess : PAGE_FIRST_GUESS;
    TRY(page_read_header(aside, 0, guess, &header, error));
    reader->no_dictionary = header.foreign || header.page.kind != PARQUET_PAGE_DICTIONARY;
    if (!reader->no_dictionary)
        return page_read_dictionary(reader, aside, &header, error);
    return needed ? value_damaged(error, no_dictionary) : ERROR_NONE;
}

/* The page's own bytes stay in the input window; the buffer for its decompressed body is free as
 * yet, but while the dictionary is in it it is not idle. */
enum error_code page_fetch_dictionary(struct parquet_page_reader *reader, bool needed,
                                      struct error *error)
{
    uint32_t idle = reader->memory.idle;
    struct page_window aside = {.buffer = &reader->memory.buffers[PAGE_BUFFER_BODY],
                                .memory = &reader->memory};
    reader->memory.idle &= ~(1u << PAGE_BUFFER_BODY);
    page_window_open(&aside, reader->object, reader->chunk->offset, reader->chunk->length);
    enum error_code code = fetch_through(reader, &aside, needed, error);
    reader->bytes_read_aside += aside.bytes_read;
    reader->memory.idle = idle;
    return code;
}
