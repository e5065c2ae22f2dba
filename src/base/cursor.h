/*
 * A reader of bytes that came from outside, which cannot leave its bounds.
 *
 * A cursor views bytes that somebody else owns. Every read checks what is left first and returns
 * false, without moving, when there is too little; the caller turns that into an error that knows
 * the file and offset. Parsers use cursors and nothing else: no pointer arithmetic of their own.
 */
#ifndef WEIR_BASE_CURSOR_H
#define WEIR_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct cursor {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
};

static inline struct cursor cursor_over(const void *bytes, size_t size)
{
    const uint8_t *start = bytes;
    return (struct cursor){start, start, start + size};
}

static inline size_t cursor_left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/* Bytes consumed so far. */
static inline size_t cursor_offset(const struct cursor *cursor)
{
    return (size_t)(cursor->at - cursor->start);
}

/* The next size bytes in place, valid as long as what the cursor views. */
CHECKED static inline bool cursor_bytes(struct cursor *cursor, size_t size, const uint8_t **ret)
{
    if (size > cursor_left(cursor))
        return false;
    *ret = cursor->at;
    cursor->at += size;
    return true;
}

CHECKED static inline bool cursor_skip(struct cursor *cursor, size_t size)
{
    const uint8_t *ignored;
    return cursor_bytes(cursor, size, &ignored);
}

CHECKED static inline bool cursor_u8(struct cursor *cursor, uint8_t *ret)
{
    if (cursor->at == cursor->end)
        return false;
    *ret = *cursor->at++;
    return true;
}

CHECKED static inline bool cursor_copy(struct cursor *cursor, void *ret, size_t size)
{
    const uint8_t *bytes;
    if (!cursor_bytes(cursor, size, &bytes))
        return false;
    memcpy(ret, bytes, size);
    return true;
}

/* Little-endian integers, as they stand in memory: weir runs on little-endian machines only. */
CHECKED static inline bool cursor_u16(struct cursor *cursor, uint16_t *ret)
{
    return cursor_copy(cursor, ret, sizeof *ret);
}

CHECKED static inline bool cursor_u32(struct cursor *cursor, uint32_t *ret)
{
    return cursor_copy(cursor, ret, sizeof *ret);
}

CHECKED static inline bool cursor_u64(struct cursor *cursor, uint64_t *ret)
{
    return cursor_copy(cursor, ret, sizeof *ret);
}

/* Unsigned LEB128 of at most 64 bits (Thrift compact protocol, Parquet hybrid runs). */
CHECKED bool cursor_varint(struct cursor *cursor, uint64_t *ret);

/* A LEB128 whose lowest bit is the sign ("zigzag"). */
CHECKED bool cursor_zigzag(struct cursor *cursor, int64_t *ret);

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weir needs a little-endian machine");

#endif
