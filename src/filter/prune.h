/*
 * Which rows of a file a filter can take at all: told by statistics, page index, Bloom filters and
 * dictionaries, without reading values.
 *
 * Nothing is believed that the format says cannot be: bounds of columns without a known order,
 * bounds with a NaN, deprecated bounds of unsigned or text columns, bounds that are upside down, an
 * index that contradicts its chunk; such facts are passed over. For floats a bound of 0 stands for
 * both zeros.
 */
#ifndef WEIR_FILTER_PRUNE_H
#define WEIR_FILTER_PRUNE_H

#include "filter/filter.h"
#include "parquet/metadata.h"

/* A run of rows of a file. */
struct row_range {
    uint64_t begin, end;
};

struct row_ranges {
    struct mem_buffer ranges; /* struct row_range, ascending, not touching */
    uint64_t row_count;       /* in them */
    uint32_t row_groups_passed_over, pages_passed_over;
    uint64_t bytes_read; /* of indexes and dictionaries */
};

void row_ranges_init(struct row_ranges *ranges, struct mem_account *account);
void row_ranges_release(struct row_ranges *ranges);

/* columns: of each column of the filter its index in metadata. dictionaries: whether they may be
 * read (limit bytes at most). */
CHECKED enum error_code filter_prune(const struct bound_filter *filter,
                                     const struct store_object *object,
                                     const struct parquet_metadata *metadata,
                                     const uint32_t *columns, struct mem_account *account,
                                     size_t limit, struct row_ranges *ret, struct error *error);
#endif
