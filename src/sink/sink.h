/*
 * Sinks: where rows of a result go. CSV, JSON lines, Arrow IPC, a table for people; and Parquet for
 * rows that are not copied chunks.
 *
 * A sink is opened with its fields, gets batches in order, and is finished once. It writes to a
 * struct output that the caller opened and commits (the table sink: to standard output).
 *
 * How values are written where the format has no type of its own:
 * - CSV: NULL is an empty field and empty text is "", floats may be nan, inf and -inf, times are
 * ISO 8601, binary is hexadecimal.
 * - JSON lines: integers, floats and decimals are numbers with all their digits; "NaN", "Infinity"
 * and
 *   "-Infinity" are strings, and so are times and binary (as in CSV); what is not UTF-8 becomes
 * U+FFFD.
 * - Arrow: see arrow/ipc.h.
 */
#ifndef WEIR_SINK_SINK_H
#define WEIR_SINK_SINK_H

#include "column/column.h"
#include "parquet/writer.h"
#include "store/output.h"

enum sink_format { SINK_PARQUET, SINK_CSV, SINK_ARROW, SINK_JSONL, SINK_TABLE };

/* "parquet", "csv", "arrow", "jsonl"; false when unknown. */
CHECKED bool sink_format_from_name(const char *name, enum sink_format *ret);
/* By the ending of a path (.parquet .pq .csv .arrow .arrows .feather .ipc .jsonl .ndjson); false
 * when none fits. */
CHECKED bool sink_format_from_path(const char *path, enum sink_format *ret);

struct sink_options {
    enum sink_format format;
    const struct parquet_writer_options *parquet; /* for SINK_PARQUET */
    uint64_t row_group_rows;                      /* for SINK_PARQUET */
    bool arrow_stream; /* SINK_ARROW: stream form (for standard output) instead of the file form */
    uint32_t table_rows; /* SINK_TABLE: rows shown; the rest are only counted */
};

struct sink;

/* output NULL for SINK_TABLE. fields and output are borrowed until destroy. */
CHECKED enum error_code sink_open(struct mem_account *account, struct output *output,
                                  const struct column_field *fields, uint32_t field_count,
                                  const struct sink_options *options, struct sink **ret,
                                  struct error *error);
/* The most a sink holds. Batches of at most 65,536 rows. */
size_t sink_size(const struct column_field *fields, uint32_t field_count,
                 const struct sink_options *options);
CHECKED enum error_code sink_write(struct sink *sink, const struct column_batch *batch,
                                   struct error *error);
/*
 * key_values go into Parquet's footer and into the schema of Arrow's file form; Arrow's stream
 * form, whose schema is written first, and the others ignore them.
 */
CHECKED enum error_code sink_finish(struct sink *sink, const struct parquet_key_value *key_values,
                                    uint32_t key_value_count, struct error *error);
void sink_destroy(struct sink *sink);
#endif
