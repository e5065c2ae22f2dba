/*
 * Bytes taken for a page header: sizes agree with each other, bytes behind the header do not
 * matter, and every beginning of a good header says that more bytes are needed.
 */
#include "memory.h"
#include "parquet/page_header.h"

static bool parse(const uint8_t *data, size_t size, struct page_header *ret, bool *ret_exhausted)
{
    struct error error;
    error_init(&error);
    *ret_exhausted = false;
    return page_header_parse(data, size, 0, ret, ret_exhausted, &error) == ERROR_NONE;
}

static void check(const struct page_header *header, size_t size)
{
    const struct parquet_page *page = &header->page;
    demand(page->header_size > 0 && page->header_size <= size);
    if (header->foreign || page->kind != PARQUET_PAGE_DATA_V2)
        return;
    demand(page->levels_size <= page->compressed_size &&
           page->levels_size <= page->uncompressed_size);
    demand(header->repetition_size <= page->levels_size);
    demand(header->null_count <= page->value_count);
}

static void check_beginnings(const uint8_t *data, const struct page_header *whole)
{
    struct page_header header = {0};
    bool exhausted;
    uint32_t size = whole->page.header_size, step = size / 64 + 1;
    demand(parse(data, size, &header, &exhausted));
    demand(header.page.header_size == size && header.page.value_count == whole->page.value_count);
    for (uint32_t cut = 0; cut < size; cut += step)
        demand(!parse(data, cut, &header, &exhausted) && exhausted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct page_header header;
    bool exhausted;
    if (parse(data, size, &header, &exhausted)) {
        check(&header, size);
        check_beginnings(data, &header);
    }
    return 0;
}
