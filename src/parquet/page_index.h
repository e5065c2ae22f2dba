/*
 * The page index of a column chunk: where its pages are (OffsetIndex), and what they hold
 * (ColumnIndex).
 *
 * An index is read whole into the caller's account, as long as the footer says it is, and its form
 * is checked once; then its entries are given one by one, in the order of the pages, without any
 * more memory. What it says is not held against the pages here.
 * Source: OffsetIndex, PageLocation and ColumnIndex in parquet.thrift; PageIndex.md.
 */
#ifndef WEIR_PARQUET_PAGE_INDEX_H
#define WEIR_PARQUET_PAGE_INDEX_H

#include "parquet/thrift.h"

struct page_location {
    uint64_t offset;    /* of the page's header, from the start of the file */
    uint32_t size;      /* header and compressed body */
    uint64_t first_row; /* of the row group */
};

struct offset_index {
    struct mem_buffer bytes;
    uint32_t page_count;
    uint32_t next;           /* page to be given next */
    struct thrift_reader at; /* its location */
};

/* The order of the bounds from page to page; numbers are those of BoundaryOrder. */
enum boundary_order { BOUNDARY_UNORDERED = 0, BOUNDARY_ASCENDING = 1, BOUNDARY_DESCENDING = 2 };

/* What a column index says of one page. */
struct page_summary {
    bool null_page; /* no value at all: the bounds mean nothing */
    struct parquet_bytes minimum, maximum;
    bool has_null_count;
    int64_t null_count;
};

struct column_index {
    struct mem_buffer bytes;
    uint32_t page_count;
    uint32_t next;
    bool has_null_counts;
    enum boundary_order order;
    struct thrift_reader null_pages, minima, maxima, null_counts; /* next entry of each list */
};

/* Before anything else, and after all; release leaves the index as init did. */
void offset_index_init(struct offset_index *index, struct mem_account *account);
void offset_index_release(struct offset_index *index);
void column_index_init(struct column_index *index, struct mem_account *account);
void column_index_release(struct column_index *index);

/* Reads the index of a chunk that has one; ERROR_INPUT where its form is wrong, at its offset. */
CHECKED enum error_code offset_index_read(struct offset_index *index,
                                          const struct store_object *object,
                                          const struct parquet_chunk *chunk, struct error *error);
CHECKED enum error_code column_index_read(struct column_index *index,
                                          const struct store_object *object,
                                          const struct parquet_chunk *chunk, struct error *error);

/* The next page's entry; false behind the last one. Bounds view the index's own bytes. */
CHECKED bool offset_index_next(struct offset_index *index, struct page_location *ret);
CHECKED bool column_index_next(struct column_index *index, struct page_summary *ret);

#endif
