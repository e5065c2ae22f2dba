/*
 * UTF-8 as RFC 3629 has it: no form longer than needed, no surrogates, nothing beyond U+10FFFF.
 *
 * Texts come from outside, so no function here asks that its bytes be UTF-8. Those that cut look at
 * the bytes that continue a character (10xxxxxx) only: in UTF-8 they never cut through a character,
 * in other bytes they still end.
 */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stands for bytes that are no character; a character cut at the end is none. */
#define UTF8_INVALID UINT32_MAX

/*
 * Takes the character at bytes, of which there is at least one; returns how many bytes it has. Of
 * what is invalid it takes one byte.
 */
size_t utf8_next(const uint8_t *bytes, size_t left, uint32_t *ret);

/* Whether bytes are characters, whole ones, and nothing else. */
bool utf8_is_valid(const void *bytes, size_t size);

/* Whether a byte belongs to a character that began before it. */
static inline bool utf8_continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Where to cut a text of more than most bytes: the last place up to most at which a character
 * begins, or 0. */
size_t utf8_cut(const void *bytes, size_t most);

/* The same for bytes that may be no text: most, where more bytes continue than a character has. */
size_t utf8_cut_bytes(const void *bytes, size_t most);

/* Bytes before the first place at which a character begins: all of size where none does. */
size_t utf8_first(const void *bytes, size_t size);

/* Copies text; of one longer than most bytes what utf8_cut leaves, and "..." behind it. buffer has
 * room for most + 4 bytes. Returns buffer. */
char *utf8_shorten(const char *text, size_t most, char *buffer);

#endif
