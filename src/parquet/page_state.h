/*
 * What a page reader knows while it goes through a chunk. Private to the parquet room.
 *
 * page_reader.c gives slices and passes over rows; page_load.c finds pages and makes them readable;
 * page_levels.c does so for their levels, page_dictionary.c for dictionaries; indexes.c shows
 * dictionaries.
 */
#ifndef WEIR_PARQUET_PAGE_STATE_H
#define WEIR_PARQUET_PAGE_STATE_H

#include "parquet/indexes.h"
#include "parquet/levels.h"
#include "parquet/page_header.h"
#include "parquet/page_memory.h"
#include "parquet/page_window.h"
#include "parquet/values.h"

struct parquet_page_reader {
    struct page_reader_memory memory;
    struct codec_state codec;

    /* The chunk; NULL where none is open or reading it has failed. */
    const struct store_object *object;
    const struct parquet_column *column;
    const struct parquet_chunk *chunk;

    struct page_window input;
    uint64_t row;       /* of the chunk, next to be given */
    uint64_t next_page; /* offset in the chunk of the header to read next */

    struct page_header header; /* of the current page */
    uint32_t rows_left;        /* of the current page */
    bool loaded;               /* levels and values are ready to be read */
    struct level_reader levels;
    struct value_reader values;

    /* Rows whose levels are decoded and not yet given. */
    uint8_t present[PARQUET_SLICE_ROWS];
    uint32_t block_rows, block_at;
    uint32_t block_ones; /* of those not yet given: how many have a value */

    /* The dictionary, and which chunk of which file it belongs to. Footers may say of one place
     * that columns of different types are there. */
    bool has_dictionary;
    bool dictionary_first; /* it stands where the format wants it, at the beginning */
    bool no_dictionary;    /* the chunk now open is known to begin with another page */
    struct dictionary dictionary;
    struct column_type dictionary_type;
    struct store_identity dictionary_identity;
    uint64_t dictionary_chunk;

    /* Sizes with their headers of the page and the dictionary before: what the next ones may have.
     */
    size_t page_guess, dictionary_guess;
    struct parquet_page_sizes sizes;
    uint64_t bytes_read_aside; /* for dictionaries, through another window */
};

/* Read behind a page in the hope that the next header is among it. */
#define PAGE_HEADER_GUESS ((size_t)256)
/* Read of a chunk when nothing is known of its pages. */
#define PAGE_FIRST_GUESS ((size_t)8 << 10)

/* Reads the header of the page at an offset of the chunk. */
CHECKED enum error_code page_read_header(struct page_window *window, uint64_t offset, size_t guess,
                                         struct page_header *ret, struct error *error);

/* Goes to the header of the next page that has rows. With want_body the page is read along with its
 * header, and so is a dictionary on the way. */
CHECKED enum error_code page_advance(struct parquet_page_reader *reader, bool want_body,
                                     struct error *error);

/* Makes the current page readable. */
CHECKED enum error_code page_load(struct parquet_page_reader *reader, struct error *error);

/* Goes back to where the current page was when it was loaded, whose room others have used. */
CHECKED enum error_code page_reload(struct parquet_page_reader *reader, struct error *error);

/* What was asked of the page before, and a dictionary of another chunk, may give up their room. */
void page_free_idle(struct parquet_page_reader *reader);

/* Says where a failure happened; after one the reader has to be opened again. */
enum error_code page_finish(struct parquet_page_reader *reader, enum error_code code,
                            struct error *error);
CHECKED enum error_code page_need_open(const struct parquet_page_reader *reader,
                                       struct error *error);
/* The next rows; as values unless indexes are wanted and to be had. */
CHECKED enum error_code page_next(struct parquet_page_reader *reader, uint32_t max_rows,
                                  bool want_indexes, struct parquet_index_slice *ret,
                                  struct error *error);

/* The stored bytes of a page, checked against its checksum. */
CHECKED enum error_code page_read_body(struct page_window *window, const struct parquet_page *page,
                                       const uint8_t **ret, struct error *error);

/* Decompresses into a buffer of the reader, after a look whether the size can be true. */
CHECKED enum error_code page_decompress(struct parquet_page_reader *reader, const uint8_t *in,
                                        size_t in_size, enum page_buffer buffer, size_t out_size,
                                        const uint8_t **ret, struct error *error);

/* Levels at the front of a body, for a v1 page and a v2 page: repetition levels are checked and
 * passed over, definition levels made ready. The cursor stands behind them. */
CHECKED enum error_code page_levels_open_v1(struct parquet_page_reader *reader, struct cursor *body,
                                            struct error *error);
CHECKED enum error_code page_levels_open_v2(struct parquet_page_reader *reader, struct cursor *body,
                                            struct error *error);
/* Whether the beginning of a flat column's v1 page holds its levels whole. */
bool page_levels_within(const struct parquet_page_reader *reader, const struct cursor *beginning);
/* Rows with a value, counted on a copy of the levels. */
CHECKED enum error_code page_levels_count(struct parquet_page_reader *reader, uint32_t *ret,
                                          struct error *error);
/* Bytes that the levels of an uncompressed page longer than STORED_PIECE take; start is that of its
 * body in the chunk. */
CHECKED enum error_code page_levels_extent(struct parquet_page_reader *reader, uint64_t start,
                                           uint64_t *ret, struct error *error);

/* Reads the dictionary whose header was found at its offset, through a window. */
CHECKED enum error_code page_read_dictionary(struct parquet_page_reader *reader,
                                             struct page_window *window,
                                             const struct page_header *header, struct error *error);
/* The same for a reader that did not come past it. Takes the buffer of the page's body. Not needed:
 * a chunk that does not begin with one is none. */
CHECKED enum error_code page_fetch_dictionary(struct parquet_page_reader *reader, bool needed,
                                              struct error *error);
/* Whether the dictionary held is that of the chunk now open. */
bool page_dictionary_is_current(const struct parquet_page_reader *reader);

#endif
