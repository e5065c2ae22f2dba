/*
 * Encoders of Parquet's values and levels: from arrays to bytes, nothing kept between calls.
 *
 * Each encoder stands beside the bound that out must hold; each returns the bytes it wrote.
 * Source of the formats: Encodings.md of apache/parquet-format.
 */
#ifndef WEIR_PARQUET_WRITER_ENCODE_H
#define WEIR_PARQUET_WRITER_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Packs integers of a fixed width, lowest bit first. */
struct bit_packer {
    uint8_t *out;
    uint64_t pending;
    unsigned bits; /* of pending, always below 64 */
};

static inline void bit_packer_put(struct bit_packer *packer, uint64_t value, unsigned width)
{
    packer->pending |= value << packer->bits;
    if (packer->bits + width < 64) {
        packer->bits += width;
        return;
    }
    memcpy(packer->out, &packer->pending, 8);
    packer->out += 8;
    packer->pending = packer->bits > 0 ? value >> (64 - packer->bits) : 0;
    packer->bits = packer->bits + width - 64;
}

/* Writes what is pending, padded with zero bits to whole bytes; returns where the bytes end. */
static inline uint8_t *bit_packer_finish(struct bit_packer *packer)
{
    size_t size = (packer->bits + 7) / 8;
    memcpy(packer->out, &packer->pending, size);
    return packer->out + size;
}

/* Writes an unsigned LEB128 and returns where it ends (at most 10 bytes). */
static inline uint8_t *encode_varint(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

/* Definition levels 0 and 1 as a hybrid of runs and bits. present has one bit a row, lowest first,
 * zero bits behind the last row; NULL: every level is 1. */
size_t encode_levels_bound(uint64_t rows);
size_t encode_levels(const uint8_t *present, uint32_t rows, uint8_t *out);

/* Dictionary indices as a hybrid of runs and packed groups of width 1..32 bits, without the byte
 * that tells the width. */
size_t encode_hybrid_bound(uint64_t count, unsigned width);
size_t encode_hybrid(const uint32_t *values, size_t count, unsigned width, uint8_t *out);

/* DELTA_BINARY_PACKED of integers of 4 or 8 bytes. */
size_t encode_delta_bound(uint64_t count, unsigned value_size);
size_t encode_delta(const void *values, size_t count, unsigned value_size, uint8_t *out);

/* BYTE_STREAM_SPLIT: byte b of value i goes to out[b * count + i]. */
void encode_split(const uint8_t *values, size_t count, size_t value_size, uint8_t *out);

/* PLAIN booleans: one bit a value, from one byte a value. */
size_t encode_booleans(const uint8_t *values, size_t count, uint8_t *out);

#endif
