/*
 * Reads a flat column of a whole file, row group after row group, as slices.
 *
 * A thin coordinator above the page reader: it borrows object and metadata until closed.
 */
#ifndef WEIR_PARQUET_COLUMN_READER_H
#define WEIR_PARQUET_COLUMN_READER_H

#include "parquet/page_reader.h"

struct parquet_column_reader {
    struct parquet_page_reader *pages;
    const struct store_object *object;
    const struct parquet_metadata *metadata;
    uint32_t column;
    uint32_t row_group; /* of the next row */
    uint64_t row;       /* rows given or skipped so far, of the whole file */
    bool open;          /* a chunk is open in pages */
};

CHECKED enum error_code parquet_column_reader_open(struct parquet_column_reader *ret,
                                                   const struct store_object *object,
                                                   const struct parquet_metadata *metadata,
                                                   uint32_t column, struct mem_account *account,
                                                   size_t limit, struct error *error);
void parquet_column_reader_close(struct parquet_column_reader *reader);

/* As parquet_page_reader_next; row_count 0 only at the end of the file. Errors carry file, row
 * group and column. */
CHECKED enum error_code parquet_column_reader_next(struct parquet_column_reader *reader,
                                                   uint32_t max_rows, struct column_slice *ret,
                                                   struct error *error);
CHECKED enum error_code parquet_column_reader_skip(struct parquet_column_reader *reader,
                                                   uint64_t rows, struct error *error);
#endif
