#include "parquet/delta.h"

#include "parquet/unpack.h"

/* The format has blocks of 128 values or multiples; this many is beyond any writer. */
#define BLOCK_MOST (UINT64_C(1) << 24)

bool delta_init(struct delta_reader *delta, const uint8_t *bytes, size_t size, uint64_t most)
{
    struct cursor cursor = cursor_over(bytes, size);
    uint64_t block, miniblocks, count;
    int64_t first;
    if (!cursor_varint(&cursor, &block) || !cursor_varint(&cursor, &miniblocks) ||
        !cursor_varint(&cursor, &count) || !cursor_zigzag(&cursor, &first))
        return false;
    if (miniblocks == 0 || block == 0 || block > BLOCK_MOST || block % miniblocks != 0 ||
        block / miniblocks % 8 != 0 || count > most)
        return false;
    *delta = (struct delta_reader){
        .cursor = cursor,
        .left = count,
        .last = (uint64_t)first,
        .at_first = count > 0,
        .miniblock_count = (uint32_t)miniblocks,
        .miniblock_values = (uint32_t)(block / miniblocks),
        .miniblock = (uint32_t)miniblocks,
    };
    return true;
}

static bool begin_block(struct delta_reader *delta)
{
    int64_t minimum;
    if (!cursor_zigzag(&delta->cursor, &minimum) ||
        !cursor_bytes(&delta->cursor, delta->miniblock_count, &delta->widths))
        return false;
    delta->minimum = (uint64_t)minimum;
    delta->miniblock = 0;
    return true;
}

/* A last miniblock that a writer cut short gives the values that are there. */
static bool begin_miniblock(struct delta_reader *delta)
{
    if (delta->miniblock == delta->miniblock_count && !begin_block(delta))
        return false;
    unsigned width = delta->widths[delta->miniblock++];
    size_t size = (size_t)delta->miniblock_values / 8 * width;
    size_t there = cursor_left(&delta->cursor);
    if (width > 64)
        return false;
    delta->packed_left = delta->miniblock_values;
    if (size > there) {
        size = there;
        delta->packed_left = (uint32_t)(there * 8 / width);
    }
    delta->packed_taken = 0;
    delta->packed_size = size;
    return cursor_bytes(&delta->cursor, size, &delta->packed) && delta->packed_left > 0;
}

static bool need_miniblock(struct delta_reader *delta)
{
    return delta->packed_left > 0 || begin_miniblock(delta);
}

static void take(struct delta_reader *delta, uint32_t count)
{
    delta->packed_left -= count;
    delta->packed_taken += count;
    delta->left -= count;
}

/* From differences to values. */
static void accumulate(struct delta_reader *delta, uint64_t *out, size_t count)
{
    uint64_t value = delta->last, minimum = delta->minimum;
    for (size_t i = 0; i < count; i++) {
        value += minimum + out[i];
        out[i] = value;
    }
    delta->last = value;
}

bool delta_read(struct delta_reader *delta, uint64_t *out, size_t count)
{
    if (count > delta->left)
        return false;
    if (count > 0 && delta->at_first) {
        delta->at_first = false;
        delta->left--;
        *out++ = delta->last;
        count--;
    }
    while (count > 0) {
        if (!need_miniblock(delta))
            return false;
        uint32_t now = delta->packed_left < count ? delta->packed_left : (uint32_t)count;
        unsigned width = delta->widths[delta->miniblock - 1];
        unpack_u64(delta->packed, delta->packed_size, width, delta->packed_taken, now, out);
        accumulate(delta, out, now);
        take(delta, now);
        out += now;
        count -= now;
    }
    return true;
}

bool delta_finish(struct delta_reader *delta)
{
    if (delta->at_first) {
        delta->at_first = false;
        delta->left--;
    }
    while (delta->left > 0) {
        if (!need_miniblock(delta))
            return false;
        take(delta, delta->packed_left < delta->left ? delta->packed_left : (uint32_t)delta->left);
    }
    return true;
}
