/*
 * LZ4 as Parquet has it: raw blocks (LZ4_RAW), and the older "LZ4", which is Hadoop's framing by
 * the book, and from some writers a raw block or an LZ4 frame. Sources: Compression.md of
 * apache/parquet-format; lz4_Frame_format.md of lz4/lz4.
 */
#include <limits.h>
#include <lz4.h>

#include "base/cursor.h"
#include "codec/block.h"

#define FRAME_MAGIC         0x184D2204u
#define FRAME_CONTENT_SUM   0x04
#define FRAME_CONTENT_SIZE  0x08
#define FRAME_BLOCK_SUM     0x10
#define FRAME_DICTIONARY_ID 0x01
#define FRAME_STORED        0x80000000u
#define FRAME_HISTORY       ((size_t)64 << 10)

/* Where the next decoded byte goes; out.data..at is what earlier blocks gave. */
struct filling {
    struct codec_out out;
    size_t filled;
};

static size_t room(const struct filling *filling)
{
    return filling->out.size - filling->filled;
}

/* Decodes one raw block to at most most bytes; blocks of a frame may refer to the bytes before. */
static bool decode_block(struct filling *filling, const uint8_t *block, size_t size, size_t most,
                         bool linked, size_t *ret_given)
{
    if (size > INT_MAX)
        return false;
    most = most < INT_MAX ? most : INT_MAX;
    size_t history = !linked                           ? 0
                     : filling->filled < FRAME_HISTORY ? filling->filled
                                                       : FRAME_HISTORY;
    char nothing[1];
    char *to = filling->out.size > 0 ? (char *)filling->out.data + filling->filled : nothing;
    int given = LZ4_decompress_safe_usingDict((const char *)block, to, (int)size, (int)most,
                                              to - history, (int)history);
    if (given < 0)
        return false;
    filling->filled += (size_t)given;
    *ret_given = (size_t)given;
    return true;
}

static bool decode_raw(struct codec_in in, struct codec_out out)
{
    struct filling filling = {out, 0};
    size_t given;
    return in.size > 0 && decode_block(&filling, in.data, in.size, out.size, false, &given) &&
           given == out.size;
}

static bool read_big_endian(struct cursor *cursor, uint32_t *ret)
{
    uint32_t value;
    if (!cursor_u32(cursor, &value))
        return false;
    *ret = __builtin_bswap32(value);
    return true;
}

/* Blocks that follow each other until they gave as many bytes as the group's head says. */
static bool decode_hadoop_group(struct cursor *cursor, struct filling *filling, uint32_t wanted)
{
    if (wanted > room(filling))
        return false;
    while (wanted > 0) {
        uint32_t size;
        const uint8_t *block;
        size_t given;
        if (!read_big_endian(cursor, &size) || !cursor_bytes(cursor, size, &block) ||
            !decode_block(filling, block, size, wanted, false, &given) || given == 0)
            return false;
        wanted -= (uint32_t)given;
    }
    return true;
}

static bool decode_hadoop(struct codec_in in, struct codec_out out)
{
    struct cursor cursor = cursor_over(in.data, in.size);
    struct filling filling = {out, 0};
    while (cursor_left(&cursor) > 0) {
        uint32_t wanted;
        if (!read_big_endian(&cursor, &wanted) || !decode_hadoop_group(&cursor, &filling, wanted))
            return false;
    }
    return filling.filled == out.size;
}

static bool read_frame_header(struct cursor *cursor, uint8_t *ret_flags)
{
    uint32_t magic;
    uint8_t flags;
    if (!cursor_u32(cursor, &magic) || magic != FRAME_MAGIC || !cursor_u8(cursor, &flags))
        return false;
    size_t rest = 2; /* block descriptor and header checksum */
    rest += (flags & FRAME_CONTENT_SIZE) != 0 ? 8 : 0;
    rest += (flags & FRAME_DICTIONARY_ID) != 0 ? 4 : 0;
    *ret_flags = flags;
    return cursor_skip(cursor, rest);
}

static bool decode_frame_block(struct cursor *cursor, struct filling *filling, uint32_t head)
{
    const uint8_t *block;
    size_t given;
    size_t size = head & ~FRAME_STORED;
    if (!cursor_bytes(cursor, size, &block))
        return false;
    if ((head & FRAME_STORED) == 0)
        return decode_block(filling, block, size, room(filling), true, &given);
    if (size > room(filling))
        return false;
    memcpy(filling->out.data + filling->filled, block, size);
    filling->filled += size;
    return true;
}

/* Checksums are passed over: pages have their own. */
static bool decode_frame(struct codec_in in, struct codec_out out)
{
    struct cursor cursor = cursor_over(in.data, in.size);
    struct filling filling = {out, 0};
    uint8_t flags;
    uint32_t head;
    if (!read_frame_header(&cursor, &flags) || !cursor_u32(&cursor, &head))
        return false;
    while (head != 0) {
        if (!decode_frame_block(&cursor, &filling, head) ||
            !cursor_skip(&cursor, (flags & FRAME_BLOCK_SUM) != 0 ? 4 : 0) ||
            !cursor_u32(&cursor, &head))
            return false;
    }
    return filling.filled == out.size;
}

enum error_code block_lz4_decode(struct codec_state *state, struct codec_in in,
                                 struct codec_out out, struct error *error)
{
    (void)state;
    if (decode_hadoop(in, out) || decode_raw(in, out) || decode_frame(in, out))
        return ERROR_NONE;
    return block_damaged(CODEC_LZ4, error);
}

enum error_code block_lz4_raw_decode(struct codec_state *state, struct codec_in in,
                                     struct codec_out out, struct error *error)
{
    (void)state;
    return decode_raw(in, out) ? ERROR_NONE : block_damaged(CODEC_LZ4_RAW, error);
}

size_t block_lz4_bound(size_t size)
{
    return size > LZ4_MAX_INPUT_SIZE ? size : (size_t)LZ4_compressBound((int)size);
}

enum error_code block_lz4_raw_encode(struct codec_state *state, int level, struct codec_in in,
                                     struct codec_out out, size_t *ret_size, struct error *error)
{
    (void)state;
    (void)level;
    int size = 0;
    if (in.size <= LZ4_MAX_INPUT_SIZE && out.size <= INT_MAX)
        size = LZ4_compress_default((const char *)in.data, (char *)out.data, (int)in.size,
                                    (int)out.size);
    if (size <= 0)
        return error_set(error, ERROR_INTERNAL, "lz4 refused a block of %zu bytes", in.size);
    *ret_size = (size_t)size;
    return ERROR_NONE;
}
