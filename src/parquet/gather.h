/*
 * Looks indices up in a dictionary, and puts split bytes together. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_GATHER_H
#define WEIR_PARQUET_GATHER_H

#include <stddef.h>
#include <stdint.h>

#include "column/column.h"

/* The greatest of count indices; 0 for none. */
uint32_t gather_greatest(const uint32_t *indices, size_t count);

/* out[i] = dictionary[indices[i]] for values of width bytes; indices have been checked. */
void gather_fixed(const uint8_t *dictionary, const uint32_t *indices, size_t count, size_t width,
                  uint8_t *out);

/* The same for byte arrays: offsets[i] is where value i starts in the page, behind its length. */
void gather_bytes(const uint8_t *page, const uint32_t *offsets, const uint32_t *indices,
                  size_t count, struct column_bytes *out);

/* Puts values of width bytes together from width streams of stride bytes, from value first on. */
void gather_split(const uint8_t *streams, size_t stride, size_t first, size_t count, size_t width,
                  uint8_t *out);

#endif
