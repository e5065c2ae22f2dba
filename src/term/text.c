#include "term/text.h"

#include <string.h>

#include "base/utf8.h"

char *text_count(uint64_t count, char buffer[static 32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    char *to = buffer;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return buffer;
}

char *text_plural(uint64_t count, const char *noun, char *buffer, size_t size)
{
    char number[32];
    snprintf(buffer, size, "%s %s%s", text_count(count, number), noun, count == 1 ? "" : "s");
    return buffer;
}

char *text_short(double number, char buffer[static 32])
{
    static const char *const prefixes[] = {"", " k", " M", " G", " T", " P"};
    size_t prefix = 0;
    while (number >= 999.5 && prefix + 1 < sizeof prefixes / sizeof prefixes[0]) {
        number /= 1000;
        prefix++;
    }
    int decimals = prefix > 0 && number < 9.95 ? 1 : 0;
    snprintf(buffer, 32, "%.*f%s", decimals, number, prefixes[prefix]);
    return buffer;
}

char *text_duration(uint64_t ns, char buffer[static 32])
{
    uint64_t seconds = (ns + 500000000) / 1000000000;
    if (ns < 9995000000)
        snprintf(buffer, 32, "%.2f s", (double)ns / 1e9);
    else if (ns < 99950000000)
        snprintf(buffer, 32, "%.1f s", (double)ns / 1e9);
    else if (seconds < 3600)
        snprintf(buffer, 32, "%u:%02u min", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        snprintf(buffer, 32, "%llu:%02u:%02u h", (unsigned long long)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    return buffer;
}

size_t text_width(const char *text)
{
    size_t columns = 0;
    for (; *text != '\0'; text++)
        columns += !utf8_continues((uint8_t)*text);
    return columns;
}

/* Bytes of the printable character at text, or 0. */
static size_t printable_length(const char *text)
{
    uint32_t character;
    size_t length = utf8_next((const uint8_t *)text, strnlen(text, 4), &character);
    bool control = character < 0x20 ||
                   (character >= 0x7f && character < 0xa0); /* C1: terminals obey these too */
    return character == UTF8_INVALID || control ? 0 : length;
}

/* One character of text, escaped where needed, into piece; returns the bytes passed. */
static size_t escape_one(const char *text, char piece[static 8])
{
    size_t length = printable_length(text);
    if (length == 0) {
        snprintf(piece, 8, "\\x%02x", (unsigned char)*text);
        return 1;
    }
    memcpy(piece, text, length);
    piece[length] = '\0';
    return length;
}

char *text_escape(const char *text, char *buffer, size_t size)
{
    size_t used = 0;
    while (*text != '\0') {
        char piece[8];
        text += escape_one(text, piece);
        size_t length = strlen(piece);
        if (used + length >= size)
            break;
        memcpy(buffer + used, piece, length);
        used += length;
    }
    buffer[used] = '\0';
    return buffer;
}

void text_put(FILE *stream, const char *text)
{
    while (*text != '\0') {
        char piece[8];
        text += escape_one(text, piece);
        fputs(piece, stream);
    }
}

/* The indentation of a line is written with its first word, so that an empty line has none. */
void text_wrap(FILE *stream, const char *text, unsigned indent, unsigned width)
{
    size_t column = indent;
    bool is_begun = true;
    while (*text != '\0') {
        size_t word = strcspn(text, " \n");
        bool is_full = column > indent && column + 1 + word > width;
        if (is_full)
            fputc('\n', stream);
        is_begun &= !is_full;
        column = is_full ? indent : column;
        if (word > 0) {
            fprintf(stream, "%*s", is_begun ? column > indent : (int)indent, "");
            fwrite(text, 1, word, stream);
            column += word + (column > indent);
            is_begun = true;
        }
        text += word;
        if (*text == '\n') {
            fputc('\n', stream);
            column = indent;
            is_begun = false;
        }
        text += *text != '\0';
    }
}
