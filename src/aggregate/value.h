/*
 * A value column and what is wanted of it: decided once from the first file, read-only afterwards.
 */
#ifndef WEIR_AGGREGATE_VALUE_H
#define WEIR_AGGREGATE_VALUE_H

#include "aggregate/aggregate.h"
#include "base/error.h"
#include "column/column.h"
#include "exact/extrema.h"
#include "exact/integers.h"

enum value_arithmetic {
    VALUE_NO_SUM, /* text, dates: only counted or compared */
    VALUE_DOUBLE,
    VALUE_FLOAT,
    VALUE_HALF,   /* FLOAT16: widened to floats */
    VALUE_INTEGER /* integers, booleans and decimals */
};

struct aggregate_value {
    const char *name;
    uint32_t column; /* in the first file */
    struct column_type type;
    enum value_arithmetic arithmetic;
    enum integer_source source; /* of VALUE_INTEGER */
    unsigned words;             /* of VALUE_INTEGER */
    bool comparable;
    enum extrema_kind extrema;
    uint32_t width; /* bytes a value in the tile */
    bool widened;   /* decimals of any length in byte arrays: brought to the width first */
    bool wants_sum, wants_minimum, wants_maximum; /* a mean wants the sum */
    bool wants_count;                             /* so does a mean */
};

/* Finds out what can be done with a column of this type. */
void aggregate_value_init(struct aggregate_value *value, const char *name, uint32_t column,
                          const struct column_type *type);

/*
 * Notes that an aggregate wants this value and makes the field of its result; ERROR_UNSUPPORTED
 * where the function means nothing for the type. source: the input's field, for what min and max
 * keep.
 */
CHECKED enum error_code aggregate_value_want(struct aggregate_value *value,
                                             const struct aggregate *aggregate,
                                             const struct column_field *source,
                                             struct column_field *ret, struct error *error);

/* Accumulator bytes a key takes beside the exact tile. */
size_t aggregate_value_key_bytes(const struct aggregate_value *value);
#endif
