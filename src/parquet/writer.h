/*
 * Writes Parquet: columns of a row group one after another, page index and footer at the end.
 *
 * Bytes go to a struct output in file order. Rows may be appended to all columns side by side
 * (parquet_writer_append a batch): the first column not yet complete goes straight to the output,
 * the others wait in a spool of their own. Or a column chunk of an existing file is copied as it is
 * (parquet_writer_copy_chunk): its bytes are kept, its statistics and page index are made anew by
 * decoding it. The writer checks nothing about meaning: fields say what the values are.
 */
#ifndef WEIR_PARQUET_WRITER_H
#define WEIR_PARQUET_WRITER_H

#include "parquet/page_reader.h"
#include "store/output.h"

/* How one column is encoded. */
struct parquet_column_options {
    bool dictionary; /* try a dictionary, fall back to value_encoding when it grows too large */
    enum parquet_encoding value_encoding; /* PLAIN, DELTA_BINARY_PACKED, BYTE_STREAM_SPLIT */
};

struct parquet_writer_options {
    enum codec codec;
    int level;                 /* 0: the codec's default */
    uint32_t page_rows;        /* a page ends at this many rows ... */
    uint32_t page_bytes;       /* ... or at this many bytes of values, whichever is first */
    uint32_t dictionary_bytes; /* a dictionary page holds at most this much */
    int page_version;          /* 1 or 2 */
    bool page_index;
    bool page_crc;
    const struct parquet_column_options
        *columns; /* one a field; NULL: dictionary for text, else PLAIN */
};

/* snappy, 20,000 rows, 1 MiB, 1 MiB, v1, page index and CRC on. */
struct parquet_writer_options parquet_writer_defaults(void);

struct parquet_writer;

/* output, fields and their names are borrowed until finish. */
CHECKED enum error_code parquet_writer_create(struct mem_account *account, struct output *output,
                                              const struct column_field *fields,
                                              uint32_t field_count,
                                              const struct parquet_writer_options *options,
                                              struct parquet_writer **ret, struct error *error);
/* Frees the writer, finished or not; the output stays the caller's. */
void parquet_writer_destroy(struct parquet_writer *writer);

/*
 * The most that a writer of these columns holds, however many rows and row groups there are: what
 * to charge before. Byte arrays longer than page_bytes come on top (three times the longest), the
 * output's own buffer and a reader for copies, too.
 */
size_t parquet_writer_size(const struct column_field *fields, uint32_t field_count,
                           const struct parquet_writer_options *options);

/* Row groups follow each other; every column must get the same number of rows before the end. */
CHECKED enum error_code parquet_writer_begin_row_group(struct parquet_writer *writer,
                                                       struct error *error);
CHECKED enum error_code parquet_writer_append(struct parquet_writer *writer, uint32_t column,
                                              const struct column_slice *slice,
                                              struct error *error);
/*
 * What the pages of a chunk hold, found by decoding them: records in a spool that the caller owns
 * and that may hold profiles of many chunks. Good for this process only.
 */
struct parquet_chunk_profile {
    const struct spool *pages;
    uint64_t offset;
    uint64_t size;
};

/*
 * Makes profiles from slices that somebody reads anyway, one chunk after another. One thread at a
 * time; pages is the caller's and gets nothing from others between the first slice of a chunk and
 * its end.
 */
struct parquet_profiler;
CHECKED enum error_code parquet_profiler_create(struct mem_account *account, struct spool *pages,
                                                struct parquet_profiler **ret, struct error *error);
void parquet_profiler_destroy(struct parquet_profiler *profiler);
/* Takes in the next slice of the chunk, which came from page. */
CHECKED enum error_code parquet_profiler_take(struct parquet_profiler *profiler,
                                              const struct column_type *type,
                                              const struct parquet_page *page,
                                              const struct column_slice *slice,
                                              struct error *error);
/* Ends the chunk. */
CHECKED enum error_code parquet_profiler_end(struct parquet_profiler *profiler,
                                             struct parquet_chunk_profile *ret,
                                             struct error *error);

/* Copies a chunk as it is. Column types must agree; for the statistics it is decoded by reader,
 * unless a profile of it is given. */
CHECKED enum error_code
parquet_writer_copy_chunk(struct parquet_writer *writer, uint32_t column,
                          const struct store_object *object, const struct parquet_column *source,
                          const struct parquet_chunk *chunk, struct parquet_page_reader *reader,
                          const struct parquet_chunk_profile *profile, struct error *error);
/*
 * Says that a column has all its rows of this row group. Columns filled one after another, each
 * ended before the next is begun, need no temporary files; a copied chunk is ended by itself.
 */
CHECKED enum error_code parquet_writer_end_chunk(struct parquet_writer *writer, uint32_t column,
                                                 struct error *error);
/* Ends the columns not yet ended. A row group without rows leaves no trace. */
CHECKED enum error_code parquet_writer_end_row_group(struct parquet_writer *writer,
                                                     struct error *error);

/* Writes page index and footer. The output is not committed. */
CHECKED enum error_code parquet_writer_finish(struct parquet_writer *writer,
                                              const struct parquet_key_value *key_values,
                                              uint32_t key_value_count, struct error *error);
#endif
