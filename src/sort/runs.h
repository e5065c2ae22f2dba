/*
 * Ordered runs of records put aside in a spool, and their reduction to a number that can be merged
 * at once.
 *
 * A run is written through a staging area, so that the file sees few large writes. Merging passes
 * go from one spool to the other; neighbouring runs are merged, so the order in which rows came in
 * is kept.
 */
#ifndef WEIR_SORT_RUNS_H
#define WEIR_SORT_RUNS_H

#include "sort/merge.h"
#include "sort/order.h"

struct runs {
    struct spool spools[2];
    uint32_t current; /* the spool that holds the runs */
    uint32_t count;
    uint32_t capacity; /* offsets has one more */
    uint64_t *offsets; /* run i stands at offsets[i] up to offsets[i + 1] */
};

/* Memory to work in, the caller's. */
struct runs_room {
    uint8_t *staging;
    size_t staging_size;
    uint8_t *buffers; /* read buffers of a merge */
    size_t buffers_size;
};

/* offsets is borrowed and has room for capacity + 1. */
void runs_init(struct runs *runs, struct mem_account *account, const char *folder,
               uint64_t *offsets, uint32_t capacity);
void runs_release(struct runs *runs);

/* Writes the records that entries name as one run. Uses only the staging area. */
CHECKED enum error_code runs_add(struct runs *runs, const struct runs_room *room,
                                 const uint8_t *records, const struct order_entry *entries,
                                 size_t count, struct error *error);

/* Merges neighbours until at most fan_in (at least 2) runs are left. */
CHECKED enum error_code runs_reduce(struct runs *runs, const struct runs_room *room,
                                    uint32_t fan_in, struct merge *merge, struct error *error);

/* Begins the merge of all runs. */
CHECKED enum error_code runs_merge(const struct runs *runs, const struct runs_room *room,
                                   struct merge *merge, struct error *error);

#endif
