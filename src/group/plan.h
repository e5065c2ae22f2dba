/*
 * Sizes of a grouping, decided once from its options: how many partitions, how large their blocks,
 * what is kept free.
 */
#ifndef WEIR_GROUP_PLAN_H
#define WEIR_GROUP_PLAN_H

#include "group/scatter.h"

/* Into so many lists the rows aside of a partition are divided when they do not fit. */
#define GROUP_FAN_BITS 4
#define GROUP_FAN      (1 << GROUP_FAN_BITS)

struct group_plan {
    struct scatter_layout layout;
    size_t first_keys; /* a table has room for to begin with */
    size_t slots;      /* dense: keys of a partition */
    size_t local_keys; /* of a feed's own table; 0: it has none. Dense: all, or none */
    size_t reserve;    /* tables do not grow into the last bytes of the limit */
};

/* Plans for any limit, also one that is too small. */
void group_plan_make(const struct group_options *options, const struct group_shape *shape,
                     struct group_plan *ret);

/* The blocks with which rows put aside are divided. */
struct scatter_layout group_plan_fan(const struct group_plan *plan, unsigned skip);

/* Bytes of a feed; bytes that handing out results takes beside tables. */
size_t group_plan_feed_size(const struct group_shape *shape, const struct group_plan *plan);
size_t group_plan_results_size(const struct group_shape *shape, const struct group_plan *plan);

#endif
