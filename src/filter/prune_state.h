/*
 * The parts of pruning. Private to the filter room.
 *
 * One struct column_knowledge a column of the filter gathers what is found of a row group, then of
 * its pages; facts, which view it, are handed to filter_may_select.
 */
#ifndef WEIR_FILTER_PRUNE_STATE_H
#define WEIR_FILTER_PRUNE_STATE_H

#include "filter/bound.h"
#include "filter/prune.h"
#include "parquet/bloom_filter.h"
#include "parquet/indexes.h"
#include "parquet/page_index.h"

/* A way through the pages of a chunk by its index, whose bytes it shares. */
struct page_walk {
    struct offset_index offsets;
    struct column_index summaries;
    uint64_t row_count;        /* of the row group */
    struct page_location page; /* the current one */
    struct page_summary summary;
    uint64_t end; /* row of the row group behind the current page */
    bool has_next;
    struct page_location next;
};

struct page_course {
    bool active; /* the chunk has an index that can be believed, and walk is at a page */
    struct offset_index offsets;
    struct column_index summaries;
    struct page_walk walk;
    bool taken; /* some row of the current page was */
};

struct column_knowledge {
    const struct parquet_column *column;
    const struct parquet_chunk *chunk;    /* of the row group at hand */
    struct column_bytes minimum, maximum; /* bounds of byte arrays and fixed bytes */
    /* The same of the whole chunk, while pages are gone through. */
    struct column_bytes chunk_minimum, chunk_maximum;
    struct filter_facts chunk_facts;
    struct bloom_filter bloom;
    struct page_course pages;
    struct parquet_page_reader *reader; /* of dictionaries; NULL until one is read */
};

struct pruner {
    const struct bound_filter *filter;
    const struct store_object *object;
    const struct parquet_metadata *metadata;
    uint64_t row_count;         /* of the row group at hand */
    struct mem_account account; /* of indexes and dictionaries, with its limit */
    size_t limit;
    uint32_t column_count;
    struct column_knowledge *columns;
    struct filter_facts *facts;
    struct row_ranges *ret;
    struct error *error;
};

enum bounds_verdict {
    BOUNDS_NONE,         /* not there, or they mean nothing: facts have none */
    BOUNDS_KNOWN,        /* facts view the bytes, and knowledge where those are texts */
    BOUNDS_CONTRADICTORY /* upside down */
};

/* Puts bounds into facts; either may be absent (data NULL). */
enum bounds_verdict prune_set_bounds(struct column_knowledge *knowledge,
                                     struct parquet_bytes minimum, struct parquet_bytes maximum,
                                     struct filter_facts *facts);

/* Whether two ranges of bounds have nothing in common; false where one is not known. */
bool prune_bounds_apart(const struct column_knowledge *knowledge, const struct filter_facts *a,
                        const struct filter_facts *b);

/* What the footer says of a chunk. */
void prune_chunk_facts(struct column_knowledge *knowledge, struct filter_facts *facts);

/*
 * An index that is of no use is passed over: ERROR_NONE for what may be wrong with one, the code of
 * anything else. error is a scratch one, whose content goes to the caller's in the latter case.
 */
CHECKED enum error_code prune_forgive(struct pruner *pruner, enum error_code code,
                                      const struct error *scratch);

/* The Bloom filter of a column that is asked for single values, where the chunk has one. */
CHECKED enum error_code prune_read_bloom(struct pruner *pruner, uint32_t column);

/* The dictionary of a chunk that is encoded by it whole, where it is a small part of the chunk. */
CHECKED enum error_code prune_read_dictionary(struct pruner *pruner, uint32_t column);

/* All pages of the row group, where some column has a page index: adds the rows that may be taken.
 * *ret_used is false, and nothing is added, where none has. */
CHECKED enum error_code prune_pages(struct pruner *pruner, uint64_t first_row, bool *ret_used);

/* Adds rows to the result. */
CHECKED enum error_code row_ranges_add(struct row_ranges *ranges, uint64_t begin, uint64_t end,
                                       struct error *error);

#endif
