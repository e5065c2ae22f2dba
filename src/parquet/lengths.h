/*
 * Lengths of byte arrays that stand one behind the other: their sums, and where each array is.
 * Plain loops; private to the parquet room.
 */
#ifndef WEIR_PARQUET_LENGTHS_H
#define WEIR_PARQUET_LENGTHS_H

#include <stdbool.h>

#include "column/column.h"

uint64_t lengths_sum(const uint32_t *lengths, size_t count);

/* Points to count byte arrays that begin at bytes, whose lengths have been checked. */
void lengths_point(const uint8_t *bytes, const uint32_t *lengths, size_t count,
                   struct column_bytes *ret);

/*
 * Sizes of byte arrays made of a beginning of the one before and bytes of their own. False when one
 * wants more than the one before has (the first: more than last), or gets longer than 32 bits tell.
 */
bool lengths_join(const uint32_t *prefixes, const uint32_t *suffixes, size_t count, size_t last,
                  uint32_t *ret_sizes);

/* How many of count arrays have at most bytes together, at least one. */
uint32_t lengths_fitting(const uint32_t *sizes, uint32_t count, size_t bytes);

#endif
