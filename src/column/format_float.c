/*
 * Shortest text of floating-point numbers.
 *
 * For numbers of everyday size the digits are exact integer arithmetic: x = m * 2^e, so x * 10^s is
 * m * 5^s * 2^(e+s), which fits 128 bits; rounding it and comparing the distance with half the gap
 * to the neighbour tells whether the digits read back. The C library does the rest, with its
 * decimal point, whatever the locale makes of it, skipped.
 */
#include "column/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A kind of IEEE 754 number. */
struct float_shape {
    unsigned fraction_bits;
    unsigned exponent_bits;
    int least_digits; /* every text of so many digits survives the way through the type */
    int most_digits;  /* every number of the type is told by so many digits */
};

static const struct float_shape double_shape = {52, 11, 15, 17};
static const struct float_shape float_shape = {23, 8, 6, 9};
static const struct float_shape half_shape = {10, 5, 3, 5};

/* A positive number: mantissa * 2^exponent. */
struct binary {
    uint64_t mantissa;
    int exponent;
    bool narrow_below; /* a power of two: the lower neighbour is half as far away */
};

/* digits * 10^exponent; precision is how many digits were asked for. */
struct decimal_digits {
    uint64_t digits;
    int exponent;
    int precision;
};

/* Largest s for which 5^s fits 64 bits; a mantissa of 53 bits then leaves 12 of 128. */
#define MOST_SCALE 27

static uint64_t power_of_five(int exponent)
{
    uint64_t power = 1;
    for (; exponent >= 4; exponent -= 4)
        power *= 625;
    for (; exponent > 0; exponent--)
        power *= 5;
    return power;
}

static struct binary binary_of(uint64_t bits, const struct float_shape *shape)
{
    uint64_t hidden = (uint64_t)1 << shape->fraction_bits;
    uint64_t fraction = bits & (hidden - 1);
    int bias = (1 << (shape->exponent_bits - 1)) - 1 + (int)shape->fraction_bits;
    int biased = (int)(bits >> shape->fraction_bits & (((uint64_t)1 << shape->exponent_bits) - 1));
    if (biased == 0)
        return (struct binary){fraction, 1 - bias, false};
    return (struct binary){fraction | hidden, biased - bias, fraction == 0 && biased > 1};
}

/* Rounds x * 10^scale to an integer; false when that integer reads back as another number. */
static bool round_scaled(const struct binary *x, int scale, uint64_t *ret)
{
    uint64_t gap = power_of_five(scale);
    unsigned __int128 product = (unsigned __int128)x->mantissa * gap;
    int shift = -(x->exponent + scale);
    if (shift > 120)
        return false;
    if (shift <= 0) {
        *ret = (uint64_t)(product << -shift);
        return true;
    }
    unsigned __int128 one = (unsigned __int128)1 << shift;
    unsigned __int128 rest = product & (one - 1);
    uint64_t whole = (uint64_t)(product >> shift);
    bool up = rest * 2 > one || (rest * 2 == one && (whole & 1) != 0);
    unsigned __int128 distance = up ? one - rest : rest;
    *ret = whole + up;
    return distance * (x->narrow_below && !up ? 4 : 2) < gap;
}

/* The exponent of value's first decimal digit, from -10 to 14; false outside. */
static bool decimal_exponent(double value, int *ret)
{
    static const double powers[] = {1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2,
                                    1e-1,  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,   1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int low = 0, high = (int)(sizeof powers / sizeof powers[0]) - 1;
    if (value < powers[low] || value >= powers[high])
        return false;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (value < powers[middle])
            high = middle;
        else
            low = middle;
    }
    *ret = low - 10;
    return true;
}

/* Subnormal numbers have fewer digits the smaller they are: none survives for certain. */
static int digits_to_begin_with(const struct binary *x, const struct float_shape *shape)
{
    return x->mantissa >> shape->fraction_bits != 0 ? shape->least_digits : 1;
}

