/*
 * A feed's own totals, for keys that come again and again: rows of these are added without a lock
 * and without being gathered first.
 *
 * Dense, they are for all keys, where these are few. Hashed, they are for the keys met first: each
 * gets a seat in its partition at once, so that its sums have a place to go to at the end whatever
 * has become of the memory. When a full table is met by too few rows its sums go to the seats; it
 * begins anew if it was worth it until then (keys may come in runs), else it is not used again.
 */
#ifndef WEIR_GROUP_LOCAL_H
#define WEIR_GROUP_LOCAL_H

#include "group/partition.h"

struct group_local {
    struct grouping *grouping;
    bool in_use;
    size_t keys_most;
    struct group_table table; /* dense: only its totals */
    uint64_t *met;            /* dense */
    uint32_t *seats;          /* by number */
    uint64_t rows, known;     /* since the table began; known: without those that came first */
};

CHECKED enum error_code group_local_init(struct group_local *local, struct grouping *grouping,
                                         struct error *error);
void group_local_release(struct group_local *local);

/* Dense: adds rows; numbers is room for one a row. */
CHECKED enum error_code group_local_add_codes(struct group_local *local, uint32_t row_count,
                                              const uint64_t *codes, uint32_t *numbers,
                                              const struct column_slice *values,
                                              struct error *error);
/* Hashed: adds the rows whose keys are here or become so; the others get the number 0. Returns how
 * many those are in *ret_missing. */
CHECKED enum error_code group_local_add(struct group_local *local,
                                        const struct group_keys_slice *keys, uint32_t *numbers,
                                        const struct column_slice *values, uint32_t *ret_missing,
                                        struct error *error);
/* Numbers for all these keys, or false where one is not here and cannot be. */
CHECKED bool group_local_numbers(struct group_local *local, const struct group_keys_slice *keys,
                                 uint32_t *numbers);

/* Hands all sums to the partitions. */
CHECKED enum error_code group_local_drain(struct group_local *local, struct error *error);

#endif
