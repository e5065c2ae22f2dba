/*
 * Filters: which rows take part (--where).
 *
 *   filter     = or ; or = and {"or" and} ; and = not {"and" not} ; not = ["not"] condition
 *   condition  = "(" or ")" | column comparison literal | literal comparison column
 *              | column ["not"] "in" "(" literal {"," literal} ")" | column "is" ["not"] "null"
 *              | column ["not"] "between" literal "and" literal | column        (a boolean column)
 *   comparison = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="
 *   literal    = number | 'text' | date (2025-01-01) | time stamp (2025-01-01T12:30:00.5, also with
 * a blank, Z allowed) | true | false column     = a name, or "any name" in double quotes (doubled
 * inside)
 *
 * Words are case-insensitive, columns are not. As in SQL a comparison with NULL is neither true nor
 * false, and a row is taken only when the whole is true. Numbers compare by value, exactly,
 * whatever the column's width; NaN is greater than all numbers and equals itself, as in
 * column_value_compare.
 *
 * A parsed filter knows names only; filter_bind says what its literals mean for columns of given
 * types. Both are read-only once made, and free-threaded.
 */
#ifndef WEIR_FILTER_FILTER_H
#define WEIR_FILTER_FILTER_H

#include "column/column.h"
#include "mem/mem.h"

struct filter;

/* ERROR_USAGE with the place in the text (a caret below it in the message's second line is for
 * the command line to draw: *ret_offset is set on failure). Depth and length are bounded. */
CHECKED enum error_code filter_parse(const char *text, struct mem_arena *arena, struct filter **ret,
                                     size_t *ret_offset, struct error *error);

/* Distinct columns in order of appearance. */
uint32_t filter_column_count(const struct filter *filter);
const char *filter_column_name(const struct filter *filter, uint32_t column);

struct bound_filter;

/* types: one a column of the filter. ERROR_USAGE where a literal means nothing for its column
 * ("text that is no number", a date against a decimal), naming both. */
CHECKED enum error_code filter_bind(const struct filter *filter, const struct column_type *types,
                                    struct mem_arena *arena, struct bound_filter **ret,
                                    struct error *error);

/* selected[i] is set to 1 or 0 for row_count rows (at most 4,096). slices: one a column. Returns
 * how many are 1. */
uint32_t filter_select(const struct bound_filter *filter, const struct column_slice *slices,
                       uint32_t row_count, uint8_t *selected);

/* What is known of the values of a column in a run of rows. Values are of the bound type, NULL:
 * not known. */
struct filter_facts {
    const void *minimum, *maximum; /* no value is beyond; may be truncated texts' bounds */
    bool has_nulls, has_values;    /* false: there are surely none */
    /* All values there can be, dense (a dictionary); NULL: not known. */
    const void *values;
    uint32_t value_count;
};

/* false: surely no row is taken. facts: one a column. */
bool filter_may_select(const struct bound_filter *filter, const struct filter_facts *facts);

#endif
