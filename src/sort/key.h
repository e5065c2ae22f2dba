/*
 * Normalised keys: a row's key columns as bytes that memcmp puts in the order of sort.h.
 *
 * NULL is one byte 0, a value is a byte 1 and then: integers big-endian with the sign bit flipped;
 * floats likewise after -0 became 0 and every NaN the greatest one; text with 0 written as 0 255
 * and 0 0 behind it; decimals of any length as sign, length and digits; INT96 as nanoseconds in 128
 * bits. Every form ends by itself, so keys of several columns are simply joined, and none is the
 * beginning of another. Two values get the same bytes exactly when column_value_compare calls them
 * equal.
 */
#ifndef WEIR_SORT_KEY_H
#define WEIR_SORT_KEY_H

#include "column/column.h"

enum sort_key_kind {
    SORT_KEY_BOOLEAN,
    SORT_KEY_SIGNED32,
    SORT_KEY_UNSIGNED32,
    SORT_KEY_SIGNED64,
    SORT_KEY_UNSIGNED64,
    SORT_KEY_INT96,
    SORT_KEY_FLOAT16,
    SORT_KEY_FLOAT,
    SORT_KEY_DOUBLE,
    SORT_KEY_TEXT,
    SORT_KEY_DECIMAL, /* of any length, in a byte array */
    SORT_KEY_FIXED,
    SORT_KEY_FIXED_DECIMAL
};

/* How values of one type are written. */
struct sort_key_type {
    enum sort_key_kind kind;
    uint32_t length; /* bytes a value in the key, where it is always the same */
};

struct sort_key_type sort_key_type_of(const struct column_type *type);

/* Bytes that a value takes in a key; value NULL: no value. */
size_t sort_key_size(struct sort_key_type type, const void *value);

/* Writes them and returns the first byte behind. */
uint8_t *sort_key_write(struct sort_key_type type, const void *value, uint8_t *at);

#endif
