/*
 * What every sink is made of: a table of what it does, in front of a struct of its own.
 *
 * Private to the sink room. A format's struct begins with struct sink; sink_destroy frees it after
 * destroy has given back what hangs on it.
 */
#ifndef WEIR_SINK_OPS_H
#define WEIR_SINK_OPS_H

#include "sink/sink.h"

struct sink_ops {
    enum error_code (*write)(struct sink *sink, const struct column_batch *batch,
                             struct error *error);
    enum error_code (*finish)(struct sink *sink, const struct parquet_key_value *key_values,
                              uint32_t key_value_count, struct error *error);
    void (*destroy)(struct sink *sink);
};

struct sink {
    const struct sink_ops *ops;
    struct mem_account *account;
    struct output *output; /* NULL: standard output */
    const struct column_field *fields;
    uint32_t field_count;
};

/* Allocates size bytes that begin with a struct sink made from the rest. */
CHECKED enum error_code sink_create(size_t size, const struct sink *base, struct sink **ret,
                                    struct error *error);

/* Each makes a sink of one format and leaves nothing behind when it fails. */
CHECKED enum error_code csv_sink_open(const struct sink *base, struct sink **ret,
                                      struct error *error);
CHECKED enum error_code jsonl_sink_open(const struct sink *base, struct sink **ret,
                                        struct error *error);
CHECKED enum error_code table_sink_open(const struct sink *base, uint32_t rows, struct sink **ret,
                                        struct error *error);
CHECKED enum error_code arrow_sink_open(const struct sink *base, bool stream, struct sink **ret,
                                        struct error *error);
CHECKED enum error_code parquet_sink_open(const struct sink *base,
                                          const struct parquet_writer_options *options,
                                          uint64_t row_group_rows, struct sink **ret,
                                          struct error *error);

/* The most that each holds, its own struct counted; for CSV and JSON lines see text_rows.h. */
size_t table_sink_size(uint32_t field_count, uint32_t rows);
size_t arrow_sink_size(const struct column_field *fields, uint32_t field_count);
size_t parquet_sink_size(const struct column_field *fields, uint32_t field_count,
                         const struct parquet_writer_options *options);

#endif
