/*
 * The levels of a page: which of its entries have a value. Repetition levels, of which only nested
 * columns have any, are checked and passed over.
 * Source: "Data Pages" in README.md and "Bit-packed" in Encodings.md of apache/parquet-format.
 */
#include <string.h>

#include "parquet/page_state.h"

static enum error_code definition_damaged(struct error *error)
{
    return value_damaged(error, "its definition levels make no sense");
}

static enum error_code repetition_damaged(struct error *error)
{
    return value_damaged(error, "its repetition levels make no sense");
}

/* One kind of levels in front of a v1 page: their length and runs, or bits alone. */
static bool open_v1(struct level_reader *levels, struct cursor *body, int encoding, uint32_t count,
                    uint16_t maximum)
{
    const uint8_t *bytes;
    uint32_t size;
    if (encoding == PARQUET_BIT_PACKED) {
        if (!cursor_bytes(body, levels_packed_size(count, maximum), &bytes))
            return false;
        levels_init_packed(levels, bytes, count, maximum);
        return true;
    }
    return cursor_u32(body, &size) && cursor_bytes(body, size, &bytes) &&
           levels_init_runs(levels, bytes, size, count, maximum);
}

static bool is_known(int encoding)
{
    return encoding == PARQUET_RLE || encoding == PARQUET_BIT_PACKED;
}

static enum error_code pass_v1_repetition(const struct parquet_page_reader *reader,
                                          struct cursor *body, struct error *error)
{
    const struct page_header *header = &reader->header;
    uint32_t count = header->page.value_count;
    struct level_reader levels;
    if (reader->column->max_repetition == 0)
        return ERROR_NONE;
    if (!is_known(header->repetition_encoding))
        return value_damaged(error, "its repetition levels have an unknown encoding");
    if (!open_v1(&levels, body, header->repetition_encoding, count,
                 reader->column->max_repetition) ||
        !levels_pass(&levels, count))
        return repetition_damaged(error);
    return ERROR_NONE;
}

enum error_code page_levels_open_v1(struct parquet_page_reader *reader, struct cursor *body,
                                    struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    TRY(pass_v1_repetition(reader, body, error));
    levels_init_none(&reader->levels);
    if (reader->column->max_definition == 0)
        return ERROR_NONE;
    if (!is_known(page->definition_encoding))
        return value_damaged(error, "its definition levels have an unknown encoding");
    if (!open_v1(&reader->levels, body, page->definition_encoding, page->value_count,
                 reader->column->max_definition))
        return definition_damaged(error);
    return ERROR_NONE;
}

static enum error_code pass_v2_repetition(const struct parquet_page_reader *reader,
                                          struct cursor *body, struct error *error)
{
    const struct page_header *header = &reader->header;
    uint32_t count = header->page.value_count;
    uint16_t maximum = reader->column->max_repetition;
    struct level_reader levels;
    const uint8_t *bytes;
    if (!cursor_bytes(body, header->repetition_size, &bytes))
        return repetition_damaged(error);
    if (maximum > 0 &&
        (!levels_init_runs(&levels, bytes, header->repetition_size, count, maximum) ||
         !levels_pass(&levels, count)))
        return repetition_damaged(error);
    return ERROR_NONE;
}

enum error_code page_levels_open_v2(struct parquet_page_reader *reader, struct cursor *body,
                                    struct error *error)
{
    const struct page_header *header = &reader->header;
    size_t size = header->page.levels_size - header->repetition_size;
    const uint8_t *bytes;
    TRY(pass_v2_repetition(reader, body, error));
    if (!cursor_bytes(body, size, &bytes))
        return definition_damaged(error);
    levels_init_none(&reader->levels);
    if (reader->column->max_definition == 0)
        return ERROR_NONE;
    if (!levels_init_runs(&reader->levels, bytes, size, header->page.value_count,
                          reader->column->max_definition))
        return definition_damaged(error);
    return ERROR_NONE;
}

bool page_levels_within(const struct parquet_page_reader *reader, const struct cursor *beginning)
{
    struct cursor copy = *beginning;
    uint32_t size;
    if (reader->column->max_definition == 0)
        return true;
    return reader->header.page.definition_encoding == PARQUET_RLE && cursor_u32(&copy, &size) &&
           size <= cursor_left(&copy);
}

enum error_code page_levels_count(struct parquet_page_reader *reader, uint32_t *ret,
                                  struct error *error)
{
    struct level_reader levels = reader->levels;
    uint32_t left = reader->header.page.value_count;
    *ret = levels.form == LEVELS_NONE ? left : 0;
    while (levels.form != LEVELS_NONE && left > 0) {
        uint32_t ones, now = left < PARQUET_SLICE_ROWS ? left : PARQUET_SLICE_ROWS;
        if (!levels_read(&levels, reader->present, now, &ones))
            return definition_damaged(error);
        *ret += ones;
        left -= now;
    }
    return ERROR_NONE;
}

/* Bytes of one kind of levels of a v1 page in pieces; they begin at bytes behind its start. */
static enum error_code v1_extent(struct parquet_page_reader *reader, uint64_t start, uint64_t at,
                                 int encoding, uint16_t maximum, uint64_t *ret, struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    const uint8_t *bytes;
    uint32_t size;
    *ret = 0;
    if (maximum == 0)
        return ERROR_NONE;
    if (encoding == PARQUET_BIT_PACKED) {
        *ret = levels_packed_size(page->value_count, maximum);
        return ERROR_NONE;
    }
    uint64_t left = page->compressed_size - at;
    if (left < sizeof size)
        return definition_damaged(error);
    TRY(page_window_need(&reader->input, start + at, sizeof size,
                         left < PAGE_HEADER_GUESS ? (size_t)left : PAGE_HEADER_GUESS, &bytes,
                         error));
    memcpy(&size, bytes, sizeof size);
    *ret = (uint64_t)size + sizeof size;
    return ERROR_NONE;
}

enum error_code page_levels_extent(struct parquet_page_reader *reader, uint64_t start,
                                   uint64_t *ret, struct error *error)
{
    const struct parquet_page *page = &reader->header.page;
    const struct parquet_column *column = reader->column;
    uint64_t definition = 0;
    if (page->kind == PARQUET_PAGE_DATA_V2) {
        *ret = page->levels_size;
        return ERROR_NONE; /* it was held against the page's size with the header */
    }
    TRY(v1_extent(reader, start, 0, reader->header.repetition_encoding, column->max_repetition, ret,
                  error));
    if (*ret > page->compressed_size)
        return repetition_damaged(error);
    TRY(v1_extent(reader, start, *ret, page->definition_encoding, column->max_definition,
                  &definition, error));
    *ret += definition;
    return *ret <= page->compressed_size ? ERROR_NONE : definition_damaged(error);
}
