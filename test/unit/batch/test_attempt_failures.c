/*
 * Attempts whose surroundings fail: folders that cannot be made, full disks, no memory and no
 * descriptors for weir itself. The job runs where it can, and nothing is left behind where not.
 */
#include "batch/attempt_stage.h"

#include <sched.h>
#include <sys/mount.h>

/* ---- what is refused ---- */

static bool is_noted(const struct stage *stage, const char *text)
{
    return stage->result.note != NULL && strstr(stage->result.note, text) != NULL;
}

static void without_a_work_folder_it_runs(void **state)
{
    struct stage *stage = *state;
    write_file(scratch_name(&stage->scratch, "out/work"), "");
    stage->job.arguments = SHELL("echo out");
    run(stage, 0);
    assert_true(is_noted(stage, "cannot make a"));
    assert_null(strstr(stage->result.note, "stdout.log"));
    assert_int_equal(stage->result.report->output.total, 4);
}

static void without_a_temporary_folder_it_has_that_of_all(void **state)
{
    struct stage *stage = *state;
    char expected[100];
    snprintf(expected, sizeof expected, "%s\n", stage->temporary);
    assert_int_equal(rmdir(stage->temporary), 0);
    stage->job.arguments = SHELL("echo $TMPDIR");
    run(stage, 0);
    assert_int_equal(mkdir(stage->temporary, 0700), 0);
    assert_true(is_noted(stage, "no temporary folder of its own"));
    assert_file(in_folder(stage, "stdout.log"), expected);
}

static void files_that_do_not_fit_are_told(void **state)
{
    struct stage *stage = *state;
    struct rlimit before, limit;
    stage->job.arguments = SHELL("dd if=/dev/zero bs=1000 count=100 2>/dev/null; echo err >&2");
    assert_int_equal(try_start(stage, 0), ERROR_NONE);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){300, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    enum error_code code = try_run(stage);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(code, ERROR_NONE);
    assert_true(is_noted(stage, "stdout.log is not whole: File too large"));
    assert_true(is_noted(stage, "report.json"));
    assert_null(strstr(stage->result.note, "stderr.log"));
    assert_file(in_folder(stage, "stderr.log"), "err\n");
    assert_int_equal(access(in_folder(stage, "report.json"), F_OK), -1);
    assert_int_equal(stage->result.report->output.total, 100000);
}

/* On a file system of 64 KiB with nothing free. 77: none can be mounted. */
static int run_on_full_disk(struct stage *stage)
{
    char block[4096] = "";
    struct error error; /* threads do not come along */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", stage->out, "tmpfs", 0, "size=64k") != 0)
        return 77;
    int file = open(scratch_name(&stage->scratch, "out/fill"), O_WRONLY | O_CREAT, 0600);
    while (write(file, block, sizeof block) > 0)
        continue;
    close(file);
    stage->job.arguments = SHELL("echo out; sleep 0.1");
    if (remover_start(&stage->account, &stage->setting.remover, &error) != ERROR_NONE ||
        try_start(stage, 0) != ERROR_NONE || try_run(stage) != ERROR_NONE)
        return 1;
    remover_end(stage->setting.remover);
    return stage->result.report->verdict != CELL_OK ? 2
           : !is_noted(stage, "run.sh")             ? 3
           : !is_noted(stage, "report.json")        ? 4
           : !is_noted(stage, "memory.tsv is not")  ? 5
           : !is_noted(stage, "stdout.log is not whole: No space left on device")
               ? 6
               : count_entries(attempt_folder(stage->attempt)) != 2; /* the logs, empty */
}

static void a_full_disk_stops_nothing(void **state)
{
    struct stage *stage = *state;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(run_on_full_disk(stage));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    struct stage *stage = *state;
    static char folder[2000];
    memset(folder, 'f', sizeof folder - 1);
    stage->setting.folder = folder;
    assert_int_equal(try_start(stage, 0), ERROR_INPUT);
    assert_null(stage->attempt);
    assert_nothing_left(stage);
}

/* ---- failures of weir itself ---- */

/* Starts, runs and ends; nothing may be left when one of them fails. */
static enum error_code live(struct stage *stage, bool *ret_started)
{
    stage->attempt = NULL;
    *ret_started = try_start(stage, 64 * MEBIBYTE) == ERROR_NONE;
    enum error_code code = *ret_started ? try_run(stage) : stage->error.code;
    attempt_destroy(stage->attempt);
    stage->attempt = NULL;
    return code;
}

static void each_allocation_may_fail(void **state)
{
    struct stage *stage = *state;
    enum error_code code;
    int unstarted = 0, n = 1;
    stage->job.arguments = SHELL("echo out; echo err >&2");
    stage->job.environment = WORDS("A=1");
    do {
        bool started;
        mem_fail_allocation((uint64_t)n);
        code = live(stage, &started);
        bool reached = mem_fail_allocation(0) >= (uint64_t)n;
        assert_true(code == ERROR_NONE || (code == ERROR_MEMORY && reached));
        assert_nothing_left(stage);
        assert_int_equal(count_entries(stage->out) > 0 &&
                             access(scratch_name(&stage->scratch, "out/work/3"), F_OK) == 0,
                         started);
        folder_tree_remove(scratch_name(&stage->scratch, "out/work"));
        unstarted += !started;
        if (!reached)
            break;
    } while (n++ < 1000);
    assert_int_equal(code, ERROR_NONE);
    assert_true(unstarted >= 5 && n < 1000);
}

static void memory_may_be_scarce(void **state)
{
    struct stage *stage = *state;
    enum error_code code = ERROR_MEMORY;
    size_t base = atomic_load(&stage->account.used);
    int refusals = 0;
    stage->job.arguments = SHELL("echo out");
    for (size_t limit = base; code != ERROR_NONE; limit += 1500, refusals++) {
        bool started;
        stage->account.limit = limit;
        code = live(stage, &started);
        stage->account.limit = MEM_NO_LIMIT;
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_nothing_left(stage);
        assert_true(limit < base + 2 * MEBIBYTE);
    }
    assert_true(refusals > 5);
}

static void descriptors_may_be_scarce(void **state)
{
    struct stage *stage = *state;
    enum error_code code = ERROR_IO;
    struct rlimit before, limit;
    getrlimit(RLIMIT_NOFILE, &before);
    int next = dup(0), refusals = 0;
    close(next);
    stage->job.arguments = SHELL("echo out");
    for (int more = 0; code != ERROR_NONE; more++) {
        bool started;
        limit = (struct rlimit){(rlim_t)(next + more), before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &limit);
        code = live(stage, &started);
        setrlimit(RLIMIT_NOFILE, &before);
        assert_true(code == ERROR_NONE || code == ERROR_IO);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(count_descriptors(), stage->descriptors);
        refusals += code != ERROR_NONE;
        assert_true(more < 40);
    }
    assert_true(refusals > 2);
    /* What the remover had no descriptor for goes with the folder around it. */
    assert_true(folder_tree_remove(stage->temporary));
    assert_int_equal(mkdir(stage->temporary, 0700), 0);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        BOTH(without_a_work_folder_it_runs),
        BOTH(without_a_temporary_folder_it_has_that_of_all),
        BOTH(files_that_do_not_fit_are_told),
        BOTH(a_full_disk_stops_nothing),
        BOTH(a_path_that_is_too_long_is_refused),
        BOTH(each_allocation_may_fail),
        BOTH(memory_may_be_scarce),
        BOTH(descriptors_may_be_scarce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
