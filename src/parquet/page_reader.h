/*
 * Reads the pages of one column chunk after another, as slices of decoded rows.
 *
 * A column below a group or repeated is read as its entries, which count as its rows here: one for
 * each pair of levels of its pages, empty where a value or a list above it is missing. Which
 * entries make up a row is not told.
 *
 * A page reader owns its buffers and keeps them from chunk to chunk and file to file: read buffer
 * (compressed page), page buffer (decompressed), dictionary, and a slice of decoded values. It
 * never holds more than one page and one dictionary. Pages of uncompressed PLAIN fixed-width values
 * are not held at all: they are read in pieces, so that a page of any length costs a constant.
 * Every size is checked against the chunk, the page header and the limits before anything is
 * allocated; a page that needs more than the limits is ERROR_MEMORY with what would do.
 *
 * Values that a slice points to live until the next call on the reader.
 */
#ifndef WEIR_PARQUET_PAGE_READER_H
#define WEIR_PARQUET_PAGE_READER_H

#include "parquet/metadata.h"

/* Rows a slice has at most where values must be decoded into the reader's own memory. */
#define PARQUET_SLICE_ROWS 4096

/* Uncompressed PLAIN pages of fixed-width values that are larger than this are read in pieces of
 * it. */
#define PARQUET_PIECE_BYTES ((size_t)128 << 10)

/* Where to go on in a chunk: the header of a page and the number of rows before that page. */
struct parquet_position {
    uint64_t page_offset; /* bytes from the start of the chunk */
    uint64_t page_row;
};

enum parquet_page_kind { PARQUET_PAGE_DATA, PARQUET_PAGE_DATA_V2, PARQUET_PAGE_DICTIONARY };

/* A page as its header tells. */
struct parquet_page {
    enum parquet_page_kind kind;
    uint64_t offset; /* of the header, from the start of the chunk */
    uint32_t header_size;
    uint32_t compressed_size; /* of the body */
    uint32_t uncompressed_size;
    uint32_t value_count; /* rows of a flat column, entries of a nested one; nulls included */
    int encoding;
    int definition_encoding;
    bool compressed;      /* body compressed (v2 may say no) */
    uint32_t levels_size; /* v2: bytes of levels before the values, never compressed */
    bool has_crc;
    uint32_t crc;
    uint64_t first_row;
};

struct parquet_page_reader;

/* Creates a reader that never holds more than limit bytes for pages and dictionary together. */
CHECKED enum error_code parquet_page_reader_create(struct mem_account *account, size_t limit,
                                                   struct parquet_page_reader **ret,
                                                   struct error *error);
void parquet_page_reader_destroy(struct parquet_page_reader *reader);

/*
 * Bytes a reader holds to read pages of these sizes: what to charge before the work starts.
 * dictionary_size is the decompressed dictionary page (0: none). Page headers count as 16 KiB,
 * which only very long texts in their statistics exceed.
 */
size_t parquet_page_reader_size(const struct parquet_column *column, enum codec codec,
                                uint64_t compressed_page, uint64_t decompressed_page,
                                uint64_t dictionary_size);

/*
 * Whether all pages of a chunk can be read in pieces. Then parquet_page_reader_size is asked with
 * compressed_page PARQUET_PIECE_BYTES, and decompressed_page 0, or what the levels of a page take
 * (an eighth of its rows and a little) where the column is nullable.
 */
bool parquet_chunk_in_pieces(const struct parquet_column *column,
                             const struct parquet_chunk *chunk);

/*
 * Goes to a chunk; object, column and chunk are borrowed until the next open. position NULL starts
 * at the beginning. The dictionary is read when the first page asks for it, and kept as long as the
 * same chunk of the same file (by its identity) is opened again. After a failure the reader has to
 * be opened again.
 */
CHECKED enum error_code
parquet_page_reader_open(struct parquet_page_reader *reader, const struct store_object *object,
                         const struct parquet_column *column, const struct parquet_chunk *chunk,
                         const struct parquet_position *position, struct error *error);

/*
 * The next rows, at least one and at most max_rows, never across the end of a page; row_count 0 at
 * the end of the chunk, where the count of rows is held against the chunk's. Uncopied where the
 * page allows: then a slice may have up to max_rows rows, else up to PARQUET_SLICE_ROWS.
 */
CHECKED enum error_code parquet_page_reader_next(struct parquet_page_reader *reader,
                                                 uint32_t max_rows, struct column_slice *ret,
                                                 struct error *error);

/* Passes over rows; whole pages are passed without being read. More rows than are left is an error.
 */
CHECKED enum error_code parquet_page_reader_skip(struct parquet_page_reader *reader, uint64_t rows,
                                                 struct error *error);

/* Where the page that holds the next row begins. */
struct parquet_position parquet_page_reader_position(const struct parquet_page_reader *reader);

/* The page that the last slice came from. */
const struct parquet_page *parquet_page_reader_page(const struct parquet_page_reader *reader);

/* Bytes read from objects since creation; for progress and for the measure of what was read twice.
 */
uint64_t parquet_page_reader_bytes_read(const struct parquet_page_reader *reader);

/* Largest compressed page, decompressed page and dictionary met since creation. */
struct parquet_page_sizes {
    uint64_t compressed, decompressed, dictionary;
};
struct parquet_page_sizes parquet_page_reader_sizes(const struct parquet_page_reader *reader);

/*
 * Reads only the headers of a chunk's pages, in order. visit may stop the walk by returning an
 * error. Headers are read into 64 KiB of the stack; longer ones, up to 1 MiB, into memory of their
 * own.
 */
typedef enum error_code (*parquet_page_visit)(void *context, const struct parquet_page *page,
                                              struct error *error);
CHECKED enum error_code parquet_visit_pages(const struct store_object *object,
                                            const struct parquet_column *column,
                                            const struct parquet_chunk *chunk,
                                            parquet_page_visit visit, void *context,
                                            struct error *error);
#endif
