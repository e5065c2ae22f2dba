/*
 * Unsigned integers of up to BIGNUM_WORDS * 64 bits, for the means of decimals: sum / count /
 * 10^scale rounded once needs both sides whole.
 *
 * Words are least significant first; count is how many are in use, the last of them not 0. Callers
 * keep results within the room there is: nothing here checks.
 */
#ifndef WEIR_EXACT_BIGNUM_H
#define WEIR_EXACT_BIGNUM_H

#include "exact/round.h"

#define BIGNUM_WORDS 40

struct bignum {
    uint64_t words[BIGNUM_WORDS];
    size_t count;
};

void bignum_init(struct bignum *number, const uint64_t *words, size_t count);
unsigned bignum_bits(const struct bignum *number);
void bignum_multiply(struct bignum *number, uint64_t factor);
/* Multiplies by 10^power. */
void bignum_scale(struct bignum *number, unsigned power);
/* Divides in place; returns the remainder. */
uint64_t bignum_divide_small(struct bignum *number, uint64_t divisor);
int bignum_compare(const struct bignum *left, const struct bignum *right);

/* dividend / divisor, neither of them 0, each at most BIGNUM_WORDS - 4 words; both are used up. */
struct exact_wide bignum_quotient(struct bignum *dividend, struct bignum *divisor, bool negative);
#endif
