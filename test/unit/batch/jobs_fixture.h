/* A text of jobs, read, and what was complained of. */
#ifndef TEST_BATCH_JOBS_FIXTURE_H
#define TEST_BATCH_JOBS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/jobs.h"

struct complaint {
    uint32_t line;
    char what[8192];
    char hint[512];
};

struct jobs_fixture {
    struct mem_account account;
    struct mem_arena arena;
    struct jobs_presets presets;
    struct jobs jobs;
    struct error error;
    struct complaint complaints[JOBS_PROBLEMS_TOLD];
    unsigned told;
};

static inline void fixture_take(void *context, uint32_t line, const char *what, const char *hint)
{
    struct jobs_fixture *fixture = context;
    assert_true(fixture->told < JOBS_PROBLEMS_TOLD);
    struct complaint *complaint = &fixture->complaints[fixture->told++];
    complaint->line = line;
    snprintf(complaint->what, sizeof complaint->what, "%s", what);
    snprintf(complaint->hint, sizeof complaint->hint, "%s", hint);
}

static inline struct jobs_fixture *fixture_open(size_t limit)
{
    struct jobs_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    mem_account_init(&fixture->account, "jobs", NULL, limit);
    mem_arena_init(&fixture->arena, &fixture->account);
    fixture->presets.memory = (uint64_t)1 << 30;
    fixture->presets.retry = retry_rule_default();
    error_init(&fixture->error);
    return fixture;
}

static inline enum error_code fixture_parse(struct jobs_fixture *fixture, const void *text,
                                            size_t size)
{
    fixture->told = 0;
    return jobs_parse(text, size, &fixture->presets, fixture_take, fixture, &fixture->arena,
                      &fixture->jobs, &fixture->error);
}

/* Fails the test with the first complaint. */
static inline struct jobs_fixture *fixture_good(const char *text)
{
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    if (fixture_parse(fixture, text, strlen(text)) != ERROR_NONE)
        fail_msg("%s: %u: %s", fixture->error.what, fixture->complaints[0].line,
                 fixture->complaints[0].what);
    assert_int_equal(fixture->told, 0);
    return fixture;
}

static inline struct jobs_fixture *fixture_bad(const char *text)
{
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    assert_int_equal(fixture_parse(fixture, text, strlen(text)), ERROR_INPUT);
    return fixture;
}

/* Nothing stays charged. */
static inline void fixture_close(struct jobs_fixture *fixture)
{
    mem_arena_release(&fixture->arena);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
    free(fixture);
}

static inline const struct job *fixture_job(const struct jobs_fixture *fixture, const char *name)
{
    for (uint32_t i = 0; i < fixture->jobs.count; i++)
        if (strcmp(fixture->jobs.items[i].name, name) == 0)
            return &fixture->jobs.items[i];
    fail_msg("there is no job %s", name);
    return NULL;
}

static inline void assert_complaint(const struct jobs_fixture *fixture, unsigned number,
                                    uint32_t line, const char *what, const char *hint)
{
    assert_true(number < fixture->told);
    assert_string_equal(fixture->complaints[number].what, what);
    assert_string_equal(fixture->complaints[number].hint, hint);
    assert_int_equal(fixture->complaints[number].line, line);
}

#endif
