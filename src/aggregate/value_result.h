/*
 * What the results of tiles and of groups have in common.
 */
#ifndef WEIR_AGGREGATE_VALUE_RESULT_H
#define WEIR_AGGREGATE_VALUE_RESULT_H

#include "aggregate/value.h"

/* Sum of one key of an integer column (sums, key_count and key as in exact/integers.h) as bytes of
 * the result's type; ERROR_OVERFLOW: it does not fit. */
CHECKED enum error_code value_integer_sum(const struct aggregate_value *value, const uint64_t *sums,
                                          size_t key_count, size_t key,
                                          const struct column_type *type, uint8_t *ret,
                                          struct error *error);

/* Mean of one key of an integer column; 0 for a count of 0. */
double value_integer_mean(const struct aggregate_value *value, const uint64_t *sums,
                          size_t key_count, size_t key, uint64_t count);

/* Takes the values of rows that have none out of a slice that has one for each row; present is the
 * slice's afterwards where there are such rows. */
void value_drop_empty(struct column_slice *slice, size_t width, uint8_t *values,
                      const uint8_t *present);
#endif
