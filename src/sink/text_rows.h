/*
 * What CSV and JSON lines have in common: rows as text, each written as soon as it comes.
 *
 * Private to the sink room. A sink of text rows is this struct; a format adds how it writes a batch
 * and what stands in front.
 */
#ifndef WEIR_SINK_TEXT_ROWS_H
#define WEIR_SINK_TEXT_ROWS_H

#include "sink/cell.h"
#include "sink/text_output.h"

struct text_rows {
    struct sink base;
    struct text_output text;
    struct column_walk *walks; /* one a field */
};

/* ops: with text_rows_finish and text_rows_destroy. Leaves nothing behind when it fails. */
CHECKED enum error_code text_rows_open(const struct sink *base, const struct sink_ops *ops,
                                       struct sink **ret, struct error *error);

/* Lets the walks stand before the batch's first row. */
void text_rows_begin_batch(struct text_rows *rows, const struct column_batch *batch);

/* Text has no place for key-value metadata. */
CHECKED enum error_code text_rows_finish(struct sink *sink,
                                         const struct parquet_key_value *key_values,
                                         uint32_t key_value_count, struct error *error);
void text_rows_destroy(struct sink *sink);

/* The most that one holds, its own struct counted. */
size_t text_rows_size(uint32_t field_count);

#endif
