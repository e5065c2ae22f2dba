/*
 * The rows of one side, one at a time, each with its normalised key; from the file or from a
 * sorter.
 */
#ifndef WEIR_DIFF_STREAM_H
#define WEIR_DIFF_STREAM_H

#include "diff/file.h"
#include "sort/row.h"
#include "sort/sort.h"

struct diff_stream {
    struct diff_file *file;
    struct sorter *sorter; /* NULL: rows come from the file */
    const struct diff_columns *columns;
    enum diff_side side;
    struct column_batch batch;
    struct row_walk walk;
    struct row_column *row; /* of the row it stands on, keys first */
    struct mem_buffer key;
    struct mem_buffer older_key; /* of the row before */
    bool has_row;
    uint64_t row_count; /* rows met so far */
};

/* Arrays come from the arena, keys are charged to the account. */
CHECKED enum error_code diff_stream_init(struct diff_stream *stream, struct diff_file *file,
                                         struct sorter *sorter, const struct diff_columns *columns,
                                         enum diff_side side, struct mem_account *account,
                                         struct mem_arena *arena, struct error *error);
void diff_stream_release(struct diff_stream *stream);

/* Goes to the next row; has_row tells whether there is one. */
CHECKED enum error_code diff_stream_next(struct diff_stream *stream, struct error *error);

/* Order of two rows by key. */
int diff_key_compare(const struct mem_buffer *a, const struct mem_buffer *b);

#endif
