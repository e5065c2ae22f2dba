/*
 * Which rows of a file a filter can take at all: told by statistics, page index, Bloom filters and
 * dictionaries, without reading values.
 *
 * Nothing is believed that the format says cannot be: bounds of columns without a known order,
 * bounds with a NaN, deprecated bounds of unsigned or text columns, bounds that are upside down, an
 * index that contradicts its chunk; such facts are passed over, and so is an index that is damaged,
 * of an unknown kind, or larger than the memory there is. For floats a bound of 0 stands for both
 * zeros, and no bound rules out NaN. What is read here costs a small part of what it saves: it is
 * read only of columns for which the statistics of the row group leave the answer open.
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
    uint32_t row_groups_passed_over;
    uint32_t pages_passed_over; /* of columns of the filter, in row groups that are not */
    uint64_t bytes_read;        /* of indexes and dictionaries */
};

void row_ranges_init(struct row_ranges *ranges, struct mem_account *account);
void row_ranges_release(struct row_ranges *ranges);

/*
 * Adds what is not ruled out to ret, which init made. columns: of each column of the filter its
 * index in metadata; all are flat. limit: bytes held at most for indexes and dictionaries at a
 * time; 0: none are read, statistics alone decide. Fails only where object cannot be read or ret
 * has no memory.
 */
CHECKED enum error_code filter_prune(const struct bound_filter *filter,
                                     const struct store_object *object,
                                     const struct parquet_metadata *metadata,
                                     const uint32_t *columns, struct mem_account *account,
                                     size_t limit, struct row_ranges *ret, struct error *error);
#endif
