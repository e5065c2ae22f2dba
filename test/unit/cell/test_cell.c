/*
 * Whole lives and deaths: every verdict from real processes, once with weir's own watch and once
 * with the control groups of the machine where there are any.
 */
#include "cell/actor.h"
#include "cell/stage.h"

static bool groups_work(void)
{
    struct cgroup_place place;
    struct error error;
    return cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &place, &error) == ERROR_NONE &&
           place.kind != CGROUP_NONE && place.limits_memory;
}

static int with_polling(void **state)
{
    static struct stage stage;
    stage_open(&stage, false);
    *state = &stage;
    return 0;
}

static int with_groups(void **state)
{
    static struct stage stage;
    stage_open(&stage, groups_work());
    *state = &stage;
    return 0;
}

static int clear(void **state)
{
    stage_close(*state);
    assert_nothing_left();
    return 0;
}

static bool is_polled(const struct stage *stage)
{
    return stage->report->watch == CELL_WATCH_POLL;
}

static bool has_python(void)
{
    return access("/usr/bin/python3", X_OK) == 0 || access("/usr/local/bin/python3", X_OK) == 0;
}

/* Runs a program that stays until its standard input ends, which is when the cell has seen it have
 * so much memory and so many processes. */
static const struct cell_report *run_until_seen(struct stage *stage, const char *const *arguments,
                                                uint64_t memory, uint64_t processes)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    stage->options.input = ends[0];
    stage_start(stage, arguments);
    close(ends[0]);
    struct cell_sample last = {.memory = 0};
    uint64_t until = os_now_ns() + 60 * SECOND;
    while (!cell_is_over(stage->cell) && (last.memory < memory || last.processes < processes)) {
        assert_true(os_now_ns() < until);
        stage_turn(stage);
        cell_samples(stage->cell, &last, 1);
    }
    close(ends[1]);
    return stage_finish(stage);
}

static void files_in_memory_count(void **state)
{
    struct stage *stage = *state;
    if (stage->place.kind == CGROUP_NONE || geteuid() != 0)
        skip(); /* no process maps them */
    stage->options.memory = 64 * MEBIBYTE;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("unshare", "-m", "sh", "-c",
                                 "mount -t tmpfs none /mnt || { echo cannot mount >&2; exit 9; }\n"
                                 "exec dd if=/dev/zero of=/mnt/x bs=64k count=3200"));
    if (report->exit_status == 9 || !report->started)
        skip();
    assert_verdict(report, CELL_OOM_LIMIT);
}

static void more_processes_than_allowed_do_not_start(void **state)
{
    struct stage *stage = *state;
    stage->options.processes = 20;
    stage->options.timeout_ns = 20 * SECOND;
    const struct cell_report *report = stage_run(stage, ACTOR("forks", "100"));
    if (is_polled(stage)) {
        assert_verdict(report, CELL_ERROR);
        assert_non_null(strstr(report->evidence, "more than its 20 processes"));
    } else if (stage->place.limits_processes) {
        assert_verdict(report, CELL_OK);
        assert_true(report->processes_most <= 20);
    }
}

static void ends_well(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report = stage_run(stage, PROGRAM("sh", "-c", "echo a; echo b >&2"));
    assert_verdict(report, CELL_OK);
    assert_true(report->started);
    assert_int_equal(report->exit_status, 0);
    assert_true(text_has(&report->output, "a\n"));
    assert_true(text_has(&report->errors, "b\n"));
    assert_int_equal(report->leftovers, 0);
    assert_true(report->wall_ns > 0);
}

static void own_statuses_are_errors(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "echo no such key >&2; exit 137"));
    assert_verdict(report, CELL_ERROR);
    assert_int_equal(report->exit_status, 137);
    assert_int_equal(report->signal, 0);
    assert_string_equal(report->why, "no such key");
}

static void a_missing_program_is_a_report(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report = stage_run(stage, PROGRAM("no-such-program"));
    assert_verdict(report, CELL_ERROR);
    assert_false(report->started);
    assert_non_null(strstr(report->evidence, "no-such-program cannot be run: No such file"));
}

static void a_leak_is_told_with_its_limit(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 48 * MEBIBYTE;
    const struct cell_report *report = stage_run(stage, ACTOR("leak", "200"));
    assert_verdict(report, CELL_OOM_LIMIT);
    assert_true(report->peak > 32 * MEBIBYTE);
    assert_true(report->peak < 112 * MEBIBYTE);
    assert_true(report->suggestion >= 64 * MEBIBYTE);
    assert_true(report->growth > 0);
    struct cell_sample samples[100];
    size_t count = cell_samples(stage->cell, samples, 100);
    assert_true(count > 0);
    for (size_t i = 1; i < count; i++)
        assert_true(samples[i].at_ns > samples[i - 1].at_ns);
}

