/* Byte arrays that share their beginnings with the one before: most are short, and a short copy is
 * one load and one store of more bytes than wanted, where those are free to be touched. */
#include <stdbool.h>
#include <string.h>

#include "parquet/kernels.h"

#define SHORT 16

/* room: bytes that may be read at in and written at out, whichever is less. */
static inline void copy_short(uint8_t *out, const uint8_t *in, size_t size, bool room)
{
    if (size <= SHORT && room) {
        uint8_t bytes[SHORT];
        memcpy(bytes, in, SHORT);
        memcpy(out, bytes, SHORT);
    } else if (size > 0) {
        memcpy(out, in, size);
    }
}

void join_scalar(const uint8_t *last, const uint8_t *in, size_t in_size, const uint32_t *prefixes,
                 const uint32_t *suffixes, size_t count, uint8_t *text, size_t text_size)
{
    const uint8_t *in_end = in + in_size, *text_end = text + text_size;
    for (size_t i = 0; i < count; i++) {
        size_t prefix = prefixes[i], suffix = suffixes[i];
        size_t room = (size_t)(text_end - text);
        /* The first one's beginning stands elsewhere, where nothing is known behind it. */
        copy_short(text, last, prefix, i > 0 && room >= SHORT);
        copy_short(text + prefix, in, suffix,
                   room - prefix >= SHORT && (size_t)(in_end - in) >= SHORT);
        in += suffix;
        last = text;
        text += prefix + suffix;
    }
}
