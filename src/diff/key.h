/*
 * Keys that can be held against each other across files.
 *
 * Columns of one type are written as the sort room writes them. Integers of two widths, and
 * timestamps of two units, are written as 128-bit numbers; that keeps the order in which each side
 * is sorted by its own type.
 */
#ifndef WEIR_DIFF_KEY_H
#define WEIR_DIFF_KEY_H

#include "column/column.h"
#include "sort/key.h"

/* How both sides write a key column. */
struct diff_key {
    bool wide;
    struct sort_key_type narrow;
    struct column_type type[2]; /* of the left and the right column */
};

/* False: columns of these types cannot be one key. */
bool diff_key_of(const struct column_type *left, const struct column_type *right,
                 struct diff_key *ret);

/* As sort_key_size and sort_key_write; side 0 is the left one. */
size_t diff_key_size(const struct diff_key *key, const void *value);
uint8_t *diff_key_write(const struct diff_key *key, unsigned side, const void *value, uint8_t *at);

#endif
