/*
 * Levels as files have them: the hybrid of runs and packed groups, and the old form of bits alone.
 */
#ifndef WEIR_TEST_PARQUET_LEVEL_BYTES_H
#define WEIR_TEST_PARQUET_LEVEL_BYTES_H

#include "bytes.h"

/* Bits that levels up to maximum take. */
static inline unsigned level_width(uint32_t maximum)
{
    unsigned width = 0;
    while (maximum >> width != 0)
        width++;
    return width;
}

/* A group of eight, lowest bit first. */
static inline void put_group_of_levels(struct bytes *bytes, const uint16_t *levels, unsigned width)
{
    uint8_t packed[16] = {0};
    for (unsigned i = 0; i < 8 * width; i++)
        packed[i / 8] |= (uint8_t)((levels[i / width] >> i % width & 1) << i % 8);
    put(bytes, packed, width);
}

/* Equal levels as a run, others in groups; the last group is filled up with zeros. */
static inline void put_hybrid(struct bytes *bytes, const uint16_t *levels, size_t count,
                              unsigned width)
{
    for (size_t at = 0; at < count;) {
        uint16_t group[8] = {0};
        size_t run = 1, rest = count - at < 8 ? count - at : 8;
        while (at + run < count && levels[at + run] == levels[at])
            run++;
        if (run >= 8) {
            put_varint(bytes, run << 1);
            put(bytes, &levels[at], (width + 7) / 8);
            at += run;
            continue;
        }
        memcpy(group, levels + at, rest * sizeof *group);
        put_varint(bytes, 1 << 1 | 1);
        put_group_of_levels(bytes, group, width);
        at += rest;
    }
}

/* The old form: highest bit first, without gaps. */
static inline void put_packed(struct bytes *bytes, const uint16_t *levels, size_t count,
                              unsigned width)
{
    unsigned byte = 0, filled = 0;
    for (size_t i = 0; i < count; i++) {
        for (unsigned bit = width; bit-- > 0;) {
            byte = byte << 1 | (levels[i] >> bit & 1);
            if (++filled == 8) {
                put_u8(bytes, byte & 0xff);
                filled = 0;
            }
        }
    }
    if (filled > 0)
        put_u8(bytes, byte << (8 - filled) & 0xff);
}

#endif
