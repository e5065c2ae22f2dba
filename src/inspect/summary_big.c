#include "inspect/summary_big.h"

#include <string.h>

#include "inspect/summary_text.h"

#define TEN_TO_19 UINT64_C(10000000000000000000)

static uint64_t sign_of(const struct big_integer *value)
{
    return value->words[value->count - 1] >> 63 != 0 ? UINT64_MAX : 0;
}

static uint64_t sign_of_word(uint64_t word)
{
    return word >> 63 != 0 ? UINT64_MAX : 0;
}

/* Drops words that only repeat the sign. */
static void trim(struct big_integer *value)
{
    while (value->count > 1) {
        uint64_t top = value->words[value->count - 1];
        if (top != sign_of_word(value->words[value->count - 2]))
            return;
        value->count--;
    }
}

void big_integer_from_integer(__int128 value, struct big_integer *ret)
{
    ret->count = 2;
    ret->words[0] = (uint64_t)value;
    ret->words[1] = (uint64_t)((unsigned __int128)value >> 64);
    trim(ret);
}

bool big_integer_from_bytes(const uint8_t *bytes, size_t size, struct big_integer *ret)
{
    bool negative = size > 0 && bytes[0] >= 0x80;
    uint8_t sign = negative ? 0xff : 0;
    while (size > 1 && bytes[0] == sign && (bytes[1] >= 0x80) == negative) {
        bytes++;
        size--;
    }
    if (size > BIG_INTEGER_MOST_BYTES)
        return false;
    ret->count = (uint32_t)((size + 7) / 8 + (size == 0));
    memset(ret->words, sign, ret->count * sizeof ret->words[0]);
    uint8_t *little = (uint8_t *)ret->words;
    for (size_t i = 0; i < size; i++)
        little[i] = bytes[size - 1 - i];
    return true;
}

/* Makes room for the carry of an addition. */
static void extend(struct big_integer *value, uint32_t count)
{
    uint64_t sign = sign_of(value);
    while (value->count < count)
        value->words[value->count++] = sign;
}

void big_integer_add(struct big_integer *sum, const struct big_integer *value)
{
    uint32_t longer = sum->count > value->count ? sum->count : value->count;
    uint64_t sign = sign_of(value);
    bool carry = false;
    extend(sum, longer < BIG_INTEGER_WORDS ? longer + 1 : BIG_INTEGER_WORDS);
    for (uint32_t i = 0; i < sum->count; i++) {
        uint64_t word = i < value->count ? value->words[i] : sign;
        bool over = __builtin_add_overflow(sum->words[i], word, &sum->words[i]);
        carry = __builtin_add_overflow(sum->words[i], (uint64_t)carry, &sum->words[i]) || over;
    }
    trim(sum);
}

/* Two's complement, modulo the room for the product. */
void big_integer_multiply(struct big_integer *value, uint32_t factor)
{
    unsigned __int128 carry = 0;
    extend(value, value->count < BIG_INTEGER_WORDS ? value->count + 1 : BIG_INTEGER_WORDS);
    for (uint32_t i = 0; i < value->count; i++) {
        carry += (unsigned __int128)value->words[i] * factor;
        value->words[i] = (uint64_t)carry;
        carry >>= 64;
    }
    trim(value);
}

/* Of one sign, the one with more words is further from zero. */
int big_integer_compare(const struct big_integer *left, const struct big_integer *right)
{
    uint64_t sign = sign_of(left);
    if (sign != sign_of(right))
        return sign != 0 ? -1 : 1;
    if (left->count != right->count)
        return (left->count < right->count) == (sign == 0) ? -1 : 1;
    for (uint32_t i = left->count; i-- > 0;)
        if (left->words[i] != right->words[i])
            return left->words[i] < right->words[i] ? -1 : 1;
    return 0;
}

void big_integer_copy(struct big_integer *to, const struct big_integer *from)
{
    to->count = from->count;
    memcpy(to->words, from->words, from->count * sizeof from->words[0]);
}

/* The words of the absolute value; returns whether the value was negative. */
static bool make_positive(struct big_integer *value)
{
    bool negative = sign_of(value) != 0;
    bool carry = true;
    for (uint32_t i = 0; negative && i < value->count; i++) {
        value->words[i] = ~value->words[i] + carry;
        carry = carry && value->words[i] == 0;
    }
    return negative;
}

/* Divides the words, which are no longer signed, by 10^19; returns the rest. */
static uint64_t take_group(struct big_integer *value)
{
    uint64_t rest = 0;
    for (uint32_t i = value->count; i-- > 0;) {
        unsigned __int128 part = (unsigned __int128)rest << 64 | value->words[i];
        value->words[i] = (uint64_t)(part / TEN_TO_19);
        rest = (uint64_t)(part % TEN_TO_19);
    }
    while (value->count > 0 && value->words[value->count - 1] == 0)
        value->count--;
    return rest;
}

size_t big_integer_text(const struct big_integer *value, char text[static BIG_INTEGER_TEXT])
{
    uint64_t groups[BIG_INTEGER_WORDS * 20 / 19 + 1];
    struct big_integer rest;
    size_t count = 0, length = 0;
    big_integer_copy(&rest, value);
    if (make_positive(&rest))
        text[length++] = '-';
    do
        groups[count++] = take_group(&rest);
    while (rest.count > 0);
    length += summary_digits(groups[--count], 1, text + length);
    while (count > 0)
        length += summary_digits(groups[--count], 19, text + length);
    text[length] = '\0';
    return length;
}
