/*
 * Looks indices up in a dictionary, and puts split bytes together, by the kernels of this machine:
 * see kernels.h. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_GATHER_H
#define WEIR_PARQUET_GATHER_H

#include <stddef.h>
#include <stdint.h>

#include "column/column.h"

/* The greatest of count indices; 0 for none. */
uint32_t gather_greatest(const uint32_t *indices, size_t count);

/* out[i] = dictionary[indices[i]] for values of width bytes; indices have been checked and are
 * below 2^31. */
void gather_fixed(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                  uint8_t *out);

/* The same for byte arrays: offsets[i] is where value i starts in the page, behind its length. */
void gather_bytes(const uint8_t *page, const uint32_t *offsets, const uint32_t *indices,
                  size_t count, struct column_bytes *out);

/* Fills out with count copies of a value of width bytes, which lies elsewhere. */
void gather_repeated(const uint8_t *value, size_t count, size_t width, uint8_t *out);

/* Puts values of width bytes together from width streams of stride bytes, from value first on. */
void gather_split(const uint8_t *streams, size_t stride, size_t first, size_t count, size_t width,
                  uint8_t *out);

/* What gather_fixed does, for any width and without a kernel. */
void gather_any(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                uint8_t *out);

/* Values of 2 bytes from two streams. */
void gather_split_2(const uint8_t *streams, size_t stride, size_t count, uint8_t *out);

/* Lays count pieces of size (1 or 8) bytes down, each width bytes behind the one before. */
void gather_spread(const uint8_t *pieces, size_t count, size_t size, size_t width, uint8_t *out);

#endif
