#include "base/duration.h"

#include <stddef.h>
#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

struct unit {
    const char *name;
    uint64_t ns;
};

static const struct unit units[] = {
    {"ms", SECOND_NS / 1000}, {"min", 60 * SECOND_NS}, {"m", 60 * SECOND_NS},
    {"s", SECOND_NS},         {"h", 3600 * SECOND_NS}, {"d", 86400 * SECOND_NS},
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* The unit at the start of text; longer names stand first in the table. */
static const struct unit *find_unit(const char *text)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strncmp(text, units[i].name, strlen(units[i].name)) == 0)
            return &units[i];
    return NULL;
}

/* Digits before the dot; the sum stays below 2^63. */
static bool add_whole(const char *digits, size_t count, uint64_t unit, uint64_t *total)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(whole, (uint64_t)10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(digits[i] - '0'), &whole))
            return false;
    return !__builtin_mul_overflow(whole, unit, &whole) &&
           !__builtin_add_overflow(*total, whole, total) && *total <= INT64_MAX;
}

/* Digits behind the dot: less than one unit, so nothing overflows. */
static uint64_t fraction(const char *digits, size_t count, uint64_t unit)
{
    uint64_t ns = 0;
    for (size_t i = 0; i < count && unit > 0; i++) {
        unit /= 10;
        ns += (uint64_t)(digits[i] - '0') * unit;
    }
    return ns;
}

/* One number with its unit; moves text behind it. */
static bool add_piece(const char **text, uint64_t *total)
{
    const char *whole = *text, *at = whole;
    while (is_digit(*at))
        at++;
    size_t whole_count = (size_t)(at - whole);
    const char *behind = *at == '.' ? ++at : at;
    while (is_digit(*at))
        at++;
    size_t fraction_count = (size_t)(at - behind);
    const struct unit *unit = find_unit(at);
    bool seconds = unit == NULL && *at == '\0' && *total == 0;
    if (whole_count + fraction_count == 0 || (unit == NULL && !seconds))
        return false;
    uint64_t ns = seconds ? SECOND_NS : unit->ns;
    if (!add_whole(whole, whole_count, ns, total))
        return false;
    *total += fraction(behind, fraction_count, ns);
    *text = seconds ? at : at + strlen(unit->name);
    return *total <= INT64_MAX;
}

bool duration_parse(const char *text, uint64_t *ret)
{
    uint64_t total = 0;
    do {
        if (!add_piece(&text, &total))
            return false;
    } while (*text != '\0');
    *ret = total;
    return true;
}
