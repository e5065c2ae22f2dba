/*
 * A block: rows of one partition, column by column, in memory that somebody else owns.
 *
 * Every row has a place in every column; where it has no value the place holds anything. Values
 * have the width of their accumulators (decimals in byte arrays are widened), values that are only
 * counted have none.
 */
#ifndef WEIR_GROUP_BLOCK_H
#define WEIR_GROUP_BLOCK_H

#include "group/rows.h"

struct group_block_column {
    uint8_t *values;
    uint8_t *present; /* NULL: every row has a value */
};

struct group_block {
    struct group_keys_slice keys;
    struct group_block_column *columns;
};

/* What the slices of a block need besides it. */
struct group_slices {
    struct column_slice *slices;  /* one a value column */
    struct column_bytes *widened; /* one a row and widened column */
};

/* rows: the most a block has. */
CHECKED enum error_code group_slices_init(struct group_slices *slices,
                                          const struct group_shape *shape, uint32_t rows,
                                          struct mem_account *account, struct error *error);
void group_slices_release(struct group_slices *slices);
size_t group_slices_size(const struct group_shape *shape, uint32_t rows);

/* The block's columns as slices. Values are moved together within the block, which is worth
 * nothing else afterwards. */
void group_block_slices(struct group_block *block, const struct group_shape *shape,
                        struct group_slices *ret);

#endif
