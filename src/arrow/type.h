/*
 * The Arrow type of a field: Parquet's type with Arrow's extras.
 *
 * Private to the arrow room. Numbers are those of Schema.fbs.
 */
#ifndef WEIR_ARROW_TYPE_H
#define WEIR_ARROW_TYPE_H

#include "column/column.h"

enum arrow_type_id {
    ARROW_NONE = 0,
    ARROW_NULL = 1,
    ARROW_INT = 2,
    ARROW_FLOATING_POINT = 3,
    ARROW_BINARY = 4,
    ARROW_UTF8 = 5,
    ARROW_BOOL = 6,
    ARROW_DECIMAL = 7,
    ARROW_DATE = 8,
    ARROW_TIME = 9,
    ARROW_TIMESTAMP = 10,
    ARROW_FIXED_SIZE_BINARY = 15,
    ARROW_DURATION = 18,
    ARROW_LARGE_BINARY = 19,
    ARROW_LARGE_UTF8 = 20,
    ARROW_BINARY_VIEW = 23,
    ARROW_UTF8_VIEW = 24
};

enum arrow_date_unit { ARROW_DATE_DAY = 0, ARROW_DATE_MILLISECOND = 1 };
enum arrow_precision { ARROW_HALF = 0, ARROW_SINGLE = 1, ARROW_DOUBLE = 2 };

struct arrow_type {
    enum arrow_type_id id;
    uint32_t bit_width; /* of a value; 1 for booleans, 0 for text */
    bool is_signed;
    int unit; /* of dates, times, timestamps and durations; the precision of floats */
    int32_t precision;
    int32_t scale;
    const char *timezone;  /* borrowed from the field, or NULL */
    const char *extension; /* "arrow.uuid", or NULL */
};

/* The type that describes the field as its input had it. */
struct arrow_type arrow_type_of(const struct column_field *field);

/*
 * The type in which record batches carry the field: text with 32-bit offsets, no dictionaries,
 * decimals of 128 or 256 bits, and the unit in which the values are stored.
 */
struct arrow_type arrow_batch_type_of(const struct column_field *field);

#endif
