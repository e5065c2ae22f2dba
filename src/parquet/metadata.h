/*
 * What a Parquet file says about itself: footer, schema, row groups, column chunks.
 *
 * parquet_metadata_read reads and checks the footer of an open object: every offset and length in
 * it lies within the file, counts agree, types are known. The result is read-only and owned by the
 * caller, who releases it; it lives in an arena charged to the caller's account. Nested columns are
 * recognised and marked, not refused; so are encrypted ones, and those of a summary file
 * ("_metadata"), whose values stand in other files: such a file can be looked at, not read.
 * Source of the format: parquet.thrift and Encodings.md of apache/parquet-format.
 */
#ifndef WEIR_PARQUET_METADATA_H
#define WEIR_PARQUET_METADATA_H

#include "codec/codec.h"
#include "column/column.h"
#include "mem/mem.h"
#include "store/store.h"

enum parquet_encoding {
    PARQUET_PLAIN = 0,
    PARQUET_PLAIN_DICTIONARY = 2,
    PARQUET_RLE = 3,
    PARQUET_BIT_PACKED = 4,
    PARQUET_DELTA_BINARY_PACKED = 5,
    PARQUET_DELTA_LENGTH_BYTE_ARRAY = 6,
    PARQUET_DELTA_BYTE_ARRAY = 7,
    PARQUET_RLE_DICTIONARY = 8,
    PARQUET_BYTE_STREAM_SPLIT = 9
};
const char *parquet_encoding_name(int encoding); /* "PLAIN"; NULL when unknown */

/* A leaf of the schema. */
struct parquet_column {
    const char *name; /* last part of the path, with a NUL behind it; UTF-8 unless it is damaged */
    const char *path; /* parts joined by dots, for messages; a very long one stops at a group */
    struct column_type type;
    bool nullable;           /* optional */
    bool nested;             /* below a group or repeated: not readable as a flat column */
    uint16_t max_definition; /* 0 or 1 for flat columns */
    uint16_t max_repetition;
    uint32_t field_index;    /* which top-level field of the schema it belongs to */
    const char *unsupported; /* why a flat column cannot be read, or NULL */
    const char *annotation;  /* a logical type that weir passes over ("geometry"), or NULL */
    bool unordered;          /* what its bounds mean is not known: they were dropped */
};

/* A top-level field: one flat leaf, or a nested tree. */
struct parquet_field {
    const char *name;
    bool nested;
    const char *shape;     /* of a nested one: "list<int64>", cut where it is long; else NULL */
    uint32_t first_column; /* means nothing where there are no columns: a group may be empty */
    uint32_t column_count;
};

struct parquet_bytes {
    const uint8_t *data; /* NULL: absent */
    size_t size;
};

struct parquet_statistics {
    struct parquet_bytes minimum; /* min_value, else the deprecated min where its order is sound */
    struct parquet_bytes maximum;
    bool has_null_count;
    bool has_distinct_count;
    bool minimum_exact, maximum_exact; /* said to be a value of the data, and no bound beyond it */
    int64_t null_count;
    uint64_t distinct_count;
};

/* Which data pages of a chunk are encoded by its dictionary, as the footer says; whether that is
 * true shows when they are read. */
enum parquet_coding {
    PARQUET_CODING_UNKNOWN, /* it does not say, or what makes no sense */
    PARQUET_CODING_ALL,
    PARQUET_CODING_SOME,
    PARQUET_CODING_NONE
};

struct parquet_chunk {
    uint64_t offset;         /* of its first page (dictionary page if there is one) in the file */
    uint64_t length;         /* bytes on disk, page headers included */
    uint64_t decoded_length; /* bytes after decompression, page headers included */
    uint64_t value_count;    /* rows of a flat column */
    uint64_t dictionary_offset;                        /* 0: none said */
    uint64_t data_page_offset;                         /* as said */
    uint64_t bloom_filter_offset;                      /* 0: none; not checked */
    uint64_t bloom_filter_length;                      /* with its header; 0: not said */
    uint64_t column_index_offset, offset_index_offset; /* 0: none */
    uint32_t column_index_length, offset_index_length;
    uint32_t encodings; /* bit e set: encoding number e is used */
    enum parquet_coding coding;
    enum codec codec;
    bool encrypted;
    bool elsewhere;         /* its values stand in another file: offset and length mean nothing */
    bool always_compressed; /* v2 pages are compressed whatever they say */
    uint8_t lengthened;     /* bytes by which length is more than said, for writers known to say too
                               little */
    bool page_index_outside; /* a page index was said to be where it cannot be */
    struct parquet_statistics statistics;
};

/* A column by which the rows of a row group are said to be sorted. */
struct parquet_sorting {
    uint32_t column; /* leaf, in schema order */
    bool descending;
    bool nulls_first;
};

struct parquet_row_group {
    uint64_t row_count;
    struct parquet_chunk *chunks; /* one a leaf column, in schema order */
    struct parquet_sorting *sorting;
    uint32_t sorting_count;
};

struct parquet_key_value {
    const char *key;
    const char *value; /* NULL: absent */
    size_t value_size;
};

struct parquet_metadata {
    struct mem_arena arena;
    uint64_t row_count;
    int32_t version;
    const char *created_by; /* or NULL */
    const char *elsewhere;  /* the other file that its chunks name first, or NULL */
    uint64_t footer_length; /* bytes of the footer with its 8 bytes of length and magic */
    uint64_t footer_hash;   /* XXH3 of the footer's bytes */
    uint32_t field_count;
    struct parquet_field *fields;
    uint32_t column_count;
    struct parquet_column *columns;
    uint32_t row_group_count;
    struct parquet_row_group *row_groups;
    uint32_t key_value_count;
    struct parquet_key_value *key_values;
};

CHECKED enum error_code parquet_metadata_read(const struct store_object *object,
                                              struct mem_account *account,
                                              struct parquet_metadata *ret, struct error *error);
void parquet_metadata_release(struct parquet_metadata *metadata);

/* A flat column by its name; ERROR_MISMATCH that lists near names or all names when absent, or when
 * several columns have the name; ERROR_UNSUPPORTED when it is nested (naming DuckDB as the way),
 * encrypted, in another file, or cannot be read. */
CHECKED enum error_code parquet_find_column(const struct parquet_metadata *metadata,
                                            const char *name, uint32_t *ret, struct error *error);

/* Whether the file begins as the format says. Reading needs only its end, so nobody else looks. */
CHECKED enum error_code parquet_check_opening(const struct store_object *object,
                                              struct error *error);

/* The first key-value entry of that key, or NULL. */
const struct parquet_key_value *parquet_key_value(const struct parquet_metadata *metadata,
                                                  const char *key);

/* The field as other rooms know it. Arrow's extras are left zero: the arrow room fills them. */
struct column_field parquet_column_field(const struct parquet_column *column);

#endif
