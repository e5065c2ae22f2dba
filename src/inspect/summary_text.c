#include "inspect/summary_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "column/column.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

size_t summary_digits(uint64_t value, unsigned width, char *text)
{
    char digits[20];
    size_t at = sizeof digits;
    for (; value >= 100; value /= 100)
        memcpy(digits + (at -= 2), pairs + value % 100 * 2, 2);
    if (value >= 10)
        memcpy(digits + (at -= 2), pairs + value * 2, 2);
    else if (value > 0 || at == sizeof digits)
        digits[--at] = (char)('0' + value);
    while (sizeof digits - at < width)
        digits[--at] = '0';
    memcpy(text, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t summary_integer_text(__int128 value, char text[static INTEGER_TEXT])
{
    const uint64_t group = UINT64_C(10000000000000000000);
    size_t length = 0;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    if (value < 0)
        text[length++] = '-';
    if (rest >> 64 == 0) {
        length += summary_digits((uint64_t)rest, 1, text + length);
    } else {
        /* 2^127 is below 10^19 * 10^20. */
        unsigned __int128 upper = rest / group;
        uint64_t top = (uint64_t)(upper / group);
        if (top > 0)
            length += summary_digits(top, 1, text + length);
        length += summary_digits((uint64_t)(upper % group), top > 0 ? 19 : 1, text + length);
        length += summary_digits((uint64_t)(rest % group), 19, text + length);
    }
    text[length] = '\0';
    return length;
}

void summary_hex(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
}

/* The digits of a number's text, without zeros at both ends, and the power of ten of the first. */
struct digits {
    char text[24];
    int count;
    int exponent;
};

static struct digits parse_digits(const char *text)
{
    struct digits result = {.exponent = -1};
    bool fraction = false;
    for (; *text != '\0' && *text != 'e'; text++) {
        bool leading = *text == '0' && result.count == 0;
        if (*text == '.')
            fraction = true;
        else if (!leading && result.count < (int)sizeof result.text)
            result.text[result.count++] = *text;
        if (*text != '.' && fraction == leading)
            result.exponent += fraction ? -1 : 1;
    }
    if (*text == 'e')
        result.exponent += (int)strtol(text + 1, NULL, 10);
    while (result.count > 1 && result.text[result.count - 1] == '0')
        result.count--;
    return result;
}

static void plain_text(const struct digits *digits, char *text, size_t size)
{
    int count = digits->count, whole = digits->exponent + 1;
    if (whole <= 0)
        snprintf(text, size, "0.%.*s%.*s", -whole, "0000", count, digits->text);
    else if (count <= whole)
        snprintf(text, size, "%.*s%.*s.0", count, digits->text, whole - count, "000000000000000");
    else
        snprintf(text, size, "%.*s.%.*s", whole, digits->text, count - whole, digits->text + whole);
}

static void scientific_text(const struct digits *digits, char *text, size_t size)
{
    int exponent = digits->exponent;
    snprintf(text, size, "%c%s%.*se%c%02d", digits->text[0], digits->count > 1 ? "." : "",
             digits->count - 1, digits->text + 1, exponent < 0 ? '-' : '+',
             exponent < 0 ? -exponent : exponent);
}

void summary_float_text(double value, char text[static FLOAT_TEXT])
{
    static const struct column_type type = {.physical = COLUMN_DOUBLE};
    char shortest[FLOAT_TEXT];
    bool negative = __builtin_signbit(value) != 0;
    column_value_format(&type, &value, shortest, sizeof shortest);
    if (__builtin_isfinite(value) == 0) {
        snprintf(text, FLOAT_TEXT, "%s", shortest);
        return;
    }
    struct digits digits = parse_digits(shortest + negative);
    text[0] = '-';
    text += negative;
    size_t size = FLOAT_TEXT - negative;
    if (digits.count == 0)
        snprintf(text, size, "0.0");
    else if (digits.exponent < -4 || digits.exponent >= 16)
        scientific_text(&digits, text, size);
    else
        plain_text(&digits, text, size);
}

enum error_code summary_scale(struct mem_arena *arena, const char *digits, int32_t scale,
                              const char **ret, struct error *error)
{
    bool negative = digits[0] == '-';
    digits += negative;
    size_t count = strlen(digits);
    size_t behind = scale > 0 ? (size_t)scale : 0;
    size_t zeros = behind >= count ? behind + 1 - count : 0;
    size_t after = scale < 0 && digits[0] != '0' ? (size_t)-scale : 0;
    size_t size = negative + zeros + count + after + 2;
    void *memory;
    TRY(mem_arena_alloc(arena, size, &memory, error));
    char *text = memory;
    char *at = text;
    if (negative)
        *at++ = '-';
    memset(at, '0', zeros);
    memcpy(at + zeros, digits, count);
    memset(at + zeros + count, '0', after);
    at += zeros + count - behind;
    if (behind > 0) {
        memmove(at + 1, at, behind);
        *at = '.';
    }
    *ret = text;
    return ERROR_NONE;
}
