/* Keys and values as text for people; long ones are cut. */
#ifndef WEIR_DIFF_TEXT_H
#define WEIR_DIFF_TEXT_H

#include "diff/stream.h"

/* Appends "path=3, Date=2025-01-01" and a NUL. */
CHECKED enum error_code diff_text_key(struct mem_buffer *buffer, const struct diff_columns *columns,
                                      const struct diff_stream *stream, struct error *error);

/* Appends a value ("NULL" where there is none) and a NUL. */
CHECKED enum error_code diff_text_value(struct mem_buffer *buffer, const struct column_type *type,
                                        const void *value, struct error *error);

#endif
