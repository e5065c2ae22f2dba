/*
 * Aggregates: what is computed of a value column for each key, and the accumulators it takes.
 *
 * value.h decides from a column's type what can be done with it; value_tile.h holds the
 * accumulators of one column for a run of keys. Neither knows where values or keys come from.
 */
#ifndef WEIR_AGGREGATE_AGGREGATE_H
#define WEIR_AGGREGATE_AGGREGATE_H

enum aggregate_function {
    AGGREGATE_SUM,
    AGGREGATE_COUNT,      /* rows whose value is not NULL */
    AGGREGATE_COUNT_ROWS, /* count:* */
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_MEAN
};

/* Strings are borrowed. */
struct aggregate {
    enum aggregate_function function;
    const char *column; /* NULL for AGGREGATE_COUNT_ROWS */
    const char *name;   /* of the result column */
};

#endif
