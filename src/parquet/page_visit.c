#include "parquet/page_state.h"

/* A header is read in this much at first, then in all of the buffer. */
#define FIRST_READ  ((size_t)512)
#define BUFFER_SIZE ((size_t)64 << 10)

struct visit {
    const struct store_object *object;
    const struct parquet_chunk *chunk;
    uint8_t *buffer;
};

static enum error_code parse_at(const struct visit *visit, uint64_t offset, uint8_t *buffer,
                                size_t size, struct page_header *ret, bool *ret_exhausted,
                                struct error *error)
{
    uint64_t place = visit->chunk->offset + offset;
    TRY(store_read(visit->object, place, buffer, size, error));
    return page_header_parse(buffer, size, place, ret, ret_exhausted, error);
}

/* Very long texts in its statistics: such a header gets memory of its own for as long as it takes,
 * charged to nobody. */
static enum error_code parse_long(const struct visit *visit, uint64_t offset, size_t size,
                                  struct page_header *ret, struct error *error)
{
    void *memory;
    bool exhausted;
    TRY(mem_alloc(NULL, size, &memory, error));
    enum error_code code = parse_at(visit, offset, memory, size, ret, &exhausted, error);
    mem_free(memory);
    return code;
}

static enum error_code read_header(const struct visit *visit, uint64_t offset,
                                   struct page_header *ret, struct error *error)
{
    static const size_t sizes[] = {FIRST_READ, BUFFER_SIZE};
    uint64_t left = visit->chunk->length - offset;
    struct error failure;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bool exhausted = false;
        size_t size = left < sizes[i] ? (size_t)left : sizes[i];
        error_init(&failure);
        enum error_code code =
            parse_at(visit, offset, visit->buffer, size, ret, &exhausted, &failure);
        if (code == ERROR_NONE)
            return code;
        if (!exhausted || size == left) {
            *error = failure;
            return code;
        }
    }
    return parse_long(visit, offset, left < PAGE_HEADER_MOST ? (size_t)left : PAGE_HEADER_MOST, ret,
                      error);
}

static enum error_code walk(const struct visit *visit, parquet_page_visit callback, void *context,
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
    uint8_t buffer[BUFFER_SIZE];
    const struct visit visit = {.object = object, .chunk = chunk, .buffer = buffer};
    enum error_code code = walk(&visit, visit_page, context, error);
    if (code != ERROR_NONE) {
        error_in_file(error, object->path);
        error_in_column(error, column->path);
        error_at_offset(error, (int64_t)chunk->offset);
    }
    return code;
}
