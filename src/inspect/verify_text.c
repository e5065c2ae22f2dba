/* UTF-8 as RFC 3629 has it. */
#include <string.h>

#include "inspect/verify_state.h"

/* Bytes of the character that starts with byte, 0 for a byte that starts none. */
static size_t length_of(uint8_t byte)
{
    if (byte < 0x80)
        return 1;
    if (byte >= 0xc2 && byte < 0xe0)
        return 2;
    if (byte >= 0xe0 && byte < 0xf0)
        return 3;
    return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

/* The second byte is bounded where the first one alone would allow overlong forms, surrogates and
 * what lies beyond U+10FFFF. */
static bool second_fits(uint8_t first, uint8_t second)
{
    uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

static bool character_fits(const uint8_t *bytes, size_t length)
{
    if (length == 0 || (length > 1 && !second_fits(bytes[0], bytes[1])))
        return false;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return false;
    }
    return true;
}

bool verify_is_utf8(const uint8_t *bytes, size_t size)
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
