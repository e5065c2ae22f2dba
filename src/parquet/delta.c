#include "parquet/delta.h"

#include <string.h>

/* The format has blocks of 128 values or multiples; this many is beyond any writer. */
#define BLOCK_MOST (UINT64_C(1) << 24)

/* Differences of more bits than INT32 has, which only odd writers make, are narrowed in pieces. */
#define NARROWED 64

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
        .kernels = parquet_kernels_chosen(),
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
static inline bool begin_miniblock(struct delta_reader *delta)
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

static bool take_first(struct delta_reader *delta)
{
    if (!delta->at_first)
        return false;
    delta->at_first = false;
    delta->left--;
    return true;
}

static uint32_t piece(const struct delta_reader *delta, size_t count)
{
    return delta->packed_left < count ? delta->packed_left : (uint32_t)count;
}

/* The next count values of the current miniblock. All bytes behind its first may be read: what is
 * not of the miniblock is shifted away. */
static inline void read_miniblock(struct delta_reader *delta, uint64_t *out, uint32_t count)
{
    unsigned width = delta->widths[delta->miniblock - 1];
    size_t readable = (size_t)(delta->cursor.end - delta->packed);
    delta->last = delta->kernels->delta_u64(delta->packed, readable, width, delta->packed_taken,
                                            count, delta->minimum, delta->last, out);
    take(delta, count);
}

static void read_wide_miniblock(struct delta_reader *delta, uint32_t *out, uint32_t count)
{
    uint64_t wide[NARROWED];
    while (count > 0) {
        uint32_t now = count < NARROWED ? count : NARROWED;
        read_miniblock(delta, wide, now);
        for (uint32_t i = 0; i < now; i++)
            out[i] = (uint32_t)wide[i];
        out += now;
        count -= now;
    }
}

static void read_miniblock_u32(struct delta_reader *delta, uint32_t *out, uint32_t count)
{
    unsigned width = delta->widths[delta->miniblock - 1];
    size_t readable = (size_t)(delta->cursor.end - delta->packed);
    if (width > 32) {
        read_wide_miniblock(delta, out, count);
        return;
    }
    delta->last =
        delta->kernels->delta_u32(delta->packed, readable, width, delta->packed_taken, count,
                                  (uint32_t)delta->minimum, (uint32_t)delta->last, out);
    take(delta, count);
}

/* The next count values of width bytes, 8 or 4. */
static bool read_values(struct delta_reader *delta, uint8_t *out, size_t width, size_t count)
{
    if (count > delta->left)
        return false;
    if (count > 0 && take_first(delta)) {
        memcpy(out, &delta->last, width); /* the low bytes stand first */
        out += width;
        count--;
    }
    while (count > 0) {
        if (!need_miniblock(delta))
            return false;
        uint32_t now = piece(delta, count);
        if (width == sizeof(uint64_t))
            read_miniblock(delta, (void *)out, now);
        else
            read_miniblock_u32(delta, (void *)out, now);
        out += now * width;
        count -= now;
    }
    return true;
}

bool delta_read(struct delta_reader *delta, uint64_t *out, size_t count)
{
    return read_values(delta, (void *)out, sizeof *out, count);
}

bool delta_read_u32(struct delta_reader *delta, uint32_t *out, size_t count)
{
    return read_values(delta, (void *)out, sizeof *out, count);
}

/* Passes over a whole block if all its values are wanted and there. */
static bool pass_block(struct delta_reader *delta)
{
    struct delta_reader behind = *delta;
    size_t size = 0;
    if (behind.left < (uint64_t)behind.miniblock_values * behind.miniblock_count ||
        !begin_block(&behind))
        return false;
    for (uint32_t i = 0; i < behind.miniblock_count; i++) {
        if (behind.widths[i] > 64)
            return false;
        size += (size_t)behind.miniblock_values / 8 * behind.widths[i];
    }
    if (!cursor_skip(&behind.cursor, size))
        return false;
    behind.miniblock = behind.miniblock_count;
    behind.left -= (uint64_t)behind.miniblock_values * behind.miniblock_count;
    *delta = behind;
    return true;
}

bool delta_finish(struct delta_reader *delta)
{
    (void)take_first(delta);
    while (delta->left > 0) {
        if (delta->packed_left == 0 && delta->miniblock == delta->miniblock_count &&
            pass_block(delta))
            continue;
        if (!need_miniblock(delta))
            return false;
        take(delta, piece(delta, delta->left));
    }
    return true;
}
