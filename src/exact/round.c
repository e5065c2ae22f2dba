#include "exact/round.h"

#include <string.h>

typedef unsigned __int128 u128;

#define LOWEST_EXPONENT (-1074) /* of the last bit of a subnormal double */
#define FRACTION_BITS   52

static double double_of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double exact_nan(void)
{
    return double_of_bits(UINT64_C(0x7ff8000000000000));
}

static int leading_zeros(u128 magnitude)
{
    uint64_t high = (uint64_t)(magnitude >> 64);
    if (high != 0)
        return __builtin_clzll(high);
    return 64 + __builtin_clzll((uint64_t)magnitude);
}

struct exact_wide exact_wide_of(u128 magnitude, int exponent, bool negative)
{
    if (magnitude == 0)
        return (struct exact_wide){0};
    int shift = leading_zeros(magnitude);
    return (struct exact_wide){magnitude << shift, exponent - shift, negative, false};
}

static bool any_word(const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i] != 0)
            return true;
    return false;
}

struct exact_wide exact_wide_of_words(const uint64_t *words, size_t count, int exponent,
                                      bool negative)
{
    while (count > 0 && words[count - 1] == 0)
        count--;
    if (count == 0)
        return (struct exact_wide){0};
    uint64_t below[2] = {count > 1 ? words[count - 2] : 0, count > 2 ? words[count - 3] : 0};
    u128 magnitude = (u128)words[count - 1] << 64 | below[0];
    int shift = leading_zeros(magnitude);
    if (shift > 0)
        magnitude = magnitude << shift | below[1] >> (64 - shift);
    bool sticky = below[1] << shift != 0 || (count > 3 && any_word(words, count - 3));
    return (struct exact_wide){magnitude, exponent + 64 * ((int)count - 2) - shift, negative,
                               sticky};
}

struct exact_wide exact_wide_divide(struct exact_wide wide, uint64_t divisor)
{
    u128 quotient = wide.magnitude / divisor;
    bool rest = wide.magnitude != quotient * divisor;
    if (quotient == 0)
        return (struct exact_wide){0};
    int shift = leading_zeros(quotient);
    return (struct exact_wide){quotient << shift, wide.exponent - shift, wide.negative,
                               wide.sticky || rest};
}

/* magnitude / 2^drop to the nearest integer, ties to even; drop is at least 1. */
static uint64_t shift_rounded(u128 magnitude, int drop, bool sticky)
{
    if (drop > 128)
        return 0;
    uint64_t kept = drop < 128 ? (uint64_t)(magnitude >> drop) : 0;
    u128 half = (u128)1 << (drop - 1);
    bool guard = (magnitude & half) != 0;
    bool rest = sticky || (magnitude & (half - 1)) != 0;
    return kept + (guard && (rest || (kept & 1) != 0));
}

double exact_wide_round(struct exact_wide wide)
{
    if (wide.magnitude == 0)
        return 0.0;
    uint64_t sign = (uint64_t)wide.negative << 63;
    int top = wide.exponent + 127;
    if (top > 1023)
        return double_of_bits(sign | UINT64_C(0x7ff) << FRACTION_BITS);
    int last = top - FRACTION_BITS;
    if (last < LOWEST_EXPONENT)
        last = LOWEST_EXPONENT;
    uint64_t kept = shift_rounded(wide.magnitude, last - wide.exponent, wide.sticky);
    /* The exponent field is last's distance; the leading bit of kept adds the one that is missing,
     * and a carry out of the fraction goes where it belongs, up to infinity. */
    uint64_t field = (uint64_t)(last - LOWEST_EXPONENT) << FRACTION_BITS;
    return double_of_bits(sign | (field + kept));
}
