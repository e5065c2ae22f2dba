#include "sum/where.h"

#include <stdio.h>
#include <string.h>

/* Text shown around the place of a mistake. */
#define SHOWN_BEFORE 24
#define SHOWN_BEHIND 24

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* "--where: what, at byte 9: path < 3 >>>&& Date" */
static void show_place(const char *text, size_t offset, struct error *error)
{
    char what[sizeof error->what];
    size_t length = strlen(text);
    size_t at = smaller(offset, length), before = smaller(at, SHOWN_BEFORE);
    snprintf(what, sizeof what, "--where: %.400s, at byte %zu: %s%.*s>>>%.*s%s", error->what, at,
             before < at ? "..." : "", (int)before, text + at - before, SHOWN_BEHIND, text + at,
             length - at > SHOWN_BEHIND ? "..." : "");
    memcpy(error->what, what, sizeof what);
}

enum error_code sum_parse_where(struct sum *sum, struct error *error)
{
    size_t offset;
    if (sum->options.where == NULL)
        return ERROR_NONE;
    enum error_code code =
        filter_parse(sum->options.where, &sum->arena, &sum->filter, &offset, error);
    if (code == ERROR_USAGE)
        show_place(sum->options.where, offset, error);
    TRY(code);
    sum->filter_count = filter_column_count(sum->filter);
    if (sum->filter_count <= SUM_FILTER_COLUMNS_MOST)
        return ERROR_NONE;
    return error_set(error, ERROR_USAGE, "--where names %u columns: %d is the most",
                     sum->filter_count, SUM_FILTER_COLUMNS_MOST);
}

enum error_code sum_bind_where(const struct sum *sum, const struct column_type *types,
                               struct mem_arena *arena, struct bound_filter **ret,
                               struct error *error)
{
    size_t offset;
    enum error_code code = filter_bind(sum->filter, types, arena, ret, &offset, error);
    if (code == ERROR_USAGE)
        show_place(sum->options.where, offset, error);
    return code;
}

enum error_code sum_check_where(struct sum *sum, struct error *error)
{
    struct column_type types[SUM_FILTER_COLUMNS_MOST];
    struct bound_filter *bound;
    struct mem_arena arena;
    const uint32_t *columns = sum->columns + sum->key_count + sum->value_count;
    if (sum->filter == NULL)
        return ERROR_NONE;
    for (uint32_t i = 0; i < sum->filter_count; i++)
        types[i] = sum->first.columns[columns[i]].type;
    mem_arena_init(&arena, &sum->account);
    enum error_code code = sum_bind_where(sum, types, &arena, &bound, error);
    mem_arena_release(&arena);
    return code;
}
