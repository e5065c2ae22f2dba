/*
 * The head of a page. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_PAGE_HEADER_H
#define WEIR_PARQUET_PAGE_HEADER_H

#include "parquet/page_reader.h"
#include "parquet/thrift.h"

/* Statistics in a header hold values of any length; more than this is refused. */
#define PAGE_HEADER_MOST ((size_t)1 << 20)

struct page_header {
    struct parquet_page page;
    bool foreign;             /* a page of a kind that holds no rows: to be passed over */
    uint32_t null_count;      /* v2 only */
    uint32_t repetition_size; /* v2: bytes of repetition levels, part of levels_size */
    int repetition_encoding;  /* v1 only */
};

/*
 * Parses the header that starts at bytes. Where the bytes end before the header does,
 * *ret_exhausted is set and the call fails: more bytes may help. offset is where the bytes stand in
 * the file.
 */
CHECKED enum error_code page_header_parse(const uint8_t *bytes, size_t size, uint64_t offset,
                                          struct page_header *ret, bool *ret_exhausted,
                                          struct error *error);

#endif
