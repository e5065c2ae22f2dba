/*
 * Rows of a result on their way to a sink: as they come, or through a sorter where rows were asked
 * for in order of their keys.
 *
 * One thread at a time. The output is the caller's until rows_out_finish, which commits it.
 */
#ifndef WEIR_SUM_ROWS_OUT_H
#define WEIR_SUM_ROWS_OUT_H

#include "sum/sum_int.h"

struct rows_out {
    struct sum *sum;
    struct output *output; /* NULL for a table */
    struct parquet_writer_options parquet;
    struct sorter *sorter; /* NULL: rows go on as they come */
    struct sink *sink;
};

/* How the result's Parquet files are written. */
struct parquet_writer_options rows_out_parquet(const struct sum *sum);

/* Bytes that rows_out_open and all later use take at most. sort: through a sorter. */
size_t rows_out_size(const struct sum *sum, bool sort);
/* Of these, what a sorter takes: a share of the ceiling. */
size_t rows_out_sort_size(const struct sum *sum);
CHECKED enum error_code rows_out_open(struct rows_out *ret, struct sum *sum, struct output *output,
                                      bool sort, struct error *error);
void rows_out_close(struct rows_out *out);

/* slices: one a field of the sum, keys first. */
CHECKED enum error_code rows_out_write(struct rows_out *out, uint32_t row_count,
                                       const struct column_slice *slices, struct error *error);
CHECKED enum error_code rows_out_finish(struct rows_out *out, struct error *error);
#endif
