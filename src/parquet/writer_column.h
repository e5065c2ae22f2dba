/*
 * One column on its way into a row group: the page being filled, the dictionary, pages that wait
 * for their turn, and what the footer will say of the chunk.
 *
 * Chunks stand one behind another in the file, so only one column at a time is direct: its pages go
 * straight to the output. The pages of others, and of a column whose dictionary page is not yet
 * final (it stands before the pages), wait in the column's spool. Offsets are kept relative to the
 * first data page until the chunk is placed.
 */
#ifndef WEIR_PARQUET_WRITER_COLUMN_H
#define WEIR_PARQUET_WRITER_COLUMN_H

#include "parquet/writer.h"
#include "parquet/writer_dictionary.h"
#include "parquet/writer_page.h"

/* Kinds of pages that encoding_stats tell apart: v1 or v2, by encoding. */
#define PAGE_ENCODINGS 10

/* A page as the page index has it. */
struct page_entry {
    uint64_t offset; /* of the header, from the first data page of the chunk */
    uint64_t first_row;
    uint32_t size; /* header included */
    uint32_t null_count;
    uint32_t rows;
    bool has_bounds;
    struct range_bound least, greatest;
};

/* A chunk as the footer has it. */
struct chunk_record {
    enum codec codec;
    uint32_t encodings; /* bit e set: encoding e is used */
    uint64_t rows;
    uint64_t offset;          /* of the first byte in the file */
    uint64_t dictionary_size; /* bytes of the dictionary page with its header; 0: none */
    uint64_t data_size;       /* bytes of the data pages */
    uint64_t decoded_size;
    uint64_t null_count;
    uint32_t page_counts[2][PAGE_ENCODINGS]; /* data pages by version - 1 and encoding */
    enum parquet_encoding dictionary_encoding;
    bool has_bounds;
    struct range_bound least, greatest;
    uint64_t first_entry, entry_count; /* in the column's spool of page entries */
    uint64_t column_index_offset, offset_index_offset;
    uint32_t column_index_size, offset_index_size; /* 0: none */
};

enum column_stage {
    COLUMN_FILLING, /* rows may still come */
    COLUMN_ENDED    /* the chunk has all its pages */
};

enum dictionary_stage {
    DICTIONARY_NONE,  /* values are written as they are */
    DICTIONARY_OPEN,  /* pages hold indices, the dictionary may grow */
    DICTIONARY_CLOSED /* final: no more indices */
};

struct column_writer {
    const struct column_field *field; /* borrowed */
    struct parquet_column_options options;
    const struct parquet_writer_options *writer_options; /* borrowed */
    struct page_press *press;                            /* borrowed */
    struct output *output;                               /* borrowed */

    struct mem_buffer page;    /* room for levels, then values or indices */
    struct mem_buffer present; /* one bit a row of the page; used once the page has a null */
    size_t value_bytes;        /* in page, behind the room for levels */
    uint32_t page_rows, page_values;
    struct value_range page_range;

    struct dictionary dictionary;
    enum dictionary_stage dictionary_stage;
    bool dictionary_full; /* the next value did not fit */

    enum column_stage stage;
    bool placed; /* all chunks before are in the output */
    bool direct; /* pages go straight to the output */
    struct spool waiting;
    struct spool entries;
    struct value_range range;
    struct chunk_record record;
};

/* Nothing is allocated until rows come. */
void column_writer_init(struct column_writer *column, const struct column_field *field,
                        struct parquet_column_options options,
                        const struct parquet_writer_options *writer_options,
                        struct page_press *press, struct output *output,
                        struct mem_account *account);
void column_writer_release(struct column_writer *column);
/* Bytes a column holds at most; the most it encodes in the press; its largest page body. */
size_t column_writer_bytes(const struct column_field *field, struct parquet_column_options options,
                           const struct parquet_writer_options *writer_options);
size_t column_writer_encoded_bytes(const struct column_field *field,
                                   struct parquet_column_options options,
                                   const struct parquet_writer_options *writer_options);
size_t column_writer_body_bytes(const struct column_field *field,
                                struct parquet_column_options options,
                                const struct parquet_writer_options *writer_options);

/* Starts a chunk. */
CHECKED enum error_code column_writer_begin(struct column_writer *column, struct error *error);
/* Makes a chunk just begun one whose bytes are emitted ready-made. */
CHECKED enum error_code column_writer_begin_copy(struct column_writer *column, struct error *error);
CHECKED enum error_code column_writer_append(struct column_writer *column,
                                             const struct column_slice *slice, struct error *error);
/* The last page and the end of the dictionary. */
CHECKED enum error_code column_writer_end(struct column_writer *column, struct error *error);

/* Tells the column that its turn has come: what waits goes to the output, the rest will directly.
 */
CHECKED enum error_code column_writer_place(struct column_writer *column, struct error *error);

/* Bytes of a chunk, to the output or the spool. */
CHECKED enum error_code column_writer_emit(struct column_writer *column, const void *bytes,
                                           size_t size, struct error *error);
/* Adds a page to the page index and its range to the chunk's. */
CHECKED enum error_code column_writer_note_page(struct column_writer *column,
                                                const struct value_range *range,
                                                struct page_entry *entry, struct error *error);

/* writer_fill.c: values into the page. */

/* Bytes before the values of a page, for the levels and their length. */
size_t column_writer_headroom(const struct column_field *field,
                              const struct parquet_writer_options *options);
/* Rows at most in a page. */
uint64_t column_writer_rows_at_most(const struct column_field *field,
                                    const struct parquet_writer_options *options);
/* Bytes a page buffer has, headroom included. */
size_t column_writer_page_bytes(const struct column_field *field,
                                struct parquet_column_options options,
                                const struct parquet_writer_options *writer_options);
/*
 * Puts as many rows of the slice as go into the page and says how many rows and values; none: the
 * page has to be flushed first. Sets dictionary_full when the dictionary refused a value.
 */
CHECKED enum error_code column_writer_fill(struct column_writer *column,
                                           const struct column_slice *slice, uint32_t *ret_rows,
                                           uint32_t *ret_values, struct error *error);

/* writer_flush.c: the page out of it. */

/* Writes the page if it has rows. */
CHECKED enum error_code column_writer_flush(struct column_writer *column, struct error *error);
CHECKED enum error_code column_writer_write_dictionary(struct column_writer *column,
                                                       struct error *error);
/* Bytes that encoding the values of a page needs in the press. */
size_t column_writer_encoded_bound(const struct column_field *field, enum parquet_encoding encoding,
                                   uint64_t values, uint64_t value_bytes);

#endif
