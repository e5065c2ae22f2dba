/*
 * The hybrid of run lengths and packed bits: levels, dictionary indices, booleans. Private to the
 * parquet room.
 *
 * A reader goes through the runs piece by piece; all that it views belongs to somebody else.
 * Source: "Run Length Encoding / Bit-Packing Hybrid" in Encodings.md of apache/parquet-format.
 */
#ifndef WEIR_PARQUET_HYBRID_H
#define WEIR_PARQUET_HYBRID_H

#include "base/cursor.h"
#include "parquet/kernels.h"

/* Repeated values from which on it pays to handle them apart from their neighbours. */
#define HYBRID_LONG_RUN 64

struct hybrid_reader {
    const struct parquet_kernels *kernels;
    struct cursor cursor; /* behind the current run */
    unsigned width;       /* bits a value, 0 to 32 */
    uint64_t left;        /* values left in the current run */
    bool packed;
    uint32_t value;       /* of a repeated run */
    const uint8_t *bytes; /* of a packed run */
    size_t taken;         /* values taken of a packed run */
};

void hybrid_init(struct hybrid_reader *hybrid, const uint8_t *bytes, size_t size, unsigned width);

/* The next count values; false when the runs end before or do not make sense. */
CHECKED bool hybrid_read(struct hybrid_reader *hybrid, uint32_t *out, size_t count);
/*
 * The next *ret_count values, 1 to count; there have to be count (more than 0) of them. Where a
 * long run repeats one value *ret_repeated becomes true and only out[0] is written.
 */
CHECKED bool hybrid_read_some(struct hybrid_reader *hybrid, uint32_t *out, size_t count,
                              size_t *ret_count, bool *ret_repeated);
/* The same to bytes, for a width of 1. */
CHECKED bool hybrid_read_bits(struct hybrid_reader *hybrid, uint8_t *out, size_t count);
CHECKED bool hybrid_skip(struct hybrid_reader *hybrid, uint64_t count);
/* Goes to a run if none is left; then hybrid->left > 0. */
CHECKED bool hybrid_need_run(struct hybrid_reader *hybrid);

#endif
