#include <stdio.h>
#include <string.h>

#include "exact/bignum.h"
#include "exact/integers.h"

#define WORDS_MOST 5

/* Beyond this a scale alone decides: every sum is below 10^97 and every count below 10^20. */
#define SCALE_MOST 450

/* Digits that go through one division by a word. */
#define DIGITS_AT_ONCE 19
#define TEN_TO_19      UINT64_C(10000000000000000000)

/* The magnitude of a key's sum; returns whether it is negative. */
static bool magnitude_of(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                         struct bignum *ret)
{
    uint64_t value[WORDS_MOST];
    bool negative = sums[(words - 1) * key_count + key] >> 63 != 0;
    bool carry = negative;
    for (unsigned w = 0; w < words; w++) {
        uint64_t word = sums[w * key_count + key];
        value[w] = negative ? ~word + carry : word;
        carry = carry && value[w] == 0;
    }
    bignum_init(ret, value, words);
    return negative;
}

/* All words above the lowest are sign. */
static bool upper_words_are(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                            uint64_t sign)
{
    for (unsigned w = 1; w < words; w++)
        if (sums[w * key_count + key] != sign)
            return false;
    return true;
}

bool integer_sum_i64(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                     int64_t *ret)
{
    int64_t value = (int64_t)sums[key];
    if (!upper_words_are(sums, key_count, words, key, (uint64_t)(value >> 63)))
        return false;
    *ret = value;
    return true;
}

bool integer_sum_u64(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                     uint64_t *ret)
{
    if (!upper_words_are(sums, key_count, words, key, 0))
        return false;
    *ret = sums[key];
    return true;
}

static bool below_power(const struct bignum *magnitude, unsigned precision)
{
    struct bignum power;
    if (precision >= 97) /* 2^320 is below 10^97 */
        return true;
    bignum_init(&power, &(uint64_t){1}, 1);
    bignum_scale(&power, precision);
    return bignum_compare(magnitude, &power) < 0;
}

/* Byte place (0 the lowest) of a key's sum, the sign extended. */
static uint8_t byte_of(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                       size_t place)
{
    size_t word = place / 8;
    if (word >= words)
        return sums[(words - 1) * key_count + key] >> 63 != 0 ? 0xff : 0;
    return (uint8_t)(sums[word * key_count + key] >> (place % 8 * 8));
}

bool integer_sum_decimal(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                         unsigned precision, unsigned size, uint8_t *ret)
{
    struct bignum magnitude;
    magnitude_of(sums, key_count, words, key, &magnitude);
    if (bignum_bits(&magnitude) >= size * 8 || !below_power(&magnitude, precision))
        return false;
    for (size_t i = 0; i < size; i++)
        ret[i] = byte_of(sums, key_count, words, key, size - 1 - i);
    return true;
}

/* count * 10^scale, where it fits one word; else 0. */
static uint64_t small_divisor(uint64_t count, int32_t scale)
{
    if (scale < 0 || scale > DIGITS_AT_ONCE)
        return 0;
    for (; scale > 0; scale--)
        if (__builtin_mul_overflow(count, 10, &count))
            return 0;
    return count;
}

static struct exact_wide scaled_quotient(struct bignum *magnitude, uint64_t count, int32_t scale,
                                         bool negative)
{
    struct bignum divisor;
    if (scale > SCALE_MOST)
        scale = SCALE_MOST;
    if (scale < -SCALE_MOST)
        scale = -SCALE_MOST;
    bignum_init(&divisor, &count, 1);
    if (scale > 0)
        bignum_scale(&divisor, (unsigned)scale);
    else
        bignum_scale(magnitude, (unsigned)-scale);
    return bignum_quotient(magnitude, &divisor, negative);
}

double integer_mean(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                    uint64_t count, int32_t scale)
{
    struct bignum magnitude;
    bool negative = magnitude_of(sums, key_count, words, key, &magnitude);
    if (count == 0)
        return exact_nan();
    if (magnitude.count == 0)
        return 0.0;
    uint64_t divisor = small_divisor(count, scale);
    if (divisor == 0)
        return exact_wide_round(scaled_quotient(&magnitude, count, scale, negative));
    struct exact_wide wide = exact_wide_of_words(magnitude.words, magnitude.count, 0, negative);
    return exact_wide_round(exact_wide_divide(wide, divisor));
}

/* Digits in groups of DIGITS_AT_ONCE, the least significant group first: six hold 320 bits. */
void integer_sum_text(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                      char *buffer, size_t size)
{
    struct bignum magnitude;
    uint64_t groups[6] = {0};
    char text[8 * DIGITS_AT_ONCE];
    bool negative = magnitude_of(sums, key_count, words, key, &magnitude);
    size_t count = 0;
    while (magnitude.count > 0)
        groups[count++] = bignum_divide_small(&magnitude, TEN_TO_19);
    size_t top = count > 0 ? count - 1 : 0;
    int length =
        snprintf(text, sizeof text, "%s%llu", negative ? "-" : "", (unsigned long long)groups[top]);
    for (size_t g = top; g-- > 0;)
        length += snprintf(text + length, sizeof text - (size_t)length, "%019llu",
                           (unsigned long long)groups[g]);
    snprintf(buffer, size, "%s", text);
}
