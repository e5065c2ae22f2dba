#include <inttypes.h>
#include <libdeflate.h>
#include <string.h>

#include "codec/snappy_literals.h"
#include "parquet/page_state.h"

/* Guesses count headers of at most this size, so that one with long statistics does not raise them.
 */
#define GUESSED_HEADER 1024

static size_t at_most(uint64_t size, uint64_t limit)
{
    return (size_t)(size < limit ? size : limit);
}

/* How much to read for a header that the bytes at hand do not hold. */
static size_t wanted_bytes(size_t held, size_t guess, uint64_t left)
{
    size_t wanted = held * 4 > PAGE_HEADER_GUESS ? held * 4 : PAGE_HEADER_GUESS;
    return at_most(wanted > guess ? wanted : guess, left);
}

enum error_code page_read_header(struct page_window *window, uint64_t offset, size_t guess,
                                 struct page_header *ret, struct error *error)
{
    uint64_t left = window->chunk_length - offset;
    uint64_t place = window->chunk_offset + offset;
    size_t held = at_most(page_window_holds(window, offset), left);
    for (;;) {
        struct error failure;
        const uint8_t *bytes;
        bool exhausted = held == 0;
        error_init(&failure);
        if (held > 0) {
            TRY(page_window_need(window, offset, held, held, &bytes, error));
            if (page_header_parse(bytes, held, place, ret, &exhausted, &failure) == ERROR_NONE)
                break;
        }
        if (held > 0 && (!exhausted || held == left || held >= PAGE_HEADER_MOST)) {
            *error = failure;
            return failure.code;
        }
        size_t wanted = wanted_bytes(held, guess, left);
        TRY(page_window_need(window, offset, wanted, wanted, &bytes, error));
        held = wanted;
    }
    ret->page.offset = offset;
    if (ret->page.compressed_size > left - ret->page.header_size)
        return value_damaged(error, "it is longer than what is left of its column");
    return ERROR_NONE;
}

static enum error_code chunk_ends_early(const struct parquet_page_reader *reader,
                                        struct error *error)
{
    return error_set(error, ERROR_INPUT,
                     "the pages of a column hold %" PRIu64 " %s where the footer says %" PRIu64,
                     reader->row, reader->column->nested ? "values" : "rows",
                     reader->chunk->value_count);
}

static enum error_code begin_page(struct parquet_page_reader *reader,
                                  const struct page_header *header, struct error *error)
{
    if (header->page.value_count > reader->chunk->value_count - reader->row)
        return value_damaged(error, "it has more rows than are left of its column");
    reader->header = *header;
    reader->header.page.first_row = reader->row;
    reader->rows_left = header->page.value_count;
    reader->loaded = false;
    reader->block_rows = 0;
    reader->block_at = 0;
    return ERROR_NONE;
}

enum error_code page_advance(struct parquet_page_reader *reader, bool want_body,
                             struct error *error)
{
    size_t guess = want_body ? reader->page_guess : PAGE_HEADER_GUESS;
    while (reader->rows_left == 0) {
        struct page_header header;
        if (reader->next_page >= reader->chunk->length)
            return chunk_ends_early(reader, error);
        uint64_t offset = reader->next_page;
        TRY(page_read_header(&reader->input, offset, guess, &header, error));
        bool is_dictionary = !header.foreign && header.page.kind == PARQUET_PAGE_DICTIONARY;
        reader->no_dictionary |= offset == 0 && !is_dictionary;
        if (!header.foreign && !is_dictionary)
            TRY(begin_page(reader, &header, error));
        else if (is_dictionary && want_body && !page_dictionary_is_current(reader))
            TRY(page_read_dictionary(reader, &reader->input, &header, error));
        reader->next_page = offset + header.page.header_size + header.page.compressed_size;
    }
    return ERROR_NONE;
}

enum error_code page_read_body(struct page_window *window, const struct parquet_page *page,
                               const uint8_t **ret, struct error *error)
{
    static const uint8_t nothing[1];
    uint64_t start = page->offset + page->header_size;
    if (page->compressed_size == 0) {
        *ret = nothing;
        return ERROR_NONE;
    }
    size_t most =
        at_most((uint64_t)page->compressed_size + PAGE_HEADER_GUESS, window->chunk_length - start);
    TRY(page_window_need(window, start, page->compressed_size, most, ret, error));
    if (page->has_crc && libdeflate_crc32(0, *ret, page->compressed_size) != page->crc)
        return value_damaged(error, "its checksum is wrong");
    return ERROR_NONE;
}

