#include "parquet/page_state.h"

/* A header is read in this much at first, and else in all of the buffer. */
#define FIRST_READ  ((size_t)512)
#define BUFFER_SIZE ((size_t)64 << 10)

struct visit {
    const struct store_object *object;
    const struct parquet_chunk *chunk;
    uint8_t buffer[BUFFER_SIZE];
};

static enum error_code parse_at(struct visit *visit, uint64_t offset, size_t size,
                                struct page_header *ret, bool *ret_exhausted, struct error *error)
{
    uint64_t place = visit->chunk->offset + offset;
    TRY(store_read(visit->object, place, visit->buffer, size, error));
    return page_header_parse(visit->buffer, size, place, ret, ret_exhausted, error);
}

static enum error_code read_header(struct visit *visit, uint64_t offset, struct page_header *ret,
                                   struct error *error)
{
    uint64_t left = visit->chunk->length - offset;
    size_t first = left < FIRST_READ ? (size_t)left : FIRST_READ;
    size_t second = left < BUFFER_SIZE ? (size_t)left : BUFFER_SIZE;
    struct error failure;
    bool exhausted = false;
    error_init(&failure);
    enum error_code code = parse_at(visit, offset, first, ret, &exhausted, &failure);
    if (code != ERROR_NONE && exhausted && second > first)
        return parse_at(visit, offset, second, ret, &exhausted, error);
    if (code != ERROR_NONE)
        *error = failure;
    return code;
}

static enum error_code walk(struct visit *visit, parquet_page_visit callback, void *context,
                            struct error *error)
{
    uint64_t rows = 0;
    uint64_t offset = 0;
    while (offset < visit->chunk->length && rows < visit->chunk->value_count) {
        struct page_header header;
        TRY(read_header(visit, offset, &header, error));
        struct parquet_page *page = &header.page;
        page->offset = offset;
        page->first_row = rows;
        if (page->compressed_size > visit->chunk->length - offset - page->header_size)
            return value_damaged(error, "it is longer than what is left of its column");
        offset += (uint64_t)page->header_size + page->compressed_size;
        if (!header.foreign && page->kind != PARQUET_PAGE_DICTIONARY)
            rows += page->value_count;
        if (!header.foreign)
            TRY(callback(context, page, error));
    }
    return ERROR_NONE;
}

enum error_code parquet_visit_pages(const struct store_object *object,
                                    const struct parquet_column *column,
                                    const struct parquet_chunk *chunk,
                                    parquet_page_visit visit_page, void *context,
                                    struct error *error)
{
    struct visit visit = {.object = object, .chunk = chunk};
    enum error_code code = walk(&visit, visit_page, context, error);
    if (code != ERROR_NONE) {
        error_in_file(error, object->path);
        error_in_column(error, column->path);
        error_at_offset(error, (int64_t)chunk->offset);
    }
    return code;
}
