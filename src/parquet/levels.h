/*
 * Definition levels of a flat column: one bit a row, whether it has a value. Private to the parquet
 * room.
 */
#ifndef WEIR_PARQUET_LEVELS_H
#define WEIR_PARQUET_LEVELS_H

#include "parquet/hybrid.h"

enum level_form {
    LEVELS_NONE,  /* every row has a value, none is stored or all are the same */
    LEVELS_RUNS,  /* the hybrid encoding */
    LEVELS_PACKED /* the old form: bits alone, highest first */
};

struct level_reader {
    enum level_form form;
    struct hybrid_reader runs; /* empty in the old form, of which it has the kernels */
    const uint8_t *bits;
    uint64_t taken; /* of bits */
    uint64_t count; /* in bits */
};

/* No levels: every row has a value. */
void levels_init_none(struct level_reader *levels);
/* Levels of row_count rows. When one run of ones covers them all the form becomes LEVELS_NONE. */
CHECKED bool levels_init_runs(struct level_reader *levels, const uint8_t *bytes, size_t size,
                              uint64_t row_count);
/* bits has (row_count + 7) / 8 bytes. */
void levels_init_packed(struct level_reader *levels, const uint8_t *bits, uint64_t row_count);

/* The next count rows as bytes, and how many of them are 1. False when the levels end before. */
CHECKED bool levels_read(struct level_reader *levels, uint8_t *present, uint32_t count,
                         uint32_t *ret_ones);

#endif
