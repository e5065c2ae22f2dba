/*
 * The sum's filter: parsed before anything is read, held against the columns' types before any row
 * is.
 */
#ifndef WEIR_SUM_WHERE_H
#define WEIR_SUM_WHERE_H

#include "sum/sum_int.h"

/* Parses options.where; errors show the place in the text. */
CHECKED enum error_code sum_parse_where(struct sum *sum, struct error *error);

/* Binds the filter to columns of these types, one a column of the filter. */
CHECKED enum error_code sum_bind_where(const struct sum *sum, const struct column_type *types,
                                       struct mem_arena *arena, struct bound_filter **ret,
                                       struct error *error);

/* Whether literals mean something for the columns of the first file. */
CHECKED enum error_code sum_check_where(struct sum *sum, struct error *error);
#endif
