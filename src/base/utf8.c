#include "base/utf8.h"

#include <string.h>

#include "base/cursor.h"

/* Bytes of the character that starts with byte, 0 for a byte that starts none. */
static inline size_t length_of(uint8_t byte)
{
    if (byte < 0x80)
        return 1;
    if (byte >= 0xc2 && byte < 0xe0)
        return 2;
    if (byte >= 0xe0 && byte < 0xf0)
        return 3;
    return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

/* The second byte is bounded where the first one alone would allow longer forms than needed,
 * surrogates and what lies beyond U+10FFFF. */
static inline bool second_fits(uint8_t first, uint8_t second)
{
    uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

static inline bool character_fits(const uint8_t *bytes, size_t length)
{
    if (length == 0 || (length > 1 && !second_fits(bytes[0], bytes[1])))
        return false;
    for (size_t i = 2; i < length; i++) {
        if (!utf8_continues(bytes[i]))
            return false;
    }
    return true;
}

size_t utf8_next(const uint8_t *bytes, size_t left, uint32_t *ret)
{
    static const uint8_t bits_of_first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t length = length_of(bytes[0]);
    *ret = UTF8_INVALID;
    if (length > left || !character_fits(bytes, length))
        return 1;
    uint32_t character = bytes[0] & bits_of_first[length];
    for (size_t i = 1; i < length; i++)
        character = character << 6 | (bytes[i] & 0x3f);
    *ret = character;
    return length;
}

/* ASCII, which most text is, goes eight bytes at a time. */
bool utf8_is_valid(const void *bytes, size_t size)
{
    struct cursor cursor = cursor_over(bytes, size);
    while (cursor_left(&cursor) > 0) {
        const uint8_t *character;
        uint64_t eight;
        struct cursor ahead = cursor;
        if (cursor_u64(&ahead, &eight) && (eight & UINT64_C(0x8080808080808080)) == 0) {
            cursor = ahead;
            continue;
        }
        size_t length = length_of(*cursor.at);
        if (!cursor_bytes(&cursor, length, &character) || !character_fits(character, length))
            return false;
    }
    return true;
}

size_t utf8_cut(const void *bytes, size_t most)
{
    const uint8_t *text = bytes;
    while (most > 0 && utf8_continues(text[most]))
        most--;
    return most;
}

size_t utf8_cut_bytes(const void *bytes, size_t most)
{
    size_t cut = utf8_cut(bytes, most);
    return most - cut < 4 ? cut : most;
}

size_t utf8_first(const void *bytes, size_t size)
{
    const uint8_t *text = bytes;
    size_t at = 0;
    while (at < size && utf8_continues(text[at]))
        at++;
    return at;
}

char *utf8_shorten(const char *text, size_t most, char *buffer)
{
    size_t size = strnlen(text, most + 1);
    bool long_text = size > most;
    if (long_text)
        size = utf8_cut(text, most);
    memcpy(buffer, text, size);
    memcpy(buffer + size, long_text ? "..." : "", long_text ? 4 : 1);
    return buffer;
}
