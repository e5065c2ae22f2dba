/*
 * Columns as indexes into their dictionaries, for those who look up a dictionary's values once
 * instead of every row's.
 *
 * Where a page is encoded by a dictionary its rows can be had as indexes; other pages of the same
 * chunk come as values. A dictionary is the chunk's; it stays valid while the reader is at the
 * chunk, and does not change meanwhile: indexes are given only into a dictionary that stands at the
 * chunk's beginning, where the format wants it. Rows may be asked for by either way, or passed
 * over, in any order.
 */
#ifndef WEIR_PARQUET_INDEXES_H
#define WEIR_PARQUET_INDEXES_H

#include "parquet/page_reader.h"

struct parquet_index_slice {
    uint32_t row_count; /* 0: the end of the chunk */
    uint32_t value_count;
    const uint8_t *present;  /* as in struct column_slice */
    bool coded;              /* else values are set, as in struct column_slice */
    bool repeated;           /* all value_count indexes are indexes[0], the only one that is set */
    const uint32_t *indexes; /* all below dictionary_count */
    const void *values;
    uint32_t dictionary_count;
};

/* As parquet_page_reader_next, with indexes where the page has them: at most PARQUET_SLICE_ROWS
 * rows then, except repeated ones, which may be more. */
CHECKED enum error_code parquet_page_reader_next_indexes(struct parquet_page_reader *reader,
                                                         uint32_t max_rows,
                                                         struct parquet_index_slice *ret,
                                                         struct error *error);

/*
 * The dictionary of the chunk that is open, read if it was not yet: values side by side as in a
 * slice (struct column_bytes for byte arrays), valid until the reader goes to another chunk.
 * *ret_count 0: the chunk has none, as is so of booleans; then no slice has indexes into it. A
 * slice with indexes lives on, others end. Costs no second reading when pages follow, if it is
 * asked for before the first rows or after a slice with indexes; else the current page may be
 * decoded again.
 */
CHECKED enum error_code parquet_page_reader_dictionary(struct parquet_page_reader *reader,
                                                       const void **ret, uint32_t *ret_count,
                                                       struct error *error);

/* Bytes that a reader holds beyond parquet_page_reader_size once the dictionary was asked for:
 * byte arrays need a struct column_bytes each. dictionary_size as there: a bound of the
 * decompressed dictionary page. */
size_t parquet_page_reader_views_size(const struct parquet_column *column,
                                      uint64_t dictionary_size);
#endif
