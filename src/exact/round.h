/*
 * The one rounding of an exact result: a wide integer, or its quotient by a count, becomes the
 * nearest double, ties to even.
 *
 * A struct exact_wide keeps the leading 128 bits of a number; sticky says that something that is
 * not zero, smaller than one unit of magnitude, was cut off behind them. 128 bits leave at least 64
 * in a quotient by a 64-bit count: a double's 53, a guard and then some, so one sticky bit decides
 * the rest.
 */
#ifndef WEIR_EXACT_ROUND_H
#define WEIR_EXACT_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exact_wide {
    unsigned __int128 magnitude; /* leading bit set, or all zero */
    int exponent;                /* of the magnitude's bit 0 */
    bool negative;
    bool sticky;
};

/* The number magnitude * 2^exponent. */
struct exact_wide exact_wide_of(unsigned __int128 magnitude, int exponent, bool negative);

/* The number whose magnitude is in words, least significant first; bit 0 counts 2^exponent. */
struct exact_wide exact_wide_of_words(const uint64_t *words, size_t count, int exponent,
                                      bool negative);

/* The number divided by divisor, which is not 0. */
struct exact_wide exact_wide_divide(struct exact_wide wide, uint64_t divisor);

/* The nearest double. Zero is +0.0; what is too small for a double keeps its sign, as IEEE says. */
double exact_wide_round(struct exact_wide wide);

/* The one quiet NaN that weir gives: 0x7ff8000000000000. */
double exact_nan(void);
#endif
