/*
 * Holds a Parquet file against its own words: everything that can be wrong with it, not only the
 * first thing.
 *
 * Every page of every column is decoded, and what footer, page headers, page index and bloom
 * filters say is held against the values. Of columns that cannot be read the headers, sizes,
 * checksums and page locations are looked at, but no values; of repeated ones not how their values
 * make up rows.
 *
 * A problem is a contradiction to the format; a note is a habit of writers that misleads no
 * reader. A damaged page is passed over and the next one looked at. Memory: a page reader's, a
 * chunk's page index and bloom filter, and the longest bounds.
 */
#ifndef WEIR_INSPECT_VERIFY_H
#define WEIR_INSPECT_VERIFY_H

#include "parquet/metadata.h"

struct verify_finding {
    bool note;          /* else a problem */
    const char *about;  /* "page", "statistics", "sizes", "offset index", ... */
    int64_t row_group;  /* this and the next ones ERROR_NO_PLACE, NULL where they do not apply */
    const char *column; /* its path */
    int64_t page;       /* number of the data page in its chunk, from zero */
    int64_t offset;     /* bytes from the start of the file */
    const char *what;   /* a sentence without a final dot */
};

/* Called for each finding as it is made; finding lives until the call ends. */
typedef void verify_report(void *context, const struct verify_finding *finding);

/* Findings of either kind that are reported; what is beyond is only counted. */
#define VERIFY_MOST_REPORTED 1000

struct verify_totals {
    uint64_t problems;
    uint64_t notes;
    uint64_t pages;          /* pages met, dictionaries included */
    uint64_t rows;           /* of the file */
    uint32_t columns;        /* flat ones, whose values were looked at */
    uint32_t nested_columns; /* leaves of nested fields */
    uint64_t unread_chunks;  /* whose values could not be looked at */
};

/*
 * Looks a whole file over. Fails only where that cannot go on: reading the file fails, a signal
 * came, or memory for the verification itself is missing. A page that needs too much memory is a
 * problem of that page.
 */
CHECKED enum error_code inspect_verify(const struct store_object *object,
                                       const struct parquet_metadata *metadata,
                                       struct mem_account *account, verify_report *report,
                                       void *context, struct verify_totals *ret,
                                       struct error *error);

#endif