enum error_code page_decompress(struct parquet_page_reader *reader, const uint8_t *in,
                                size_t in_size, enum page_buffer buffer, size_t out_size,
                                const uint8_t **ret, struct error *error)
{
    struct mem_buffer *out = &reader->memory.buffers[buffer];
    enum codec codec = reader->chunk->codec;
    *ret = reader->present;
    /* Some writers compress nothing to nothing. */
    if (out_size == 0)
        return ERROR_NONE;
    if (!codec_is_plausible(codec, in, in_size, out_size))
        return value_damaged(error, "it cannot decompress to the size that it says");
    TRY(page_memory_renew(&reader->memory, out, out_size, error));
    TRY(codec_decompress(&reader->codec, codec, in, in_size, out->data, out_size, error));
    *ret = out->data;
    return ERROR_NONE;
}

/* Whether the body stands in the file as the reader wants it. */
static bool is_stored(const struct parquet_page_reader *reader)
{
    const struct parquet_page *page = &reader->header.page;
    const struct parquet_chunk *chunk = reader->chunk;
    return chunk->codec == CODEC_UNCOMPRESSED ||
           (page->kind == PARQUET_PAGE_DATA_V2 && !page->compressed && !chunk->always_compressed);
}

static enum error_code check_stored(const struct parquet_page *page, struct error *error)
{
    if (page->compressed_size != page->uncompressed_size)
        return value_damaged(error, "it is not compressed, and yet has two sizes");
    return ERROR_NONE;
}

/* The body as values want it, behind its levels. */
static enum error_code open_body(struct parquet_page_reader *reader, struct cursor *ret,
                                 struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    const uint8_t *body;
    TRY(page_read_body(&reader->input, page, &body, error));
    if (is_stored(reader))
        TRY(check_stored(page, error));
    if (page->kind == PARQUET_PAGE_DATA_V2) {
        *ret = cursor_over(body, page->compressed_size);
        TRY(page_levels_open_v2(reader, ret, error));
        if (is_stored(reader))
            return ERROR_NONE;
        size_t size = page->uncompressed_size - page->levels_size;
        TRY(page_decompress(reader, ret->at, cursor_left(ret), PAGE_BUFFER_BODY, size, &body,
                            error));
        *ret = cursor_over(body, size);
        return ERROR_NONE;
    }
    if (!is_stored(reader))
        TRY(page_decompress(reader, body, page->compressed_size, PAGE_BUFFER_BODY,
                            page->uncompressed_size, &body, error));
    *ret = cursor_over(body, page->uncompressed_size);
    return page_levels_open_v1(reader, ret, error);
}

/* Whether the page is one whose values can be used where they stand compressed. */
static bool may_be_literal(const struct parquet_page_reader *reader)
{
    const struct parquet_page *page = &reader->header.page;
    return reader->chunk->codec == CODEC_SNAPPY && page->kind == PARQUET_PAGE_DATA &&
           page->encoding == PARQUET_PLAIN && values_literals_fit(&reader->column->type) &&
           !is_stored(reader) && page->compressed_size >= page->uncompressed_size &&
           reader->column->max_repetition == 0;
}

/* Opens such a page; *ret_done false: it has to be decompressed after all. */
static enum error_code load_literals(struct parquet_page_reader *reader, bool *ret_done,
                                     struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    struct cursor block, run;
    const uint8_t *body;
    *ret_done = false;
    if (!may_be_literal(reader))
        return ERROR_NONE;
    TRY(page_read_body(&reader->input, page, &body, error));
    if (!snappy_literals_open(body, page->compressed_size, page->uncompressed_size, &block) ||
        !snappy_literals_next(&block, &run) || !page_levels_within(reader, &run))
        return ERROR_NONE;
    TRY(page_levels_open_v1(reader, &run, error));
    values_literals_open(&reader->values, &run, &block);
    *ret_done = true;
    return ERROR_NONE;
}

static enum error_code load_whole(struct parquet_page_reader *reader, struct error *error)
{
    struct cursor body;
    const struct parquet_page *page = &reader->header.page;
    struct value_source source = {.encoding = page->encoding, .row_count = page->value_count};
    bool done;
    TRY(load_literals(reader, &done, error));
    if (done)
        return ERROR_NONE;
    TRY(open_body(reader, &body, error));
    source.bytes = body.at;
    source.size = cursor_left(&body);
    if (page->encoding == PARQUET_BYTE_STREAM_SPLIT)
        TRY(page_levels_count(reader, &source.value_count, error));
    return value_reader_open(&reader->values, &source, error);
}

