/*
 * Reads FlatBuffers without trusting them.
 *
 * A flat_table views bytes that somebody else owns. Every step from a table to a field, a child, a
 * string or a vector checks that it stays inside the bytes; a step that would not gives false (or
 * the field's default). Nothing recurses and nothing is verified beforehand. Source of the format:
 * "FlatBuffers Internals" of google/flatbuffers.
 */
#ifndef WEIR_ARROW_FLAT_READER_H
#define WEIR_ARROW_FLAT_READER_H

#include "base/cursor.h"

struct flat_table {
    const uint8_t *bytes;
    size_t size;
    size_t at;           /* of the table */
    size_t vtable;       /* of its vtable */
    uint16_t slot_count; /* fields that the vtable tells of */
    uint16_t table_size;
};

struct flat_vector {
    size_t at; /* of the first element */
    uint32_t count;
};

/* The table that the buffer stands for. */
CHECKED bool flat_root(const void *bytes, size_t size, struct flat_table *ret);

/* Scalars; fallback where the field is absent. */
uint8_t flat_u8(const struct flat_table *table, unsigned slot, uint8_t fallback);
int16_t flat_i16(const struct flat_table *table, unsigned slot, int16_t fallback);
int32_t flat_i32(const struct flat_table *table, unsigned slot, int32_t fallback);
int64_t flat_i64(const struct flat_table *table, unsigned slot, int64_t fallback);

/* False when absent or out of bounds. */
CHECKED bool flat_child(const struct flat_table *table, unsigned slot, struct flat_table *ret);
/* The string's bytes in place; no NUL is promised behind them. */
CHECKED bool flat_string(const struct flat_table *table, unsigned slot, struct cursor *ret);
/* All elements, of element_size bytes each, lie inside the bytes. */
CHECKED bool flat_vector(const struct flat_table *table, unsigned slot, size_t element_size,
                         struct flat_vector *ret);
/* Copies an element of a vector of scalars or structs of size bytes each. */
CHECKED bool flat_value(const struct flat_table *table, const struct flat_vector *vector,
                        uint32_t index, void *ret, size_t size);
/* An element of a vector of tables. */
CHECKED bool flat_element(const struct flat_table *table, const struct flat_vector *vector,
                          uint32_t index, struct flat_table *ret);

#endif
