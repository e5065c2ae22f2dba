/*
 * Rows of small batches put together, for formats in which every batch costs its reader.
 *
 * Batches are copied behind each other until one finds no room; then what is there is written as
 * one batch and forgotten. A batch that is large already is not worth the copy: it is not taken.
 * All memory is taken when it is opened: so many rows as fit GATHERED_BYTES, and as many bytes for
 * their text where a column has any. Private to the sink room.
 */
#ifndef WEIR_SINK_GATHERED_H
#define WEIR_SINK_GATHERED_H

#include "column/column.h"
#include "mem/mem.h"

#define GATHERED_ROWS  ((uint32_t)65536)
#define GATHERED_BYTES ((size_t)4 << 20)

struct gathered_column {
    size_t width; /* of a value */
    bool is_text; /* values are struct column_bytes */
    uint8_t *values;
    uint32_t value_count;
    uint8_t *present; /* one byte a row */
};

struct gathered {
    const struct column_field *fields;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t rows_most;
    struct gathered_column *columns;
    struct column_slice *slices;
    uint8_t *text; /* NULL: no column has any */
    size_t text_size;
};

/* fields are borrowed until gathered_close, which may also follow a failure. */
CHECKED enum error_code gathered_open(struct gathered *ret, struct mem_account *account,
                                      const struct column_field *fields, uint32_t field_count,
                                      struct error *error);
void gathered_close(struct gathered *gathered);

/* Bytes that it takes. */
size_t gathered_size(const struct column_field *fields, uint32_t field_count);

/* Whether a batch is to be copied at all. */
bool gathered_wants(const struct gathered *gathered, const struct column_batch *batch);
/* Copies a batch that it wants; false: there is no room beside what is there. */
CHECKED bool gathered_add(struct gathered *gathered, const struct column_batch *batch);
/* What is there as one batch, valid until the next change; no rows: nothing is there. */
struct column_batch gathered_batch(struct gathered *gathered);
void gathered_clear(struct gathered *gathered);

#endif
