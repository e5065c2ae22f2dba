/*
 * Reads Arrow IPC streams from a descriptor: batches of flat columns, as column slices.
 *
 * Several streams may stand one behind the other, each with its own schema: that is how many frames
 * come through one pipe. Lengths and offsets are checked against what was read before they are
 * used; buffers may be compressed with LZ4 frames or zstd as the format allows. Dictionaries are
 * replaced by their values. Types come as the physical and logical types that Parquet would give
 * them; large, view and plain text are the same. Nested, union, run-end encoded and 128-bit
 * interval columns are recognised and can be passed over, not read. Source: "Arrow columnar format"
 * (IPC streaming format, encapsulated messages), Schema.fbs, Message.fbs.
 */
#ifndef WEIR_ARROW_STREAM_H
#define WEIR_ARROW_STREAM_H

#include "column/column.h"
#include "mem/mem.h"

struct arrow_stream;

/* The descriptor is borrowed. limit: bytes that one batch with its dictionaries may take. */
CHECKED enum error_code arrow_stream_open(struct mem_account *account, int descriptor, size_t limit,
                                          struct arrow_stream **ret, struct error *error);
void arrow_stream_close(struct arrow_stream *stream);

/* Goes to the next stream and reads its schema; *ret_more false: the descriptor is at its end. What
 * is left of the stream before is passed over. */
CHECKED enum error_code arrow_stream_next_schema(struct arrow_stream *stream, bool *ret_more,
                                                 struct error *error);

/* Columns of the schema; names and fields live until the next schema. unsupported: why a column
 * cannot be read, or NULL. */
uint32_t arrow_stream_column_count(const struct arrow_stream *stream);
const struct column_field *arrow_stream_field(const struct arrow_stream *stream, uint32_t column);
const char *arrow_stream_unsupported(const struct arrow_stream *stream, uint32_t column);

/* The next batch: *ret_rows rows, *ret_more false at the end of this stream (an empty batch is no
 * end). */
CHECKED enum error_code arrow_stream_next_batch(struct arrow_stream *stream, uint64_t *ret_rows,
                                                bool *ret_more, struct error *error);

/*
 * Rows first..first+count-1 of a column of the batch as a slice: count at most 4,096. Valid until
 * the next slice of the same column. ERROR_INPUT where text is not inside its buffer, an index not
 * inside its dictionary.
 */
CHECKED enum error_code arrow_stream_slice(struct arrow_stream *stream, uint32_t column,
                                           uint64_t first, uint32_t count, struct column_slice *ret,
                                           struct error *error);
#endif
