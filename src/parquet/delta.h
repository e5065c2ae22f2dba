/*
 * DELTA_BINARY_PACKED: integers as packed differences in blocks of miniblocks. Private to the
 * parquet room.
 *
 * A reader is a plain value: a copy of it reads the same values again.
 * Source: "Delta Encoding" in Encodings.md of apache/parquet-format.
 */
#ifndef WEIR_PARQUET_DELTA_H
#define WEIR_PARQUET_DELTA_H

#include "base/cursor.h"
#include "parquet/kernels.h"

struct delta_reader {
    const struct parquet_kernels *kernels;
    struct cursor cursor;     /* behind the current miniblock */
    uint64_t left;            /* values not yet read */
    uint64_t last;            /* value read last, or the first one before it is read */
    bool at_first;            /* the first value stands in the header */
    uint32_t miniblock_count; /* in a block */
    uint32_t miniblock_values;
    uint32_t miniblock;    /* of the next miniblock in its block */
    uint64_t minimum;      /* added to each difference of the block */
    const uint8_t *widths; /* one a miniblock of the block */
    const uint8_t *packed; /* the current miniblock */
    uint32_t packed_left;  /* values left in it */
    uint32_t packed_taken;
};

/* Reads the header; false when it makes no sense or says more than most values. */
CHECKED bool delta_init(struct delta_reader *delta, const uint8_t *bytes, size_t size,
                        uint64_t most);

/* The next count values, modulo 2^64; false when there are fewer. */
CHECKED bool delta_read(struct delta_reader *delta, uint64_t *out, size_t count);
/* The same modulo 2^32, for INT32 and lengths; the two are not mixed in one reader. */
CHECKED bool delta_read_u32(struct delta_reader *delta, uint32_t *out, size_t count);

/* Passes over all that is left; then the cursor stands behind the stream. */
CHECKED bool delta_finish(struct delta_reader *delta);

#endif
