/*
 * Groups of a sum: the grouping (group/group.h) that rows and tiles are added to, and its results
 * on their way out.
 */
#ifndef WEIR_SUM_GROUPS_H
#define WEIR_SUM_GROUPS_H

#include "group/group.h"
#include "sum/row_reader.h"
#include "sum/rows_out.h"

/* Makes the fields of keys wide enough for those of all files. */
void sum_widen_key_fields(struct sum *sum);

/* Whether a result asks for the number of rows of each key. */
bool sum_counts_rows(const struct sum *sum);

/* Bytes of readers and groups together, after sum_plan_groups. */
uint64_t sum_groups_figure(const struct sum *sum);
/* Notes what the way that is taken will need at most: work bytes beside what there is. */
void sum_promise(struct sum *sum, uint64_t work);

/* Options for a grouping of at most limit bytes; grids: value_count entries, filled here. */
struct group_options groups_options(const struct sum *sum, enum group_keys keys, size_t limit,
                                    struct exact_grids *grids);

CHECKED enum error_code groups_create(struct sum *sum, struct grouping **ret, struct error *error);

/* Rows of a batch into a feed. */
CHECKED enum error_code groups_feed(struct group_feed *feed, const struct row_batch *batch,
                                    struct error *error);

/* Without keys there is one row, even of nothing: adds no rows to it. */
CHECKED enum error_code groups_feed_nothing(struct sum *sum, struct group_feed *feed,
                                            struct error *error);

/* All results to the output, which is committed. */
CHECKED enum error_code groups_write(struct sum *sum, struct grouping *grouping,
                                     struct output *output, struct error *error);
/* Bytes that groups_write takes beside the grouping. */
size_t groups_write_size(const struct sum *sum);

/* One window of keys and results, shared by the ways that make rows of groups. */
struct group_window {
    struct sum *sum;
    uint8_t **values;  /* one a field */
    uint8_t **present; /* one a field */
    struct column_slice *slices;
};

CHECKED enum error_code group_window_open(struct group_window *ret, struct sum *sum,
                                          struct error *error);
void group_window_close(struct group_window *window);
/* Decodes the keys of count rows (at most VALUE_TILE_WINDOW): codes, or keys where codes is NULL.
 */
void group_window_keys(struct group_window *window, const uint64_t *codes,
                       const struct key_bytes *keys, uint32_t count);
/* The result column number output for keys[0..count-1] of groups; an overflow names the key, which
 * group_window_keys has decoded. */
CHECKED enum error_code group_window_output(struct group_window *window,
                                            struct value_groups *groups, uint32_t output,
                                            const uint32_t *keys, uint32_t count,
                                            struct error *error);
/* Adds the key of a row to an error that speaks of it. */
void group_window_blame(const struct group_window *window, size_t row, struct error *error);
#endif
