/*
 * What is added up for numbered keys: the groups of every value column, and rows where wanted.
 */
#ifndef WEIR_GROUP_TOTALS_H
#define WEIR_GROUP_TOTALS_H

#include "group/rows.h"

struct group_totals {
    const struct group_shape *shape;
    struct mem_account *account;
    struct value_groups **values; /* one a value column */
    uint64_t *rows;               /* of each key, or NULL */
    size_t capacity;              /* keys there is room for */
};

/* Half-built totals are fit for release. */
CHECKED enum error_code group_totals_init(struct group_totals *totals,
                                          const struct group_shape *shape,
                                          struct mem_account *account, struct error *error);
void group_totals_release(struct group_totals *totals);

/* Bytes held with room for so many keys. */
size_t group_totals_size(const struct group_shape *shape, size_t key_count);

/* As value_groups_populate. */
void group_totals_populate(struct group_totals *totals);

/* Room for key_count keys in all; ERROR_MEMORY leaves totals usable as they were. */
CHECKED enum error_code group_totals_reserve(struct group_totals *totals, size_t key_count,
                                             struct error *error);
CHECKED enum error_code group_totals_clear(struct group_totals *totals, struct error *error);

/* Adds row i of each slice to key numbers[i]. */
CHECKED enum error_code group_totals_add(struct group_totals *totals, uint32_t row_count,
                                         const uint32_t *numbers, const struct column_slice *values,
                                         struct error *error);
/* The same for those rows whose number is not 0. */
CHECKED enum error_code group_totals_add_known(struct group_totals *totals, uint32_t row_count,
                                               const uint32_t *numbers,
                                               const struct column_slice *values,
                                               struct error *error);
/* Adds what the keys of sums from the one numbered done on hold to numbers[0..count-1]. */
CHECKED enum error_code group_totals_add_tiles(struct group_totals *totals, uint32_t count,
                                               const uint32_t *numbers,
                                               const struct group_sums *sums, size_t done,
                                               struct error *error);
/* Adds keys from_numbers[i] of other totals to numbers[i]. */
CHECKED enum error_code group_totals_merge(struct group_totals *totals, const uint32_t *numbers,
                                           struct group_totals *from, const uint32_t *from_numbers,
                                           uint32_t count, struct error *error);
#endif
