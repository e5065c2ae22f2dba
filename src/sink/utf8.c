#include "sink/utf8.h"

#include <stdbool.h>

/* Bytes of a character and its first bits, from its first byte; 0 when no character begins so. */
static size_t first_byte(uint8_t byte, uint32_t *ret)
{
    if (byte < 0x80) {
        *ret = byte;
        return 1;
    }
    if (byte >= 0xc2 && byte <= 0xdf) {
        *ret = byte & 0x1f;
        return 2;
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        *ret = byte & 0x0f;
        return 3;
    }
    *ret = byte & 0x07;
    return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

/* The shortest form, no surrogate, within Unicode. */
static bool is_sound(uint32_t character, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return character >= least[size] && character <= 0x10ffff &&
           !(character >= 0xd800 && character <= 0xdfff);
}

size_t utf8_next(const uint8_t *bytes, size_t left, uint32_t *ret)
{
    uint32_t character;
    size_t size = first_byte(bytes[0], &character);
    *ret = UTF8_INVALID;
    if (size == 0 || size > left)
        return 1;
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 1;
        character = character << 6 | (bytes[i] & 0x3f);
    }
    if (!is_sound(character, size))
        return 1;
    *ret = character;
    return size;
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    }
    return false;
}

unsigned utf8_columns(uint32_t character)
{
    static const struct range narrow[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                          {0x610, 0x61a},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
                                          {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff},
                                          {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                        {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                        {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                                        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (character < 0x300)
        return 1;
    if (is_in(character, narrow, sizeof narrow / sizeof narrow[0]))
        return 0;
    return is_in(character, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}
