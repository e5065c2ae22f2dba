#include "cli/suggest.h"

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

/* The best name so far; names that are no slip away never become it. */
struct nearest {
    const char *name;
    unsigned distance;
};

static struct nearest nearest_start(const char *wrong)
{
    size_t length = bounded_length(wrong);
    return (struct nearest){NULL, length < 3 ? 2 : 3};
}

static void nearest_try(struct nearest *nearest, const char *wrong, const char *name)
{
    unsigned distance = suggest_distance(wrong, name);
    bool begins = strlen(wrong) >= 3 && strncmp(name, wrong, strlen(wrong)) == 0;
    if (begins)
        distance = smaller(distance, 1);
    if (distance < nearest->distance && distance < bounded_length(name)) {
        nearest->distance = distance;
        nearest->name = name;
    }
}

const char *suggest_nearest(const char *wrong, const char *const *names)
{
    struct nearest nearest = nearest_start(wrong);
    for (; *names != NULL; names++)
        nearest_try(&nearest, wrong, *names);
    return nearest.name;
}

/* The message, not the hint, asks back: a hint is read behind "Try:". */
static void ask_back(struct error *error, const char *before, const char *name)
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
        ask_back(error, "", near);
    error_hint(error, "one of %s", all);
}

void suggest_option(const char *wrong, const struct cli_command *command, struct error *error)
{
    struct nearest nearest = nearest_start(wrong);
    for (const struct cli_option *option = command->options; option->name != NULL; option++)
        nearest_try(&nearest, wrong, option->name);
    for (const struct cli_option *option = cli_common_options; option->name != NULL; option++)
        nearest_try(&nearest, wrong, option->name);
    if (nearest.name != NULL)
        ask_back(error, "--", nearest.name);
    else
        error_hint(error, "weir help %s, which lists the options", command->name);
}

void suggest_command(const char *wrong, struct error *error)
{
    struct nearest nearest = nearest_start(wrong);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        nearest_try(&nearest, wrong, command->name);
    if (nearest.name != NULL)
        ask_back(error, "weir ", nearest.name);
    else
        error_hint(error, "weir help, which lists the commands");
}
