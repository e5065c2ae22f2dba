#include "exact/bignum.h"

#include <string.h>

typedef unsigned __int128 u128;

/* Bits of a quotient: more than a double and its guard, within 128. */
#define QUOTIENT_BITS 70

static void trim(struct bignum *number)
{
    while (number->count > 0 && number->words[number->count - 1] == 0)
        number->count--;
}

void bignum_init(struct bignum *number, const uint64_t *words, size_t count)
{
    memset(number->words, 0, sizeof number->words);
    memcpy(number->words, words, count * sizeof *words);
    number->count = count;
    trim(number);
}

unsigned bignum_bits(const struct bignum *number)
{
    if (number->count == 0)
        return 0;
    return (unsigned)number->count * 64 -
           (unsigned)__builtin_clzll(number->words[number->count - 1]);
}

void bignum_multiply(struct bignum *number, uint64_t factor)
{
    u128 carry = 0;
    for (size_t i = 0; i < number->count; i++) {
        carry += (u128)number->words[i] * factor;
        number->words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    if (carry != 0)
        number->words[number->count++] = (uint64_t)carry;
    trim(number);
}

void bignum_scale(struct bignum *number, unsigned power)
{
    const uint64_t ten_to_19 = UINT64_C(10000000000000000000);
    for (; power >= 19; power -= 19)
        bignum_multiply(number, ten_to_19);
    uint64_t rest = 1;
    for (; power > 0; power--)
        rest *= 10;
    bignum_multiply(number, rest);
}

uint64_t bignum_divide_small(struct bignum *number, uint64_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = number->count; i-- > 0;) {
        u128 part = (u128)rest << 64 | number->words[i];
        number->words[i] = (uint64_t)(part / divisor);
        rest = (uint64_t)(part % divisor);
    }
    trim(number);
    return rest;
}

int bignum_compare(const struct bignum *left, const struct bignum *right)
{
    if (left->count != right->count)
        return left->count < right->count ? -1 : 1;
    for (size_t i = left->count; i-- > 0;)
        if (left->words[i] != right->words[i])
            return left->words[i] < right->words[i] ? -1 : 1;
    return 0;
}

static void shift_left(struct bignum *number, unsigned bits)
{
    if (number->count == 0 || bits == 0)
        return;
    unsigned whole = bits / 64, part = bits % 64;
    size_t count = number->count + whole + 1;
    for (size_t i = count; i-- > whole;) {
        size_t from = i - whole;
        uint64_t high = from < number->count ? number->words[from] << part : 0;
        uint64_t low = part > 0 && from > 0 ? number->words[from - 1] >> (64 - part) : 0;
        number->words[i] = high | low;
    }
    memset(number->words, 0, whole * sizeof *number->words);
    number->count = count;
    trim(number);
}

static void halve(struct bignum *number)
{
    for (size_t i = 0; i < number->count; i++) {
        uint64_t above = i + 1 < number->count ? number->words[i + 1] : 0;
        number->words[i] = number->words[i] >> 1 | above << 63;
    }
    trim(number);
}

/* left is at least right. */
static void subtract(struct bignum *left, const struct bignum *right)
{
    bool borrow = false;
    for (size_t i = 0; i < left->count; i++) {
        uint64_t taken = i < right->count ? right->words[i] : 0;
        bool under = __builtin_sub_overflow(left->words[i], taken, &left->words[i]);
        under |= __builtin_sub_overflow(left->words[i], (uint64_t)borrow, &left->words[i]);
        borrow = under;
    }
    trim(left);
}

/* Shift and subtract: the quotient has QUOTIENT_BITS bits or one less. */
struct exact_wide bignum_quotient(struct bignum *dividend, struct bignum *divisor, bool negative)
{
    int shift = (int)bignum_bits(divisor) + QUOTIENT_BITS - 1 - (int)bignum_bits(dividend);
    if (shift > 0)
        shift_left(dividend, (unsigned)shift);
    else
        shift_left(divisor, (unsigned)-shift);
    shift_left(divisor, QUOTIENT_BITS - 1);
    u128 quotient = 0;
    for (int i = 0; i < QUOTIENT_BITS; i++) {
        bool fits = bignum_compare(dividend, divisor) >= 0;
        if (fits)
            subtract(dividend, divisor);
        quotient = quotient << 1 | fits;
        halve(divisor);
    }
    struct exact_wide wide = exact_wide_of(quotient, -shift, negative);
    wide.sticky = dividend->count > 0;
    return wide;
}
