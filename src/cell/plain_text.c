#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "cell/plain_text.h"

static bool is_plain(uint32_t character)
{
    return character != UTF8_INVALID && character >= 0x20 && character != 0x7f;
}

void plain_text(char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t character;
        size_t size = utf8_next((const uint8_t *)text, left, &character);
        if (!is_plain(character))
            *text = '?';
        text += size;
        left -= size;
    }
}
