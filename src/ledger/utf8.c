#include "ledger/utf8.h"

#include "base/cursor.h"

/* How many bytes follow a first byte, and the range of the first of them (RFC 3629, section 4). */
struct lead {
    uint8_t from, to;
    uint8_t follow;
    uint8_t low, high;
};

static const struct lead leads[] = {
    {0x00, 0x7f, 0, 0x00, 0x00}, {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *lead_of(uint8_t byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
        if (byte >= leads[i].from && byte <= leads[i].to)
            return &leads[i];
    return NULL;
}

static bool character_is_valid(struct cursor *cursor)
{
    uint8_t byte;
    const struct lead *lead = cursor_u8(cursor, &byte) ? lead_of(byte) : NULL;
    if (lead == NULL)
        return false;
    uint8_t low = lead->low, high = lead->high;
    for (unsigned i = 0; i < lead->follow; i++) {
        if (!cursor_u8(cursor, &byte) || byte < low || byte > high)
            return false;
        low = 0x80;
        high = 0xbf;
    }
    return true;
}

bool utf8_is_valid(const char *text, size_t size)
{
    struct cursor cursor = cursor_over(text, size);
    while (cursor_left(&cursor) > 0)
        if (!character_is_valid(&cursor))
            return false;
    return true;
}
