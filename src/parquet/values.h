/*
 * The values of a page, one reader an encoding. Private to the parquet room.
 *
 * A value_reader views bytes that the page reader holds and gives values piece by piece, in place
 * where they stand as a slice wants them, else decoded into buffers of the page reader. It may give
 * fewer values than asked for. Values live until the next call.
 */
#ifndef WEIR_PARQUET_VALUES_H
#define WEIR_PARQUET_VALUES_H

#include "parquet/delta.h"
#include "parquet/hybrid.h"
#include "parquet/page_memory.h"
#include "parquet/page_reader.h"
#include "parquet/page_window.h"

struct dictionary {
    const uint8_t
        *page; /* the decompressed dictionary page: values of fixed width stand side by side */
    const uint32_t *offsets;          /* of byte arrays: where each starts in page */
    const struct column_bytes *views; /* of byte arrays, once somebody wants them; else NULL */
    uint32_t count;
};

struct value_reader;

struct value_kind {
    /* Reads 1 to count values; count > 0. */
    enum error_code (*read)(struct value_reader *values, uint32_t count, const void **ret,
                            uint32_t *ret_count, struct error *error);
    /* Passes over exactly count values; NULL: they are read and dropped. */
    enum error_code (*skip)(struct value_reader *values, uint32_t count, struct error *error);
};

/* PLAIN values that stay in the file: see values_stored.c. */
struct stored_values {
    struct page_window *window;
    uint64_t at;  /* of the next value, in the chunk */
    uint64_t end; /* of the page */
    bool check;   /* values have been read without a gap, and the page has a checksum */
    uint32_t crc; /* of the page so far */
    uint32_t expected;
};

/* PLAIN values in a Snappy block without copies: see values_literals.c. */
#define LITERAL_VALUE_BYTES 16
struct literal_values {
    struct cursor block; /* at the tag behind the run that is being read */
    uint8_t joined[LITERAL_VALUE_BYTES];
};

struct value_reader {
    const struct value_kind *kind;
    const struct column_type *type;
    struct page_reader_memory *memory;
    const struct dictionary *dictionary;
    size_t width;        /* bytes of a value in a slice */
    uint32_t most;       /* values decoded at once */
    struct cursor bytes; /* not yet read; plain values, suffixes */
    struct hybrid_reader hybrid;
    struct delta_reader delta; /* values, or lengths */
    struct delta_reader prefixes;
    size_t last_size; /* of the byte array before, in PAGE_BUFFER_LAST */
    size_t text_left; /* bytes that the page's byte arrays may still have when joined */
    uint64_t taken;   /* of booleans and split values */
    uint64_t stride;  /* of split values: how many the page has */
    struct stored_values stored;
    struct literal_values literals;
};

/* What a page tells about its values. */
struct value_source {
    int encoding;
    const uint8_t *bytes;
    size_t size;
    uint32_t row_count;   /* of the page */
    uint32_t value_count; /* rows with a value, needed for split values only */
};

/* Values decoded at once, and for byte arrays put together from parts also their bytes. */
uint32_t value_reader_most(const struct column_type *type);
#define VALUE_TEXT_BYTES ((size_t)256 << 10)

/* Starts reading; type, dictionary and buffers are set. */
CHECKED enum error_code value_reader_open(struct value_reader *values,
                                          const struct value_source *source, struct error *error);

CHECKED enum error_code value_reader_read(struct value_reader *values, uint32_t count,
                                          const void **ret, uint32_t *ret_count,
                                          struct error *error);
CHECKED enum error_code value_reader_skip(struct value_reader *values, uint32_t count,
                                          struct error *error);

/* Whether the values stand as indexes into a dictionary. Then they can be had as such: count at
 * most (count > 0), below the dictionary's count; *ret_repeated: all are (*ret)[0], the only one
 * that is set. */
bool values_are_indexes(const struct value_reader *values);
CHECKED enum error_code values_indexes_read(struct value_reader *values, uint32_t count,
                                            const uint32_t **ret, uint32_t *ret_count,
                                            bool *ret_repeated, struct error *error);
/* Bytes of the indexes that are decoded at once. */
#define VALUE_INDEXES_BYTES (PARQUET_SLICE_ROWS * sizeof(uint32_t))

/* ERROR_INPUT: problem. */
enum error_code value_damaged(struct error *error, const char *problem);

/* Room for count decoded values. */
CHECKED enum error_code value_room(struct value_reader *values, uint32_t count, void **ret,
                                   struct error *error);

/* Openers, one an encoding; each sets kind. */
enum error_code values_plain_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error);
enum error_code values_runs_open(struct value_reader *values, const struct value_source *source,
                                 struct error *error);
enum error_code values_dictionary_open(struct value_reader *values,
                                       const struct value_source *source, struct error *error);
enum error_code values_delta_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error);
enum error_code values_delta_length_open(struct value_reader *values,
                                         const struct value_source *source, struct error *error);
enum error_code values_delta_bytes_open(struct value_reader *values,
                                        const struct value_source *source, struct error *error);
enum error_code values_split_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error);

/* Bytes that stored values are read in. */
#define STORED_PIECE PARQUET_PIECE_BYTES

/* Values of fixed width that are read from the file as they are asked for; stored is set. */
void values_stored_open(struct value_reader *values);

/* Values of a type that is narrow enough, from the rest of a run and the runs behind it. */
bool values_literals_fit(const struct column_type *type);
void values_literals_open(struct value_reader *values, const struct cursor *run,
                          const struct cursor *block);

/* Finds the values of a dictionary page; offsets has room for count. */
CHECKED enum error_code dictionary_index(const struct column_type *type, const uint8_t *page,
                                         size_t size, uint32_t count, uint32_t *offsets,
                                         struct error *error);

static inline bool value_is_fixed(const struct column_type *type)
{
    return type->physical != COLUMN_BOOLEAN && type->physical != COLUMN_BYTE_ARRAY;
}

#endif
