/*
 * Where the rows of a sum go.
 *
 * Parquet in the order of the first file: its key chunks are copied as they are and the results
 * appended beside them, row group by row group. Anything else: keys are decoded again, and batches
 * of whole rows go to a sink, through a sorter where rows were asked for in order.
 *
 * Rows arrive in order, from whichever thread has its turn; one thread at a time.
 */
#ifndef WEIR_SUM_RESULT_H
#define WEIR_SUM_RESULT_H

#include "sum/sum_int.h"

struct result;

/* Bytes that a result holds at most. */
size_t result_size(const struct sum *sum);

/* output: opened by the caller, committed by result_finish; NULL for a table. */
CHECKED enum error_code result_open(struct sum *sum, struct output *output, struct result **ret,
                                    struct error *error);

/* The next count rows, whose accumulators are keys 0..count-1 of the tiles. */
CHECKED enum error_code result_write(struct result *result, struct value_tile *tiles,
                                     uint64_t first_row, uint64_t count, struct error *error);
CHECKED enum error_code result_finish(struct result *result, struct error *error);
void result_destroy(struct result *result);
#endif
