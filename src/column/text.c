#include "column/text.h"

#include <string.h>

void text_bytes(struct text *text, const void *bytes, size_t count)
{
    if (text->length + 1 < text->size && count > 0) {
        size_t room = text->size - 1 - text->length;
        memcpy(text->buffer + text->length, bytes, count < room ? count : room);
    }
    text->length += count;
}

void text_string(struct text *text, const char *string)
{
    text_bytes(text, string, strlen(string));
}

void text_char(struct text *text, char c)
{
    if (text->length + 1 < text->size)
        text->buffer[text->length] = c;
    text->length++;
}

void text_repeat(struct text *text, char c, size_t count)
{
    while (count-- > 0)
        text_char(text, c);
}

size_t text_end(struct text *text)
{
    if (text->size > 0)
        text->buffer[text->length < text->size ? text->length : text->size - 1] = '\0';
    return text->length;
}

void text_padded(struct text *text, uint64_t value, unsigned width)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[sizeof digits - ++count] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count < width && count < sizeof digits)
        digits[sizeof digits - ++count] = '0';
    text_bytes(text, digits + sizeof digits - count, count);
}

void text_unsigned(struct text *text, uint64_t value)
{
    text_padded(text, value, 1);
}

void text_signed(struct text *text, int64_t value)
{
    if (value < 0)
        text_char(text, '-');
    text_padded(text, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
}

void text_hex(struct text *text, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        text_char(text, digits[bytes[i] >> 4]);
        text_char(text, digits[bytes[i] & 15]);
    }
}
