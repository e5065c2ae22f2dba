#include "diff/text.h"

#include <string.h>

#include "base/utf8.h"

/* Bytes of a value that are shown. */
#define MOST_SHOWN 256

/* A NUL would end the string: it is shown as "\0". */
static enum error_code append_text(struct mem_buffer *buffer, const char *text, size_t size,
                                   struct error *error)
{
    const char *zero;
    while (size > 0 && (zero = memchr(text, 0, size)) != NULL) {
        size_t before = (size_t)(zero - text);
        TRY(mem_buffer_append(buffer, text, before, error));
        TRY(mem_buffer_append(buffer, "\\0", 2, error));
        text += before + 1;
        size -= before + 1;
    }
    return mem_buffer_append(buffer, text, size, error);
}

static enum error_code append_value(struct mem_buffer *buffer, const struct column_type *type,
                                    const void *value, struct error *error)
{
    char text[MOST_SHOWN + 1];
    if (value == NULL)
        return mem_buffer_append(buffer, "NULL", 4, error);
    size_t size = column_value_format(type, value, text, sizeof text);
    if (size <= MOST_SHOWN)
        return append_text(buffer, text, size, error);
    TRY(append_text(buffer, text, utf8_cut_bytes(text, MOST_SHOWN - 3), error));
    return mem_buffer_append(buffer, "...", 3, error);
}

enum error_code diff_text_key(struct mem_buffer *buffer, const struct diff_columns *columns,
                              const struct diff_stream *stream, struct error *error)
{
    for (uint32_t i = 0; i < columns->key_count; i++) {
        const struct diff_column *column = &columns->columns[i];
        if (i > 0)
            TRY(mem_buffer_append(buffer, ", ", 2, error));
        TRY(mem_buffer_append(buffer, column->name, strlen(column->name), error));
        TRY(mem_buffer_append(buffer, "=", 1, error));
        TRY(append_value(buffer, &column->field[stream->side].type, stream->row[i].value, error));
    }
    return mem_buffer_append(buffer, "", 1, error);
}

enum error_code diff_text_value(struct mem_buffer *buffer, const struct column_type *type,
                                const void *value, struct error *error)
{
    TRY(append_value(buffer, type, value, error));
    return mem_buffer_append(buffer, "", 1, error);
}
