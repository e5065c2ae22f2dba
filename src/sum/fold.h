/*
 * Folding: rows that were added up over aligned files, tile by tile, added up by key.
 *
 * Where keys repeat within a file, or other files follow that are not aligned, a tile's sums are
 * not the result: they go into groups, under the keys of the first file.
 */
#ifndef WEIR_SUM_FOLD_H
#define WEIR_SUM_FOLD_H

#include "sum/groups.h"

struct fold {
    struct sum *sum;
    struct row_reader *keys; /* of the first file */
    struct group_feed *feed;
};

CHECKED enum error_code fold_open(struct fold *ret, struct sum *sum, struct grouping *grouping,
                                  struct error *error);
/* The next count rows, whose accumulators are keys 0..count-1 of the tiles. One thread at a time.
 */
CHECKED enum error_code fold_write(struct fold *fold, struct value_tile *tiles, uint64_t first_row,
                                   uint64_t count, struct error *error);
/* Hands on what is gathered. */
CHECKED enum error_code fold_finish(struct fold *fold, struct error *error);
void fold_close(struct fold *fold);
#endif
