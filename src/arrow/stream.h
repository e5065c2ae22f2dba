/*
 * Reads Arrow IPC streams from a descriptor: batches of flat columns, as column slices.
 *
 * Several streams may stand one behind the other, each with its own schema: that is how many frames
 * come through one pipe. Lengths and offsets are checked against what was read before they are
 * used; buffers may be compressed with LZ4 frames or zstd as the format allows. Dictionaries are
 * replaced by their values. Types come as the physical and logical types that Parquet would give
 * them; large, view and plain text are the same. Nested, union, run-end encoded and 128-bit
 * interval columns are recognised and can be passed over, not read.
 *
 * A stream is for one thread at a time. What it gives, a batch, belongs to whoever has it: several
 * threads may look at batches of one stream, each at its own, while one of them reads on. What
 * batches share, schema and dictionaries, changes only where that is said. Source: "Arrow columnar
 * format" (IPC streaming format, encapsulated messages), Schema.fbs, Message.fbs.
 */
#ifndef WEIR_ARROW_STREAM_H
#define WEIR_ARROW_STREAM_H

#include <stdatomic.h>

#include "column/column.h"
#include "mem/mem.h"

struct arrow_stream;
struct arrow_batch;

/* The descriptor is borrowed. limit: bytes that all batches with their dictionaries may take. */
CHECKED enum error_code arrow_stream_open(struct mem_account *account, int descriptor, size_t limit,
                                          struct arrow_stream **ret, struct error *error);
/* All batches are closed before. */
void arrow_stream_close(struct arrow_stream *stream);
/* Reading ends with ERROR_CANCELLED, and nothing said, once *stop is set by another thread. */
void arrow_stream_stop_at(struct arrow_stream *stream, const atomic_bool *stop);

/* Goes to the next stream and reads its schema; *ret_more false: the descriptor is at its end. What
 * is left of the stream before is passed over. No batch may be in use: all lose their rows. */
CHECKED enum error_code arrow_stream_next_schema(struct arrow_stream *stream, bool *ret_more,
                                                 struct error *error);

/* Columns of the schema; names and fields live until the next schema. unsupported: why a column
 * cannot be read, or NULL. */
uint32_t arrow_stream_column_count(const struct arrow_stream *stream);
const struct column_field *arrow_stream_field(const struct arrow_stream *stream, uint32_t column);
const char *arrow_stream_unsupported(const struct arrow_stream *stream, uint32_t column);

/* What comes next in this stream. */
enum arrow_step { ARROW_STEP_BATCH, ARROW_STEP_DICTIONARY, ARROW_STEP_END };

/* Goes on to the next step; what was not taken is passed over. *ret_size: bytes that taking it
 * reads, 0 at the end of this stream. */
CHECKED enum error_code arrow_stream_next(struct arrow_stream *stream, enum arrow_step *ret,
                                          uint64_t *ret_size, struct error *error);
/* Reads the dictionary that is next. No batch may be in use. */
CHECKED enum error_code arrow_stream_take_dictionary(struct arrow_stream *stream,
                                                     struct error *error);
/* Reads the batch that is next, in place of what batch had; it may be empty. */
CHECKED enum error_code arrow_stream_take(struct arrow_stream *stream, struct arrow_batch *batch,
                                          struct error *error);

/* The limit it was opened with, and the memory of the schema and its dictionaries. */
size_t arrow_stream_limit(const struct arrow_stream *stream);
size_t arrow_stream_shared_bytes(const struct arrow_stream *stream);

/* ---- batches ---- */

/* A batch without rows, for this stream. */
CHECKED enum error_code arrow_batch_open(struct arrow_stream *stream, struct arrow_batch **ret,
                                         struct error *error);
void arrow_batch_close(struct arrow_batch *batch);
/* Gives its memory back; no rows are left. */
void arrow_batch_clear(struct arrow_batch *batch);

uint64_t arrow_batch_rows(const struct arrow_batch *batch);
/* Memory that it holds now. */
size_t arrow_batch_bytes(const struct arrow_batch *batch);
/* Memory that these columns will take beside it once they were sliced: what they are unpacked to.
 */
CHECKED enum error_code arrow_batch_unpacked_bytes(struct arrow_batch *batch,
                                                   const uint32_t *columns, uint32_t column_count,
                                                   uint64_t *ret, struct error *error);

/*
 * Rows first..first+count-1 of a column of the batch as a slice: count at most 4,096. Valid until
 * the next slice of the same column. ERROR_INPUT where text is not inside its buffer, an index not
 * inside its dictionary.
 */
CHECKED enum error_code arrow_batch_slice(struct arrow_batch *batch, uint32_t column,
                                          uint64_t first, uint32_t count, struct column_slice *ret,
                                          struct error *error);
#endif
