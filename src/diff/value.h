/*
 * Compares two values of one column: how is decided once a column, by the two types.
 */
#ifndef WEIR_DIFF_VALUE_H
#define WEIR_DIFF_VALUE_H

#include "base/error.h"
#include "column/column.h"

enum diff_method {
    DIFF_NEVER, /* one side has only NULLs: values that are there differ */
    DIFF_BYTES, /* equal or not */
    DIFF_TIMES, /* timestamps of two units: equal or not */
    DIFF_INTEGERS,
    DIFF_FLOATS,
    DIFF_DECIMALS, /* a decimal against a decimal or an integer */
    DIFF_MIXED     /* a float against an integer or a decimal */
};

struct diff_value_pair {
    enum diff_method method;
    bool same_type;
    struct column_type left;
    struct column_type right;
};

struct diff_value_result {
    bool identical;
    double difference; /* 0 where identical; infinity where there is no number to give */
};

/* False: values of these types cannot be compared. */
CHECKED bool diff_value_pair_of(const struct column_type *left, const struct column_type *right,
                                struct diff_value_pair *ret);

/* NULL pointers are NULLs. */
struct diff_value_result diff_value_compare(const struct diff_value_pair *pair, const void *left,
                                            const void *right);

bool diff_is_float_or_decimal(const struct column_type *type);

/* Integers of any width; times are none. */
bool diff_is_integer(const struct column_type *type);

/* Both are timestamps of one kind (of a time zone or not), of whatever unit. */
bool diff_are_timestamps(const struct column_type *a, const struct column_type *b);

/* An integer as it is, a timestamp in nanoseconds. */
__int128 diff_value_integer(const struct column_type *type, const void *value);

#endif
