/*
 * Rows out of columns: a walk gives one column's values row by row, as cells of text.
 *
 * Private to the sink room.
 */
#ifndef WEIR_SINK_CELL_H
#define WEIR_SINK_CELL_H

#include "column/column.h"
#include "mem/mem.h"

/* How a value's text is to be treated. */
enum cell_kind {
    CELL_NUMBER,  /* digits: needs no quotes anywhere; floats may be nan or inf */
    CELL_BOOLEAN, /* true or false */
    CELL_WORD,    /* dates, times, UUIDs: text without anything to escape */
    CELL_TEXT,    /* bytes that are meant to be UTF-8 */
    CELL_BINARY   /* bytes that are nothing in particular */
};

enum cell_kind cell_kind_of(const struct column_type *type);

struct column_walk {
    const struct column_type *type;
    enum cell_kind kind;
    size_t width;
    const uint8_t *next;    /* the next value */
    const uint8_t *present; /* as in the slice */
};

struct column_walk column_walk_over(const struct column_field *field,
                                    const struct column_slice *slice);

/* The value of a row, or NULL; rows are asked for in order, each once. */
static inline const void *column_walk_next(struct column_walk *walk, uint32_t row)
{
    if (walk->present != NULL && walk->present[row] == 0)
        return NULL;
    const void *value = walk->next;
    walk->next += walk->width;
    return value;
}

/* Longest text of a number or word: a decimal of 32 bytes with its zeros. */
#define CELL_BYTES 256

/* Formats a value that is neither text nor binary; a decimal of absurd width is ERROR_UNSUPPORTED.
 */
CHECKED enum error_code cell_format(const struct column_type *type, const void *value,
                                    char buffer[static CELL_BYTES], size_t *ret_length,
                                    struct error *error);

/* The bytes of a text or binary value. */
struct column_bytes cell_bytes(const struct column_type *type, const void *value);

#endif
