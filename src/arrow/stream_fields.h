/*
 * What a field takes of a record batch, children included.
 *
 * Private to the arrow room.
 */
#ifndef WEIR_ARROW_STREAM_FIELDS_H
#define WEIR_ARROW_STREAM_FIELDS_H

#include "arrow/stream_array.h"

struct stream_fields {
    int version;
    uint64_t left; /* fields that may still be looked at */
};

/* For a message of so many bytes: each field takes eight of them at least. */
struct stream_fields stream_fields_of(const struct stream_message *message);

/* Adds what the field takes to ret. ERROR_INPUT: more fields than the message has room for,
 * ERROR_UNSUPPORTED: nested too deeply. */
CHECKED enum error_code stream_fields_measure(struct stream_fields *fields,
                                              const struct flat_table *described,
                                              struct stream_extent *ret, struct error *error);

#endif
