/*
 * Reads columns of one file side by side, in batches of whole rows.
 *
 * Pages of different columns end at different rows; a batch reader gathers values into buffers of
 * its own until every column has the same number of rows. Text is copied too. The batch is valid
 * until the next call.
 */
#ifndef WEIR_SUM_BATCH_READER_H
#define WEIR_SUM_BATCH_READER_H

#include "parquet/column_reader.h"
#include "parquet/writer.h"

#define BATCH_ROWS 4096

/* What is noted of a column on the way: a profile of each of its chunks, for a later copy. */
struct batch_profile {
    struct parquet_profiler *profiler;      /* NULL: nothing is noted */
    struct parquet_chunk_profile *profiles; /* of row group g: profiles[g * stride] */
    uint32_t stride;
    uint32_t group, end_group; /* row groups from here on are not noted */
    uint64_t rows_left;        /* of the row group */
};

struct batch_column {
    struct parquet_column_reader reader;
    struct column_type type;
    size_t width;
    const uint8_t *values; /* of this batch, aligned for their type; struct column_bytes for text */
    const uint8_t *present; /* one byte a row */
    bool has_nulls;
    uint32_t row_count;
    uint32_t value_count;
    /* Where a batch is put together from several slices. */
    uint8_t *own_values;    /* BATCH_ROWS of width */
    uint8_t *own_present;   /* BATCH_ROWS */
    uint8_t *all_present;   /* BATCH_ROWS ones */
    struct mem_buffer text; /* bytes of text values */
    struct batch_profile profile;
};

struct batch_reader {
    /* Batches may be shorter than asked for, where that saves copying, and values may lie at any
     * address. */
    bool loose;
    uint32_t column_count;
    struct batch_column *columns;
    struct column_slice *slices; /* the batch, one a column */
    uint32_t row_count;
    uint64_t first_row; /* of the batch, in the file */
    uint64_t next_row;
    struct mem_account *account;
};

/* object and metadata are borrowed. limit: bytes for the pages of each column. */
CHECKED enum error_code batch_reader_open(struct batch_reader *ret,
                                          const struct store_object *object,
                                          const struct parquet_metadata *metadata,
                                          const uint32_t *columns, uint32_t column_count,
                                          size_t limit, struct mem_account *account,
                                          struct error *error);
void batch_reader_close(struct batch_reader *reader);

/* The next min(most, BATCH_ROWS) rows, fewer only at the end of the file, or where the reader is
 * loose; 0 at the end. */
CHECKED enum error_code batch_reader_next(struct batch_reader *reader, uint32_t most,
                                          struct error *error);
CHECKED enum error_code batch_reader_skip(struct batch_reader *reader, uint64_t rows,
                                          struct error *error);

/*
 * From now on profiles of row groups begin_group..end_group-1 are made; the next row must be the
 * first of begin_group. pages: one spool a column; profiles[g * column_count + c] is of column c.
 * All are the caller's.
 */
CHECKED enum error_code batch_reader_profile(struct batch_reader *reader, uint32_t begin_group,
                                             uint32_t end_group, struct spool *pages,
                                             struct parquet_chunk_profile *profiles,
                                             struct error *error);

/* Bytes for columns, pages excluded. */
size_t batch_reader_size(const struct column_type *types, uint32_t column_count);

/* "path=3, Date=2025-01-01" for a row of the batch. */
void batch_reader_describe(const struct batch_reader *reader, uint32_t row, char *buffer,
                           size_t size);

/* The value of a row of the batch, or NULL. */
const void *batch_reader_value(const struct batch_reader *reader, uint32_t column, uint32_t row);
#endif
