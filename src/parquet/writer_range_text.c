/* Bounds for text too long to keep: a prefix below, a prefix with a greater end above. */
#include "parquet/writer_range.h"

#include <string.h>

#include "base/utf8.h"

/* Bytes up to size that end with a whole character, where text is UTF-8; else size. */
static uint32_t whole_characters(struct column_bytes text, uint32_t size)
{
    uint32_t end = size;
    while (end > 0 && size - end < 4 && utf8_continues(text.data[end]))
        end--;
    return end > 0 && !utf8_continues(text.data[end]) ? end : size;
}

static uint32_t cut_size(struct column_bytes text, bool utf8)
{
    if (text.size <= RANGE_BYTES)
        return text.size;
    return utf8 ? whole_characters(text, RANGE_BYTES) : RANGE_BYTES;
}

static void keep(struct column_bytes text, uint32_t size, struct range_bound *ret)
{
    ret->size = (uint8_t)size;
    ret->exact = size == text.size;
    if (size > 0)
        memcpy(ret->bytes, text.data, size);
}

void range_cut_least(struct column_bytes text, bool utf8, struct range_bound *ret)
{
    keep(text, cut_size(text, utf8), ret);
}

/* The next greater byte string of at most this size. */
static bool raise_bytes(struct range_bound *bound)
{
    while (bound->size > 0 && bound->bytes[bound->size - 1] == 0xff)
        bound->size--;
    if (bound->size == 0)
        return false;
    bound->bytes[bound->size - 1]++;
    return true;
}

/*
 * Makes the character at first the next one of the same length. Bytes of a UTF-8 character
 * count like digits of six bits below the first byte's.
 */
static bool raise_character(uint8_t *first, unsigned length)
{
    static const uint8_t last_lead[] = {0, 0x7f, 0xdf, 0xef, 0xf4};
    for (unsigned i = length; i-- > 1;) {
        if (first[i] < 0xbf) {
            first[i]++;
            /* U+D800 to U+DFFF are no characters: go on to U+E000. Nothing stands above U+10FFFF.
             */
            if (length == 3 && first[0] == 0xed && first[1] >= 0xa0)
                memcpy(first, "\xee\x80\x80", 3);
            return !(length == 4 && first[0] == 0xf4 && first[1] > 0x8f);
        }
        first[i] = 0x80;
    }
    if (first[0] >= last_lead[length])
        return false;
    first[0]++;
    return true;
}

/* The same in whole characters: the last one that has a greater one of its length is raised. */
static bool raise_text(struct range_bound *bound)
{
    while (bound->size > 0) {
        unsigned length = 1;
        while (length < 4 && length < bound->size &&
               utf8_continues(bound->bytes[bound->size - length]))
            length++;
        if (raise_character(bound->bytes + bound->size - length, length))
            return true;
        bound->size = (uint8_t)(bound->size - length);
    }
    return false;
}

bool range_cut_greatest(struct column_bytes text, bool utf8, struct range_bound *ret)
{
    keep(text, cut_size(text, utf8), ret);
    if (ret->exact)
        return true;
    return utf8 ? raise_text(ret) : raise_bytes(ret);
}
