/*
 * The filter at work on the batches of one file, or of one stream: which rows are taken, and
 * batches without the others.
 */
#ifndef WEIR_SUM_ROW_FILTER_H
#define WEIR_SUM_ROW_FILTER_H

#include "sum/sum_int.h"

struct row_filter {
    struct mem_arena arena;
    struct bound_filter *bound; /* NULL: every row is taken */
    uint8_t *selected;          /* BATCH_ROWS */
    uint32_t column_count;      /* slices that can be compacted */
    struct mem_buffer *values;  /* of each */
    uint8_t *present;           /* BATCH_ROWS of each */
    struct column_slice *slices;
    struct mem_account *account;
};

/* types: one a column of the sum's filter; NULL: every row is to be taken. column_count: how many
 * slices row_filter_compact gets. */
CHECKED enum error_code row_filter_open(struct row_filter *ret, struct sum *sum,
                                        const struct column_type *types, uint32_t column_count,
                                        struct error *error);
void row_filter_close(struct row_filter *filter);

/* Looks at the filter's columns; returns how many rows are taken. */
uint32_t row_filter_select(struct row_filter *filter, const struct column_slice *columns,
                           uint32_t row_count);

/* codes without those of rows that were not taken, in place. */
void row_filter_compact_codes(const struct row_filter *filter, uint64_t *codes, uint32_t row_count);

/* The slices without rows that were not taken: *ret has column_count slices, valid until the next
 * call. types: one a slice. */
CHECKED enum error_code row_filter_compact(struct row_filter *filter,
                                           const struct column_slice *slices, const size_t *widths,
                                           const struct column_slice **ret, struct error *error);
#endif
