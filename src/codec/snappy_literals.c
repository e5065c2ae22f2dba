#include "codec/snappy_literals.h"

/* Shorter runs are not worth the way around the decoder. */
#define RUN_BYTES_LEAST ((size_t)1024)

/* What two bytes of length can say, and Snappy's own compressor works in. */
#define RUN_BYTES_MOST ((size_t)65536)

enum { TAG_BITS = 2, TAG_MASK = 3, TAG_LITERAL = 0, LENGTH_INLINE = 60 };

/* A literal's length less one stands in its tag, or in the 1 to 4 bytes behind it. */
static bool literal_length(struct cursor *block, size_t *ret)
{
    uint8_t tag, byte;
    if (!cursor_u8(block, &tag) || (tag & TAG_MASK) != TAG_LITERAL)
        return false;
    size_t length = tag >> TAG_BITS;
    if (length >= LENGTH_INLINE) {
        size_t bytes = length - LENGTH_INLINE + 1;
        length = 0;
        for (size_t i = 0; i < bytes; i++) {
            if (!cursor_u8(block, &byte))
                return false;
            length |= (size_t)byte << (8 * i);
        }
    }
    *ret = length + 1;
    return true;
}

bool snappy_literals_next(struct cursor *block, struct cursor *ret_run)
{
    size_t length;
    const uint8_t *bytes;
    if (!literal_length(block, &length) || !cursor_bytes(block, length, &bytes))
        return false;
    *ret_run = cursor_over(bytes, length);
    return true;
}

bool snappy_literals_open(const uint8_t *block, size_t size, size_t out_size, struct cursor *ret)
{
    struct cursor cursor = cursor_over(block, size);
    uint64_t said;
    if (!cursor_varint(&cursor, &said) || said != out_size)
        return false;
    struct cursor first = cursor, run;
    size_t total = 0, runs = 0;
    for (; cursor_left(&cursor) > 0; runs++) {
        if (!snappy_literals_next(&cursor, &run))
            return false;
        total += cursor_left(&run);
    }
    if (total != out_size || total < runs * RUN_BYTES_LEAST)
        return false;
    *ret = first;
    return true;
}

size_t snappy_literals_write(const uint8_t *data, size_t size, uint8_t *out)
{
    uint8_t *at = out;
    size_t rest = size;
    for (; rest >= 0x80; rest >>= 7)
        *at++ = (uint8_t)(rest | 0x80);
    *at++ = (uint8_t)rest;
    for (size_t done = 0; done < size;) {
        size_t run = size - done < RUN_BYTES_MOST ? size - done : RUN_BYTES_MOST;
        *at++ = (LENGTH_INLINE + 1) << TAG_BITS | TAG_LITERAL;
        *at++ = (uint8_t)(run - 1);
        *at++ = (uint8_t)((run - 1) >> 8);
        memcpy(at, data + done, run);
        at += run;
        done += run;
    }
    return (size_t)(at - out);
}
