/*
 * UTF-8, one character at a time.
 *
 * Private to the sink room. Source: RFC 3629.
 */
#ifndef WEIR_SINK_UTF8_H
#define WEIR_SINK_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Stands for bytes that are not UTF-8: longer forms than needed, surrogates, cut characters. */
#define UTF8_INVALID UINT32_MAX

/*
 * Takes the character at bytes, of which there is at least one; returns how many bytes it has. Of
 * what is invalid it takes one byte.
 */
size_t utf8_next(const uint8_t *bytes, size_t left, uint32_t *ret);

/* Columns on a terminal, roughly: 0 for combining marks, 2 for East Asian wide and emoji, else 1.
 */
unsigned utf8_columns(uint32_t character);

#endif