/* Levels are kept whole, apart from the values. */
static enum error_code load_levels(struct parquet_page_reader *reader, uint64_t start, size_t size,
                                   struct error *error)
{
    struct mem_buffer *kept = &reader->memory.buffers[PAGE_BUFFER_BODY];
    const uint8_t *bytes;
    TRY(page_memory_renew(&reader->memory, kept, size + 1, error));
    for (size_t done = 0; done < size;) {
        size_t now = size - done < STORED_PIECE ? size - done : STORED_PIECE;
        TRY(page_window_need(&reader->input, start + done, now, now, &bytes, error));
        memcpy(kept->data + done, bytes, now);
        done += now;
    }
    struct cursor levels = cursor_over(kept->data, size);
    if (reader->header.page.kind == PARQUET_PAGE_DATA_V2)
        return page_levels_open_v2(reader, &levels, error);
    return page_levels_open_v1(reader, &levels, error);
}

static enum error_code load_stored(struct parquet_page_reader *reader, struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    uint64_t start = page->offset + page->header_size;
    uint64_t levels;
    TRY(check_stored(page, error));
    TRY(page_levels_extent(reader, start, &levels, error));
    TRY(load_levels(reader, start, (size_t)levels, error));
    const uint8_t *bytes = reader->memory.buffers[PAGE_BUFFER_BODY].data;
    reader->values.stored = (struct stored_values){
        .window = &reader->input,
        .at = start + levels,
        .end = start + page->compressed_size,
        .check = page->has_crc,
        .crc = libdeflate_crc32(0, bytes, (size_t)levels),
        .expected = page->crc,
    };
    values_stored_open(&reader->values);
    return ERROR_NONE;
}

static bool in_pieces(const struct parquet_page_reader *reader)
{
    const struct parquet_page *page = &reader->header.page;
    return is_stored(reader) && page->encoding == PARQUET_PLAIN &&
           page->compressed_size > STORED_PIECE && value_is_fixed(&reader->column->type);
}

#define DICTIONARY_BUFFERS                                                                         \
    (1u << PAGE_BUFFER_DICTIONARY | 1u << PAGE_BUFFER_ENTRIES | 1u << PAGE_BUFFER_VIEWS)

void page_free_idle(struct parquet_page_reader *reader)
{
    uint32_t idle = 1u << PAGE_BUFFER_VALUES | 1u << PAGE_BUFFER_TEXT | 1u << PAGE_BUFFER_LAST |
                    1u << PAGE_BUFFER_BODY;
    if (!page_dictionary_is_current(reader)) {
        idle |= DICTIONARY_BUFFERS;
        reader->has_dictionary = false;
    }
    reader->memory.idle = idle;
}

static void note_sizes(struct parquet_page_reader *reader)
{
    const struct parquet_page *page = &reader->header.page;
    size_t header = at_most(page->header_size, GUESSED_HEADER);
    if (page->compressed_size > reader->sizes.compressed)
        reader->sizes.compressed = page->compressed_size;
    if (page->uncompressed_size > reader->sizes.decompressed)
        reader->sizes.decompressed = page->uncompressed_size;
    reader->page_guess =
        in_pieces(reader) ? PAGE_FIRST_GUESS : header + page->compressed_size + PAGE_HEADER_GUESS;
}

static bool wants_dictionary(const struct parquet_page *page)
{
    return page->encoding == PARQUET_PLAIN_DICTIONARY || page->encoding == PARQUET_RLE_DICTIONARY;
}

enum error_code page_load(struct parquet_page_reader *reader, struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    page_free_idle(reader);
    if (wants_dictionary(page) && !page_dictionary_is_current(reader))
        TRY(page_fetch_dictionary(reader, true, error));
    if (reader->has_dictionary)
        reader->memory.idle &= ~DICTIONARY_BUFFERS;
    reader->values.type = &reader->column->type;
    reader->values.memory = &reader->memory;
    reader->values.dictionary = &reader->dictionary;
    TRY(in_pieces(reader) ? load_stored(reader, error) : load_whole(reader, error));
    note_sizes(reader);
    reader->memory.idle = 0;
    reader->loaded = true;
    return ERROR_NONE;
}
