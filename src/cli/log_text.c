#include "cli/log_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "term/text.h"

/* Bytes at the end that what follows decides on: a character cut short, or a carriage return that a
 * new line may follow. */
static size_t open_end(const char *bytes, size_t size)
{
    const uint8_t *end = (const uint8_t *)bytes + size;
    if (size > 0 && end[-1] == '\r')
        return 1;
    for (size_t back = 1; back < 4 && back <= size; back++) {
        uint32_t character;
        const uint8_t *at = end - back;
        if (utf8_continues(*at))
            continue;
        bool is_cut = *at >= 0xc2 && utf8_next(at, back, &character) != back;
        return is_cut || (*at >= 0xc2 && character == UTF8_INVALID) ? back : 0;
    }
    return 0;
}

/* Writes what stands up to the next byte with a meaning of its own; returns the bytes passed. The
 * byte behind size is free to be written. */
static size_t write_some(FILE *stream, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size && bytes[length] != '\n' && bytes[length] != '\t' && bytes[length] != '\0')
        length++;
    char sign = length < size ? bytes[length] : '\0';
    bool ends_line = sign == '\n' && length > 0 && bytes[length - 1] == '\r';
    bytes[ends_line ? length - 1 : length] = '\0';
    text_put(stream, bytes);
    if (length == size)
        return size;
    fputs(sign == '\n' ? "\n" : sign == '\t' ? "\t" : "\\x00", stream);
    return length + 1;
}

static void write_whole(FILE *stream, char *bytes, size_t size)
{
    for (size_t at = 0; at < size;)
        at += write_some(stream, bytes + at, size - at);
}

void log_text_write(struct log_text *text, FILE *stream, const char *bytes, size_t size)
{
    char piece[LOG_TEXT_PIECE + sizeof text->kept + 1];
    size = size < LOG_TEXT_PIECE ? size : LOG_TEXT_PIECE;
    memcpy(piece, text->kept, text->kept_size);
    memcpy(piece + text->kept_size, bytes, size);
    size += text->kept_size;
    text->kept_size = open_end(piece, size);
    size -= text->kept_size;
    memcpy(text->kept, piece + size, text->kept_size);
    write_whole(stream, piece, size);
}

void log_text_end(struct log_text *text, FILE *stream)
{
    char piece[sizeof text->kept + 1];
    memcpy(piece, text->kept, text->kept_size);
    write_whole(stream, piece, text->kept_size);
    text->kept_size = 0;
}
