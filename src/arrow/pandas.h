/*
 * pandas' metadata: the JSON under "pandas" that says which columns are the index and what dtypes
 * were.
 */
#ifndef WEIR_ARROW_PANDAS_H
#define WEIR_ARROW_PANDAS_H

#include "column/column.h"
#include "mem/mem.h"

/*
 * Rewrites value for the fields that a result has: entries of columns kept are kept, new columns
 * get theirs, an index stays where its columns are kept; a range index stays only if row_count is
 * still its length. Appends nothing and succeeds when value is not understood.
 */
CHECKED enum error_code pandas_metadata_rewrite(const char *value, size_t value_size,
                                                const struct column_field *fields,
                                                uint32_t field_count, uint64_t row_count,
                                                struct mem_buffer *ret, struct error *error);
#endif
