/*
 * Columns of a file found by the names that the sum knows them by, renamed ones included.
 */
#ifndef WEIR_SUM_MATCH_H
#define WEIR_SUM_MATCH_H

#include "sum/sum_int.h"

/* A column by its name in the sum; where a file has none of that name, by one that --rename gives.
 */
CHECKED enum error_code sum_find_column(const struct sum *sum,
                                        const struct parquet_metadata *metadata, const char *name,
                                        uint32_t *ret, struct error *error);

/* The kept columns: keys, values, then those of the filter. ret: sum_kept_columns entries. */
CHECKED enum error_code sum_match_columns(const struct sum *sum,
                                          const struct parquet_metadata *metadata, uint32_t *ret,
                                          struct error *error);
#endif
