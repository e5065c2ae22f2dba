/*
 * Attempts of jobs with real processes: what is kept of them, and that run.sh ends as they did.
 * Once with weir's own watch, once with the machine's groups.
 */
#include "batch/attempt_stage.h"

/* ---- whole lives ---- */

static void what_it_wrote_is_kept(void **state)
{
    struct stage *stage = *state;
    char line[8192];
    stage->job.arguments =
        SHELL("echo out; echo err >&2; echo more; touch \"$TMPDIR/left\"; sleep 0.1");
    run(stage, 64 * MEBIBYTE);
    assert_verdict(stage, CELL_OK);
    assert_null(stage->result.note);
    assert_file(in_folder(stage, "stdout.log"), "out\nmore\n");
    assert_file(in_folder(stage, "stderr.log"), "err\n");
    snprintf(line, sizeof line, "%s\n", stage->result.document);
    assert_file(in_folder(stage, "report.json"), line);
    assert_true(access(in_folder(stage, "run.sh"), X_OK) == 0);
    assert_int_equal(count_entries(attempt_folder(stage->attempt)), 5);
    assert_non_null(strstr(attempt_folder(stage->attempt), "/out/work/3/job/1"));
    json_t *document = document_of(stage);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "ok");
    assert_int_equal(number_of(document, "limit_bytes"), 64 * MEBIBYTE);
    assert_int_equal(number_of(document, "output_bytes"), 9);
    json_decref(document);
}

static void memory_over_time_is_kept(void **state)
{
    struct stage *stage = *state;
    stage->job.arguments = SHELL("sleep 0.3");
    run(stage, 64 * MEBIBYTE);
    char *text = read_file(in_folder(stage, "memory.tsv"), NULL);
    assert_memory_equal(text, "at_ms\tmemory\tprocesses\n", 23);
    size_t lines = 0, pairs;
    for (const char *at = strchr(text, '\n') + 1; *at != '\0'; at = strchr(at, '\n') + 1) {
        unsigned long long ms, bytes, processes;
        assert_int_equal(sscanf(at, "%llu\t%llu\t%llu\n", &ms, &bytes, &processes), 3);
        lines++;
    }
    free(text);
    json_t *samples = json_loads(stage->result.samples, 0, NULL), *pair;
    assert_true(json_is_array(samples));
    json_array_foreach(samples, pairs, pair)
        assert_true(json_array_size(pair) == 2 && json_is_integer(json_array_get(pair, 0)));
    assert_true(lines >= 3);
    assert_int_equal(json_array_size(samples), lines);
    json_decref(samples);
}

static void lines_of_a_slow_program_can_be_read(void **state)
{
    struct stage *stage = *state;
    stage->job.arguments = SHELL("echo begun; exec sleep 100");
    assert_int_equal(try_start(stage, 0), ERROR_NONE);
    uint64_t until = os_now_ns() + 30 * SECOND;
    while (!file_has(in_folder(stage, "stdout.log"), "begun\n") ||
           !file_has(in_folder(stage, "memory.tsv"), "at_ms\t")) {
        assert_true(os_now_ns() < until);
        assert_int_equal(turn(stage), ERROR_NONE);
        attempt_flush(stage->attempt);
    }
    assert_true(count_descriptors() <= stage->descriptors + CELL_DESCRIPTORS);
    attempt_cancel(stage->attempt, SIGINT);
    assert_int_equal(try_run(stage), ERROR_NONE);
    assert_verdict(stage, CELL_CANCELLED);
    json_t *document = document_of(stage);
    assert_int_equal(number_of(document, "weir_exit_status"), 130);
    json_decref(document);
}

static void long_outputs_keep_both_ends(void **state)
{
    struct stage *stage = *state;
    size_t size;
    stage->setting.log_most = 100000;
    stage->job.arguments =
        SHELL("echo first; dd if=/dev/zero bs=1000 count=1000 2>/dev/null; echo last");
    run(stage, 0);
    char *text = read_file(in_folder(stage, "stdout.log"), &size);
    uint64_t missing = 1000011 - 100000 - LOG_FILE_TAIL;
    char line[80];
    int length = snprintf(line, sizeof line, "\n[weir: %llu bytes are missing here]\n",
                          (unsigned long long)missing);
    assert_int_equal(size, 100000 + LOG_FILE_TAIL + (size_t)length);
    assert_memory_equal(text, "first\n", 6);
    assert_memory_equal(text + 100000, line, (size_t)length);
    assert_memory_equal(text + size - 5, "last\n", 5);
    free(text);
}

static void the_jobs_own_variables_come_first(void **state)
{
    struct stage *stage = *state;
    char before[] = "OWN=a", passed[] = "PASSED=b", secret[] = "SECRET=c", home[] = "HOME=/x";
    char *environment[] = {before, passed, secret, home, NULL};
    stage->setting.environment = environment;
    stage->setting.pass = WORDS("PASSED");
    stage->setting.pass_count = 1;
    stage->job.environment = WORDS("OWN=mine", "HOME=/here", "odd.name=1");
    stage->job.arguments =
        SHELL("tr '\\0' '\\n' </proc/$$/environ | grep -E '^(OWN|PASSED|SECRET|HOME|odd)' | sort");
    run(stage, 0);
    assert_file(in_folder(stage, "stdout.log"), "HOME=/here\nOWN=mine\nPASSED=b\nodd.name=1\n");
    json_t *document = document_of(stage);
    assert_int_equal(number_of(document, "variables_withheld"), 1);
    json_decref(document);
    assert_false(file_has(in_folder(stage, "run.sh"), "=b"));
}

