/*
 * Values that accumulators want in another form: decimals in byte arrays have any length, sums have
 * no halves.
 */
#ifndef WEIR_AGGREGATE_VALUE_WIDEN_H
#define WEIR_AGGREGATE_VALUE_WIDEN_H

#include "aggregate/value.h"

/* Brings decimals, big-endian, to the value's width. ERROR_INPUT when one of them is beyond what
 * its type may hold. */
CHECKED enum error_code value_widen_decimals(const struct aggregate_value *value,
                                             const struct column_bytes *decimals, size_t count,
                                             uint8_t *ret, struct error *error);

/* IEEE 754 binary16, little-endian at any address, to binary32: exact. */
void value_widen_halves(const void *halves, size_t count, float *ret);
#endif
