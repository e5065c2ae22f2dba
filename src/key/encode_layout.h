/* Sizes in an encoded key. Private to the files encode.c and decode.c. */
#ifndef WEIR_KEY_ENCODE_LAYOUT_H
#define WEIR_KEY_ENCODE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that the length of a text takes. */
#define ENCODED_LENGTH sizeof(uint32_t)

/* Bytes in which each column has a bit, set where it has a value. */
static inline size_t encoded_mask_size(uint32_t column_count)
{
    return ((size_t)column_count + 7) / 8;
}

#endif
