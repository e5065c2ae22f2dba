/* A batch as lines: one for each job, a report for each attempt that failed. */
#include "batch_fixture.h"
#include "cli/batch_lines.h"

#define CLOCK "12:01:02"

static const struct cell_report good = {
    .verdict = CELL_OK,
    .started = true,
    .limit = 512 * MIB,
    .peak = 300 * MIB,
    .wall_ns = 12 * SECOND / 10,
};
static const struct cell_report bad = {
    .verdict = CELL_ERROR,
    .started = true,
    .exit_status = 3,
    .limit = 512 * MIB,
    .peak = 300 * MIB,
    .wall_ns = 2 * SECOND,
    .why = "oops",
};
static const struct cell_report oom = {
    .verdict = CELL_OOM_LIMIT,
    .started = true,
    .exit_status = -1,
    .signal = 9,
    .limit = 512 * MIB,
    .peak = 512 * MIB,
    .wall_ns = 2 * SECOND,
    .suggestion = 820 * MIB,
    .evidence = "oom 0 to 1",
};

static struct batch_event ended(const struct attempt_result *result, int64_t attempt)
{
    return (struct batch_event){
        .kind = BATCH_ENDED, .attempt = attempt, .memory = 512 * MIB, .result = result};
}

static void a_job_that_went_well_is_one_line(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS, .over = 2};
    const struct attempt_result result = {.report = &good};
    struct batch_event event = ended(&result, 1);
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  3 of 4 OK load-1 ...................................... "
                  "[OK in 1.20 s, peak 300 MiB of 512 MiB]\n");
    assert_int_equal(lines.over, 3);
    event.attempt = 2;
    scene.colour = true;
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  4 of 4 OK load-1 (attempt 2) .......................... "
                  "[\033[32mOK in 1.20 s, peak 300 MiB of 512 MiB\033[0m]\n");
}

/* Names are anybody's text: none reaches the terminal as a command, none breaks the line. */
static void names_are_escaped_and_may_be_long(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS};
    const struct attempt_result result = {.report = &good};
    struct batch_event event = ended(&result, 1);
    event.job = 3;
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  1 of 4 OK \303\244\303\266\303\274\\x1b[1m "
                  ".................................. [OK in 1.20 s, peak 300 MiB of 512 MiB]\n");
    char name[JOBS_NAME_MOST + 1];
    memset(name, 'n', JOBS_NAME_MOST);
    name[JOBS_NAME_MOST] = '\0';
    const struct job job = {.name = name, .arguments = batch_words};
    const struct jobs jobs = {.items = &job, .count = 1};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = text_stream(&text, &size);
    scene.jobs = &jobs;
    event.job = 0;
    batch_lines_write(&lines, stream, &scene, &event, CLOCK);
    fclose(stream);
    assert_non_null(strstr(text, name));
    assert_non_null(strstr(text, "n ... [OK in"));
    free(text);
}

static void a_failure_has_its_report(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_FAILURES};
    const char *const words[] = {"python", "load.py", NULL};
    const struct explain_facts facts = {.arguments = words,
                                        .memory_option = "memory",
                                        .timeout_option = "timeout",
                                        .variables_withheld = 2,
                                        .found = true};
    const struct attempt_result result = {
        .report = &bad, .facts = &facts, .note = "the disk is full"};
    struct batch_event event = ended(&result, 1);
    event.retry.why = "not tried again after an error";
    assert_writes(
        batch_lines_write(&lines, stream, &scene, &event, CLOCK),
        "12:01:02  1 of 4 FAILED load-1 .................................. "
        "[error in 2.00 s, peak 300 MiB of 512 MiB]\n"
        "error: python load.py failed with exit status 3\n"
        "  limit 512 MiB (memory) · peak 300 MiB · after 2.00 s\n"
        "  why:   oops\n"
        "  note:  2 variables of the environment not passed on; --env NAME or --env-all does\n"
        "  next:  none: not tried again after an error; full record: weir logs 7 load-1\n"
        "  note:  the disk is full\n");
}

static void what_is_tried_again_does_not_count_as_over(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS};
    const struct attempt_result result = {.report = &oom};
    struct batch_event event = ended(&result, 1);
    event.job = 1;
    event.retry.again = true;
    event.retry.memory = 1536 * MIB;
    scene.utf8 = false;
    scene.folder = "my out";
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  RETRY load-2 .......................................... "
                  "[oom-limit in 2.00 s, peak 512 MiB of 512 MiB]\n"
                  "error: python load.py ran out of memory\n"
                  "  limit 512 MiB (memory), peak 512 MiB, oom 0 to 1\n"
                  "  after 2.00 s\n"
                  "  try:   memory 820MiB\n"
                  "  next:  retrying with 1.5 GiB; full record: weir logs -o 'my out' 7 load-2\n");
    assert_int_equal(lines.over, 0);
}

static void starts_are_told_on_request_only(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS};
    const struct batch_event event = {
        .kind = BATCH_STARTED, .job = 2, .attempt = 3, .memory = 2048 * MIB};
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK), "");
    lines.level = BATCH_LINES_ALL;
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  START sum up (attempt 3) .............................. "
                  "[RUN with 2 GiB]\n");
    assert_int_equal(lines.over, 0);
}

static void what_is_left_out_names_its_cause(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS, .over = 1};
    const struct batch_event left = {.kind = BATCH_LEFT_OUT, .job = 2, .cause = 1};
    const struct batch_event passed = {.kind = BATCH_PASSED, .job = 0};
    assert_writes(batch_lines_write(&lines, stream, &scene, &left, CLOCK),
                  "12:01:02  2 of 4 SKIP sum up .................................... "
                  "[SKIP: load-2 failed]\n");
    assert_writes(batch_lines_write(&lines, stream, &scene, &passed, CLOCK), "");
    assert_int_equal(lines.over, 3); /* it counts all the same */
    lines.level = BATCH_LINES_FAILURES;
    assert_writes(batch_lines_write(&lines, stream, &scene, &left, CLOCK), "");
}

static void a_stop_needs_no_report(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_lines lines = {.level = BATCH_LINES_ENDS, .over = 1};
    struct cell_report report = bad;
    report.verdict = CELL_CANCELLED;
    const struct attempt_result result = {.report = &report};
    struct batch_event event = ended(&result, 1);
    scene.stopped_by = 2;
    assert_writes(batch_lines_write(&lines, stream, &scene, &event, CLOCK),
                  "12:01:02  STOPPED load-1 ........................................ "
                  "[cancelled in 2.00 s, peak 300 MiB of 512 MiB]\n");
    assert_int_equal(lines.over, 1);
}

static void words_are_quoted_for_a_shell(void **state)
{
    (void)state;
    assert_writes(batch_put_word(stream, "load-3.x"), "load-3.x");
    assert_writes(batch_put_word(stream, ""), "''");
    assert_writes(batch_put_word(stream, "a b;$x"), "'a b;$x'");
    assert_writes(batch_put_word(stream, "it's"), "'it'\\''s'");
    assert_writes(batch_put_word(stream, "\033["), "'\\x1b['");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_that_went_well_is_one_line),
        cmocka_unit_test(names_are_escaped_and_may_be_long),
        cmocka_unit_test(a_failure_has_its_report),
        cmocka_unit_test(what_is_tried_again_does_not_count_as_over),
        cmocka_unit_test(starts_are_told_on_request_only),
        cmocka_unit_test(what_is_left_out_names_its_cause),
        cmocka_unit_test(a_stop_needs_no_report),
        cmocka_unit_test(words_are_quoted_for_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
