#include "cli/aggregates.h"

#include <string.h>

#include "base/suggest.h"
#include "cli/parse.h"

static const char *const function_names[] = {
    [AGGREGATE_SUM] = "sum", [AGGREGATE_COUNT] = "count", [AGGREGATE_COUNT_ROWS] = "count:*",
    [AGGREGATE_MIN] = "min", [AGGREGATE_MAX] = "max",     [AGGREGATE_MEAN] = "mean",
};

/* The functions in the enumeration's order; count:* is told from count by its column. */
static bool find_function(const char *name, size_t length, enum aggregate_function *ret)
{
    static const enum aggregate_function functions[] = {
        AGGREGATE_SUM, AGGREGATE_COUNT, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_MEAN};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        const char *known = function_names[functions[i]];
        if (strlen(known) == length && memcmp(known, name, length) == 0) {
            *ret = functions[i];
            return true;
        }
    }
    return false;
}

static enum error_code unknown_function(const char *item, size_t length, struct error *error)
{
    static const char *const choices[] = {"sum", "count", "min", "max", "mean", NULL};
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%.*s", (int)(length < 63 ? length : 63), item);
    error_set(error, ERROR_USAGE, "--agg: \"%s\" is not a function", wrong);
    suggest_choice(wrong, choices, error);
    return ERROR_USAGE;
}

static enum error_code malformed(const char *item, const char *why, struct error *error)
{
    error_set(error, ERROR_USAGE, "--agg: \"%s\" %s", item, why);
    error_hint(error, "write FUNCTION:COLUMN or FUNCTION:COLUMN=NAME, as in mean:value=average");
    return ERROR_USAGE;
}

size_t cli_length_to_equals(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0' && text[length] != '=')
        length += text[length] == '\\' && text[length + 1] != '\0' ? 2 : 1;
    return length;
}

static enum error_code copy_name(struct mem_arena *arena, const char *text, size_t size,
                                 const char **ret, struct error *error)
{
    char *copy;
    TRY(mem_arena_copy(arena, text, size, &copy, error));
    *ret = cli_unescape(copy);
    return ERROR_NONE;
}

/* value_sum for sum:value, count for count:*. */
static enum error_code default_name(struct mem_arena *arena, struct aggregate *aggregate,
                                    struct error *error)
{
    if (aggregate->function == AGGREGATE_COUNT_ROWS) {
        aggregate->name = "count";
        return ERROR_NONE;
    }
    const char *function = function_names[aggregate->function];
    size_t size = strlen(aggregate->column) + strlen(function) + 2;
    void *name;
    TRY(mem_arena_alloc(arena, size, &name, error));
    snprintf(name, size, "%s_%s", aggregate->column, function);
    aggregate->name = name;
    return ERROR_NONE;
}

static enum error_code set_column(struct mem_arena *arena, const char *item, const char *column,
                                  size_t length, struct aggregate *ret, struct error *error)
{
    bool all = length == 1 && column[0] == '*';
    if (all && ret->function != AGGREGATE_COUNT)
        return malformed(item, "asks for all columns; only count:* may", error);
    if (all) {
        ret->function = AGGREGATE_COUNT_ROWS;
        ret->column = NULL;
        return ERROR_NONE;
    }
    return copy_name(arena, column, length, &ret->column, error);
}

enum error_code aggregate_parse(struct mem_arena *arena, const char *item, struct aggregate *ret,
                                struct error *error)
{
    struct aggregate aggregate = {0};
    size_t function_length = strcspn(item, ":");
    if (item[function_length] == '\0')
        return malformed(item, "has no colon", error);
    if (!find_function(item, function_length, &aggregate.function))
        return unknown_function(item, function_length, error);
    const char *column = item + function_length + 1;
    size_t length = cli_length_to_equals(column);
    if (length == 0)
        return malformed(item, "names no column", error);
    TRY(set_column(arena, item, column, length, &aggregate, error));
    const char *name = column + length;
    if (name[0] == '=' && name[1] == '\0')
        return malformed(item, "names no result", error);
    if (name[0] == '=')
        TRY(copy_name(arena, name + 1, strlen(name + 1), &aggregate.name, error));
    else
        TRY(default_name(arena, &aggregate, error));
    *ret = aggregate;
    return ERROR_NONE;
}

enum error_code aggregates_build(struct mem_arena *arena, const struct cli_list *sums,
                                 const struct cli_list *items, struct aggregate **ret,
                                 size_t *ret_count, struct error *error)
{
    size_t count = sums->count + items->count;
    if (count == 0) {
        error_set(error, ERROR_USAGE, "there is nothing to compute");
        error_hint(error, "name the columns to add up: --sum value; or use --agg, as in "
                          "--agg mean:value,count:*");
        return ERROR_USAGE;
    }
    void *room;
    TRY(mem_arena_alloc_array(arena, count, sizeof **ret, &room, error));
    struct aggregate *aggregates = room;
    for (size_t i = 0; i < sums->count; i++)
        aggregates[i] = (struct aggregate){AGGREGATE_SUM, sums->items[i], sums->items[i]};
    for (size_t i = 0; i < items->count; i++)
        TRY(aggregate_parse(arena, items->items[i], &aggregates[sums->count + i], error));
    *ret = aggregates;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code same_name(const struct aggregate *aggregate, struct error *error)
{
    error_set(error, ERROR_USAGE, "two columns of the result would be called \"%s\"",
              aggregate->name);
    const char *function = function_names[aggregate->function];
    if (aggregate->column == NULL)
        error_hint(error, "give one another name: --agg count:*=rows");
    else
        error_hint(error, "give one another name: --agg %s:%s=%s_%s", function, aggregate->column,
                   aggregate->name, aggregate->function == AGGREGATE_SUM ? "total" : function);
    return ERROR_USAGE;
}

enum error_code aggregates_check_names(const struct cli_list *keys,
                                       const struct aggregate *aggregates, size_t count,
                                       struct error *error)
{
    for (size_t i = 0; i < keys->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(keys->items[i], keys->items[j]) == 0)
                return error_set(error, ERROR_USAGE, "--by names the column \"%s\" twice",
                                 keys->items[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < keys->count; j++)
            if (strcmp(aggregates[i].name, keys->items[j]) == 0)
                return same_name(&aggregates[i], error);
        for (size_t j = 0; j < i; j++)
            if (strcmp(aggregates[i].name, aggregates[j].name) == 0)
                return same_name(&aggregates[i], error);
    }
    return ERROR_NONE;
}
