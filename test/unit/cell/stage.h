/* Runs one cell to its end, as a caller's loop does, with polling or with the machine's groups. */
#ifndef TEST_CELL_STAGE_H
#define TEST_CELL_STAGE_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cell/cell.h"
#include "os/os.h"

#define MEBIBYTE ((uint64_t)1 << 20)
#define SECOND   ((uint64_t)1000000000)

struct stage {
    struct mem_account account;
    struct mem_arena arena;
    struct cgroup_place place;
    struct cell_options options;
    struct cell *cell;
    const struct cell_report *report;
    unsigned number;
};

static inline void stage_open(struct stage *stage, bool groups)
{
    static unsigned serial;
    *stage = (struct stage){.number = serial++};
    signal(SIGPIPE, SIG_IGN);
    mem_account_init(&stage->account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&stage->arena, &stage->account);
    struct error error;
    const char *const *environment;
    if (groups)
        assert_int_equal(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &stage->place, &error),
                         ERROR_NONE);
    assert_int_equal(
        cell_environment(&stage->arena, environ, NULL, 0, false, NULL, &environment, &error),
        ERROR_NONE);
    stage->options = (struct cell_options){.name = "test",
                                           .environment = environment,
                                           .grace_ns = SECOND / 5,
                                           .input = -1,
                                           .output = -1,
                                           .errors = -1};
}

static inline void stage_close(struct stage *stage)
{
    cell_destroy(stage->cell);
    mem_arena_release(&stage->arena);
    assert_int_equal(atomic_load(&stage->account.used), 0);
}

static inline void stage_start(struct stage *stage, const char *const *arguments)
{
    static char names[64][24];
    static unsigned serial;
    char *name = names[serial % 64];
    snprintf(name, sizeof names[0], "test-%u", serial++);
    struct error error;
    stage->options.name = name;
    stage->options.arguments = arguments;
    if (cell_start(&stage->place, &stage->options, &stage->account, &stage->cell, &error) !=
        ERROR_NONE) {
        char text[1024];
        fail_msg("%s", error_render(&error, text, sizeof text));
    }
}

/* One round of a caller's loop. */
static inline void stage_turn(struct stage *stage)
{
    struct pollfd fds[CELL_DESCRIPTORS];
    struct error error;
    size_t count = cell_poll_fill(stage->cell, fds);
    uint64_t now = os_now_ns(), wake = cell_wake_at(stage->cell);
    uint64_t wait = wake <= now ? 0 : (wake - now + 999999) / 1000000;
    poll(fds, count, wait > 100 ? 100 : (int)wait);
    assert_int_equal(cell_advance(stage->cell, &error), ERROR_NONE);
}

static inline const struct cell_report *stage_finish(struct stage *stage)
{
    uint64_t until = os_now_ns() + 60 * SECOND;
    while (!cell_is_over(stage->cell)) {
        assert_true(os_now_ns() < until);
        stage_turn(stage);
    }
    stage->report = cell_report(stage->cell);
    return stage->report;
}

static inline const struct cell_report *stage_run(struct stage *stage, const char *const *arguments)
{
    stage_start(stage, arguments);
    return stage_finish(stage);
}

#define PROGRAM(...)                                                                               \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define ACTOR(...) PROGRAM("/proc/self/exe", __VA_ARGS__)

static inline void assert_verdict(const struct cell_report *report, enum cell_verdict verdict)
{
    if (report->verdict != verdict)
        fail_msg("%s, not %s: %s; %s; errors: %.*s", cell_verdict_name(report->verdict),
                 cell_verdict_name(verdict), report->evidence, report->why,
                 (int)report->errors.start_size, report->errors.start);
}

/* No process below this one is left, not even a dead one. */
static inline void assert_nothing_left(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static inline bool text_has(const struct cell_text *text, const char *word)
{
    return text->start_size > 0 && memmem(text->start, text->start_size, word, strlen(word));
}

#endif
