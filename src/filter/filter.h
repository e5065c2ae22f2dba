/*
 * Filters: which rows take part (--where).
 *
 *   filter     = or
 *   or         = and {"or" and}
 *   and        = not {"and" not}
 *   not        = ["not"] condition
 *   condition  = "(" or ")"
 *              | column comparison literal | literal comparison column
 *              | column ["not"] "in" "(" literal {"," literal} ")"
 *              | column ["not"] "between" literal "and" literal
 *              | column "is" ["not"] "null"
 *              | column                                               (of booleans)
 *   comparison = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">="
 *   literal    = -1.5e3 | 'text' | true | false | date | time | date "T" time
 *   date       = 2025-01-01
 *   time       = 12:30 | 12:30:00 | 12:30:00.5, each also with Z or +02:00 behind a date
 *   column     = a name of letters, digits, "_", "." and "$", or "any name" (a quote in it doubled)
 *
 * Words are case-insensitive, columns are not. A blank may stand for the T. A text may stand for a
 * date, a time, a number, 'nan', 'inf', a UUID, where the column asks for one.
 *
 * As in SQL a comparison with NULL is neither true nor false, and a row is taken only when the
 * whole is true. Numbers, dates and times compare by value, exactly, whatever the column's width
 * and unit; beside floats, halves and doubles a number means the double nearest to it. NaN is
 * greater than all numbers and equals itself, -0 equals 0, as in column_value_compare. Text
 * compares by its bytes. Of a column in UTC a literal without Z is in UTC; a Z beside a column of
 * local times is an error.
 *
 * A parsed filter knows names only; filter_bind says what its literals mean for columns of given
 * types. Both live in their arenas, are read-only once made, and free-threaded.
 */
#ifndef WEIR_FILTER_FILTER_H
#define WEIR_FILTER_FILTER_H

#include "column/column.h"
#include "mem/mem.h"

#define FILTER_TEXT_MOST    ((size_t)64 << 10) /* bytes of an expression */
#define FILTER_DEPTH_MOST   100                /* parentheses and "not" within each other */
#define FILTER_COLUMNS_MOST 1000
#define FILTER_ROWS_MOST    4096 /* in one call of filter_select */

struct filter;

/* ERROR_USAGE says what is wrong; then *ret_offset is the byte of the text at which it stands. */
CHECKED enum error_code filter_parse(const char *text, struct mem_arena *arena, struct filter **ret,
                                     size_t *ret_offset, struct error *error);

/* Distinct columns in order of appearance. */
uint32_t filter_column_count(const struct filter *filter);
const char *filter_column_name(const struct filter *filter, uint32_t column);
/* Where the column stands first in the text: for who finds that there is none of that name. */
size_t filter_column_offset(const struct filter *filter, uint32_t column);

struct bound_filter;

/*
 * types: one a column of the filter. ERROR_USAGE where a literal means nothing for its column (text
 * that is no number, a date against a decimal), naming both; then *ret_offset is as above. The
 * filter must outlive what is bound.
 */
CHECKED enum error_code filter_bind(const struct filter *filter, const struct column_type *types,
                                    struct mem_arena *arena, struct bound_filter **ret,
                                    size_t *ret_offset, struct error *error);

/*
 * selected[i] is set to 1 or 0 for row_count rows, at most FILTER_ROWS_MOST. slices: one a column
 * of the filter, each of row_count rows. Returns how many are 1. Takes up to 96 KiB of the stack.
 */
uint32_t filter_select(const struct bound_filter *filter, const struct column_slice *slices,
                       uint32_t row_count, uint8_t *selected);

/*
 * What is known of the values of a column in a run of rows.
 *
 * Single values (bounds, and what may_contain is asked for) stand as in a slice, except that those
 * of COLUMN_FIXED are struct column_bytes, too: bounds of texts may have been cut, or be longer.
 */
struct filter_facts {
    /* No value is beyond; NULL: not known. Of floats they say nothing about NaN. */
    const void *minimum, *maximum;
    bool has_nulls, has_values; /* false: there are surely none */
    /* All values there can be, dense as in a slice (a dictionary); NULL: not known. */
    const void *values;
    uint32_t value_count;
    /* Whether a value can be there (a Bloom filter); NULL: not known. */
    bool (*may_contain)(const void *context, const void *value);
    const void *context;
};

/* Nothing is known. */
#define FILTER_NO_FACTS ((struct filter_facts){.has_nulls = true, .has_values = true})

/* false: surely no row is taken. facts: one a column. */
bool filter_may_select(const struct bound_filter *filter, const struct filter_facts *facts);

/* Whether the filter asks for single values of a column (= and in), which a Bloom filter knows. */
bool filter_asks_for_values(const struct bound_filter *filter, uint32_t column);

/* Whether some test of the column has an answer that its facts leave open, so that knowing more of
 * its values (those of single pages, or a dictionary) could tell more. */
bool filter_is_open(const struct bound_filter *filter, uint32_t column,
                    const struct filter_facts *facts);

#endif
