#include <string.h>

#include "key/cast_kinds.h"

#define DAY_SECONDS  INT64_C(86400)
#define DAY_NS       (DAY_SECONDS * INT64_C(1000000000))
#define JULIAN_EPOCH INT64_C(2440588) /* the Julian day of 1970-01-01 */

static bool is_date(const struct column_type *type)
{
    return type->logical == COLUMN_DATE;
}

/* INT96 has no zone; like everything else that reads it, it is taken as local. */
static bool is_int96(const struct column_type *type)
{
    return type->physical == COLUMN_INT96;
}

static bool is_moment(const struct column_type *type)
{
    return type->logical == COLUMN_TIMESTAMP || is_date(type) || is_int96(type);
}

static bool is_utc(const struct column_type *type)
{
    return !is_date(type) && !is_int96(type) && type->utc_adjusted;
}

/* A date asks for no unit: its midnight is exact in each. */
static enum column_unit unit_of(const struct column_type *type)
{
    if (is_int96(type))
        return COLUMN_NANOSECONDS;
    return is_date(type) ? COLUMN_SECONDS : type->unit;
}

static bool fits_time_of_day(const struct column_type *a, const struct column_type *b)
{
    return a->logical == COLUMN_TIME && b->logical == COLUMN_TIME;
}

bool cast_unify_times(const struct column_type *a, const struct column_type *b,
                      struct column_type *ret)
{
    bool moments = is_moment(a) && is_moment(b);
    if ((!moments && !fits_time_of_day(a, b)) || is_utc(a) != is_utc(b))
        return false;
    enum column_unit unit = unit_of(a) > unit_of(b) ? unit_of(a) : unit_of(b);
    bool narrow = !moments && unit <= COLUMN_MILLISECONDS;
    *ret = (struct column_type){.physical = narrow ? COLUMN_INT32 : COLUMN_INT64,
                                .logical = moments ? COLUMN_TIMESTAMP : COLUMN_TIME,
                                .unit = unit,
                                .utc_adjusted = is_utc(a)};
    return true;
}

int64_t cast_time_factor(const struct column_type *from, const struct column_type *to)
{
    bool timed = to->logical == COLUMN_TIME || to->logical == COLUMN_TIMESTAMP;
    if (!timed)
        return 1;
    int64_t factor = is_date(from) ? DAY_SECONDS : 1;
    for (unsigned unit = unit_of(from); unit < (unsigned)to->unit; unit++)
        factor *= 1000;
    return factor;
}

bool cast_int96(const uint8_t *value, int64_t *ret)
{
    int64_t nanoseconds;
    uint32_t julian;
    memcpy(&nanoseconds, value, sizeof nanoseconds);
    memcpy(&julian, value + sizeof nanoseconds, sizeof julian);
    __int128 time = (__int128)((int64_t)julian - JULIAN_EPOCH) * DAY_NS + nanoseconds;
    *ret = (int64_t)time;
    return *ret == time;
}
