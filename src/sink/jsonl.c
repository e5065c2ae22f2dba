/*
 * JSON lines: one object a row, its members in the order of the fields, NULL as null.
 *
 * Integers, floats and decimals are numbers with all their digits; what JSON has no number for is
 * the string "NaN", "Infinity" or "-Infinity". Dates, times and UUIDs are strings in the form CSV
 * has; binary is a string of hexadecimal digits; bytes of text that are not UTF-8 become U+FFFD.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "sink/text_rows.h"

/* Characters that stand for themselves between quotes. */
static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static enum error_code put_escape(struct text_output *out, uint8_t c, struct error *error)
{
    static const char named[] = "btn?fr"; /* 8 to 13; 11 has no name */
    char escape[8] = {'\\', (char)c};
    if (c == '"' || c == '\\')
        return text_put(out, escape, 2, error);
    if (c >= 8 && c <= 13 && c != 11) {
        escape[1] = named[c - 8];
        return text_put(out, escape, 2, error);
    }
    int length = snprintf(escape, sizeof escape, "\\u%04x", c);
    return text_put(out, escape, (size_t)length, error);
}

/* One character that is not plain; returns the bytes it took. */
static enum error_code put_character(struct text_output *out, const uint8_t *at, size_t left,
                                     size_t *ret_taken, struct error *error)
{
    uint32_t character;
    size_t size = utf8_next(at, left, &character);
    *ret_taken = size;
    if (character == UTF8_INVALID)
        return text_put(out, "\xef\xbf\xbd", 3, error);
    if (character < 0x80)
        return put_escape(out, (uint8_t)character, error);
    return text_put(out, at, size, error);
}

static enum error_code put_string(struct text_output *out, const uint8_t *text, size_t size,
                                  struct error *error)
{
    TRY(text_put_char(out, '"', error));
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && is_plain(text[end]))
            end++;
        TRY(text_put(out, text + i, end - i, error));
        i = end;
        if (i < size) {
            size_t taken;
            TRY(put_character(out, text + i, size - i, &taken, error));
            i += taken;
        }
    }
    return text_put_char(out, '"', error);
}

static enum error_code put_word(struct text_output *out, const char *text, size_t length,
                                struct error *error)
{
    TRY(text_put_char(out, '"', error));
    TRY(text_put(out, text, length, error));
    return text_put_char(out, '"', error);
}

static enum error_code put_number(struct text_output *out, const char *text, size_t length,
                                  struct error *error)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] == 'n')
        return text_put(out, "\"NaN\"", 5, error);
    if (digits[0] == 'i')
        return text[0] == '-' ? text_put(out, "\"-Infinity\"", 11, error)
                              : text_put(out, "\"Infinity\"", 10, error);
    /* A decimal too wide for digits comes as hexadecimal. */
    if (digits[1] == 'x')
        return put_word(out, text, length, error);
    return text_put(out, text, length, error);
}

static enum error_code put_binary(struct text_output *out, struct column_bytes bytes,
                                  struct error *error)
{
    TRY(text_put_char(out, '"', error));
    TRY(text_put_hex(out, bytes.data, bytes.size, error));
    return text_put_char(out, '"', error);
}

static enum error_code put_value(struct text_output *out, const struct column_walk *walk,
                                 const void *value, struct error *error)
{
    char cell[CELL_BYTES];
    size_t length;
    struct column_bytes bytes;
    if (value == NULL)
        return text_put(out, "null", 4, error);
    switch (walk->kind) {
    case CELL_TEXT:
        bytes = cell_bytes(walk->type, value);
        return put_string(out, bytes.data, bytes.size, error);
    case CELL_BINARY:
        return put_binary(out, cell_bytes(walk->type, value), error);
    default:
        break;
    }
    TRY(cell_format(walk->type, value, cell, &length, error));
    if (walk->kind == CELL_NUMBER)
        return put_number(out, cell, length, error);
    if (walk->kind == CELL_WORD)
        return put_word(out, cell, length, error);
    return text_put(out, cell, length, error);
}

static enum error_code put_row(struct text_rows *jsonl, uint32_t row, struct error *error)
{
    const struct sink *sink = &jsonl->base;
    for (uint32_t i = 0; i < sink->field_count; i++) {
        const char *name = sink->fields[i].name;
        TRY(text_put_char(&jsonl->text, i == 0 ? '{' : ',', error));
        TRY(put_string(&jsonl->text, (const uint8_t *)name, strlen(name), error));
        TRY(text_put_char(&jsonl->text, ':', error));
        const void *value = column_walk_next(&jsonl->walks[i], row);
        TRY(put_value(&jsonl->text, &jsonl->walks[i], value, error));
    }
    return text_put(&jsonl->text, sink->field_count == 0 ? "{}\n" : "}\n",
                    sink->field_count == 0 ? 3 : 2, error);
}

static enum error_code jsonl_write(struct sink *sink, const struct column_batch *batch,
                                   struct error *error)
{
    struct text_rows *jsonl = (struct text_rows *)sink;
    text_rows_begin_batch(jsonl, batch);
    for (uint32_t row = 0; row < batch->row_count; row++)
        TRY(put_row(jsonl, row, error));
    return ERROR_NONE;
}

static const struct sink_ops jsonl_ops = {jsonl_write, text_rows_finish, text_rows_destroy};

enum error_code jsonl_sink_open(const struct sink *base, struct sink **ret, struct error *error)
{
    return text_rows_open(base, &jsonl_ops, ret, error);
}
