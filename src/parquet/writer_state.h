/*
 * The writer itself, as its files see it: the columns, the press that they share, the chunks done.
 */
#ifndef WEIR_PARQUET_WRITER_STATE_H
#define WEIR_PARQUET_WRITER_STATE_H

#include "parquet/writer_column.h"

/* Bytes copied at a time where a copied chunk has to wait. */
#define COPY_BYTES ((size_t)64 << 10)

struct parquet_writer {
    struct mem_account *account;
    struct output *output; /* borrowed */
    struct parquet_writer_options options;
    struct page_press press;
    struct column_writer *columns;
    uint32_t field_count;
    uint32_t current; /* the column whose pages go straight to the output */
    bool in_row_group;
    struct spool chunks; /* struct chunk_record, one a column of each row group done */
    uint32_t row_group_count;
    uint64_t row_count;
    size_t longest_name;
};

/* A column that may still get rows in the row group that is open. */
CHECKED enum error_code writer_open_column(struct parquet_writer *writer, uint32_t column,
                                           struct column_writer **ret, struct error *error);

#endif
