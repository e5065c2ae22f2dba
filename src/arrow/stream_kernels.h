/*
 * Loops over the values of arrays: validity bits to bytes, values without their nulls, values of
 * Arrow's types to those of slices.
 *
 * Private to the arrow room. Inputs may lie at any address; bounds are the caller's part where
 * nothing else is said. What can be wrong with a value itself is told by the result.
 */
#ifndef WEIR_ARROW_STREAM_KERNELS_H
#define WEIR_ARROW_STREAM_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arrow/stream_type.h"
#include "column/column.h"

/* Bits first..first+count-1 as bytes of 0 and 1; returns the ones. */
uint32_t stream_bits_to_bytes(const uint8_t *bits, uint64_t first, uint32_t count, uint8_t *out);

/* The values of width bytes whose rows are present, densely. out has room for one more. */
void stream_compact(const uint8_t *present, const uint8_t *values, size_t width, uint32_t count,
                    uint8_t *out);

/* Bytes that stream_convert may write behind the last value. */
#define STREAM_CONVERT_SLACK 16

/* Converts count dense values as a numeric conversion says; false: a value has no equal. */
bool stream_convert(const struct stream_type *type, const uint8_t *values, uint32_t count,
                    uint8_t *out);

/* A run of bytes inside a message's body, or unpacked from there. */
struct stream_bytes {
    const uint8_t *data;
    size_t size;
};

/*
 * The texts of the present rows (all where present is NULL) by their offsets, count + 1 of width 4
 * or 8 bytes. out has room for one more. false: a text lies outside, or is longer than 4 GiB.
 */
bool stream_texts(const uint8_t *offsets, size_t width, const uint8_t *present, uint32_t count,
                  struct stream_bytes text, struct column_bytes *out);

/* The texts that count dense views stand for; short ones are inside the views. */
bool stream_views(const uint8_t *views, uint32_t count, const struct stream_bytes *texts,
                  size_t text_count, struct column_bytes *out);

/* Indices of width bytes as they are used; false: one is not below limit. */
bool stream_indices(const uint8_t *indices, size_t width, bool is_signed, uint32_t count,
                    uint64_t limit, uint32_t *out);

/* out[i] = values[indices[i]] for values of width bytes. */
void stream_gather(const uint8_t *values, size_t width, const uint32_t *indices, uint32_t count,
                   uint8_t *out);

#endif
