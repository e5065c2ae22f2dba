/*
 * Rows on their way: keys and values as the parts of this room hand them to each other.
 */
#ifndef WEIR_GROUP_ROWS_H
#define WEIR_GROUP_ROWS_H

#include "group/group.h"

/* What all parts must know of a grouping. The arrays are those of its options. */
struct group_shape {
    enum group_keys keys;
    bool wants_rows;
    uint32_t value_count;
    const struct aggregate_value *values;
    const struct exact_grids *grids;
};

/* The keys of rows: slots where dense; hashes; hashes and bytes. */
struct group_keys_slice {
    uint32_t row_count;
    const uint32_t *slots;
    const uint64_t *hashes; /* of codes: one to one */
    const uint8_t *bytes;
    const uint32_t *offsets; /* row_count + 1 */
};

static inline struct key_bytes group_row_key(const struct group_keys_slice *keys, uint32_t row)
{
    uint32_t begin = keys->offsets[row];
    return (struct key_bytes){keys->bytes + begin, keys->offsets[row + 1] - begin};
}

/* Bytes a value takes in a block of rows: none where it is only counted. */
static inline size_t group_value_width(const struct aggregate_value *value)
{
    bool needed = value->wants_sum || value->wants_minimum || value->wants_maximum;
    return needed ? value->width : 0;
}

/* Bytes a row takes in a block: its key without bytes of varying length, its values. */
static inline size_t group_row_width(const struct group_shape *shape)
{
    size_t width = shape->keys == GROUP_DENSE ? sizeof(uint32_t) : sizeof(uint64_t);
    width += shape->keys == GROUP_BYTES ? sizeof(uint32_t) : 0;
    for (uint32_t i = 0; i < shape->value_count; i++)
        width += group_value_width(&shape->values[i]) + 1;
    return width;
}

#endif
