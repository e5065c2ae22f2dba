/*
 * Columns: what a column is (struct column_type), and how values travel between rooms
 * (struct column_slice).
 *
 * Types are Parquet's: a physical type, which says how values lie in memory, and a logical type,
 * which says what they mean. A slice is a run of rows of one column, as it comes out of a page:
 * the values that are there stand densely, one behind the other, in the physical type's layout;
 * which rows have one is told by one byte a row. Whoever made a slice owns its memory and says how
 * long it lives (as a rule: until the next slice is asked for).
 */
#ifndef WEIR_COLUMN_COLUMN_H
#define WEIR_COLUMN_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers are those of the format's Type enum. */
enum column_physical {
    COLUMN_BOOLEAN = 0, /* uint8_t, 0 or 1 */
    COLUMN_INT32 = 1,
    COLUMN_INT64 = 2,
    COLUMN_INT96 = 3, /* 12 bytes: nanoseconds of the day, then Julian day */
    COLUMN_FLOAT = 4,
    COLUMN_DOUBLE = 5,
    COLUMN_BYTE_ARRAY = 6, /* struct column_bytes */
    COLUMN_FIXED = 7       /* type_length bytes a value; decimals big-endian, as in the format */
};

enum column_logical {
    COLUMN_PLAIN = 0, /* no annotation: the physical type says all */
    COLUMN_STRING,
    COLUMN_ENUM,
    COLUMN_JSON,
    COLUMN_BSON,
    COLUMN_UUID,
    COLUMN_DECIMAL,   /* precision, scale */
    COLUMN_DATE,      /* days since 1970 in INT32 */
    COLUMN_TIME,      /* unit, utc_adjusted */
    COLUMN_TIMESTAMP, /* unit, utc_adjusted */
    COLUMN_INTEGER,   /* bit_width, is_signed */
    COLUMN_FLOAT16,
    COLUMN_INTERVAL,
    COLUMN_UNKNOWN /* always null */
};

enum column_unit { COLUMN_SECONDS, COLUMN_MILLISECONDS, COLUMN_MICROSECONDS, COLUMN_NANOSECONDS };

struct column_type {
    enum column_physical physical;
    enum column_logical logical;
    uint32_t type_length; /* bytes a value of COLUMN_FIXED, else 0 */
    enum column_unit unit;
    bool utc_adjusted;
    bool is_signed;    /* of COLUMN_INTEGER */
    uint8_t bit_width; /* of COLUMN_INTEGER */
    int32_t precision; /* of COLUMN_DECIMAL */
    int32_t scale;
};

/*
 * What Arrow's schema says beyond Parquet's types, kept so that a result reads back as its input
 * did. All zero: nothing to say.
 */
enum column_arrow_kind {
    COLUMN_ARROW_DEFAULT = 0,
    COLUMN_ARROW_LARGE, /* large_string, large_binary */
    COLUMN_ARROW_VIEW,  /* string_view, binary_view */
    COLUMN_ARROW_DATE64,
    COLUMN_ARROW_DURATION, /* unit in arrow_unit */
    COLUMN_ARROW_SECONDS   /* timestamp or time in seconds, stored as milliseconds */
};

struct column_arrow {
    enum column_arrow_kind kind;
    enum column_unit unit;
    bool dictionary; /* dictionary-encoded (categorical) */
    bool dictionary_ordered;
    uint8_t index_bits; /* of the dictionary's index type: 8, 16, 32, 64 */
    bool index_signed;
    uint16_t decimal_bits; /* 32, 64, 128, 256; 0: as the precision asks for */
    char timezone[64];     /* "UTC", "Europe/Berlin", or empty */
};

/* A named column. name is borrowed from whoever made the field. */
struct column_field {
    const char *name;
    struct column_type type;
    bool nullable;
    struct column_arrow arrow;
};

/* One value of COLUMN_BYTE_ARRAY. */
struct column_bytes {
    const uint8_t *data;
    uint32_t size;
};

struct column_slice {
    uint32_t row_count;
    uint32_t value_count;   /* rows that have a value */
    const uint8_t *present; /* row_count bytes, 1 where there is a value; NULL: every row has one */
    const void *values;     /* value_count values, dense; may lie at any address (unaligned) */
};

/* Rows of several columns side by side; all slices have row_count rows. */
struct column_batch {
    uint32_t row_count;
    uint32_t column_count;
    const struct column_field *fields;
    const struct column_slice *slices;
};

/* Bytes a value takes in a slice: 1 for booleans, 16 for byte arrays (struct column_bytes). */
size_t column_value_size(const struct column_type *type);

bool column_type_equal(const struct column_type *a, const struct column_type *b);

/* "timestamp[us, UTC]", "decimal(12, 2)", "int64", "string": for people and for error messages. */
char *column_type_describe(const struct column_type *type, char *buffer, size_t size);

/*
 * One value as text, as CSV and people have it: ISO 8601 dates and times (UTC marked by Z),
 * decimals with their scale, shortest digits that read back for floats ("nan", "inf"), lower-case
 * hex for binary, UTF-8 text as it is. Returns the length it needs; writes at most size - 1 bytes
 * and a NUL.
 */
size_t column_value_format(const struct column_type *type, const void *value, char *buffer,
                           size_t size);

/*
 * Order of two values of one type, as the format's column order has it: <0, 0, >0. Unsigned
 * integers, signed decimals in fixed bytes, unsigned bytes for text; for floats -0 equals 0 and NaN
 * is the greatest and equals itself; INT96 by time.
 */
int column_value_compare(const struct column_type *type, const void *a, const void *b);

#endif
