/*
 * All that a page's header says, and whether the page's checksum is right: for those who look a
 * file over, and not only through.
 *
 * A reader of facts goes to any offset of a chunk, flat or nested; it decodes nothing. Bounds that
 * it gives are views of the header's bytes and live until its next call.
 * Source: PageHeader, DataPageHeader, DataPageHeaderV2 and Statistics in parquet.thrift.
 */
#ifndef WEIR_PARQUET_PAGE_FACTS_H
#define WEIR_PARQUET_PAGE_FACTS_H

#include "parquet/page_reader.h"

struct page_facts {
    struct parquet_page page; /* first_row is not set */
    bool foreign;             /* a page of a kind that holds no rows */
    bool is_v2;
    uint32_t row_count;  /* v2 only */
    uint32_t null_count; /* v2 only */
    struct parquet_statistics statistics;
};

struct page_facts_reader {
    const struct store_object *object; /* borrowed */
    const struct parquet_chunk *chunk; /* borrowed */
    struct mem_buffer bytes;           /* of the header read last */
    struct mem_buffer body;            /* a piece of a page */
};

void page_facts_init(struct page_facts_reader *reader, struct mem_account *account);
void page_facts_release(struct page_facts_reader *reader);

/* Goes to a chunk of an object. */
void page_facts_open(struct page_facts_reader *reader, const struct store_object *object,
                     const struct parquet_chunk *chunk);

/* The header at offset, in bytes from the start of the chunk and below its length. The page lies
 * within the chunk. Deprecated bounds are left out. */
CHECKED enum error_code page_facts_read(struct page_facts_reader *reader, uint64_t offset,
                                        struct page_facts *ret, struct error *error);

/* Whether the page's body has the checksum that its header tells; true where there is none. */
CHECKED enum error_code page_facts_check_crc(struct page_facts_reader *reader,
                                             const struct parquet_page *page, bool *ret,
                                             struct error *error);

#endif
