/*
 * One of the two files: its metadata, and its chosen columns as batches of rows side by side.
 */
#ifndef WEIR_DIFF_FILE_H
#define WEIR_DIFF_FILE_H

#include "diff/columns.h"
#include "parquet/column_reader.h"

struct diff_file {
    struct store_object object;
    struct parquet_metadata metadata;
    struct mem_account *account;
    bool open; /* the metadata is there */
    uint32_t column_count;
    struct column_field *fields; /* of the chosen columns */
    struct parquet_column_reader *readers;
    uint32_t reader_count;       /* readers that are open */
    struct column_slice *slices; /* what is left of what the readers gave */
    struct column_slice *given;  /* the batch given last */
    uint32_t given_rows;
};

/* Opens the file and reads its footer. path is borrowed. The struct is zero before, or closed. */
CHECKED enum error_code diff_file_open(struct diff_file *file, const char *path,
                                       struct mem_account *account, struct error *error);
void diff_file_close(struct diff_file *file);

/* Takes arrays for the chosen columns from the arena; once, before the first start. */
CHECKED enum error_code diff_file_choose(struct diff_file *file, const struct diff_columns *columns,
                                         enum diff_side side, struct mem_arena *arena,
                                         struct error *error);

/* Goes to the first row, opening a reader a column; stop closes them again. */
CHECKED enum error_code diff_file_start(struct diff_file *file, const struct diff_columns *columns,
                                        enum diff_side side, struct error *error);
void diff_file_stop(struct diff_file *file);

/* The next rows; row_count 0 at the end. Valid until the next call. */
CHECKED enum error_code diff_file_next(struct diff_file *file, struct column_batch *ret,
                                       struct error *error);

#endif