static void a_burst_is_told(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 48 * MEBIBYTE;
    assert_verdict(stage_run(stage, ACTOR("burst", "4000")), CELL_OOM_LIMIT);
    assert_true(stage->report->peak < 48 * MEBIBYTE + 400 * MEBIBYTE);
}

static void shared_memory_counts(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 48 * MEBIBYTE;
    assert_verdict(stage_run(stage, ACTOR("shared", "4000")), CELL_OOM_LIMIT);
}

static void a_child_counts(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 48 * MEBIBYTE;
    assert_verdict(stage_run(stage, ACTOR("child", "4000")), CELL_OOM_LIMIT);
}

static void shared_pages_count_once(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 320 * MEBIBYTE;
    assert_verdict(run_until_seen(stage, ACTOR("share", "100"), 100 * MEBIBYTE, 5), CELL_OK);
    assert_true(stage->report->processes_most >= 5);
}

static void page_cache_is_no_memory(void **state)
{
    struct stage *stage = *state;
    char path[] = "weir-test-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    stage->options.memory = 40 * MEBIBYTE;
    const struct cell_report *report = stage_run(stage, ACTOR("file", "120", path));
    unlink(path);
    assert_verdict(report, CELL_OK);
    assert_true(report->peak < 40 * MEBIBYTE);
}

static void below_its_limit_it_lives(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 256 * MEBIBYTE;
    const struct cell_report *report = run_until_seen(stage, ACTOR("hold", "60"), 60 * MEBIBYTE, 1);
    assert_verdict(report, CELL_OK);
    assert_true(report->peak >= 60 * MEBIBYTE);
    assert_true(report->peak < 256 * MEBIBYTE);
}

static void a_kill_from_outside_is_no_memory(void **state)
{
    struct stage *stage = *state;
    stage->options.memory = 64 * MEBIBYTE;
    const struct cell_report *report = stage_run(stage, PROGRAM("sh", "-c", "kill -9 $$"));
    assert_verdict(report, CELL_SIGNAL);
    assert_int_equal(report->signal, SIGKILL);
    assert_non_null(
        strstr(report->evidence, "killed by signal 9, not by its memory limit: sender unknown"));
    assert_int_equal(report->suggestion, 0);
}

static void a_fault_is_a_signal(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report = stage_run(stage, ACTOR("fault"));
    assert_verdict(report, CELL_SIGNAL);
    assert_int_equal(report->signal, SIGSEGV);
}

static void time_runs_out(void **state)
{
    struct stage *stage = *state;
    stage->options.timeout_ns = SECOND / 10;
    const struct cell_report *report = stage_run(stage, PROGRAM("sleep", "1000"));
    assert_verdict(report, CELL_TIMEOUT);
    assert_int_equal(report->signal, SIGTERM);
    assert_true(report->wall_ns >= SECOND / 10);
}

static void sigterm_may_be_ignored_but_not_sigkill(void **state)
{
    struct stage *stage = *state;
    stage->options.timeout_ns = SECOND / 10;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "trap '' TERM; sleep 1000 & while :; do wait; done"));
    assert_verdict(report, CELL_TIMEOUT);
    assert_int_equal(report->signal, SIGKILL);
}

static void the_grace_lets_it_clean_up(void **state)
{
    struct stage *stage = *state;
    stage->options.grace_ns = 20 * SECOND;
    stage->options.timeout_ns = SECOND / 4;
    const struct cell_report *report = stage_run(
        stage, PROGRAM("sh", "-c", "trap 'echo cleaned; exit 7' TERM; sleep 1000 & wait"));
    assert_verdict(report, CELL_TIMEOUT);
    assert_int_equal(report->exit_status, 7);
    assert_true(text_has(&report->output, "cleaned"));
}

static void a_stopped_program_ends_too(void **state)
{
    struct stage *stage = *state;
    stage->options.timeout_ns = SECOND / 10;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "kill -STOP $$; sleep 1000"));
    assert_verdict(report, CELL_TIMEOUT);
}

static void wait_for_output(struct stage *stage)
{
    while (!cell_is_over(stage->cell) && stage->cell != NULL) {
        struct pollfd fds[CELL_DESCRIPTORS];
        size_t count = cell_poll_fill(stage->cell, fds);
        assert_true(count > 0);
        stage_turn(stage);
        if (cell_memory_now(stage->cell) > 0)
            return;
    }
}

static void it_is_cancelled(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, PROGRAM("sleep", "1000"));
    wait_for_output(stage);
    cell_cancel(stage->cell, 0);
    assert_verdict(stage_finish(stage), CELL_CANCELLED);
}

