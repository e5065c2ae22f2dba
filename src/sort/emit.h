/*
 * Makes batches of columns from records: the way back from rows.
 *
 * An emitter holds one batch; byte arrays in it point into the records given.
 */
#ifndef WEIR_SORT_EMIT_H
#define WEIR_SORT_EMIT_H

#include "mem/mem.h"
#include "sort/record.h"

#define EMIT_ROWS 4096

struct emit_column {
    uint8_t *present; /* one byte a row */
    uint8_t *values;
    uint32_t value_count;
};

struct emitter {
    const struct record_layout *layout;
    const struct column_field *fields;
    struct emit_column *columns;
    struct column_slice *slices;
    uint32_t row_capacity;
    uint32_t row_count;
};

/* Takes its memory from the arena, about room bytes: as many rows as that allows, at most
 * EMIT_ROWS. */
CHECKED enum error_code emitter_create(struct emitter *ret, struct mem_arena *arena, size_t room,
                                       const struct record_layout *layout,
                                       const struct column_field *fields, struct error *error);

/* Begins an empty batch. */
void emitter_clear(struct emitter *emitter);

static inline bool emitter_is_full(const struct emitter *emitter)
{
    return emitter->row_count == emitter->row_capacity;
}

/* Adds a row from its record_payload, which must stay as long as the batch. Must not be full. */
void emitter_add(struct emitter *emitter, const uint8_t *payload);

/* The batch so far; valid until emitter_clear. */
struct column_batch emitter_batch(struct emitter *emitter);

#endif
