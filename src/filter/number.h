/*
 * Decimal numbers as they are written, without rounding. Private to the filter room.
 *
 * A number is digits times a power of ten. Asked for its place on a grid (integers, or multiples of
 * a power of ten), it gives the greatest point of the grid that is not above it, and whether it is
 * that point.
 */
#ifndef WEIR_FILTER_NUMBER_H
#define WEIR_FILTER_NUMBER_H

#include "base/error.h"
#include <stdbool.h>

/* Wider than any column's numbers; what is beyond cannot be written. */
#define NUMBER_DIGITS_MOST   1000
#define NUMBER_EXPONENT_MOST 1000
/* Bytes for the integers of number_floor_bytes. */
#define NUMBER_BYTES_MOST 2048

struct number {
    bool negative;
    uint32_t count; /* of digits; 0: the number is 0 */
    int32_t exponent;
    char digits[NUMBER_DIGITS_MOST]; /* '0' to '9'; neither first nor last is '0' */
};

/* false for what is no number: "-1.5e3", ".5", "1." are. */
CHECKED bool number_parse(const char *text, size_t size, struct number *ret);

/* floor(number * 10^scale); beyond 2^120 it is 2^120 with its sign, inexact. */
__int128 number_floor(const struct number *number, int64_t scale, bool *ret_exact);

/*
 * The same as a big-endian two's complement integer of *ret_size bytes, at least one; false where
 * it would have more bytes than NUMBER_BYTES_MOST.
 */
CHECKED bool number_floor_bytes(const struct number *number, int64_t scale,
                                uint8_t bytes[static NUMBER_BYTES_MOST], size_t *ret_size,
                                bool *ret_exact);

/* The nearest double, ties to even; infinite beyond the largest. */
double number_to_double(const struct number *number);

#endif
