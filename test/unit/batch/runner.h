/* Runs batches of small real programs in a folder of their own, and keeps what the listener was
 * told as lines: "start a 1", "end a 1 ok", "passed a", "left-out b a". */
#ifndef TEST_BATCH_RUNNER_H
#define TEST_BATCH_RUNNER_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "batch/batch.h"
#include "cell/folder_tree.h"
#include "cell/temporary_folder.h"
#include "os/os.h"

#define MEBIBYTE ((uint64_t)1 << 20)
#define SECOND   ((uint64_t)1000000000)

struct runner {
    char folder[64];
    struct mem_account account;
    struct mem_arena arena;
    struct cgroup_place place;
    struct temporary_folder temporary;
    const char *temporary_path; /* instead of that one, or NULL */
    struct remover *remover;
    struct ledger *ledger;
    struct jobs jobs;
    struct batch_options options;
    struct batch *batch;
    char told[16384];
    size_t told_size;
    uint64_t granted_most;
    uint32_t running_most;
    int cancel_after; /* starts until the batch is cancelled; 0: never */
    int starts;
};

static inline void runner_fail(const char *what, const struct error *error)
{
    char text[1400];
    fail_msg("%s: %s", what, error_render(error, text, sizeof text));
}

#define RUN_OK(call)                                                                               \
    do {                                                                                           \
        struct error error;                                                                        \
        if ((call) != ERROR_NONE)                                                                  \
            runner_fail(#call, &error);                                                            \
    } while (0)

static inline PRINTF_LIKE(2, 3) void runner_note(struct runner *runner, const char *format, ...)
{
    va_list list;
    size_t left = sizeof runner->told - runner->told_size;
    va_start(list, format);
    int put = vsnprintf(runner->told + runner->told_size, left, format, list);
    va_end(list);
    assert_true(put >= 0 && (size_t)put < left);
    runner->told_size += (size_t)put;
}

static inline void runner_listen(void *context, const struct batch_event *event)
{
    struct runner *runner = context;
    const char *name = runner->jobs.items[event->job].name;
    switch (event->kind) {
    case BATCH_STARTED:
        runner_note(runner, "start %s %lld\n", name, (long long)event->attempt);
        runner->starts++;
        break;
    case BATCH_ENDED:
        runner_note(runner, "end %s %s %lld\n", name,
                    cell_verdict_name(event->result->report->verdict), (long long)event->attempt);
        break;
    case BATCH_PASSED:
        runner_note(runner, "passed %s\n", name);
        break;
    case BATCH_LEFT_OUT:
        runner_note(runner, "left-out %s %s\n", name, runner->jobs.items[event->cause].name);
        break;
    }
}

static inline void runner_open(struct runner *runner, bool groups)
{
    *runner = (struct runner){.folder = "/tmp/weir-test-batch-XXXXXX"};
    signal(SIGPIPE, SIG_IGN);
    assert_non_null(mkdtemp(runner->folder));
    mem_account_init(&runner->account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&runner->arena, &runner->account);
    if (groups)
        RUN_OK(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &runner->place, &error));
    RUN_OK(temporary_folder_make(&runner->temporary, &error));
    RUN_OK(remover_start(&runner->account, &runner->remover, &error));
}

static inline void runner_open_ledger(struct runner *runner)
{
    char path[128];
    bool taken_over;
    struct ledger_holder holder;
    snprintf(path, sizeof path, "%s/ledger.sqlite", runner->folder);
    RUN_OK(ledger_open(path, false, &runner->account, &runner->ledger, &error));
    RUN_OK(ledger_lock(runner->ledger, 0, &taken_over, &holder, &error));
}

static inline void runner_close_ledger(struct runner *runner)
{
    ledger_close(runner->ledger);
    runner->ledger = NULL;
}

static inline void runner_close(struct runner *runner)
{
    batch_destroy(runner->batch);
    runner_close_ledger(runner);
    remover_end(runner->remover);
    temporary_folder_remove(&runner->temporary);
    mem_arena_release(&runner->arena);
    assert_int_equal(atomic_load(&runner->account.used), 0);
    assert_true(folder_tree_remove(runner->folder));
}

static inline void runner_complain(void *context, uint32_t line, const char *what, const char *hint)
{
    (void)context;
    fprintf(stderr, "line %u: %s (%s)\n", line, what, hint != NULL ? hint : "");
}