static bool exact_digits(double value, const struct binary *x, const struct float_shape *shape,
                         struct decimal_digits *ret)
{
    int exponent;
    if (!decimal_exponent(value, &exponent))
        return false;
    int least = digits_to_begin_with(x, shape);
    int precision = least > exponent ? least : exponent + 1;
    for (; precision <= shape->most_digits; precision++) {
        int scale = precision - 1 - exponent;
        uint64_t digits;
        if (scale <= MOST_SCALE && round_scaled(x, scale, &digits)) {
            *ret = (struct decimal_digits){digits, -scale, precision};
            return true;
        }
    }
    return false;
}

/* Takes digits and exponent from the text of "%e". */
static struct decimal_digits parse_scientific(const char *text, int precision)
{
    struct decimal_digits result = {0, 0, precision};
    for (; *text != 'e' && *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9')
            result.digits = result.digits * 10 + (uint64_t)(*text - '0');
    }
    if (*text == 'e')
        result.exponent = (int)strtol(text + 1, NULL, 10);
    result.exponent -= precision - 1;
    return result;
}

static struct decimal_digits library_digits(double value, const struct binary *x,
                                            const struct float_shape *shape)
{
    char text[64];
    for (int precision = digits_to_begin_with(x, shape);; precision++) {
        snprintf(text, sizeof text, "%.*e", precision - 1, value);
        double back = shape == &double_shape ? strtod(text, NULL) : (double)strtof(text, NULL);
        if (back == value || precision == shape->most_digits)
            return parse_scientific(text, precision);
    }
}

/* Plain digits, or d.ddde+xx for exponents below -4 and from 15 (or the precision) on. */
static void text_digits(struct text *text, struct decimal_digits number)
{
    char digits[20];
    int count = 0;
    for (; number.digits >= 10 && number.digits % 10 == 0; number.exponent++)
        number.digits /= 10;
    for (uint64_t rest = number.digits; rest > 0; rest /= 10)
        digits[sizeof digits - (size_t)++count] = (char)('0' + rest % 10);
    const char *first = digits + sizeof digits - count;
    int exponent = number.exponent + count - 1;
    if (exponent < -4 || exponent >= (number.precision > 15 ? number.precision : 15)) {
        text_char(text, first[0]);
        if (count > 1)
            text_char(text, '.');
        text_bytes(text, first + 1, (size_t)(count - 1));
        text_string(text, exponent < 0 ? "e-" : "e+");
        text_padded(text, (uint64_t)(exponent < 0 ? -exponent : exponent), 2);
        return;
    }
    int whole = exponent + 1; /* digits before the point */
    if (whole <= 0) {
        text_string(text, "0.");
        text_repeat(text, '0', (size_t)-whole);
        whole = 0;
    }
    text_bytes(text, first, (size_t)(whole < count ? whole : count));
    text_repeat(text, '0', (size_t)(whole > count ? whole - count : 0));
    if (whole > 0 && whole < count)
        text_char(text, '.');
    if (whole < count)
        text_bytes(text, first + whole, (size_t)(count - whole));
}

static void text_number(struct text *text, double value, uint64_t bits,
                        const struct float_shape *shape)
{
    if (value != value) {
        text_string(text, "nan");
        return;
    }
    if ((bits >> (shape->fraction_bits + shape->exponent_bits)) != 0) {
        text_char(text, '-');
        value = -value;
    }
    if (value == __builtin_inf()) {
        text_string(text, "inf");
        return;
    }
    if (value == 0) {
        text_char(text, '0');
        return;
    }
    struct binary x = binary_of(bits, shape);
    struct decimal_digits digits;
    if (!exact_digits(value, &x, shape, &digits))
        digits = library_digits(value, &x, shape);
    text_digits(text, digits);
}

void text_double(struct text *text, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    text_number(text, value, bits, &double_shape);
}

void text_float(struct text *text, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    text_number(text, (double)value, bits, &float_shape);
}

double half_to_double(uint16_t bits)
{
    int biased = bits >> 10 & 31;
    int fraction = bits & 1023;
    double value;
    if (biased == 31)
        value = fraction == 0 ? __builtin_inf() : __builtin_nan("");
    else if (biased == 0)
        value = fraction * 0x1p-24;
    else
        value = (double)((uint64_t)(fraction | 1024) << biased) * 0x1p-25;
    return (bits & 0x8000) != 0 ? -value : value;
}

void text_half(struct text *text, uint16_t bits)
{
    text_number(text, half_to_double(bits), bits, &half_shape);
}
