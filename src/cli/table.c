#include "cli/table.h"

#include <string.h>

#include "term/text.h"

void table_init(struct table *table, struct mem_arena *arena, const struct table_column *columns,
                size_t column_count)
{
    *table = (struct table){.arena = arena, .columns = columns, .column_count = column_count};
}

static enum error_code make_room(struct table *table, struct error *error)
{
    if (table->cell_count < table->capacity)
        return ERROR_NONE;
    size_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    void *cells;
    TRY(mem_arena_alloc_array(table->arena, capacity, sizeof *table->cells, &cells, error));
    if (table->cell_count > 0)
        memcpy(cells, table->cells, table->cell_count * sizeof *table->cells);
    table->cells = cells;
    table->capacity = capacity;
    return ERROR_NONE;
}

enum error_code table_add(struct table *table, const char *text, struct error *error)
{
    void *copy;
    size_t size = strlen(text) * 4 + 1; /* each byte may become \xNN */
    TRY(make_room(table, error));
    TRY(mem_arena_alloc(table->arena, size, &copy, error));
    table->cells[table->cell_count++] = text_escape(text, copy, size);
    return ERROR_NONE;
}

static void measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = text_width(table->columns[i].title);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = text_width(table->cells[i]);
        if (width > widths[i % table->column_count])
            widths[i % table->column_count] = width;
    }
}

static void write_row(const struct table *table, FILE *stream, const size_t *widths,
                      const char *const *cells)
{
    size_t pending = 0; /* spaces not written yet, so that none ends a line */
    for (size_t i = 0; i < table->column_count; i++) {
        const char *cell = cells != NULL ? cells[i] : table->columns[i].title;
        size_t fill = widths[i] - text_width(cell);
        bool right = table->columns[i].right;
        pending += 2 + (right ? fill : 0);
        if (cell[0] != '\0') {
            fprintf(stream, "%*s%s", (int)pending, "", cell);
            pending = 0;
        }
        pending += right ? 0 : fill;
    }
    fputc('\n', stream);
}

enum error_code table_write(const struct table *table, FILE *stream, struct error *error)
{
    void *room;
    TRY(mem_arena_alloc_array(table->arena, table->column_count, sizeof(size_t), &room, error));
    size_t *widths = room;
    measure(table, widths);
    write_row(table, stream, widths, NULL);
    for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
        write_row(table, stream, widths, table->cells + i);
    return ERROR_NONE;
}
