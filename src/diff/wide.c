#include "diff/wide.h"

#include <math.h>

/* Digits of a power of ten that a double holds exactly, and the largest integer it counts up to. */
#define EXACT_DIGITS  22
#define EXACT_INTEGER 9007199254740992.0L

static void fill(struct wide *wide, bool negative)
{
    for (size_t i = 0; i < WIDE_LIMBS; i++)
        wide->limbs[i] = negative ? UINT32_MAX : 0;
}

bool wide_from_bytes(const uint8_t *bytes, size_t size, struct wide *ret)
{
    bool negative = size > 0 && (bytes[0] & 0x80) != 0;
    while (size > WIDE_LARGEST_BYTES && bytes[0] == (negative ? 0xff : 0)) {
        bytes++;
        size--;
    }
    if (size > WIDE_LARGEST_BYTES)
        return false;
    fill(ret, negative);
    for (size_t i = 0; i < size; i++) {
        uint32_t *limb = &ret->limbs[i / 4];
        unsigned shift = (unsigned)(i % 4) * 8;
        *limb = (*limb & ~(0xffu << shift)) | (uint32_t)bytes[size - 1 - i] << shift;
    }
    return true;
}

void wide_from_integer(__int128 value, struct wide *ret)
{
    fill(ret, value < 0);
    for (size_t i = 0; i < 4; i++)
        ret->limbs[i] = (uint32_t)((unsigned __int128)value >> (32 * i));
}

void wide_scale(struct wide *wide, unsigned digits)
{
    for (; digits > 0; digits--) {
        uint64_t carry = 0;
        for (size_t i = 0; i < WIDE_LIMBS; i++) {
            carry += (uint64_t)wide->limbs[i] * 10;
            wide->limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
}

static struct wide subtract(const struct wide *a, const struct wide *b)
{
    struct wide result;
    int64_t borrow = 0;
    for (size_t i = 0; i < WIDE_LIMBS; i++) {
        borrow += (int64_t)a->limbs[i] - (int64_t)b->limbs[i];
        result.limbs[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    return result;
}

struct wide wide_distance(const struct wide *a, const struct wide *b)
{
    struct wide result = subtract(a, b);
    bool negative = result.limbs[WIDE_LIMBS - 1] >> 31 != 0;
    return negative ? subtract(b, a) : result;
}

bool wide_is_zero(const struct wide *wide)
{
    uint32_t any = 0;
    for (size_t i = 0; i < WIDE_LIMBS; i++)
        any |= wide->limbs[i];
    return any == 0;
}

double wide_to_double(const struct wide *wide, int32_t scale)
{
    long double value = 0;
    for (size_t i = WIDE_LIMBS; i > 0; i--)
        value = value * 4294967296.0L + (long double)wide->limbs[i - 1];
    /* Both exact: one division, rounded once, so that 1 / 100 is the double that 0.01 reads as. */
    if (scale >= 0 && scale <= EXACT_DIGITS && value <= EXACT_INTEGER)
        return (double)value / pow(10, scale);
    return (double)(value / powl(10, scale));
}