static void its_temporary_folder_is_its_own(void **state)
{
    struct stage *stage = *state;
    char expected[100];
    stage->job.arguments = SHELL("echo \"$TMPDIR\"; ls -ld \"$TMPDIR\" | cut -c1-10; "
                                 "mkdir -p \"$TMPDIR/a/b\"; chmod 0 \"$TMPDIR/a\" \"$TMPDIR\"");
    run(stage, 0);
    char *text = read_file(in_folder(stage, "stdout.log"), NULL);
    snprintf(expected, sizeof expected, "%s/test-", stage->temporary);
    assert_memory_equal(text, expected, strlen(expected));
    assert_non_null(strstr(text, "\ndrwx------\n"));
    free(text);
    assert_nothing_left(stage);
}

static void out_of_memory_names_the_key_of_its_line(void **state)
{
    struct stage *stage = *state;
    stage->job.arguments = WORDS("/proc/self/exe", "take", "200");
    run(stage, 40 * MEBIBYTE);
    assert_verdict(stage, CELL_OOM_LIMIT);
    json_t *document = document_of(stage);
    assert_true(number_of(document, "suggested_bytes") > 40 * (json_int_t)MEBIBYTE);
    json_decref(document);
}

static void assert_not_run(struct stage *stage, const char *program, int status)
{
    stage->job.arguments = WORDS(program);
    run(stage, 0);
    assert_verdict(stage, CELL_ERROR);
    assert_false(stage->result.report->started);
    json_t *document = document_of(stage);
    assert_int_equal(number_of(document, "weir_exit_status"), status);
    json_decref(document);
    assert_string_equal(stage->result.samples, "[]");
    attempt_destroy(stage->attempt);
    stage->attempt = NULL;
}

static void a_program_that_cannot_be_run_is_reported(void **state)
{
    struct stage *stage = *state;
    assert_not_run(stage, "no-such-program-anywhere", 127);
    const char *path = scratch_name(&stage->scratch, "no-right");
    write_file(path, "");
    assert_not_run(stage, path, 126);
}

static void an_attempt_may_be_dropped_at_any_time(void **state)
{
    struct stage *stage = *state;
    stage->job.arguments = SHELL("echo begun; sleep 100 & sleep 100");
    assert_int_equal(try_start(stage, 0), ERROR_NONE);
    assert_int_equal(turn(stage), ERROR_NONE);
    attempt_destroy(stage->attempt);
    stage->attempt = NULL;
    assert_nothing_left(stage);
    attempt_destroy(NULL);
}

/* ---- run.sh ---- */

/* The weir that was built beside this test; false: there is none. */
static bool find_weir(char *ret, size_t size)
{
    char own[1000];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    for (int i = 0; length > 0 && i < 3; i++) {
        own[length] = '\0';
        length = strrchr(own, '/') - own;
    }
    own[length > 0 ? length : 0] = '\0';
    snprintf(ret, size, "%s/weir", own);
    return access(ret, X_OK) == 0;
}

static void its_script_ends_as_it_did(void **state)
{
    struct stage *stage = *state;
    char weir[1100], command[4000], path[1200];
    int status;
    if (!find_weir(weir, sizeof weir))
        skip();
    stage->job.directory = stage->scratch.path;
    stage->job.environment = WORDS("GREETING=it's \"me\"");
    stage->job.processes = 100;
    stage->job.timeout_ns = 60 * SECOND;
    stage->job.arguments = SHELL("echo \"$GREETING in $PWD\"; exit 7");
    run(stage, 64 * MEBIBYTE);
    assert_verdict(stage, CELL_ERROR);
    char *first = read_file(in_folder(stage, "stdout.log"), NULL);
    snprintf(path, sizeof path, "%s/again.log", stage->scratch.path);
    snprintf(command, sizeof command, "cd / && exec '%s' >'%s' 2>/dev/null",
             in_folder(stage, "run.sh"), path);
    setenv("WEIR_TEST_WEIR", weir, 1);
    pid_t child = fork();
    if (child == 0)
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 7);
    assert_file(path, first);
    free(first);
}

/* ---- what this program does in the place of others ---- */

static int play(char **arguments)
{
    const char *weir = getenv("WEIR_TEST_WEIR");
    if (strcmp(arguments[1], "exec") == 0 && weir != NULL)
        execv(weir, arguments);
    if (strcmp(arguments[1], "take") != 0)
        return 99;
    for (size_t mebibytes = strtoul(arguments[2], NULL, 10); mebibytes > 0; mebibytes--) {
        volatile char *block = malloc(MEBIBYTE);
        for (size_t at = 0; block != NULL && at < MEBIBYTE; at += 4096)
            block[at] = 1;
        usleep(2000);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count > 1)
        return play(arguments);
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        BOTH(what_it_wrote_is_kept),
        BOTH(memory_over_time_is_kept),
        BOTH(lines_of_a_slow_program_can_be_read),
        BOTH(long_outputs_keep_both_ends),
        BOTH(the_jobs_own_variables_come_first),
        BOTH(its_temporary_folder_is_its_own),
        BOTH(out_of_memory_names_the_key_of_its_line),
        BOTH(a_program_that_cannot_be_run_is_reported),
        BOTH(an_attempt_may_be_dropped_at_any_time),
        BOTH(its_script_ends_as_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
