/*
 * Dates and times as they are written. Private to the filter room.
 *
 * Sources: ISO 8601 for the forms, the proleptic Gregorian calendar for the days, as in
 * column_value_format.
 */
#ifndef WEIR_FILTER_MOMENT_H
#define WEIR_FILTER_MOMENT_H

#include "base/error.h"
#include <stdbool.h>

struct moment {
    int64_t days;        /* since 1970-01-01; 0 for a time alone */
    int64_t nanoseconds; /* of the day, below one day */
    bool beyond;         /* and a part of a nanosecond */
    bool zoned;          /* in UTC, told by Z or brought there by its offset */
};

/* "2025-01-01", "2025-01-01T12:30:00.5Z", with a blank for the T, "+12025-01-01"; false otherwise.
 */
CHECKED bool moment_parse(const char *text, size_t size, struct moment *ret);

/* "12:30", "12:30:00", "12:30:00.25Z". */
CHECKED bool moment_parse_time(const char *text, size_t size, struct moment *ret);

/* Whole units since 1970 of which a_second make a second, rounded down, and whether nothing is left
 * over. a_second 0: the unit is a day. */
__int128 moment_floor(const struct moment *moment, int64_t a_second, bool *ret_exact);

#endif
