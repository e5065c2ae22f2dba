/*
 * One column of a record batch: its buffers' sizes, then their bytes.
 *
 * Private to the arrow room. Sizes are told before anything is written, because a message's
 * metadata stands before its body.
 */
#ifndef WEIR_ARROW_IPC_COLUMN_H
#define WEIR_ARROW_IPC_COLUMN_H

#include "arrow/ipc.h"
#include "arrow/type.h"

struct arrow_column {
    struct arrow_type type;
    const struct column_field *field;
    const struct column_slice *slice;
    uint32_t null_count;
    uint64_t text_size; /* bytes of all values of a text or binary column */
};

#define ARROW_MOST_BUFFERS 3

/* Bytes of each buffer, without padding. */
struct arrow_buffers {
    uint64_t sizes[ARROW_MOST_BUFFERS];
    uint32_t count;
};

/* Fails when text does not fit 32-bit offsets. */
CHECKED enum error_code arrow_column_init(struct arrow_column *ret,
                                          const struct column_field *field,
                                          const struct column_slice *slice, struct error *error);

struct arrow_buffers arrow_column_buffers(const struct arrow_column *column);

/* Writes exactly those buffers, each padded to 8 bytes. */
CHECKED enum error_code arrow_column_write(const struct arrow_column *column,
                                           struct arrow_writer *writer, struct error *error);

/* Gathers bytes into larger writes; large ones go straight through. */
CHECKED enum error_code arrow_put(struct arrow_writer *writer, const void *bytes, size_t size,
                                  struct error *error);
/* Zeros up to the next multiple of 8. */
CHECKED enum error_code arrow_pad(struct arrow_writer *writer, struct error *error);

/* Bytes gathered before they are written. */
#define ARROW_PIECE_BYTES ((size_t)64 << 10)

#endif
