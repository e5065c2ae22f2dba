/*
 * The accumulators of one value column for keys that are numbered as they are met.
 *
 * Where a value_tile gets one row of every file for each of its keys, groups get any rows in any
 * order: each comes with the number of its key. Keys have numbers from 0; room for more is made
 * without losing what is there. Values that the grids in use cannot hold make groups choose better
 * ones and move what they have there, exactly, so nothing is ever added twice or begun again.
 *
 * Groups belong to one thread at a time. Rows with a value are counted only where the column's
 * aggregates ask for it (count, mean); else it is only noted that a key has one.
 */
#ifndef WEIR_AGGREGATE_VALUE_GROUPS_H
#define WEIR_AGGREGATE_VALUE_GROUPS_H

#include "aggregate/value_tile.h"

struct value_groups;

/* grids: to begin with (exact_grids_for). value is borrowed. */
CHECKED enum error_code value_groups_create(const struct aggregate_value *value,
                                            struct exact_grids grids, struct mem_account *account,
                                            struct value_groups **ret, struct error *error);
void value_groups_destroy(struct value_groups *groups);

/* Bytes that groups with room for key_count keys hold, with two grids: for plans. */
size_t value_groups_size(const struct aggregate_value *value, size_t key_count);

/* The most they may take besides, once values ask for it: long sums, NaN, infinities, values far
 * from all others. Without it value_groups_add may fail with ERROR_MEMORY. More grids than two take
 * 8 bytes a key each, and both sets while sums move. */
size_t value_groups_spare(const struct aggregate_value *value, size_t key_count);

/* Makes room for exactly keys 0..key_count-1 in all (growing by steps is the caller's); new keys
 * are empty. ERROR_MEMORY leaves groups as they were. At most 2^31 keys. Arrays move one by one:
 * the largest of them is there twice meanwhile. */
CHECKED enum error_code value_groups_reserve(struct value_groups *groups, size_t key_count,
                                             struct error *error);

/* Makes their memory resident at once: where keys will be met all over. */
void value_groups_populate(struct value_groups *groups);

/* Forgets all sums; keeps the memory. */
CHECKED enum error_code value_groups_clear(struct value_groups *groups, struct error *error);

/* Adds row i of the slice to key keys[i] < room; keys may repeat. Decimals in byte arrays are
 * widened inside. After a failure some rows are added and others are not; so with all that add. */
CHECKED enum error_code value_groups_add(struct value_groups *groups, const uint32_t *keys,
                                         const struct column_slice *slice, struct error *error);

/* Adds what keys first_key..first_key+count-1 of a tile hold to keys[0..count-1], exactly. The tile
 * is of the same value and not changed. */
CHECKED enum error_code value_groups_add_tile(struct value_groups *groups, const uint32_t *keys,
                                              struct value_tile *tile, size_t first_key,
                                              size_t count, struct error *error);

/* The same for keys from_keys[0..count-1] of other groups of the same value. */
CHECKED enum error_code value_groups_merge(struct value_groups *groups, const uint32_t *keys,
                                           struct value_groups *from, const uint32_t *from_keys,
                                           size_t count, struct error *error);

/*
 * The results of an aggregate for keys[0..count-1] (count at most VALUE_TILE_WINDOW); parameters as
 * in value_tile_result. ERROR_OVERFLOW names the index in keys in *ret_index. A key without any
 * value gives NULL (count: 0).
 */
CHECKED enum error_code value_groups_result(struct value_groups *groups,
                                            enum aggregate_function function,
                                            const struct column_type *type, const uint32_t *keys,
                                            size_t count, uint8_t *values, uint8_t *present,
                                            struct column_slice *ret, size_t *ret_index,
                                            struct error *error);
#endif
