#include <stddef.h>
#include <stdint.h>

#include "cell/plain_text.h"

/* Bytes of the character that begins here, 0 where none does (RFC 3629: no surrogates, nothing
 * longer than needed, nothing above U+10FFFF). */
static size_t character(const uint8_t *at)
{
    uint8_t first = at[0];
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < size; i++) {
        if (at[i] < low || at[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return size;
}

void plain_text(char *text)
{
    while (*text != '\0') {
        size_t size = character((const uint8_t *)text);
        if (size == 0)
            *text = '?';
        text += size == 0 ? 1 : size;
    }
}
