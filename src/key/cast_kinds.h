/*
 * What the casts are made of: one way of unifying and one of casting for each family of types.
 *
 * Private to the files cast*.c. A way of unifying is asked with types that are not equal and gives
 * false where they are not of its family. A way of casting returns how many values it got through.
 */
#ifndef WEIR_KEY_CAST_KINDS_H
#define WEIR_KEY_CAST_KINDS_H

#include "key/cast.h"

/* INT32 and INT64 that are numbers: no dates, no decimals. */
bool cast_is_integer(const struct column_type *type);
bool cast_is_unsigned(const struct column_type *type);
/* FLOAT16, FLOAT, DOUBLE. */
bool cast_is_float(const struct column_type *type);
bool cast_is_decimal(const struct column_type *type);

bool cast_unify_integers(const struct column_type *a, const struct column_type *b,
                         struct column_type *ret);
bool cast_unify_floats(const struct column_type *a, const struct column_type *b,
                       struct column_type *ret);
bool cast_unify_decimals(const struct column_type *a, const struct column_type *b,
                         struct column_type *ret);
bool cast_unify_times(const struct column_type *a, const struct column_type *b,
                      struct column_type *ret);

/* Integers, dates, times, timestamps and INT96, to an integer, a time, or a double. */
size_t cast_integers(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
    CHECKED;
size_t cast_floats(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
    CHECKED;
/* Decimals and integers to decimals. */
size_t cast_decimals(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
    CHECKED;

/* How many of one unit of a date or time are one of another, finer one; days for a date. */
int64_t cast_time_factor(const struct column_type *from, const struct column_type *to);
/* Nanoseconds since 1970 of INT96; false: beyond 64 bits. */
CHECKED bool cast_int96(const uint8_t *value, int64_t *ret);

#endif
