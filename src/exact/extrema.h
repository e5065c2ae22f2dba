/*
 * Minima and maxima by key: one value of the column's own width a key.
 *
 * seen[k] tells whether key k has a value yet (0 or 1). NaN is the greatest float; -0 is below +0,
 * so that results do not depend on order. Kernels are plain loops, one a kind.
 */
#ifndef WEIR_EXACT_EXTREMA_H
#define WEIR_EXACT_EXTREMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum extrema_kind {
    EXTREMA_U8,
    EXTREMA_I32,
    EXTREMA_U32,
    EXTREMA_I64,
    EXTREMA_U64,
    EXTREMA_FLOAT,
    EXTREMA_DOUBLE,
    EXTREMA_FLOAT16,       /* 2 bytes, little-endian */
    EXTREMA_BYTES,         /* value_size bytes, unsigned order (UUID, fixed binary) */
    EXTREMA_DECIMAL_BYTES, /* value_size bytes, big-endian two's complement */
    EXTREMA_INT96          /* 12 bytes: by day, then time of day */
};

/* best and seen belong to keys first_key.. on; values are dense. greatest: maximum, else minimum.
 */
void extrema_update(enum extrema_kind kind, uint32_t value_size, bool greatest, void *best,
                    uint8_t *seen, size_t first_key, const void *values, size_t count);

/* The same for values with the numbers of their keys, which may repeat. */
void extrema_update_at(enum extrema_kind kind, uint32_t value_size, bool greatest, void *best,
                       uint8_t *seen, const uint32_t *keys, const void *values, size_t count);
#endif
