/*
 * A table for people: names, types, the first rows in columns, and how many rows there are in all.
 *
 * Cells are kept until the end, because only then their widths are known; each is cut at 40
 * columns. Control characters and bytes that are not UTF-8 are shown as \xNN.
 */
#include <stdio.h>

#include "base/utf8.h"
#include "sink/cell.h"
#include "sink/text_output.h"
#include "sink/width.h"

#define MOST_COLUMNS 40
/* A cell's text: at most 4 bytes a column, combining marks beside, an ellipsis and a NUL. */
#define CELL_TEXT_BYTES 256

/* Bytes that a cell may read from: beyond that it is cut anyhow. */
#define CELL_INPUT_BYTES 240

struct cell {
    const char *text;
    unsigned columns; /* on a terminal */
};

struct table_sink {
    struct sink base;
    struct text_output text;
    struct mem_arena arena;
    struct column_walk *walks;
    struct cell *cells; /* names, types, then rows_kept rows, of field_count each */
    unsigned *widths;
    uint32_t rows_most;
    uint32_t rows_kept;
    uint64_t rows; /* all */
};

/* A cell that is being made. */
struct draft {
    char text[CELL_TEXT_BYTES];
    size_t size;
    unsigned columns;
};

static bool draft_has_room(const struct draft *draft, size_t size, unsigned columns)
{
    return draft->columns + columns <= MOST_COLUMNS &&
           draft->size + size + sizeof "\xe2\x80\xa6" <= sizeof draft->text;
}

static void draft_add(struct draft *draft, const void *bytes, size_t size, unsigned columns)
{
    memcpy(draft->text + draft->size, bytes, size);
    draft->size += size;
    draft->columns += columns;
}

/* Adds text for as long as there is room; an ellipsis marks what is missing. */
static void draft_fill(struct draft *draft, const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        uint32_t character;
        size_t taken = utf8_next(text + i, size - i, &character);
        bool shown = character != UTF8_INVALID && character >= 0x20 &&
                     !(character >= 0x7f && character < 0xa0);
        char escape[8];
        int length = snprintf(escape, sizeof escape, "\\x%02x", text[i]);
        size_t bytes = shown ? taken : (size_t)length;
        unsigned columns = shown ? character_columns(character) : (unsigned)length;
        if (!draft_has_room(draft, bytes, columns)) {
            draft_add(draft, "\xe2\x80\xa6", 3, 1);
            return;
        }
        draft_add(draft, shown ? (const void *)(text + i) : escape, bytes, columns);
        i += shown ? taken : 1;
    }
}

static enum error_code keep_cell(struct table_sink *table, const struct draft *draft,
                                 struct cell *ret, struct error *error)
{
    char *copy;
    TRY(mem_arena_copy(&table->arena, draft->text, draft->size, &copy, error));
    *ret = (struct cell){copy, draft->columns};
    return ERROR_NONE;
}

static enum error_code keep_text(struct table_sink *table, const char *text, struct cell *ret,
                                 struct error *error)
{
    struct draft draft = {.size = 0};
    draft_fill(&draft, (const uint8_t *)text, strlen(text));
    return keep_cell(table, &draft, ret, error);
}

static enum error_code keep_value(struct table_sink *table, const struct column_walk *walk,
                                  const void *value, struct cell *ret, struct error *error)
{
    struct draft draft = {.size = 0};
    char text[CELL_INPUT_BYTES];
    if (value == NULL)
        return keep_text(table, "null", ret, error);
    if (walk->kind == CELL_TEXT) {
        struct column_bytes bytes = cell_bytes(walk->type, value);
        draft_fill(&draft, bytes.data, bytes.size);
    } else {
        size_t length = column_value_format(walk->type, value, text, sizeof text);
        draft_fill(&draft, (const uint8_t *)text, length < sizeof text ? length : sizeof text - 1);
    }
    return keep_cell(table, &draft, ret, error);
}

static struct cell *cell_at(const struct table_sink *table, uint32_t line, uint32_t column)
{
    return &table->cells[(size_t)line * table->base.field_count + column];
}

/* Lines before the first row. */
#define HEAD_LINES 2

static enum error_code keep_head(struct table_sink *table, struct error *error)
{
    char type[128];
    for (uint32_t i = 0; i < table->base.field_count; i++) {
        const struct column_field *field = &table->base.fields[i];
        TRY(keep_text(table, field->name, cell_at(table, 0, i), error));
        column_type_describe(&field->type, type, sizeof type);
        TRY(keep_text(table, type, cell_at(table, 1, i), error));
    }
    return ERROR_NONE;
}

static enum error_code table_write(struct sink *sink, const struct column_batch *batch,
                                   struct error *error)
{
    struct table_sink *table = (struct table_sink *)sink;
    table->rows += batch->row_count;
    for (uint32_t i = 0; i < sink->field_count; i++)
        table->walks[i] = column_walk_over(&sink->fields[i], &batch->slices[i]);
    for (uint32_t row = 0; row < batch->row_count && table->rows_kept < table->rows_most; row++) {
        for (uint32_t i = 0; i < sink->field_count; i++) {
            const void *value = column_walk_next(&table->walks[i], row);
            struct cell *cell = cell_at(table, HEAD_LINES + table->rows_kept, i);
            TRY(keep_value(table, &table->walks[i], value, cell, error));
        }
        table->rows_kept++;
    }
    return ERROR_NONE;
}

