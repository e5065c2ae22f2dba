#include "column/text.h"

#include <string.h>

/* 256 bits in limbs, least significant first, and the digits they have at most. */
#define LIMBS       8
#define LIMB_BYTES  (LIMBS * sizeof(uint32_t))
#define MOST_DIGITS 78
/* Beyond this a scale is written as an exponent instead of as zeros. */
#define MOST_ZEROS 100

/* Digits of a number's size with its scale applied. */
static void text_scaled(struct text *text, bool negative, const char *digits, size_t count,
                        int32_t scale)
{
    if (negative)
        text_char(text, '-');
    if (scale < -MOST_ZEROS || scale > MOST_ZEROS) {
        text_bytes(text, digits, count);
        text_char(text, 'e');
        text_signed(text, -(int64_t)scale);
        return;
    }
    if (scale <= 0) {
        text_bytes(text, digits, count);
        text_repeat(text, '0', count == 1 && digits[0] == '0' ? 0 : (size_t)-scale);
        return;
    }
    size_t behind = (size_t)scale;
    if (count > behind) {
        text_bytes(text, digits, count - behind);
        text_char(text, '.');
        text_bytes(text, digits + count - behind, behind);
        return;
    }
    text_string(text, "0.");
    text_repeat(text, '0', behind - count);
    text_bytes(text, digits, count);
}

void text_decimal_integer(struct text *text, int64_t value, int32_t scale)
{
    char digits[24];
    struct text number = {digits, sizeof digits, 0};
    text_unsigned(&number, value < 0 ? -(uint64_t)value : (uint64_t)value);
    text_scaled(text, value < 0, digits, number.length, scale);
}

/* Bytes that only repeat the sign say nothing. */
static void strip_sign_bytes(const uint8_t **bytes, size_t *count)
{
    while (*count > 1) {
        uint8_t first = (*bytes)[0], second = (*bytes)[1];
        bool redundant = (first == 0 && second < 0x80) || (first == 0xff && second >= 0x80);
        if (!redundant)
            return;
        (*bytes)++;
        (*count)--;
    }
}

/* The size, without sign, of a number of at most LIMB_BYTES bytes. */
static void load_magnitude(const uint8_t *bytes, size_t count, bool negative,
                           uint32_t limbs[static LIMBS])
{
    uint8_t little[LIMB_BYTES];
    memset(little, negative ? 0xff : 0, sizeof little);
    for (size_t i = 0; i < count; i++)
        little[i] = bytes[count - 1 - i];
    memcpy(limbs, little, sizeof little);
    uint64_t carry = 1;
    for (size_t i = 0; negative && i < LIMBS; i++) {
        carry += (uint32_t)~limbs[i];
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* Divides in place; the rest is returned. */
static uint32_t divide_limbs(uint32_t limbs[static LIMBS], uint32_t by)
{
    uint64_t rest = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    return (uint32_t)rest;
}

void text_decimal(struct text *text, const uint8_t *bytes, size_t count, int32_t scale)
{
    bool negative = count > 0 && bytes[0] >= 0x80;
    strip_sign_bytes(&bytes, &count);
    if (count > LIMB_BYTES) {
        text_string(text, "0x");
        text_hex(text, bytes, count);
        return;
    }
    uint32_t limbs[LIMBS];
    load_magnitude(bytes, count, negative, limbs);
    char digits[MOST_DIGITS];
    size_t at = sizeof digits;
    for (int group = 0; group < 8; group++) {
        uint32_t rest = divide_limbs(limbs, 1000000000);
        for (int i = 0; i < 9; i++, rest /= 10)
            digits[--at] = (char)('0' + rest % 10);
    }
    /* 2^256 has 78 digits: 8 groups of 9 and 6 more. */
    for (uint32_t rest = limbs[0]; at > 0; rest /= 10)
        digits[--at] = (char)('0' + rest % 10);
    while (at + 1 < sizeof digits && digits[at] == '0')
        at++;
    text_scaled(text, negative, digits + at, sizeof digits - at, scale);
}
