/* One attempt with the folders it needs, and a caller's loop for it. */
#ifndef TEST_BATCH_ATTEMPT_STAGE_H
#define TEST_BATCH_ATTEMPT_STAGE_H

#include "batch/attempt.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <jansson.h>

#include "batch/scratch.h"
#include "os/os.h"

#define SECOND   UINT64_C(1000000000)
#define MEBIBYTE ((uint64_t)1 << 20)

struct stage {
    struct scratch scratch;
    struct mem_account account;
    struct error error;
    struct cgroup_place place;
    char out[80], temporary[80];
    struct attempt_setting setting;
    struct job job;
    struct attempt *attempt;
    struct attempt_result result;
    size_t descriptors;
};

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define SHELL(text) WORDS("sh", "-c", text)

static const char *const only_true[] = {"true", NULL}, *const nothing[] = {NULL};

static inline bool groups_work(void)
{
    struct cgroup_place place;
    struct error error;
    return cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &place, &error) == ERROR_NONE &&
           place.kind != CGROUP_NONE && place.limits_memory;
}

static inline void open_stage(struct stage *stage)
{
    memset(stage, 0, sizeof *stage);
    scratch_open(&stage->scratch);
    mem_account_init(&stage->account, "test", NULL, MEM_NO_LIMIT);
    snprintf(stage->out, sizeof stage->out, "%s/out", stage->scratch.path);
    snprintf(stage->temporary, sizeof stage->temporary, "%s/tmp", stage->scratch.path);
    assert_int_equal(mkdir(stage->temporary, 0700), 0);
    assert_int_equal(mkdir(stage->out, 0700), 0);
    stage->descriptors = count_descriptors();
    stage->setting = (struct attempt_setting){.place = &stage->place,
                                              .folder = stage->out,
                                              .temporary = stage->temporary,
                                              .environment = environ,
                                              .grace_ns = SECOND,
                                              .log_most = MEBIBYTE,
                                              .run = 3};
    stage->job = (struct job){.name = "job", .arguments = only_true, .environment = nothing};
    assert_int_equal(remover_start(&stage->account, &stage->setting.remover, &stage->error),
                     ERROR_NONE);
}

static inline int with_polling(void **state)
{
    static struct stage stage;
    open_stage(&stage);
    *state = &stage;
    return 0;
}

static inline int with_groups(void **state)
{
    with_polling(state);
    struct stage *stage = *state;
    if (groups_work())
        assert_int_equal(
            cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &stage->place, &stage->error),
            ERROR_NONE);
    return 0;
}

/* No process, no temporary folder, no descriptor, no memory. */
static inline void assert_nothing_left(struct stage *stage)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    while (remover_waiting(stage->setting.remover) > 0)
        usleep(1000);
    assert_int_equal(count_entries(stage->temporary), 0);
    assert_int_equal(count_descriptors(), stage->descriptors);
}

static inline int close_stage(void **state)
{
    struct stage *stage = *state;
    attempt_destroy(stage->attempt);
    assert_nothing_left(stage);
    remover_end(stage->setting.remover);
    assert_int_equal(atomic_load(&stage->account.used), 0);
    scratch_close(&stage->scratch);
    return 0;
}

static inline const char *next_name(void)
{
    static char name[32];
    static unsigned serial;
    snprintf(name, sizeof name, "test-%u", serial++);
    return name;
}

static inline enum error_code try_start(struct stage *stage, uint64_t memory)
{
    return attempt_start(&stage->setting, &stage->job, 1, next_name(), memory, &stage->account,
                         &stage->attempt, &stage->error);
}

static inline enum error_code turn(struct stage *stage)
{
    struct pollfd fds[CELL_DESCRIPTORS];
    struct cell *cell = attempt_cell(stage->attempt);
    size_t count = cell_poll_fill(cell, fds);
    uint64_t now = os_now_ns(), wake = cell_wake_at(cell);
    uint64_t wait = wake <= now ? 0 : (wake - now + 999999) / 1000000;
    poll(fds, count, wait > 50 ? 50 : (int)wait);
    return cell_advance(cell, &stage->error);
}

static inline enum error_code try_run(struct stage *stage)
{
    while (!cell_is_over(attempt_cell(stage->attempt)))
        TRY(turn(stage));
    return attempt_end(stage->attempt, &stage->result, &stage->error);
}

static inline void run(struct stage *stage, uint64_t memory)
{
    assert_int_equal(try_start(stage, memory), ERROR_NONE);
    assert_int_equal(try_run(stage), ERROR_NONE);
}

/* Lives until the next. */
static inline const char *in_folder(const struct stage *stage, const char *name)
{
    static char path[WORK_FOLDER_FILE];
    return work_folder_file(attempt_folder(stage->attempt), name, path);
}

static inline void assert_verdict(const struct stage *stage, enum cell_verdict verdict)
{
    const struct cell_report *report = stage->result.report;
    if (report->verdict != verdict)
        fail_msg("%s, not %s: %s; %s", cell_verdict_name(report->verdict),
                 cell_verdict_name(verdict), report->evidence, report->why);
}

static inline json_t *document_of(const struct stage *stage)
{
    assert_null(strchr(stage->result.document, '\n'));
    json_t *document = json_loads(stage->result.document, 0, NULL);
    assert_non_null(document);
    return document;
}

static inline json_int_t number_of(const json_t *document, const char *name)
{
    return json_integer_value(json_object_get(document, name));
}

#define BOTH(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, with_polling, close_stage),                              \
        cmocka_unit_test_setup_teardown(name, with_groups, close_stage)

#endif
