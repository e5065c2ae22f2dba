/*
 * Sorts rows by some of their columns in a bounded amount of memory: runs sorted in memory, spilled
 * to an unlinked temporary file, merged.
 *
 * Rows go in as batches and come out as batches, ascending by the key columns in the order given:
 * NULL first, then the order of column_value_compare. Rows with equal keys keep the order in which
 * they came in.
 */
#ifndef WEIR_SORT_SORT_H
#define WEIR_SORT_SORT_H

#include "column/column.h"
#include "mem/mem.h"

struct sorter;

/* limit: bytes held at most, at least 1 MiB; folder: for the temporary file, NULL for $TMPDIR or
 * /tmp. fields are borrowed. keys: indexes of key columns, most significant first. */
CHECKED enum error_code sorter_create(struct mem_account *account, size_t limit, const char *folder,
                                      const struct column_field *fields, uint32_t field_count,
                                      const uint32_t *keys, uint32_t key_count, struct sorter **ret,
                                      struct error *error);
void sorter_destroy(struct sorter *sorter);
CHECKED enum error_code sorter_add(struct sorter *sorter, const struct column_batch *batch,
                                   struct error *error);
/* Ends the input. */
CHECKED enum error_code sorter_finish(struct sorter *sorter, struct error *error);
/* The next rows (row_count 0 at the end); valid until the next call. At most 4,096 rows. */
CHECKED enum error_code sorter_next(struct sorter *sorter, struct column_batch *ret,
                                    struct error *error);
#endif
