#include "column/text.h"

#include <string.h>

#define SECONDS_A_DAY 86400
/* 1970-01-01 as a Julian day. */
#define JULIAN_EPOCH 2440588

/* How a unit divides a second. */
struct fraction {
    int64_t a_second;
    unsigned digits;
};

static struct fraction fraction_of(enum column_unit unit)
{
    switch (unit) {
    case COLUMN_MILLISECONDS:
        return (struct fraction){1000, 3};
    case COLUMN_MICROSECONDS:
        return (struct fraction){1000000, 6};
    case COLUMN_NANOSECONDS:
        return (struct fraction){1000000000, 9};
    case COLUMN_SECONDS:
        break;
    }
    return (struct fraction){1, 0};
}

/* Division that rounds down, so that the rest is never negative. */
static int64_t divide_down(int64_t value, int64_t by, int64_t *ret_rest)
{
    int64_t quotient = value / by;
    int64_t rest = value % by;
    if (rest < 0) {
        rest += by;
        quotient--;
    }
    *ret_rest = rest;
    return quotient;
}

/*
 * Proleptic Gregorian calendar. Days are counted from 1 March of year 0 in cycles of 400 years, so
 * that the leap day is the last of its year and months have lengths 31 30 31 30 31, again and
 * again.
 */
void text_date(struct text *text, int64_t days)
{
    int64_t day; /* of the cycle */
    int64_t cycle = divide_down(days + 719468, 146097, &day);
    int64_t year_of_cycle = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = cycle * 400 + year_of_cycle + (month <= 2 ? 1 : 0);
    if (year < 0 || year > 9999)
        text_char(text, year < 0 ? '-' : '+');
    text_padded(text, (uint64_t)(year < 0 ? -year : year), 4);
    text_char(text, '-');
    text_padded(text, (uint64_t)month, 2);
    text_char(text, '-');
    text_padded(text, (uint64_t)day_of_month, 2);
}

static void text_clock(struct text *text, uint64_t seconds, uint64_t fraction, unsigned digits)
{
    text_padded(text, seconds / 3600, 2);
    text_char(text, ':');
    text_padded(text, seconds / 60 % 60, 2);
    text_char(text, ':');
    text_padded(text, seconds % 60, 2);
    if (fraction != 0) {
        text_char(text, '.');
        text_padded(text, fraction, digits);
    }
}

void text_time(struct text *text, int64_t value, const struct column_type *type)
{
    struct fraction fraction = fraction_of(type->unit);
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    uint64_t a_second = (uint64_t)fraction.a_second;
    if (value < 0)
        text_char(text, '-');
    text_clock(text, size / a_second, size % a_second, fraction.digits);
    if (type->utc_adjusted)
        text_char(text, 'Z');
}

void text_timestamp(struct text *text, int64_t value, const struct column_type *type)
{
    struct fraction fraction = fraction_of(type->unit);
    int64_t part, second;
    int64_t days =
        divide_down(divide_down(value, fraction.a_second, &part), SECONDS_A_DAY, &second);
    text_date(text, days);
    text_char(text, 'T');
    text_clock(text, (uint64_t)second, (uint64_t)part, fraction.digits);
    if (type->utc_adjusted)
        text_char(text, 'Z');
}

void int96_split(const uint8_t value[static 12], int64_t *ret_days, int64_t *ret_nanoseconds)
{
    int64_t nanoseconds;
    uint32_t julian;
    memcpy(&nanoseconds, value, sizeof nanoseconds);
    memcpy(&julian, value + sizeof nanoseconds, sizeof julian);
    int64_t rest;
    int64_t extra = divide_down(nanoseconds, SECONDS_A_DAY * INT64_C(1000000000), &rest);
    *ret_days = (int64_t)julian - JULIAN_EPOCH + extra;
    *ret_nanoseconds = rest;
}

void text_int96(struct text *text, const uint8_t value[static 12])
{
    int64_t days, nanoseconds;
    int96_split(value, &days, &nanoseconds);
    text_date(text, days);
    text_char(text, 'T');
    text_clock(text, (uint64_t)(nanoseconds / 1000000000), (uint64_t)(nanoseconds % 1000000000), 9);
}

void text_interval(struct text *text, const uint8_t value[static 12])
{
    uint32_t months, days, milliseconds;
    memcpy(&months, value, sizeof months);
    memcpy(&days, value + 4, sizeof days);
    memcpy(&milliseconds, value + 8, sizeof milliseconds);
    text_char(text, 'P');
    text_unsigned(text, months);
    text_char(text, 'M');
    text_unsigned(text, days);
    text_string(text, "DT");
    text_unsigned(text, milliseconds / 1000);
    if (milliseconds % 1000 != 0) {
        text_char(text, '.');
        text_padded(text, milliseconds % 1000, 3);
    }
    text_char(text, 'S');
}
