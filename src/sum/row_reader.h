/*
 * Rows of one file as groups want them: keys as codes or bytes, values as slices, only those rows
 * that the filter takes.
 *
 * A reader belongs to one thread. It opens its file, holds its footer against what the survey saw,
 * and goes through the rows in order; what a filter surely does not take is passed over without
 * being read (filter/prune.h). Keys become codes where the sum has a key space, else bytes
 * (key/encode.h).
 */
#ifndef WEIR_SUM_ROW_READER_H
#define WEIR_SUM_ROW_READER_H

#include "sum/row_encoder.h"

enum row_parts { ROW_KEYS_AND_VALUES, ROW_KEYS };

struct row_reader;

/* Bytes that a reader holds at most, with page_limit for the pages of each column. coded: keys are
 * read as codes. */
size_t row_reader_size(const struct sum *sum, size_t page_limit, bool coded);

CHECKED enum error_code row_reader_open(struct sum *sum, uint64_t file, enum row_parts parts,
                                        struct row_reader **ret, struct error *error);
void row_reader_close(struct row_reader *reader);

uint64_t row_reader_row_count(const struct row_reader *reader);
/* The file's number in the catalog. */
uint64_t row_reader_file(const struct row_reader *reader);
const struct parquet_metadata *row_reader_metadata(const struct row_reader *reader);
/* The row that comes next, whether the filter takes it or not. */
uint64_t row_reader_row(const struct row_reader *reader);
/* Goes to a row that is not behind. */
CHECKED enum error_code row_reader_seek(struct row_reader *reader, uint64_t row,
                                        struct error *error);
/*
 * Rows in front of end, at most most and at most BATCH_ROWS. *ret_outside: a key is not in the key
 * space; the reader is good for nothing then but closing.
 */
CHECKED enum error_code row_reader_next(struct row_reader *reader, uint64_t end, uint32_t most,
                                        struct row_batch *ret, bool *ret_outside,
                                        struct error *error);
/* Bytes of pages read so far. */
uint64_t row_reader_bytes(const struct row_reader *reader);
/* What the filter passed over without reading, in the whole file. */
void row_reader_passed_over(const struct row_reader *reader, uint32_t *ret_row_groups,
                            uint32_t *ret_pages);
/* ERROR_CHANGED when the file is no longer the one that was surveyed; else the code given. */
CHECKED enum error_code row_reader_explain(struct row_reader *reader, enum error_code code,
                                           struct error *error);
#endif
