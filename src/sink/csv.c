/*
 * CSV as RFC 4180 has it, but with plain newlines: a line of names, then a line a row. NULL is an
 * empty field and empty text is "". Text is written byte for byte, binary as hexadecimal digits.
 */
#include "sink/text_rows.h"

static bool needs_quotes(struct column_bytes text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return text.size == 0;
}

static enum error_code put_quoted(struct text_output *out, struct column_bytes text,
                                  struct error *error)
{
    TRY(text_put_char(out, '"', error));
    uint32_t from = 0;
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.data[i] != '"')
            continue;
        /* A quote is written twice: once with what stands before it, once with what follows. */
        TRY(text_put(out, text.data + from, i + 1 - from, error));
        from = i;
    }
    TRY(text_put(out, text.data + from, text.size - from, error));
    return text_put_char(out, '"', error);
}

static enum error_code put_text(struct text_output *out, struct column_bytes text,
                                struct error *error)
{
    if (needs_quotes(text))
        return put_quoted(out, text, error);
    return text_put(out, text.data, text.size, error);
}

static enum error_code put_cell(struct text_output *out, const struct column_walk *walk,
                                const void *value, struct error *error)
{
    char cell[CELL_BYTES];
    size_t length;
    if (walk->kind == CELL_TEXT)
        return put_text(out, cell_bytes(walk->type, value), error);
    if (walk->kind == CELL_BINARY) {
        struct column_bytes bytes = cell_bytes(walk->type, value);
        return bytes.size == 0 ? put_quoted(out, bytes, error)
                               : text_put_hex(out, bytes.data, bytes.size, error);
    }
    TRY(cell_format(walk->type, value, cell, &length, error));
    return text_put(out, cell, length, error);
}

static enum error_code csv_write(struct sink *sink, const struct column_batch *batch,
                                 struct error *error)
{
    struct text_rows *csv = (struct text_rows *)sink;
    text_rows_begin_batch(csv, batch);
    for (uint32_t row = 0; row < batch->row_count; row++) {
        for (uint32_t i = 0; i < sink->field_count; i++) {
            const void *value = column_walk_next(&csv->walks[i], row);
            if (i > 0)
                TRY(text_put_char(&csv->text, ',', error));
            if (value != NULL)
                TRY(put_cell(&csv->text, &csv->walks[i], value, error));
        }
        TRY(text_put_char(&csv->text, '\n', error));
    }
    return ERROR_NONE;
}

static enum error_code put_header(struct text_rows *csv, struct error *error)
{
    for (uint32_t i = 0; i < csv->base.field_count; i++) {
        const char *name = csv->base.fields[i].name;
        if (i > 0)
            TRY(text_put_char(&csv->text, ',', error));
        const struct column_bytes text = {(const uint8_t *)name, (uint32_t)strlen(name)};
        TRY(put_text(&csv->text, text, error));
    }
    return text_put_char(&csv->text, '\n', error);
}

static const struct sink_ops csv_ops = {csv_write, text_rows_finish, text_rows_destroy};

enum error_code csv_sink_open(const struct sink *base, struct sink **ret, struct error *error)
{
    struct sink *sink;
    TRY(text_rows_open(base, &csv_ops, &sink, error));
    enum error_code code = put_header((struct text_rows *)sink, error);
    if (code == ERROR_NONE)
        *ret = sink;
    else
        sink_destroy(sink);
    return code;
}
