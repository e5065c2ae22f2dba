/*
 * Results: partitions one after the other, keys in order.
 *
 * Rows that were put aside for a partition are taken into its table first. What does not fit then
 * is divided into lists by the next bits of the hash, each of which is taken into a table of its
 * own, one level deeper, and so on. Tables of all levels are ordered; the keys of the deepest list
 * and those of the levels above within its range of hashes are merged, so the order of results does
 * not depend on what was put aside.
 */
#ifndef WEIR_GROUP_RESULTS_H
#define WEIR_GROUP_RESULTS_H

#include "group/partition.h"

/* Each level divides by bits of the hash that no level before did. */
#define RESULTS_DEPTH (64 / GROUP_FAN_BITS + 2)

struct results_level {
    struct group_table *table; /* of the partition, or own */
    struct group_table own;
    uint32_t cursor; /* in the table's order */
    struct aside_list lists[GROUP_FAN];
    uint32_t next_list;
    unsigned skip;  /* leading bits that all rows of the list share */
    uint64_t bound; /* the highest hash that its list may have */
};

struct group_results {
    struct grouping *grouping;
    uint32_t partition; /* the next one */
    uint64_t slot;      /* dense: the next one of the partition before */
    struct results_level levels[RESULTS_DEPTH];
    uint32_t depth; /* levels in use */
    struct group_worker worker;
    struct aside_room reading;
    struct group_totals window; /* of keys from several levels */
    /* The rows handed out. */
    struct group_totals *totals;
    const uint32_t *numbers;
    uint32_t count;
    uint64_t codes[VALUE_TILE_WINDOW];
    uint64_t rows[VALUE_TILE_WINDOW];
    struct key_bytes keys[VALUE_TILE_WINDOW];
    uint32_t gathered[VALUE_TILE_WINDOW];
    /* A merge: which key of which level goes to which key of the window. */
    uint8_t level_of[VALUE_TILE_WINDOW];
    uint32_t from[VALUE_TILE_WINDOW], to[VALUE_TILE_WINDOW];
    uint32_t from_one[VALUE_TILE_WINDOW], to_one[VALUE_TILE_WINDOW];
};

CHECKED enum error_code group_results_create(struct grouping *grouping, struct group_results **ret,
                                             struct error *error);
void group_results_destroy(struct group_results *results);

/* Begins a level with the rows of a list: depth 0 takes them into the partition's own table. */
CHECKED enum error_code group_results_begin_level(struct group_results *results,
                                                  struct group_table *table,
                                                  struct aside_list *list, uint64_t bound,
                                                  struct error *error);
void group_results_end_level(struct group_results *results);

/* Fills the window with the next keys of all levels up to the bound of the deepest. */
CHECKED enum error_code group_results_merge(struct group_results *results, struct error *error);

#endif
