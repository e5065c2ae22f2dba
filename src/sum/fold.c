#include "sum/fold.h"

enum error_code fold_open(struct fold *ret, struct sum *sum, struct grouping *grouping,
                          struct error *error)
{
    *ret = (struct fold){.sum = sum};
    TRY(row_reader_open(sum, 0, ROW_KEYS, &ret->keys, error));
    return group_feed_open(grouping, &ret->feed, error);
}

enum error_code fold_write(struct fold *fold, struct value_tile *tiles, uint64_t first_row,
                           uint64_t count, struct error *error)
{
    struct group_sums sums = {.tiles = tiles, .each_rows = fold->sum->aligned_count};
    uint64_t end = first_row + count;
    while (row_reader_row(fold->keys) < end) {
        struct row_batch batch;
        bool outside;
        sums.first_key = (size_t)(row_reader_row(fold->keys) - first_row);
        TRY(row_reader_next(fold->keys, end, BATCH_ROWS, &batch, &outside, error));
        if (outside) {
            atomic_store(&fold->sum->keys_outside, true);
            return ERROR_CANCELLED;
        }
        TRY(group_feed_sums(fold->feed, batch.row_count, batch.codes, batch.bytes, batch.offsets,
                            batch.hashes, &sums, error));
    }
    return ERROR_NONE;
}

enum error_code fold_finish(struct fold *fold, struct error *error)
{
    struct group_feed *feed = fold->feed;
    fold->feed = NULL;
    return group_feed_close(feed, error);
}

void fold_close(struct fold *fold)
{
    row_reader_close(fold->keys);
    group_feed_abort(fold->feed);
    *fold = (struct fold){0};
}
