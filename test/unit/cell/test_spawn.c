/* How programs are found, what fails before they run, and what becomes of a weir that dies. */
#include "cell/actor.h"
#include "cell/stage.h"

#include <sys/stat.h>

#include "cell/process.h"

static int open_stage(void **state)
{
    static struct stage stage;
    stage_open(&stage, false);
    *state = &stage;
    return 0;
}

static int close_stage(void **state)
{
    stage_close(*state);
    assert_nothing_left();
    return 0;
}

static void write_script(const char *path, const char *text, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

static void the_path_of_the_program_is_its_own(void **state)
{
    struct stage *stage = *state;
    char folder[] = "weir-test-XXXXXX", path[64], list[600], own[400];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tool", folder);
    write_script(path, "echo found $1\n", 0755); /* without an interpreter: the shell's */
    snprintf(list, sizeof list, "PATH=/none:%s/%s::/bin", getcwd(own, sizeof own), folder);
    stage->options.environment = (const char *const[]){list, NULL};
    const struct cell_report *report = stage_run(stage, PROGRAM("tool", "it"));
    unlink(path);
    rmdir(folder);
    assert_verdict(report, CELL_OK);
    assert_true(text_has(&report->output, "found it\n"));
}

static void assert_not_started(struct stage *stage, const char *const *arguments, const char *why)
{
    const struct cell_report *report = stage_run(stage, arguments);
    assert_verdict(report, CELL_ERROR);
    assert_false(report->started);
    if (strstr(report->evidence, why) == NULL)
        fail_msg("%s", report->evidence);
    cell_destroy(stage->cell);
    stage->cell = NULL;
}

static void what_cannot_be_run_is_told(void **state)
{
    struct stage *stage = *state;
    assert_not_started(stage, PROGRAM(""), "No such file");
    assert_not_started(stage, PROGRAM("/none/at/all"), "No such file");
    assert_not_started(stage, PROGRAM("/etc/passwd"), "Permission denied");
    assert_not_started(stage, PROGRAM("/etc/passwd/x"), "No such file");
    stage->options.directory = "/none";
    assert_not_started(stage, PROGRAM("true"), "cannot change to its directory: No such file");
    stage->options.directory = NULL;
    struct error error;
    stage->options.arguments = (const char *const[]){NULL};
    assert_int_equal(
        cell_start(&stage->place, &stage->options, &stage->account, &stage->cell, &error),
        ERROR_USAGE);
}

static void input_is_given_or_empty(void **state)
{
    struct stage *stage = *state;
    assert_verdict(stage_run(stage, PROGRAM("cat")), CELL_OK);
    assert_int_equal(stage->report->output.total, 0);
    cell_destroy(stage->cell);
    FILE *file = tmpfile();
    fputs("hello", file);
    fflush(file);
    rewind(file);
    stage->options.input = fileno(file);
    assert_verdict(stage_run(stage, PROGRAM("cat")), CELL_OK);
    assert_true(text_has(&stage->report->output, "hello"));
    fclose(file);
}

/* Every allocation fails once; nothing is left behind. */
static void failing_memory_is_an_error(void **state)
{
    struct stage *stage = *state;
    bool all = false;
    for (uint64_t n = 1; !all && n < 1000; n++) {
        struct error error;
        stage->options.arguments = PROGRAM("sh", "-c", "echo a; sleep 0.01");
        mem_fail_allocation(n);
        enum error_code code =
            cell_start(&stage->place, &stage->options, &stage->account, &stage->cell, &error);
        while (code == ERROR_NONE && !cell_is_over(stage->cell)) {
            struct pollfd fds[CELL_DESCRIPTORS];
            poll(fds, cell_poll_fill(stage->cell, fds), 1);
            code = cell_advance(stage->cell, &error);
        }
        all = mem_fail_allocation(0) < n;
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_true(code == ERROR_MEMORY || all);
        cell_destroy(stage->cell);
        stage->cell = NULL;
        assert_nothing_left();
    }
    assert_true(all);
}

/* A weir of its own that dies; returns the number of a process that its cell left behind. */
static pid_t left_by_dead_weir(struct stage *stage)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t weir = fork();
    if (weir == 0) {
        stage->options.output = ends[1];
        stage_start(stage, PROGRAM("sh", "-c", "setsid sleep 1000 & echo $! $$; wait"));
        for (;;)
            stage_turn(stage);
    }
    char text[64] = "";
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    char *rest;
    pid_t left = (pid_t)strtol(text, &rest, 10), program = (pid_t)strtol(rest, NULL, 10);
    kill(weir, SIGKILL);
    waitpid(weir, NULL, 0);
    struct process process;
    while (process_read(program, &process) && !process.is_dead)
        actor_sleep(1); /* it dies with its weir */
    close(ends[0]);
    close(ends[1]);
    return left;
}

static bool lives(pid_t pid)
{
    struct process process;
    return process_read(pid, &process) && !process.is_dead;
}

/* Another weir that starts on this machine meanwhile may sweep it first. */
static void leftovers_of_a_dead_weir_are_swept(void **state)
{
    struct stage *stage = *state;
    pid_t left = left_by_dead_weir(stage);
    bool lived = lives(left);
    uint64_t count = cell_sweep();
    for (int i = 0; i < 10000 && lives(left); i++)
        actor_sleep(1);
    assert_false(lives(left));
    assert_true(count >= 1 || !lived || cell_sweep() == 0);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue; /* both came to this process */
}

static void processes_tell_about_themselves(void **state)
{
    (void)state;
    struct process process;
    uint64_t first, again, share;
    assert_true(process_read(getpid(), &process));
    assert_int_equal(process.parent, getppid());
    assert_int_equal(process.session, getsid(0));
    assert_false(process.is_dead);
    assert_true(process.threads >= 1);
    assert_true(process.memory > 0);
    assert_true(process_start_time(getpid(), &first));
    assert_true(process_start_time(getpid(), &again));
    assert_true(first == again && first > 0);
    assert_true(process_share(getpid(), &share));
    assert_false(process_read(0x7ffffff0, &process));
    assert_false(process_is_python(getpid()));
}

int main(int count, char **arguments)
{
    if (count > 1)
        return actor_play(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_path_of_the_program_is_its_own, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(what_cannot_be_run_is_told, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(input_is_given_or_empty, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(failing_memory_is_an_error, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(leftovers_of_a_dead_weir_are_swept, open_stage,
                                        close_stage),
        cmocka_unit_test(processes_tell_about_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
