/*
 * A table of text for people: cells gathered in an arena, columns as wide as they need.
 */
#ifndef WEIR_CLI_TABLE_H
#define WEIR_CLI_TABLE_H

#include "cli/command.h"

struct table_column {
    const char *title;
    bool right; /* numbers stand right */
};

struct table {
    struct mem_arena *arena;
    const struct table_column *columns;
    size_t column_count;
    const char **cells; /* row by row */
    size_t cell_count;
    size_t capacity;
};

void table_init(struct table *table, struct mem_arena *arena, const struct table_column *columns,
                size_t column_count);
/* Appends the next cell, a copy with control characters escaped. */
CHECKED enum error_code table_add(struct table *table, const char *text, struct error *error);
/* Titles and rows, indented by two spaces; no trailing spaces. */
CHECKED enum error_code table_write(const struct table *table, FILE *stream, struct error *error);

#endif
