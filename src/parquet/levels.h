/*
 * Levels of a column: whether each entry has a value, which it has where its definition level is
 * the column's maximum. Private to the parquet room.
 *
 * An entry of a flat column is a row, and its level one bit, for which there are kernels. Levels of
 * nested columns take 1 to 16 bits each.
 * Source: "Run Length Encoding / Bit-Packing Hybrid" and "Bit-packed (Deprecated)" in Encodings.md
 * of apache/parquet-format.
 */
#ifndef WEIR_PARQUET_LEVELS_H
#define WEIR_PARQUET_LEVELS_H

#include "parquet/hybrid.h"

enum level_form {
    LEVELS_NONE,       /* every entry has a value, none is stored or all are the same */
    LEVELS_RUNS,       /* the hybrid encoding of bits */
    LEVELS_PACKED,     /* the old form: bits alone, highest first */
    LEVELS_WIDE_RUNS,  /* the hybrid encoding of more than a bit each */
    LEVELS_WIDE_PACKED /* the old form of more than a bit each */
};

struct level_reader {
    enum level_form form;
    struct hybrid_reader runs; /* empty in the old form, of which it has the kernels */
    const uint8_t *bits;
    uint64_t taken; /* of the old form: levels */
    uint64_t count; /* of the old form: levels */
    uint16_t maximum;
};

/* No levels: every entry has a value. */
void levels_init_none(struct level_reader *levels);
/* Levels from 0 to maximum, which is at least 1, of count entries. When one run of the maximum
 * covers them all the form becomes LEVELS_NONE. */
CHECKED bool levels_init_runs(struct level_reader *levels, const uint8_t *bytes, size_t size,
                              uint64_t count, uint16_t maximum);
/* bits has levels_packed_size bytes. */
void levels_init_packed(struct level_reader *levels, const uint8_t *bits, uint64_t count,
                        uint16_t maximum);

/* Bytes that count levels take in the old form; count is below 2^32. */
size_t levels_packed_size(uint64_t count, uint16_t maximum);

/* For the next count entries a byte each, 1 where it has a value, and how many of them are 1. False
 * when the levels end before, or one is above the maximum. */
CHECKED bool levels_read(struct level_reader *levels, uint8_t *present, uint32_t count,
                         uint32_t *ret_ones);

/* Passes over the next count levels; false as levels_read. */
CHECKED bool levels_pass(struct level_reader *levels, uint32_t count);

#endif