static void a_second_request_waits_no_longer(void **state)
{
    struct stage *stage = *state;
    stage->options.grace_ns = 1000 * SECOND;
    stage_start(stage, PROGRAM("sh", "-c", "trap '' TERM; while :; do sleep 1; done"));
    wait_for_output(stage);
    cell_cancel(stage->cell, 0);
    stage_turn(stage);
    cell_cancel(stage->cell, 0);
    assert_verdict(stage_finish(stage), CELL_CANCELLED);
}

static void a_daemon_does_not_stay(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report = stage_run(stage, ACTOR("daemon"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 1);
}

/* A child of weir's own without an environment might be a cell's: that is waited for a moment only,
 * and it is nobody's to end. */
static void what_is_not_known_is_left_alone(void **state)
{
    struct stage *stage = *state;
    pid_t stranger = fork();
    if (stranger == 0) {
        execle("/bin/sleep", "sleep", "1000", (char *)NULL, (char *const[]){NULL});
        _exit(1);
    }
    const struct cell_report *report = stage_run(stage, PROGRAM("true"));
    int status = 0;
    pid_t ended = waitpid(stranger, &status, WNOHANG);
    kill(stranger, SIGKILL);
    if (ended == 0)
        waitpid(stranger, &status, 0);
    assert_int_equal(ended, 0);
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 0);
}

static void children_holding_the_pipes_do_not_stay(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "sleep 1000 & sleep 1000 & echo done"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 2);
    assert_true(text_has(&report->output, "done"));
}

static void closed_pipes_end_nothing(void **state)
{
    struct stage *stage = *state;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 3"));
    assert_verdict(report, CELL_ERROR);
    assert_int_equal(report->exit_status, 3);
}

static void much_output_is_bounded(void **state)
{
    struct stage *stage = *state;
    FILE *file = tmpfile();
    stage->options.output = fileno(file);
    stage->options.output_most = 100000;
    const struct cell_report *report = stage_run(stage, ACTOR("flood", "100"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->output.total, 100 * MEBIBYTE);
    assert_int_equal(report->output.dropped, 100 * MEBIBYTE - 100000);
    assert_int_equal(report->output.start_size + report->output.end_size, CELL_OUTPUT_KEPT);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 100000);
    fclose(file);
}

static void python_says_it_itself(void **state)
{
    struct stage *stage = *state;
    if (!has_python())
        skip();
    const struct cell_report *report =
        stage_run(stage, PROGRAM("python3", "-c",
                                 "import resource as r\nr.setrlimit(r.RLIMIT_AS, (1<<29, 1<<29))\n"
                                 "x = bytearray(1<<33)"));
    assert_verdict(report, CELL_OOM_LIMIT);
    assert_int_equal(report->exit_status, 1);
    assert_non_null(strstr(report->evidence, "\"MemoryError\""));
}

static void the_line_of_python_is_told(void **state)
{
    struct stage *stage = *state;
    if (!has_python())
        skip();
    char path[] = "weir-test-XXXXXX.py";
    int file = mkstemps(path, 3);
    static const char CODE[] = "import sys\nrows = []\ndef grow():\n    while True:\n"
                               "        rows.append(bytearray(300_000))\n"
                               "sys.stderr.write('begin\\n')\ngrow()\n";
    assert_int_equal(write(file, CODE, sizeof CODE - 1), sizeof CODE - 1);
    close(file);
    FILE *errors = tmpfile();
    stage->options.errors = fileno(errors);
    stage->options.memory = 64 * MEBIBYTE;
    const struct cell_report *report = stage_run(stage, PROGRAM("python3", path));
    char passed[64] = "";
    assert_true(pread(fileno(errors), passed, sizeof passed - 1, 0) > 0);
    fclose(errors);
    unlink(path);
    assert_verdict(report, CELL_OOM_LIMIT);
    assert_true(report->line.known);
    assert_non_null(strstr(report->line.file, path));
    assert_int_equal(report->line.line, 5);
    assert_string_equal(report->line.function, "grow");
    assert_string_equal(report->line.code, "rows.append(bytearray(300_000))");
    assert_string_equal(passed, "begin\n");
    assert_true(text_has(&report->errors, "Fatal Python error"));
}

static void the_child_has_nothing_of_its_parent(void **state)
{
    struct stage *stage = *state;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    stage->options.directory = "/usr";
    const struct cell_report *report = stage_run(stage, ACTOR("itself"));
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_verdict(report, CELL_OK);
    if (!text_has(&report->output,
                  "session 1 group 1 descriptors 0 blocked 0 pipe 1 core 0 badness 200 in /usr\n"))
        fail_msg("%.*s", (int)report->output.start_size, report->output.start);
}

