#include "parquet/page_facts.h"

#include <libdeflate.h>

#include "parquet/page_header.h"
#include "parquet/statistics_read.h"

/* A header is read in this much at first, then in eight times as much. */
#define FIRST_READ ((size_t)512)
/* Bodies are read in pieces for their checksum. */
#define BODY_PIECE ((size_t)128 << 10)

/* Field numbers of a PageHeader, and of the statistics in its parts. */
enum { DATA_HEADER = 5, DATA_HEADER_V2 = 8, STATISTICS = 5, STATISTICS_V2 = 8 };

void page_facts_init(struct page_facts_reader *reader, struct mem_account *account)
{
    *reader = (struct page_facts_reader){0};
    mem_buffer_init(&reader->bytes, account, PAGE_HEADER_MOST);
    mem_buffer_init(&reader->body, account, BODY_PIECE);
}

void page_facts_release(struct page_facts_reader *reader)
{
    mem_buffer_release(&reader->bytes);
    mem_buffer_release(&reader->body);
}

void page_facts_open(struct page_facts_reader *reader, const struct store_object *object,
                     const struct parquet_chunk *chunk)
{
    reader->object = object;
    reader->chunk = chunk;
}

/* A data page's own head: its statistics, and the count of rows that only v2 has. */
static enum error_code read_data_head(struct thrift_reader *thrift,
                                      const struct thrift_field *outer, bool is_v2,
                                      struct page_facts *facts)
{
    struct thrift_field field;
    struct stored_statistics stored = {0};
    TRY(thrift_is_struct(thrift, outer));
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == (is_v2 ? STATISTICS_V2 : STATISTICS))
            TRY(statistics_read(thrift, &field, &stored));
        else if (is_v2 && field.id == 3)
            TRY(thrift_u31(thrift, &field, &facts->row_count));
        else
            TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    facts->statistics = stored.values;
    return ERROR_NONE;
}

/* A second look at a header that was read: for what reading pages has no use for. */
static enum error_code look_again(const struct page_facts_reader *reader, uint64_t place,
                                  struct page_facts *facts, struct error *error)
{
    struct thrift_reader thrift = thrift_reader_over(reader->bytes.data, facts->page.header_size,
                                                     place, "a page header", error);
    int head = facts->is_v2 ? DATA_HEADER_V2 : DATA_HEADER;
    struct thrift_field field;
    TRY(thrift_struct_begin(&thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == head && facts->page.kind != PARQUET_PAGE_DICTIONARY)
            TRY(read_data_head(&thrift, &field, facts->is_v2, facts));
        else
            TRY(thrift_skip(&thrift, field.type));
        TRY(thrift_struct_next(&thrift, &field));
    }
    return ERROR_NONE;
}

static enum error_code parse_first(struct page_facts_reader *reader, uint64_t place, size_t size,
                                   struct page_header *ret, bool *ret_exhausted,
                                   struct error *error)
{
    TRY(mem_buffer_renew(&reader->bytes, size, error));
    TRY(store_read(reader->object, place, reader->bytes.data, size, error));
    return page_header_parse(reader->bytes.data, size, place, ret, ret_exhausted, error);
}

/* Reads more and more until the header is whole. */
static enum error_code read_header(struct page_facts_reader *reader, uint64_t offset,
                                   struct page_header *ret, struct error *error)
{
    uint64_t left = reader->chunk->length - offset;
    size_t most = left < PAGE_HEADER_MOST ? (size_t)left : PAGE_HEADER_MOST;
    for (size_t size = FIRST_READ;; size *= 8) {
        struct error failure;
        bool exhausted = false;
        size_t now = size < most ? size : most;
        error_init(&failure);
        enum error_code code =
            parse_first(reader, reader->chunk->offset + offset, now, ret, &exhausted, &failure);
        if (code == ERROR_NONE)
            return code;
        if (!exhausted || now == most) {
            *error = failure;
            return code;
        }
    }
}

enum error_code page_facts_read(struct page_facts_reader *reader, uint64_t offset,
                                struct page_facts *ret, struct error *error)
{
    struct page_header header;
    TRY(read_header(reader, offset, &header, error));
    struct page_facts facts = {
        .page = header.page,
        .foreign = header.foreign,
        .is_v2 = !header.foreign && header.page.kind == PARQUET_PAGE_DATA_V2,
        .null_count = header.null_count,
    };
    facts.page.offset = offset;
    if (!facts.foreign)
        TRY(look_again(reader, reader->chunk->offset + offset, &facts, error));
    if (facts.page.compressed_size > reader->chunk->length - offset - facts.page.header_size)
        return error_set(error, ERROR_INPUT,
                         "a page is damaged: it is longer than what is left of its column");
    *ret = facts;
    return ERROR_NONE;
}

enum error_code page_facts_check_crc(struct page_facts_reader *reader,
                                     const struct parquet_page *page, bool *ret,
                                     struct error *error)
{
    uint64_t at = reader->chunk->offset + page->offset + page->header_size;
    uint64_t left = page->compressed_size;
    uint32_t crc = 0;
    *ret = true;
    if (!page->has_crc)
        return ERROR_NONE;
    while (left > 0) {
        size_t now = left < BODY_PIECE ? (size_t)left : BODY_PIECE;
        TRY(mem_buffer_renew(&reader->body, now, error));
        TRY(store_read(reader->object, at, reader->body.data, now, error));
        crc = libdeflate_crc32(crc, reader->body.data, now);
        at += now;
        left -= now;
    }
    *ret = crc == page->crc;
    return ERROR_NONE;
}
