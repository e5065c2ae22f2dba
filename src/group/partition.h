/*
 * Inside a grouping: its partitions, and how a block gets into one.
 *
 * A partition is entered under its mutex. Hashed, it has a table and a list of rows put aside;
 * dense, totals for all its slots, made when its first rows come, and one bit a slot that was met.
 */
#ifndef WEIR_GROUP_PARTITION_H
#define WEIR_GROUP_PARTITION_H

#include <pthread.h>

#include "group/aside.h"
#include "group/plan.h"
#include "group/table.h"

struct group_partition {
    pthread_mutex_t mutex;
    struct group_table table; /* dense: only its totals */
    uint64_t *met;            /* dense; NULL: no rows yet */
    struct aside_list aside;
};

struct grouping {
    struct group_options options;
    struct group_shape shape;
    struct group_plan plan;
    struct mem_account account;
    struct group_partition *partitions;
    uint32_t partitions_made; /* those with a mutex */
    struct scratch_file file;
    atomic_uint_fast64_t rows_aside, bytes_aside;
    uint64_t keys;
    uint32_t depth;
    struct group_results *results; /* once they are asked for */
};

/* What a thread needs to get blocks into partitions. */
struct group_worker {
    uint32_t *numbers; /* one a row of a block */
    struct group_slices slices;
    struct aside_room room;
};

/* Half-built workers are fit for release. */
CHECKED enum error_code group_worker_init(struct group_worker *worker,
                                          const struct group_shape *shape,
                                          const struct group_plan *plan,
                                          struct mem_account *account, struct error *error);
void group_worker_release(struct group_worker *worker);
size_t group_worker_size(const struct group_shape *shape, const struct group_plan *plan);

CHECKED enum error_code group_partition_init(struct grouping *grouping, uint32_t index,
                                             struct error *error);
/* Gives back all but the mutex. */
void group_partition_release(struct group_partition *partition);

/* Adds the rows of a block, or puts them aside. Uses the block up. */
CHECKED enum error_code group_partition_add(struct grouping *grouping, uint32_t index,
                                            struct group_block *block, struct group_worker *worker,
                                            struct error *error);

/* The number of a key in its partition, put in if need be; 0: it does not take it. key is NULL for
 * codes. */
uint32_t group_partition_seat(struct grouping *grouping, uint64_t hash,
                              const struct key_bytes *key);

/* Adds totals of keys that have numbers in the partition (dense: slots). */
CHECKED enum error_code group_partition_merge(struct grouping *grouping, uint32_t index,
                                              const uint32_t *numbers, struct group_totals *from,
                                              const uint32_t *from_numbers, uint32_t count,
                                              struct error *error);

#endif
