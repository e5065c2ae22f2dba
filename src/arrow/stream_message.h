/*
 * Messages of an Arrow IPC stream: what stands in front of every body.
 *
 * Private to the arrow room. Source of the format: "Encapsulated message format" of the Arrow
 * columnar format, Message.fbs. Older writers left the continuation marker out; both forms are
 * read.
 */
#ifndef WEIR_ARROW_STREAM_MESSAGE_H
#define WEIR_ARROW_STREAM_MESSAGE_H

#include "arrow/flat_reader.h"
#include "arrow/stream_input.h"
#include "mem/mem.h"

/* Numbers of the MessageHeader union. */
enum stream_message_kind {
    STREAM_SCHEMA = 1,
    STREAM_DICTIONARY_BATCH = 2,
    STREAM_RECORD_BATCH = 3
};

/* Numbers of MetadataVersion; earlier ones are not read. */
enum { STREAM_VERSION_4 = 3, STREAM_VERSION_5 = 4 };

struct stream_message {
    enum stream_message_kind kind;
    int version;
    struct flat_table header; /* views the metadata buffer */
    uint64_t body_size;       /* bytes that follow on the descriptor */
};

enum stream_step {
    STREAM_STEP_MESSAGE, /* ret is filled in */
    STREAM_STEP_MARK,    /* the mark at the end of a stream */
    STREAM_STEP_END      /* the descriptor ends */
};

/* Reads up to the body of the next message. metadata is written over. */
CHECKED enum error_code stream_message_read(struct stream_input *input, struct mem_buffer *metadata,
                                            enum stream_step *ret_step, struct stream_message *ret,
                                            struct error *error);

#endif