static void measure(struct table_sink *table)
{
    for (uint32_t line = 0; line < HEAD_LINES + table->rows_kept; line++) {
        for (uint32_t i = 0; i < table->base.field_count; i++) {
            unsigned columns = cell_at(table, line, i)->columns;
            if (columns > table->widths[i])
                table->widths[i] = columns;
        }
    }
}

static enum error_code put_spaces(struct text_output *out, unsigned count, struct error *error)
{
    while (count-- > 0)
        TRY(text_put_char(out, ' ', error));
    return ERROR_NONE;
}

/* Numbers stand to the right; the last cell of a line is not filled up. */
static enum error_code put_line(struct table_sink *table, uint32_t line, struct error *error)
{
    struct text_output *out = &table->text;
    uint32_t count = table->base.field_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct cell *cell = cell_at(table, line, i);
        bool right = cell_kind_of(&table->base.fields[i].type) == CELL_NUMBER;
        unsigned fill = table->widths[i] - cell->columns;
        if (i > 0)
            TRY(put_spaces(out, 2, error));
        if (right)
            TRY(put_spaces(out, fill, error));
        TRY(text_put(out, cell->text, strlen(cell->text), error));
        if (!right && i + 1 < count)
            TRY(put_spaces(out, fill, error));
    }
    return text_put_char(out, '\n', error);
}

/* "6,000,000" */
static size_t group_digits(uint64_t number, char buffer[static 32])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            buffer[size++] = ',';
        buffer[size++] = digits[i];
    }
    return size;
}

static enum error_code put_count(struct table_sink *table, struct error *error)
{
    char digits[32];
    size_t size = group_digits(table->rows, digits);
    if (table->rows > table->rows_kept)
        TRY(text_put(&table->text, "\xe2\x80\xa6 ", 4, error));
    TRY(text_put(&table->text, digits, size, error));
    return table->rows == 1 ? text_put(&table->text, " row\n", 5, error)
                            : text_put(&table->text, " rows\n", 6, error);
}

static enum error_code table_finish(struct sink *sink, const struct parquet_key_value *key_values,
                                    uint32_t key_value_count, struct error *error)
{
    struct table_sink *table = (struct table_sink *)sink;
    (void)key_values;
    (void)key_value_count;
    measure(table);
    for (uint32_t line = 0; line < HEAD_LINES + table->rows_kept; line++)
        TRY(put_line(table, line, error));
    TRY(put_count(table, error));
    return text_output_flush(&table->text, error);
}

static void table_destroy(struct sink *sink)
{
    struct table_sink *table = (struct table_sink *)sink;
    text_output_close(&table->text);
    mem_arena_release(&table->arena);
}

static const struct sink_ops table_ops = {table_write, table_finish, table_destroy};

static enum error_code table_begin(struct table_sink *table, struct error *error)
{
    uint32_t count = table->base.field_count;
    void *walks, *cells, *widths;
    mem_arena_init(&table->arena, table->base.account);
    TRY(text_output_open(&table->text, &table->base, error));
    TRY(mem_arena_alloc_array(&table->arena, count, sizeof(struct column_walk), &walks, error));
    TRY(mem_arena_alloc_array(&table->arena, count, sizeof(unsigned), &widths, error));
    TRY(mem_arena_alloc_array(&table->arena, (HEAD_LINES + (size_t)table->rows_most) * count,
                              sizeof(struct cell), &cells, error));
    table->walks = walks;
    table->widths = widths;
    table->cells = cells;
    return keep_head(table, error);
}

enum error_code table_sink_open(const struct sink *base, uint32_t rows, struct sink **ret,
                                struct error *error)
{
    struct sink *sink;
    TRY(sink_create(sizeof(struct table_sink), base, &sink, error));
    sink->ops = &table_ops;
    struct table_sink *table = (struct table_sink *)sink;
    table->rows_most = rows;
    enum error_code code = table_begin(table, error);
    if (code == ERROR_NONE)
        *ret = sink;
    else
        sink_destroy(sink);
    return code;
}

size_t table_sink_size(uint32_t field_count, uint32_t rows)
{
    size_t cells = (HEAD_LINES + (size_t)rows) * field_count;
    size_t arena = cells * (sizeof(struct cell) + CELL_TEXT_BYTES) +
                   field_count * (sizeof(struct column_walk) + sizeof(unsigned) + 32);
    /* Blocks of 16 KiB, the last of which may be nearly empty. */
    return mem_charge_of(sizeof(struct table_sink)) + mem_charge_of(TEXT_OUTPUT_BYTES) + arena +
           arena / 32 + ((size_t)64 << 10);
}
