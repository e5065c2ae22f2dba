/*
 * A stream, and a batch that was taken from it: what both are made of.
 *
 * Private to the arrow room. The batch has all that slices of it write to; of the stream it only
 * reads schema and dictionaries.
 */
#ifndef WEIR_ARROW_ARROW_BATCH_H
#define WEIR_ARROW_ARROW_BATCH_H

#include "arrow/stream.h"
#include "arrow/stream_schema.h"

/* Where the descriptor stands. */
enum stream_place { BEFORE_SCHEMA, WITHIN_STREAM, AT_END };

struct arrow_stream {
    struct mem_account account; /* its limit is what batches may take */
    struct mem_account shared;  /* the schema and its dictionaries */
    struct stream_input input;
    enum stream_place place;
    struct mem_buffer metadata; /* of the last message */
    struct stream_decoders decoders;
    struct stream_schema schema;
    uint64_t generation;           /* of the schema */
    struct stream_message pending; /* its body comes next, if ... */
    bool is_pending;
};

struct batch_column {
    struct stream_array array; /* values, or indices */
    struct stream_lookup lookup;
    struct stream_position position; /* in the batch */
    bool is_bound;                   /* array views the batch */
};

struct arrow_batch {
    struct mem_account account; /* all but the metadata, which is handed over by the stream */
    const struct arrow_stream *stream;
    uint64_t generation; /* that columns are made for */
    struct mem_buffer metadata;
    struct mem_buffer body;
    struct stream_decoders decoders;
    struct batch_column *columns;
    uint32_t column_count;
    struct stream_batch batch; /* no rows where there is none */
};

/* Has columns for the stream's schema. */
CHECKED enum error_code arrow_batch_fit(struct arrow_batch *batch, struct error *error);
/* Takes over what was read: finds where each column begins; what lies there is looked at when it is
 * asked for. false: it has fewer columns than the schema. */
CHECKED bool arrow_batch_place(struct arrow_batch *batch, const struct stream_batch *read);

#endif
