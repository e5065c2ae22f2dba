#include "filter/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool take(struct cursor *cursor, char c)
{
    bool is_there = cursor_left(cursor) > 0 && *cursor->at == (uint8_t)c;
    return is_there && cursor_skip(cursor, 1);
}

/* Adds a digit; leading zeros leave no trace. false: one too many. */
static bool add_digit(struct number *number, char digit)
{
    if (number->count == 0 && digit == '0')
        return true;
    if (number->count == NUMBER_DIGITS_MOST)
        return false;
    number->digits[number->count++] = digit;
    return true;
}

/* Digits with a point among, before or behind them. */
static bool read_digits(struct cursor *cursor, struct number *number)
{
    bool any = false, point = false;
    for (; cursor->at < cursor->end; cursor->at++) {
        if (*cursor->at == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*cursor->at))
            break;
        any = true;
        number->exponent -= point;
        if (!add_digit(number, (char)*cursor->at))
            return false;
    }
    return any && number->exponent >= -(NUMBER_DIGITS_MOST + NUMBER_EXPONENT_MOST);
}

static bool read_exponent(struct cursor *cursor, int32_t *ret)
{
    bool negative = take(cursor, '-');
    int32_t exponent = 0;
    if (!negative)
        (void)take(cursor, '+');
    if (cursor_left(cursor) == 0)
        return false;
    for (; cursor->at < cursor->end; cursor->at++) {
        if (!is_digit(*cursor->at))
            return false;
        exponent = exponent * 10 + (*cursor->at - '0');
        if (exponent > NUMBER_EXPONENT_MOST)
            return false;
    }
    *ret = negative ? -exponent : exponent;
    return true;
}

static void drop_zeros(struct number *number)
{
    for (; number->count > 0 && number->digits[number->count - 1] == '0'; number->count--)
        number->exponent++;
    if (number->count == 0)
        number->exponent = 0;
}

bool number_parse(const char *text, size_t size, struct number *ret)
{
    struct cursor cursor = cursor_over(text, size);
    int32_t exponent = 0;
    ret->count = 0;
    ret->exponent = 0;
    ret->negative = take(&cursor, '-');
    if (!ret->negative)
        (void)take(&cursor, '+');
    if (!read_digits(&cursor, ret))
        return false;
    if ((take(&cursor, 'e') || take(&cursor, 'E')) && !read_exponent(&cursor, &exponent))
        return false;
    ret->exponent += exponent;
    drop_zeros(ret);
    return cursor_left(&cursor) == 0;
}

/* Digits before the point once the number is multiplied by 10^scale; not positive: there are none.
 */
static int64_t whole_digits(const struct number *number, int64_t scale)
{
    return number->count == 0 ? 0 : (int64_t)number->count + number->exponent + scale;
}

/* Whether nothing is left behind the point. */
static bool is_whole(const struct number *number, int64_t scale)
{
    return number->count == 0 || number->exponent + scale >= 0;
}

/* The digit at a place before the point, the first being 0. */
static unsigned digit_at(const struct number *number, int64_t place)
{
    return place < (int64_t)number->count ? (unsigned)(number->digits[place] - '0') : 0;
}

__int128 number_floor(const struct number *number, int64_t scale, bool *ret_exact)
{
    const __int128 most = (__int128)1 << 120; /* more than 10^36 */
    int64_t whole = whole_digits(number, scale);
    __int128 value = 0;
    *ret_exact = whole <= 36 && is_whole(number, scale);
    if (whole > 36)
        return number->negative ? -most : most;
    for (int64_t i = 0; i < whole; i++)
        value = value * 10 + digit_at(number, i);
    if (number->negative)
        value = -value - (*ret_exact ? 0 : 1);
    return value;
}

/* A number being made, as 32-bit digits from the lowest on. */
#define LIMBS_MOST (NUMBER_BYTES_MOST / 4)
struct limbs {
    uint32_t values[LIMBS_MOST];
    size_t count;
};

static bool multiply_add(struct limbs *limbs, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (size_t i = 0; i < limbs->count; i++) {
        carry += (uint64_t)limbs->values[i] * factor;
        limbs->values[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry == 0)
        return true;
    if (limbs->count == LIMBS_MOST - 1) /* one is left for the sign */
        return false;
    limbs->values[limbs->count++] = (uint32_t)carry;
    return true;
}

/* Nine digits at a time. */
static bool fill_limbs(const struct number *number, int64_t whole, struct limbs *limbs)
{
    for (int64_t i = 0; i < whole;) {
        uint32_t factor = 1, part = 0;
        for (; factor < 1000000000 && i < whole; i++, factor *= 10)
            part = part * 10 + digit_at(number, i);
        if (!multiply_add(limbs, factor, part))
            return false;
    }
    return true;
}

/* Two's complement of -(limbs), or of -(limbs + 1), which is all bits turned over. */
static void negate(struct limbs *limbs, bool exact)
{
    uint64_t carry = exact ? 1 : 0;
    for (size_t i = 0; i < limbs->count; i++) {
        carry += (uint32_t)~limbs->values[i];
        limbs->values[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

bool number_floor_bytes(const struct number *number, int64_t scale,
                        uint8_t bytes[static NUMBER_BYTES_MOST], size_t *ret_size, bool *ret_exact)
{
    int64_t whole = whole_digits(number, scale);
    struct limbs limbs;
    limbs.count = 0;
    /* A digit takes more than three bits. */
    if (whole > (int64_t)NUMBER_BYTES_MOST * 8 / 3 || !fill_limbs(number, whole, &limbs))
        return false;
    limbs.values[limbs.count++] = 0;
    *ret_exact = is_whole(number, scale);
    if (number->negative)
        negate(&limbs, *ret_exact);
    for (size_t i = 0; i < limbs.count; i++) {
        uint32_t swapped = __builtin_bswap32(limbs.values[limbs.count - 1 - i]);
        memcpy(bytes + 4 * i, &swapped, sizeof swapped);
    }
    *ret_size = 4 * limbs.count;
    return true;
}

double number_to_double(const struct number *number)
{
    /* Without a point, so that no locale has a say. */
    char text[NUMBER_DIGITS_MOST + 32];
    if (number->count == 0)
        return 0;
    snprintf(text, sizeof text, "%s%.*se%" PRId32, number->negative ? "-" : "", (int)number->count,
             number->digits, number->exponent);
    return strtod(text, NULL);
}
