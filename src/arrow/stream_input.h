/*
 * Bytes from a descriptor that may be a pipe: short reads, interrupted calls, no seeking.
 *
 * Private to the arrow room.
 */
#ifndef WEIR_ARROW_STREAM_INPUT_H
#define WEIR_ARROW_STREAM_INPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct stream_input {
    int descriptor;          /* borrowed */
    uint64_t position;       /* bytes read so far */
    const atomic_bool *stop; /* another thread wants it to end; NULL: nobody will */
};

/* Reads size bytes, or none where the input ends just here: *ret_ended. An end in the middle is
 * ERROR_INPUT, a signal that asks to stop ERROR_CANCELLED; so is *stop, of which nothing is said.
 */
CHECKED enum error_code stream_input_begin(struct stream_input *input, void *bytes, size_t size,
                                           bool *ret_ended, struct error *error);
/* Reads exactly size bytes. */
CHECKED enum error_code stream_input_read(struct stream_input *input, void *bytes, size_t size,
                                          struct error *error);
/* Passes over size bytes. */
CHECKED enum error_code stream_input_skip(struct stream_input *input, uint64_t size,
                                          struct error *error);

/* ERROR_INPUT with the position of what was read last. */
enum error_code stream_damaged(const struct stream_input *input, const char *what,
                               struct error *error);

#endif
