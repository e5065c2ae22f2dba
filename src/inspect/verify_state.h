/*
 * What the verification knows while it goes through a file. Private to it.
 *
 * verify.c goes through the file, verify_chunk.c through the pages of a chunk, verify_values.c
 * through the values of a page; verify_bounds.c and verify_index.c hold bounds and page index
 * against what was seen.
 */
#ifndef WEIR_INSPECT_VERIFY_STATE_H
#define WEIR_INSPECT_VERIFY_STATE_H

#include "inspect/verify.h"
#include "inspect/verify_range.h"
#include "parquet/bloom_filter.h"
#include "parquet/page_facts.h"
#include "parquet/page_index.h"

struct verifier {
    const struct store_object *object;
    const struct parquet_metadata *metadata;
    verify_report *report;
    void *context;
    struct verify_totals totals;

    struct parquet_page_reader *reader;
    struct page_facts_reader headers;
    struct verify_range page_range, chunk_range;
    struct offset_index offsets;
    struct column_index columns;
    struct bloom_filter bloom;
};

/* Where something was found. */
struct verify_place {
    int64_t row_group;
    const char *column;
    int64_t page;
    int64_t offset;
};

/* A chunk being looked at. */
struct chunk_check {
    struct verifier *verifier;
    const struct parquet_column *column;
    const struct parquet_chunk *chunk;
    struct verify_place place; /* of the page */
    bool decode;               /* its values are looked at */
    bool ordered;              /* bounds mean something */
    bool repeated;             /* its pages have entries, of which one or more make up a row */

    uint64_t offset;      /* in the chunk, of the next header */
    uint64_t rows;        /* of data pages passed; entries where it is repeated */
    uint64_t page;        /* number of the next data page */
    uint64_t dictionary;  /* dictionaries met */
    bool lost_dictionary; /* its checksum is wrong */
    bool counted;         /* rows are those of all pages so far */
    bool complete;        /* all values so far were seen */
    uint64_t decoded;     /* sum of pages' decompressed sizes, headers included */
    uint64_t nulls;
    uint64_t not_text;  /* texts that are not UTF-8 */
    uint64_t missing;   /* values that the bloom filter does not know */
    uint32_t encodings; /* of data pages' values, one bit each */

    bool open;           /* the reader stands at the next page */
    char failure[1100];  /* of the page before, where it failed */
    uint64_t repetition; /* how many more pages failed in the same way */

    /* The page being looked at. */
    bool page_seen; /* all its values */
    uint64_t page_nulls;

    /* Page index. */
    bool has_offsets, has_columns;
    bool has_location; /* location is that of the next data page */
    struct page_location location;
    bool has_bounds; /* of a page before, not all nulls */
    bool disordered; /* told already */
    struct parquet_bytes last_minimum, last_maximum;
};

/* Reports and counts a finding. */
void verify_problem(struct verifier *verifier, const struct verify_place *place, const char *about,
                    const char *format, ...) PRINTF_LIKE(4, 5);
void verify_note(struct verifier *verifier, const struct verify_place *place, const char *about,
                 const char *format, ...) PRINTF_LIKE(4, 5);
/* The chunk as a place: without page and offset. */
struct verify_place verify_chunk_place(const struct chunk_check *check);
/* Whether a failure is one of what was read, so that verification can go on behind it. */
bool verify_goes_on(enum error_code code);

CHECKED enum error_code verify_chunk(struct verifier *verifier, uint32_t row_group, uint32_t column,
                                     struct error *error);

/* Decodes the page: its nulls, its range, the bloom filter. What is wrong with it is reported. */
CHECKED enum error_code verify_page_values(struct chunk_check *check,
                                           const struct page_facts *facts, struct error *error);
/* Reports how many pages failed like the one before. */
void verify_tell_repetition(struct chunk_check *check);

/* Statistics of a page or a chunk against its range. complete: the range is that of all values. */
void verify_bounds(struct chunk_check *check, const struct verify_place *place, const char *about,
                   const struct parquet_statistics *statistics, const struct verify_range *seen,
                   bool complete);
/* The least and greatest value of a chunk against the width that its integers are said to have. */
void verify_width(struct chunk_check *check, const struct verify_place *place);
/* Null and distinct counts against what was counted of rows. */
void verify_counts(struct chunk_check *check, const struct verify_place *place, const char *about,
                   const struct parquet_statistics *statistics, uint64_t rows, uint64_t nulls);

/* Reads a chunk's page index; holds it against each data page once that is done; ends it. */
CHECKED enum error_code verify_index_open(struct chunk_check *check, struct error *error);
void verify_index_page(struct chunk_check *check, const struct page_facts *facts);
void verify_index_end(struct chunk_check *check);
/* Passes over the page that begins at check->offset and is lost, to the next page that the offset
 * index knows; false when there is none. */
CHECKED bool verify_index_jump(struct chunk_check *check);

#endif
