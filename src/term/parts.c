#include "term/parts.h"

#include <string.h>

#include "term/text.h"

void text_parts_init(struct text_parts *parts, char *buffer, size_t size, unsigned width,
                     const char *separator)
{
    *parts = (struct text_parts){buffer, size, 0, width, 0, separator};
    buffer[0] = '\0';
}

void text_parts_add(struct text_parts *parts, const char *text)
{
    const char *separator = parts->used > 0 ? parts->separator : "";
    size_t bytes = strlen(separator) + strlen(text);
    size_t columns = text_width(separator) + text_width(text);
    if (parts->columns + columns > parts->width || parts->used + bytes >= parts->size)
        return;
    parts->used += (size_t)snprintf(parts->buffer + parts->used, parts->size - parts->used, "%s%s",
                                    separator, text);
    parts->columns += (unsigned)columns;
}
