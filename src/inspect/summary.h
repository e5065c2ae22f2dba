/*
 * What the values of a column add up to: count, nulls, exact sum, minimum and maximum, found by
 * decoding every value once, in memory that does not depend on the file's length.
 *
 * Sums are exact: integers and decimals of any length as wide integers; floats over their finite
 * values, rounded once. NaN has no part in minimum and maximum, infinities have. Text is kept to
 * its first SUMMARY_TEXT_BYTES bytes.
 *
 * A digest proves every value and not only the sums. It is the SHA-256 of one token and a newline a
 * row: null "~"; integers, dates, times and decimals (without their scale) in decimal digits;
 * booleans 0 or 1; floats their IEEE 754 bits as 4, 8 or 16 hexadecimal digits, any NaN "nan"; all
 * others their bytes in hexadecimal. INT96 counts as nanoseconds since 1970.
 */
#ifndef WEIR_INSPECT_SUMMARY_H
#define WEIR_INSPECT_SUMMARY_H

#include "parquet/metadata.h"

#define SUMMARY_TEXT_BYTES 32

enum summary_kind {
    SUMMARY_NULL, /* of the type that has no values: all rows count as null */
    SUMMARY_BOOL,
    SUMMARY_INT,
    SUMMARY_FLOAT,
    SUMMARY_DECIMAL,
    SUMMARY_DATE,
    SUMMARY_TIME,
    SUMMARY_TIMESTAMP,
    SUMMARY_BYTES /* text, binary, UUID, interval */
};

/* A value twice, or twice NULL where there is none. */
struct summary_value {
    const char *exact; /* digits as in a token, decimals with their point, floats as the shortest
                          digits that read back (1.0, 1e-05), bytes in hexadecimal */
    const char *shown; /* as people have it; NULL where a sum means nothing (dates) */
};

struct column_summary {
    enum summary_kind kind;
    uint64_t count; /* values that are not null */
    uint64_t nulls;
    uint64_t nans, infinities, negative_infinities; /* of floats */
    struct summary_value sum, minimum, maximum;     /* no sum of bytes, none beyond a double */
    char digest[65]; /* empty: not asked for, or more than the column's size on disk makes likely */
};

/* "int", "float", ... */
const char *summary_kind_name(enum summary_kind kind);

/* What a column of the type would be. */
enum summary_kind summary_kind_of(const struct column_type *type);

/* "s", "ms", "us", "ns": of times and timestamps as they are counted; NULL for other kinds. */
const char *summary_unit_name(const struct column_type *type);

/*
 * Sums up a flat column (its index in metadata->columns). Pages are held in the account, which must
 * have room for the largest; the texts of the result in the arena. ERROR_UNSUPPORTED where the
 * column cannot be read.
 */
CHECKED enum error_code summarize_column(const struct store_object *object,
                                         const struct parquet_metadata *metadata, uint32_t column,
                                         bool digest, struct mem_account *account,
                                         struct mem_arena *arena, struct column_summary *ret,
                                         struct error *error);

/*
 * Decodes the values of a nested field as summarize_column does, and drops them: damage is found
 * that would be in a flat column. Where weir cannot read them, their pages' headers are gone
 * through.
 */
CHECKED enum error_code summary_check_nested(const struct store_object *object,
                                             const struct parquet_metadata *metadata,
                                             const struct parquet_field *field,
                                             struct mem_account *account, struct error *error);

#endif