static void destroying_ends_everything(void **state)
{
    struct stage *stage = *state;
    stage_start(stage, PROGRAM("sh", "-c", "sleep 1000 & sleep 1000"));
    stage_turn(stage);
}

static void memory_is_written_down(void **state)
{
    struct stage *stage = *state;
    stage->options.samples = tmpfile();
    stage->options.sample_ns = SECOND / 100;
    assert_verdict(run_until_seen(stage, ACTOR("hold", "20"), 20 * MEBIBYTE, 1), CELL_OK);
    char text[256] = "";
    rewind(stage->options.samples);
    assert_true(fread(text, 1, sizeof text - 1, stage->options.samples) > 0);
    fclose(stage->options.samples);
    assert_int_equal(strncmp(text, "at_ms\tmemory\tprocesses\n", 23), 0);
    assert_true(stage->report->peak >= 20 * MEBIBYTE);
    assert_true(is_polled(stage) || stage->report->after.memory_peak > 0);
}

struct received {
    size_t output, errors, samples;
    char said[16];
    uint64_t last_at, memory_most;
};

static void receive_output(void *context, bool is_error, const void *bytes, size_t size)
{
    struct received *received = context;
    size_t *count = is_error ? &received->errors : &received->output;
    for (size_t i = 0; is_error && i < size && *count + i < sizeof received->said - 1; i++)
        received->said[*count + i] = ((const char *)bytes)[i];
    *count += size;
}

static void receive_sample(void *context, const struct cell_sample *sample)
{
    struct received *received = context;
    assert_true(received->samples == 0 || sample->at_ns > received->last_at);
    received->samples++;
    received->last_at = sample->at_ns;
    if (sample->memory > received->memory_most)
        received->memory_most = sample->memory;
}

/* Descriptors and file of the options are left alone then. */
static void a_receiver_takes_the_place_of_descriptors(void **state)
{
    struct stage *stage = *state;
    struct received received = {.output = 0};
    struct cell_receiver receiver = {&received, receive_output, receive_sample};
    FILE *file = tmpfile();
    stage->options.receiver = &receiver;
    stage->options.output = stage->options.errors = fileno(file);
    stage->options.samples = file;
    stage->options.sample_ns = SECOND / 100;
    stage->options.output_most = 1000;
    const struct cell_report *report =
        stage_run(stage, PROGRAM("sh", "-c", "echo well >&2; sleep 0.2; yes | head -c 100000"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(received.output, 1000);
    assert_int_equal(report->output.total, 100000);
    assert_int_equal(report->output.dropped, 99000);
    assert_int_equal(report->output.start_size + report->output.end_size, CELL_OUTPUT_KEPT);
    assert_string_equal(received.said, "well\n");
    assert_true(received.samples > 0 && received.memory_most > 0);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
    fclose(file);
}

#define LIFE(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, with_polling, clear),                                    \
        cmocka_unit_test_setup_teardown(test, with_groups, clear)

int main(int count, char **arguments)
{
    if (count > 1)
        return actor_play(count, arguments);
    const struct CMUnitTest tests[] = {
        LIFE(ends_well),
        LIFE(own_statuses_are_errors),
        LIFE(a_missing_program_is_a_report),
        LIFE(a_leak_is_told_with_its_limit),
        LIFE(a_burst_is_told),
        LIFE(shared_memory_counts),
        LIFE(a_child_counts),
        LIFE(shared_pages_count_once),
        LIFE(page_cache_is_no_memory),
        LIFE(below_its_limit_it_lives),
        LIFE(a_kill_from_outside_is_no_memory),
        LIFE(a_fault_is_a_signal),
        LIFE(time_runs_out),
        LIFE(sigterm_may_be_ignored_but_not_sigkill),
        LIFE(the_grace_lets_it_clean_up),
        LIFE(a_stopped_program_ends_too),
        LIFE(it_is_cancelled),
        LIFE(a_second_request_waits_no_longer),
        LIFE(a_daemon_does_not_stay),
        LIFE(what_is_not_known_is_left_alone),
        LIFE(children_holding_the_pipes_do_not_stay),
        LIFE(closed_pipes_end_nothing),
        LIFE(much_output_is_bounded),
        LIFE(python_says_it_itself),
        LIFE(the_line_of_python_is_told),
        LIFE(the_child_has_nothing_of_its_parent),
        LIFE(destroying_ends_everything),
        LIFE(memory_is_written_down),
        LIFE(a_receiver_takes_the_place_of_descriptors),
        LIFE(files_in_memory_count),
        LIFE(more_processes_than_allowed_do_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
