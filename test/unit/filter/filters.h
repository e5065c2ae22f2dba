/*
 * Filters over a few rows, for tests: parsed, bound to one column's type, and asked.
 */
#ifndef WEIR_TEST_FILTER_FILTERS_H
#define WEIR_TEST_FILTER_FILTERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter.h"

struct filters {
    struct mem_account account;
    struct mem_arena arena;
    struct error error;
    size_t offset;
};

static struct filters filters;

static inline int filters_setup(void **state)
{
    (void)state;
    mem_account_init(&filters.account, "test", NULL, (size_t)64 << 20);
    mem_arena_init(&filters.arena, &filters.account);
    error_init(&filters.error);
    return 0;
}

static inline int filters_teardown(void **state)
{
    (void)state;
    mem_arena_release(&filters.arena);
    return atomic_load(&filters.account.used) == 0 ? 0 : -1;
}

static inline struct filter *parse(const char *text)
{
    struct filter *filter = NULL;
    if (filter_parse(text, &filters.arena, &filter, &filters.offset, &filters.error) != ERROR_NONE)
        fail_msg("%s: %s at %zu", text, filters.error.what, filters.offset);
    return filter;
}

/* Refused, at that place, with that in the message or the hint. */
static inline void assert_refused(const char *text, size_t offset, const char *says)
{
    struct filter *filter;
    filters.offset = 12345;
    error_init(&filters.error);
    if (filter_parse(text, &filters.arena, &filter, &filters.offset, &filters.error) != ERROR_USAGE)
        fail_msg("%.60s was taken", text);
    if (filters.offset != offset ||
        (strstr(filters.error.what, says) == NULL && strstr(filters.error.hint, says) == NULL))
        fail_msg("%.60s: %s (%s) at %zu", text, filters.error.what, filters.error.hint,
                 filters.offset);
}

static inline struct bound_filter *bind_types(const char *text, const struct column_type *types)
{
    struct bound_filter *bound = NULL;
    const struct filter *filter = parse(text);
    if (filter_bind(filter, types, &filters.arena, &bound, &filters.offset, &filters.error) !=
        ERROR_NONE)
        fail_msg("%s: %s at %zu", text, filters.error.what, filters.offset);
    return bound;
}

static inline void assert_unbound(const char *text, const struct column_type *type, size_t offset,
                                  const char *says)
{
    struct bound_filter *bound;
    const struct filter *filter = parse(text);
    error_init(&filters.error);
    if (filter_bind(filter, type, &filters.arena, &bound, &filters.offset, &filters.error) !=
        ERROR_USAGE)
        fail_msg("%s was bound", text);
    if (filters.offset != offset ||
        (strstr(filters.error.what, says) == NULL && strstr(filters.error.hint, says) == NULL))
        fail_msg("%s: %s (%s) at %zu", text, filters.error.what, filters.error.hint,
                 filters.offset);
}

/* Which of up to 64 values of one column are taken, as text: "0110". */
static inline const char *select_values(const char *text, const struct column_type *type,
                                        const void *values, uint32_t count, char answer[static 65])
{
    uint8_t selected[64];
    const struct column_slice slice = {count, count, NULL, values};
    struct bound_filter *bound = bind_types(text, type);
    uint32_t ones = 0, found = filter_select(bound, &slice, count, selected);
    for (uint32_t i = 0; i < count; i++) {
        answer[i] = (char)('0' + selected[i]);
        ones += selected[i];
    }
    assert_int_equal(found, ones);
    answer[count] = '\0';
    return answer;
}

#define assert_selects(text, type, values, expected)                                               \
    do {                                                                                           \
        char answer_[65];                                                                          \
        size_t width_ = column_value_size(type);                                                   \
        select_values(text, type, values, (uint32_t)(sizeof(values) / width_), answer_);           \
        if (strcmp(answer_, expected) != 0)                                                        \
            fail_msg("%s: %s, expected %s", text, answer_, expected);                              \
    } while (0)

#endif
