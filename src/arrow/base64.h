/*
 * Base64 (RFC 4648, standard alphabet), as Parquet's key-value entries carry Arrow's schema.
 */
#ifndef WEIR_ARROW_BASE64_H
#define WEIR_ARROW_BASE64_H

#include "mem/mem.h"

/* Appends the text of size bytes, padded with '='. */
CHECKED enum error_code base64_encode(const void *bytes, size_t size, struct mem_buffer *ret,
                                      struct error *error);

/*
 * Appends the bytes of a text. Padding may be missing; anything else that is not Base64 is
 * ERROR_INPUT, and what was appended before it stays.
 */
CHECKED enum error_code base64_decode(const char *text, size_t size, struct mem_buffer *ret,
                                      struct error *error);

#endif
