/*
 * Text on its way to an output or to standard output, gathered into large writes.
 *
 * Private to the sink room.
 */
#ifndef WEIR_SINK_TEXT_OUTPUT_H
#define WEIR_SINK_TEXT_OUTPUT_H

#include <string.h>

#include "sink/ops.h"

#define TEXT_OUTPUT_BYTES ((size_t)64 << 10)

struct text_output {
    struct output *output; /* NULL: standard output */
    char *data;
    size_t size;
};

CHECKED enum error_code text_output_open(struct text_output *ret, const struct sink *sink,
                                         struct error *error);
void text_output_close(struct text_output *text);
CHECKED enum error_code text_output_flush(struct text_output *text, struct error *error);

/* For what is longer than the room left. */
CHECKED enum error_code text_output_long(struct text_output *text, const void *bytes, size_t size,
                                         struct error *error);

CHECKED static inline enum error_code text_put(struct text_output *text, const void *bytes,
                                               size_t size, struct error *error)
{
    if (size > TEXT_OUTPUT_BYTES - text->size)
        return text_output_long(text, bytes, size, error);
    if (size > 0)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    return ERROR_NONE;
}

CHECKED static inline enum error_code text_put_char(struct text_output *text, char c,
                                                    struct error *error)
{
    return text_put(text, &c, 1, error);
}

/* Lower-case hexadecimal digits. */
CHECKED enum error_code text_put_hex(struct text_output *text, const uint8_t *bytes, size_t size,
                                     struct error *error);

#endif
