/*
 * Signed integers of up to 8,192 bits, for sums of decimals of any length. Private to the inspect
 * room.
 *
 * Two's complement words, least significant first; count is as small as it can be, so that small
 * numbers stay cheap: what is above is the sign of the last word.
 */
#ifndef WEIR_INSPECT_SUMMARY_BIG_H
#define WEIR_INSPECT_SUMMARY_BIG_H

#include <stdbool.h>

#include "base/error.h"

/* Bytes of a number from outside, but for those that only repeat its sign. */
#define BIG_INTEGER_MOST_BYTES 1016
/* One word more takes 2^63 additions. */
#define BIG_INTEGER_WORDS (BIG_INTEGER_MOST_BYTES / 8 + 1)
/* Decimal digits, a sign, a NUL and some room: a word has fewer than 20. */
#define BIG_INTEGER_TEXT ((size_t)BIG_INTEGER_WORDS * 20 + 2)

struct big_integer {
    uint32_t count; /* at least 1 */
    uint64_t words[BIG_INTEGER_WORDS];
};

void big_integer_from_integer(__int128 value, struct big_integer *ret);

/* From big-endian two's complement; no bytes are 0. False when there are too many. */
CHECKED bool big_integer_from_bytes(const uint8_t *bytes, size_t size, struct big_integer *ret);

/* Sums and products are of fewer than 2^63 values from outside. */
void big_integer_add(struct big_integer *sum, const struct big_integer *value);

/* The product has at most 4 bytes more. */
void big_integer_multiply(struct big_integer *value, uint32_t factor);

/* <0, 0, >0 */
int big_integer_compare(const struct big_integer *left, const struct big_integer *right);

/* Copies only what is in use. */
void big_integer_copy(struct big_integer *to, const struct big_integer *from);

/* Decimal digits with a NUL behind them; returns their length. */
size_t big_integer_text(const struct big_integer *value, char text[static BIG_INTEGER_TEXT]);

#endif
