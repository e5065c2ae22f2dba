/* A folder of its own for each test, with a ledger in it, and shorthands that fail the test. */
#ifndef TEST_LEDGER_FIXTURE_H
#define TEST_LEDGER_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/ledger.h"

static struct mem_account account;
static struct error error;
static char folder[64];
static char path[128];

static inline int remove_entry(const char *entry, const struct stat *facts, int kind,
                               struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(entry);
}

static inline int set_up_under(const char *place)
{
    mem_account_init(&account, "ledger", NULL, MEM_NO_LIMIT);
    error_init(&error);
    snprintf(folder, sizeof folder, "%s/weir-ledger-XXXXXX", place);
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    return 0;
}

static inline int set_up(void **state)
{
    (void)state;
    return set_up_under("/tmp");
}

/* In memory where that can be, for what is written often and does not concern the disk;
 * WEIR_LEDGER_DISK=1 has it on the disk all the same. */
static inline int set_up_in_memory(void **state)
{
    if (getenv("WEIR_LEDGER_DISK") == NULL && access("/dev/shm", W_OK) == 0)
        return set_up_under("/dev/shm");
    return set_up(state);
}

static inline int tear_down(void **state)
{
    (void)state;
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define TEST_IN_MEMORY(function)                                                                   \
    cmocka_unit_test_setup_teardown(function, set_up_in_memory, tear_down)

/* The call must succeed; otherwise its error is told. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        if ((call) != ERROR_NONE)                                                                  \
            fail_msg("%s: %s", #call, error_render(&error, (char[1800]){0}, 1800));                \
    } while (0)

static inline struct ledger *open_ledger(bool read_only)
{
    struct ledger *ledger = NULL;
    assert_ok(ledger_open(path, read_only, &account, &ledger, &error));
    return ledger;
}

/* Opened to write, with the lock; *taken_over as ledger_lock tells it. */
static inline struct ledger *lock_ledger(bool *taken_over)
{
    struct ledger *ledger = open_ledger(false);
    struct ledger_holder holder;
    bool ignored;
    assert_ok(ledger_lock(ledger, 0, taken_over != NULL ? taken_over : &ignored, &holder, &error));
    return ledger;
}

static inline int64_t begin_run(struct ledger *ledger)
{
    int64_t run;
    assert_ok(ledger_begin_run(ledger, "weir exec", "identity", 1000, &run, &error));
    return run;
}

static inline int64_t make_step(struct ledger *ledger, int64_t run, const char *name)
{
    int64_t step;
    assert_ok(ledger_step(ledger, run, name, "digest", &step, &error));
    return step;
}

static inline int64_t begin_attempt(struct ledger *ledger, int64_t step)
{
    int64_t attempt;
    assert_ok(ledger_begin_attempt(ledger, step, 4096, NULL, 2000, &attempt, &error));
    return attempt;
}

static inline enum error_code end_as(struct ledger *ledger, int64_t attempt, const char *verdict,
                                     bool is_last)
{
    struct ledger_attempt result = {.verdict = verdict, .peak = 1, .ended = 3000};
    return ledger_end_attempt(ledger, attempt, &result, is_last, &error);
}

static inline bool is_finished(struct ledger *ledger, int64_t run, const char *name)
{
    bool finished;
    assert_ok(ledger_is_finished(ledger, run, name, "digest", &finished, &error));
    return finished;
}

/* A number from the environment, for longer runs than those of every day. */
static inline unsigned number_of(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

/* All steps of a run in one line: "name:state:attempts:number:verdict ". */
static inline enum error_code write_step(void *context, const struct ledger_step_row *row,
                                         struct error *visit_error)
{
    char *text = context;
    size_t used = strlen(text);
    (void)visit_error;
    snprintf(text + used, 4096 - used, "%s:%s:%d:%d:%s ", row->name, row->state, (int)row->attempts,
             (int)row->last.number, row->last.verdict);
    return ERROR_NONE;
}

static inline void assert_steps(struct ledger *ledger, int64_t run, bool each, const char *expected)
{
    char text[4096] = "";
    assert_ok(ledger_steps(ledger, run, each, write_step, text, &error));
    assert_string_equal(text, expected);
}

/* Status of the newest run. */
static inline enum error_code write_status(void *context, const struct ledger_run_row *row,
                                           struct error *visit_error)
{
    (void)visit_error;
    snprintf(context, 32, "%s", row->status);
    return ERROR_NONE;
}

static inline void assert_status(struct ledger *ledger, const char *expected)
{
    char status[32] = "";
    assert_ok(ledger_runs(ledger, 1, write_status, status, &error));
    assert_string_equal(status, expected);
}

#endif
