/*
 * Walks a batch row by row: where dense slices have one value after the other, a row has for every
 * column a pointer to its value, or NULL.
 *
 * The columns are the caller's array; pointers live as long as the batch.
 */
#ifndef WEIR_SORT_ROW_H
#define WEIR_SORT_ROW_H

#include "column/column.h"

struct row_column {
    const void *value; /* of the row the walk stands on; NULL: there is none */
    const uint8_t *next;
    const uint8_t *present;
    size_t size; /* bytes a value */
};

struct row_walk {
    struct row_column *columns;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t row; /* of the next row */
};

/* Stands before the first row. columns: room for batch->column_count. */
static inline void row_walk_begin(struct row_walk *walk, const struct column_batch *batch,
                                  struct row_column *columns)
{
    *walk = (struct row_walk){columns, batch->column_count, batch->row_count, 0};
    for (uint32_t i = 0; i < batch->column_count; i++)
        columns[i] = (struct row_column){NULL, batch->slices[i].values, batch->slices[i].present,
                                         column_value_size(&batch->fields[i].type)};
}

/* Goes to the next row; false at the end. */
static inline bool row_walk_next(struct row_walk *walk)
{
    if (walk->row == walk->row_count)
        return false;
    for (uint32_t i = 0; i < walk->column_count; i++) {
        struct row_column *column = &walk->columns[i];
        bool there = column->present == NULL || column->present[walk->row] != 0;
        column->value = there ? column->next : NULL;
        column->next += there ? column->size : 0;
    }
    walk->row++;
    return true;
}

#endif