/* lines: with ' for ", which is easier to read here. */
static inline void runner_jobs(struct runner *runner, const char *lines)
{
    char text[8192];
    size_t size = strlen(lines);
    const struct jobs_presets presets = {.memory = 64 * MEBIBYTE, .retry = retry_rule_default()};
    assert_true(size < sizeof text);
    for (size_t i = 0; i <= size; i++)
        text[i] = lines[i] == '\'' ? '"' : lines[i];
    RUN_OK(jobs_parse(text, size, &presets, runner_complain, NULL, &runner->arena, &runner->jobs,
                      &error));
}

static inline void runner_prepare(struct runner *runner, int64_t run)
{
    runner->options.jobs = &runner->jobs;
    runner->options.ledger = runner->ledger;
    runner->options.run = run;
    runner->options.listener = runner_listen;
    runner->options.context = runner;
    if (runner->options.pool.memory == 0)
        runner->options.pool = (struct admission_pool){1024 * MEBIBYTE, 4000};
    if (runner->options.running_most == 0)
        runner->options.running_most = 16;
    runner->options.setting = (struct attempt_setting){.place = &runner->place,
                                                       .folder = runner->folder,
                                                       .temporary = runner->temporary_path != NULL
                                                                        ? runner->temporary_path
                                                                        : runner->temporary.path,
                                                       .environment = environ,
                                                       .grace_ns = SECOND / 2,
                                                       .log_most = MEBIBYTE,
                                                       .run = run,
                                                       .remover = runner->remover};
}

static inline void runner_look(struct runner *runner)
{
    struct batch_view view;
    batch_view(runner->batch, &view);
    assert_true(view.memory_granted <= view.pool.memory);
    assert_true(view.milli_cpus_granted <= view.pool.milli_cpus);
    assert_int_equal(view.waiting + view.running + view.ok + view.failed + view.skipped, view.jobs);
    if (view.memory_granted > runner->granted_most)
        runner->granted_most = view.memory_granted;
    if (view.running > runner->running_most)
        runner->running_most = view.running;
}

static inline enum error_code runner_wait_and_turn(struct runner *runner, struct error *error)
{
    struct pollfd *polls;
    size_t count;
    uint64_t wake, now = os_now_ns();
    TRY(batch_fill(runner->batch, 0, &polls, &count, &wake, error));
    uint64_t left = wake > now ? wake - now : 0;
    left = left < SECOND ? left : SECOND;
    struct timespec wait = {(time_t)(left / SECOND), (long)(left % SECOND)};
    ppoll(polls, (nfds_t)count, &wait, NULL);
    return batch_turn(runner->batch, error);
}

static inline enum error_code runner_drive(struct runner *runner, struct error *error)
{
    TRY(batch_turn(runner->batch, error));
    runner_look(runner);
    while (!batch_is_over(runner->batch)) {
        TRY(runner_wait_and_turn(runner, error));
        runner_look(runner);
        if (runner->cancel_after > 0 && runner->starts >= runner->cancel_after) {
            batch_cancel(runner->batch, SIGTERM);
            runner->cancel_after = 0;
        }
    }
    return ERROR_NONE;
}

static inline int64_t runner_begin(struct runner *runner)
{
    int64_t run = 0;
    RUN_OK(
        ledger_begin_run(runner->ledger, "test", runner->jobs.digest, os_wall_ns(), &run, &error));
    return run;
}

/* Begins a run, and runs the jobs to their end. Returns the run. */
static inline int64_t runner_run(struct runner *runner, const char *lines)
{
    int64_t run;
    runner_jobs(runner, lines);
    runner_open_ledger(runner);
    RUN_OK(
        ledger_begin_run(runner->ledger, "test", runner->jobs.digest, os_wall_ns(), &run, &error));
    runner_prepare(runner, run);
    RUN_OK(batch_create(&runner->options, &runner->account, &runner->batch, &error));
    RUN_OK(runner_drive(runner, &error));
    return run;
}

/* The same jobs, or others, in a run that is there. */
static inline void runner_resume(struct runner *runner, int64_t run, const char *lines)
{
    batch_destroy(runner->batch);
    runner->batch = NULL;
    runner_close_ledger(runner);
    runner->told_size = 0;
    runner->told[0] = '\0';
    runner->starts = 0;
    runner_jobs(runner, lines);
    runner_open_ledger(runner);
    RUN_OK(ledger_resume_run(runner->ledger, run, &error));
    runner_prepare(runner, run);
    runner->options.resumes = true;
    RUN_OK(batch_create(&runner->options, &runner->account, &runner->batch, &error));
    RUN_OK(runner_drive(runner, &error));
}

#endif
