#include "base/suggest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static size_t bounded_length(const char *text)
{
    return strnlen(text, SUGGEST_LONGEST);
}

unsigned suggest_distance(const char *a, const char *b)
{
    unsigned rows[3][SUGGEST_LONGEST + 1]; /* row i and the two before it */
    size_t height = bounded_length(a), width = bounded_length(b);
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= height; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= width; j++) {
            row[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(row[j], smaller(before[j], row[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped)
                row[j] = smaller(row[j], earlier[j - 2] + 1);
        }
    }
    return rows[height % 3][width];
}

struct suggest suggest_begin(const char *wrong)
{
    return (struct suggest){wrong, NULL, bounded_length(wrong) < 3 ? 2 : 3};
}

/* A distance is at least the difference of the lengths, which costs less to find. */
static bool is_too_long_or_short(const struct suggest *suggest, const char *name)
{
    size_t wrong = bounded_length(suggest->wrong), length = bounded_length(name);
    return (wrong > length ? wrong - length : length - wrong) >= suggest->distance;
}

void suggest_try(struct suggest *suggest, const char *name)
{
    size_t length = strlen(suggest->wrong);
    bool begins = length >= 3 && strncmp(name, suggest->wrong, length) == 0;
    if (!begins && is_too_long_or_short(suggest, name))
        return;
    unsigned distance = suggest_distance(suggest->wrong, name);
    if (begins)
        distance = smaller(distance, 1);
    if (distance < suggest->distance && distance < bounded_length(name)) {
        suggest->distance = distance;
        suggest->name = name;
    }
}

const char *suggest_nearest(const char *wrong, const char *const *names)
{
    struct suggest suggest = suggest_begin(wrong);
    for (; *names != NULL; names++)
        suggest_try(&suggest, *names);
    return suggest.name;
}

void suggest_ask_back(struct error *error, const char *before, const char *name)
{
    size_t used = strlen(error->what);
    snprintf(error->what + used, sizeof error->what - used, "; did you mean %s%s?", before, name);
}

void suggest_choice(const char *wrong, const char *const *choices, struct error *error)
{
    const char *near = suggest_nearest(wrong, choices);
    char all[256] = "";
    size_t used = 0;
    for (const char *const *choice = choices; *choice != NULL && used < sizeof all; choice++)
        used +=
            (size_t)snprintf(all + used, sizeof all - used, "%s%s", used > 0 ? ", " : "", *choice);
    if (near != NULL)
        suggest_ask_back(error, "", near);
    error_hint(error, "one of %s", all);
}
