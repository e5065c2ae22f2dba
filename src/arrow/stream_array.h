/*
 * One array of a record batch: its buffers found, checked and unpacked, and rows of it as slices.
 *
 * Private to the arrow room. An array views the body of its batch; what does not lie there as a
 * slice needs it is put into memory of the array, which the next slice overwrites. Source of the
 * format: RecordBatch and BodyCompression of Message.fbs, "Buffer listing for each layout" of the
 * Arrow columnar format.
 */
#ifndef WEIR_ARROW_STREAM_ARRAY_H
#define WEIR_ARROW_STREAM_ARRAY_H

#include "arrow/stream_kernels.h"
#include "arrow/stream_message.h"
#include "codec/codec.h"
#include "codec/lz4_frame.h"

/* Rows of a slice at most. */
#define STREAM_SLICE_ROWS 4096

/* What buffers are compressed with; numbers of CompressionType, and none. */
enum stream_compression { STREAM_UNCOMPRESSED = -1, STREAM_LZ4_FRAME = 0, STREAM_ZSTD = 1 };

struct stream_decoders {
    struct codec_state codecs;
    struct lz4_frame_decoder lz4;
};

/* A record batch, as its metadata tells of it. */
struct stream_batch {
    struct flat_table table;
    struct flat_vector nodes;
    struct flat_vector buffers;
    struct flat_vector variadic; /* how many texts each array of views has */
    uint64_t row_count;
    enum stream_compression compression;
    struct stream_bytes body;
    struct stream_decoders *decoders;
};

/* Checks what concerns the batch as a whole. body and decoders are the caller's to set. */
CHECKED enum error_code stream_batch_read(const struct flat_table *table, struct stream_batch *ret,
                                          struct error *error);

/* How much of a batch's metadata a field takes, children included. */
struct stream_extent {
    uint32_t nodes;
    uint32_t buffers; /* without those of views */
    uint32_t views;   /* entries of variadic */
};

/* Where in a batch's metadata the next field begins. */
struct stream_position {
    uint32_t node;
    uint32_t buffer;
    uint32_t variadic;
};

/* Moves behind a field; false: the batch has less. */
CHECKED bool stream_position_pass(const struct stream_batch *batch,
                                  const struct stream_extent *extent, struct stream_position *at);

struct stream_array {
    struct stream_type type;
    uint64_t length;
    bool has_nulls;
    struct mem_buffer parts;    /* struct stream_bytes of each buffer, validity first */
    struct mem_buffer unpacked; /* what was compressed */
    struct mem_buffer present;  /* of the slice */
    struct mem_buffer dense;    /* values without nulls, as Arrow has them */
    struct mem_buffer values;   /* the same as slices have them */
};

void stream_array_init(struct stream_array *array, struct mem_account *account,
                       const struct stream_type *type);
void stream_array_release(struct stream_array *array);

/* Finds the array's buffers at a place of a batch. The batch's body must outlive its slices. */
CHECKED enum error_code stream_array_bind(struct stream_array *array,
                                          const struct stream_batch *batch,
                                          struct stream_position at, struct error *error);

/* What binding takes beside the body: bytes of what is compressed. The array is not bound. */
CHECKED enum error_code stream_array_measure(struct stream_array *array,
                                             const struct stream_batch *batch,
                                             struct stream_position at, size_t *ret,
                                             struct error *error);

/* Which rows have a value: ret->present, ret->row_count and ret->value_count. */
CHECKED enum error_code stream_array_presence(struct stream_array *array, uint64_t first,
                                              uint32_t count, struct column_slice *ret,
                                              struct error *error);
/* The values of the rows that presence told of, fixed ones as Arrow has them. */
CHECKED enum error_code stream_array_dense(struct stream_array *array, uint64_t first,
                                           const struct column_slice *slice, const uint8_t **ret,
                                           struct error *error);
/* All of a slice. */
CHECKED enum error_code stream_array_slice(struct stream_array *array, uint64_t first,
                                           uint32_t count, struct column_slice *ret,
                                           struct error *error);

#endif
