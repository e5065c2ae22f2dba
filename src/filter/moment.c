#include "filter/moment.h"

#include "base/cursor.h"

#define NANOSECONDS_A_SECOND INT64_C(1000000000)
#define SECONDS_A_DAY        INT64_C(86400)
#define NANOSECONDS_A_DAY    (SECONDS_A_DAY * NANOSECONDS_A_SECOND)
#define YEAR_DIGITS_MOST     6

static bool take(struct cursor *cursor, char c)
{
    bool is_there = cursor_left(cursor) > 0 && *cursor->at == (uint8_t)c;
    return is_there && cursor_skip(cursor, 1);
}

/* A number of least to most digits. */
static bool read_number(struct cursor *cursor, size_t least, size_t most, int64_t *ret)
{
    size_t count = 0;
    int64_t value = 0;
    for (; count < most && cursor_left(cursor) > 0; count++, cursor->at++) {
        if (*cursor->at < '0' || *cursor->at > '9')
            break;
        value = value * 10 + (*cursor->at - '0');
    }
    *ret = value;
    return count >= least;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static int64_t divide_down(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

/* Years are counted from March, so that a leap day is the last of its year. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t march_year = year - (month <= 2 ? 1 : 0);
    int64_t march_month = month <= 2 ? month + 9 : month - 3;
    int64_t leap_days =
        divide_down(march_year, 4) - divide_down(march_year, 100) + divide_down(march_year, 400);
    return 365 * march_year + leap_days + (153 * march_month + 2) / 5 + day - 1 - 719468;
}

static bool read_date(struct cursor *cursor, int64_t *ret_days)
{
    int64_t year, month, day;
    bool negative = take(cursor, '-');
    if (!negative)
        (void)take(cursor, '+');
    if (!read_number(cursor, 4, YEAR_DIGITS_MOST, &year) || !take(cursor, '-') ||
        !read_number(cursor, 2, 2, &month) || !take(cursor, '-') ||
        !read_number(cursor, 2, 2, &day))
        return false;
    year = negative ? -year : year;
    if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    *ret_days = days_since_1970(year, month, day);
    return true;
}

/* Digits behind the point; those behind the ninth only tell whether anything is there. */
static bool read_fraction(struct cursor *cursor, struct moment *moment)
{
    int64_t weight = NANOSECONDS_A_SECOND / 10;
    size_t count = 0;
    for (; cursor_left(cursor) > 0 && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        moment->nanoseconds += (*cursor->at - '0') * weight;
        moment->beyond = moment->beyond || (weight == 0 && *cursor->at != '0');
        weight /= 10;
        count++;
    }
    return count > 0;
}

static bool read_clock(struct cursor *cursor, struct moment *moment)
{
    int64_t hour, minute, second = 0;
    bool has_seconds = false;
    if (!read_number(cursor, 1, 2, &hour) || !take(cursor, ':') ||
        !read_number(cursor, 2, 2, &minute))
        return false;
    if (take(cursor, ':')) {
        has_seconds = true;
        if (!read_number(cursor, 2, 2, &second))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    moment->nanoseconds = ((hour * 60 + minute) * 60 + second) * NANOSECONDS_A_SECOND;
    return !has_seconds || !take(cursor, '.') || read_fraction(cursor, moment);
}

/* Moves a moment by an offset, which is less than a day. */
static void shift(struct moment *moment, int64_t nanoseconds)
{
    moment->nanoseconds += nanoseconds;
    int64_t days = divide_down(moment->nanoseconds, NANOSECONDS_A_DAY);
    moment->days += days;
    moment->nanoseconds -= days * NANOSECONDS_A_DAY;
}

/* "Z", "+02:00", "-0530", or nothing. */
static bool read_zone(struct cursor *cursor, struct moment *moment)
{
    int64_t hours, minutes;
    if (cursor_left(cursor) == 0)
        return true;
    moment->zoned = true;
    if (take(cursor, 'Z') || take(cursor, 'z'))
        return true;
    bool behind = take(cursor, '-');
    if (!behind && !take(cursor, '+'))
        return false;
    if (!read_number(cursor, 2, 2, &hours))
        return false;
    (void)take(cursor, ':');
    if (!read_number(cursor, 2, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    int64_t offset = (hours * 60 + minutes) * 60 * NANOSECONDS_A_SECOND;
    shift(moment, behind ? offset : -offset);
    return true;
}

bool moment_parse(const char *text, size_t size, struct moment *ret)
{
    struct cursor cursor = cursor_over(text, size);
    struct moment moment = {0};
    if (!read_date(&cursor, &moment.days))
        return false;
    if (take(&cursor, 'T') || take(&cursor, 't') || take(&cursor, ' ')) {
        if (!read_clock(&cursor, &moment) || !read_zone(&cursor, &moment))
            return false;
    }
    *ret = moment;
    return cursor_left(&cursor) == 0;
}

bool moment_parse_time(const char *text, size_t size, struct moment *ret)
{
    struct cursor cursor = cursor_over(text, size);
    struct moment moment = {0};
    if (!read_clock(&cursor, &moment))
        return false;
    if (take(&cursor, 'Z') || take(&cursor, 'z'))
        moment.zoned = true;
    *ret = moment;
    return cursor_left(&cursor) == 0;
}

__int128 moment_floor(const struct moment *moment, int64_t a_second, bool *ret_exact)
{
    if (a_second == 0) {
        *ret_exact = moment->nanoseconds == 0 && !moment->beyond;
        return moment->days;
    }
    int64_t a_unit = NANOSECONDS_A_SECOND / a_second;
    *ret_exact = moment->nanoseconds % a_unit == 0 && !moment->beyond;
    return (__int128)moment->days * SECONDS_A_DAY * a_second + moment->nanoseconds / a_unit;
}
