/*
 * A row as one block of bytes: how rows lie in runs, in memory as on disk.
 *
 * {size of the record, size of the key: 4 bytes each; normalised key; one bit a column, set where
 * there is a value; the values, byte arrays as 4 bytes of length and the bytes}. Records stand one
 * behind the other, unaligned.
 */
#ifndef WEIR_SORT_RECORD_H
#define WEIR_SORT_RECORD_H

#include <string.h>

#include "sort/key.h"
#include "sort/row.h"

#define RECORD_HEAD 8

struct record_column {
    uint32_t size; /* bytes a value, as column_value_size */
    bool is_bytes; /* struct column_bytes */
};

struct record_key {
    uint32_t column;
    struct sort_key_type type;
};

/* Arrays are borrowed. */
struct record_layout {
    const struct record_column *columns;
    const struct record_key *keys;
    uint32_t column_count;
    uint32_t key_count;
    bool has_bytes; /* a column is_bytes */
};

struct record_sizes {
    size_t total;
    size_t key;
};

static inline uint32_t record_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* A value of fixed width. The usual sizes as constants: the compiler makes one move of each. */
static inline void record_copy(void *to, const void *from, uint32_t size)
{
    if (size == 8)
        memcpy(to, from, 8);
    else if (size == 4)
        memcpy(to, from, 4);
    else if (size > 0)
        memcpy(to, from, size);
}

static inline uint32_t record_size(const uint8_t *record)
{
    return record_u32(record);
}

static inline uint32_t record_key_size(const uint8_t *record)
{
    return record_u32(record + 4);
}

static inline const uint8_t *record_key(const uint8_t *record)
{
    return record + RECORD_HEAD;
}

static inline const uint8_t *record_payload(const uint8_t *record)
{
    return record + RECORD_HEAD + record_key_size(record);
}

/* Order of two records by key. */
static inline int record_compare(const uint8_t *a, const uint8_t *b)
{
    uint32_t a_size = record_key_size(a), b_size = record_key_size(b);
    int order = memcmp(record_key(a), record_key(b), a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* Bytes that a row takes; columns as a row_walk gives them. */
struct record_sizes record_measure(const struct record_layout *layout,
                                   const struct row_column *columns);

/* Writes the row; sizes as measured, the total below 4 GiB. */
void record_write(const struct record_layout *layout, const struct row_column *columns,
                  struct record_sizes sizes, uint8_t *at);

#endif
