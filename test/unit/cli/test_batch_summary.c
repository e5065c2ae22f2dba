/* A batch in a few lines: the plan of a dry run, and what came of it. */
#include "batch_fixture.h"
#include "cli/batch_summary.h"

static struct batch_plan plan_of(uint64_t running_most)
{
    const struct admission_pool pool = {.memory = 1800 * MIB, .milli_cpus = 2000};
    struct mem_account account;
    struct batch_plan plan;
    struct error error;
    error_init(&error);
    mem_account_init(&account, "test", NULL, MIB);
    assert_int_equal(batch_plan_make(&batch_table, &pool, running_most, &account, &plan, &error),
                     ERROR_NONE);
    assert_int_equal(atomic_load(&account.used), 0);
    return plan;
}

static void a_plan_counts_what_fits_together(void **state)
{
    (void)state;
    struct batch_plan plan = plan_of(0);
    assert_int_equal(plan.memory_sum, (512 + 1024 + 2048 + 64) * MIB);
    assert_int_equal(plan.memory_largest, 2048 * MIB);
    assert_int_equal(plan.largest, 2);
    assert_int_equal(plan.cpus_sum, 6500);
    assert_int_equal(plan.cpus_largest, 4000);
    assert_int_equal(plan.after, 1);
    assert_int_equal(plan.preset, 1);
    assert_int_equal(plan.at_once, 2); /* memory would do for three, processors for two */
    assert_int_equal(plan.refused, 1);
    assert_int_equal(plan_of(1).at_once, 1);
    assert_int_equal(plan_of(100).at_once, 2);
}

static void a_plan_that_needs_more_memory_than_there_is(void **state)
{
    (void)state;
    const struct admission_pool pool = {.memory = MIB, .milli_cpus = 1};
    struct mem_account account;
    struct batch_plan plan;
    struct error error;
    error_init(&error);
    mem_account_init(&account, "test", NULL, 16);
    assert_int_equal(batch_plan_make(&batch_table, &pool, 0, &account, &plan, &error),
                     ERROR_MEMORY);
}

static void a_plan_as_text(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_plan plan = plan_of(0);
    const uint32_t changed[] = {1, 3};
    const struct batch_past past = {
        .run = 7, .finished = 1, .changed_count = 2, .changed = changed, .gone = 1};
    scene.pool = (struct admission_pool){.memory = 1800 * MIB, .milli_cpus = 2000};
    assert_writes(
        batch_plan_write(stream, &scene, &plan, &past),
        "jobs        4, of which 1 come after others\n"
        "memory      3.6 GiB in all, the largest 2 GiB (sum up), at most 1.8 GiB at once; "
        "1 without a figure\n"
        "processors  6.5 in all, the largest 4, at most 2 at once\n"
        "at once     2 at most\n"
        "refused     job sum up (jobs.jsonl:4) asks for 2 GiB, all together may have 1.8 GiB; "
        "--memory 2GiB would do\n"
        "resume      run 7: 1 of 4 jobs are finished already, 2 changed since: load-2 "
        "\303\244\303\266\303\274\\x1b[1m; 1 job of it not in the file any more\n"
        "nothing was made or run\n");
}

static void a_refusal_says_what_would_do(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    scene.pool = (struct admission_pool){.memory = 4096 * MIB, .milli_cpus = 2500};
    assert_writes(
        batch_refusal_write(stream, &scene, &batch_jobs[2], ADMISSION_NEEDS_CPUS),
        "job sum up (jobs.jsonl:4) asks for 4 processors, all together may have 2.5; --cpus 4 "
        "would do");
}

static struct batch_totals totals_of(uint32_t ok, uint32_t failed, uint32_t skipped)
{
    return (struct batch_totals){
        .view = {.jobs = 4,
                 .ok = ok,
                 .failed = failed,
                 .skipped = skipped,
                 .waiting = 4 - ok - failed - skipped,
                 .pool = {.memory = 8192 * MIB}},
        .wall_ns = 123 * SECOND / 10,
        .used_peak = 3174 * MIB,
        .granted_peak = 7680 * MIB,
    };
}

static void all_is_well(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_totals totals = totals_of(4, 0, 0);
    assert_writes(batch_summary_write(stream, &scene, &totals),
                  "Done. OK=4 FAILED=0 SKIPPED=0 TOTAL=4 in 12.3 s, peak 3.1 GiB used, "
                  "7.5 GiB granted of 8 GiB\n"
                  "report: weir report 7\n");
    assert_int_equal(batch_exit_status(&scene, &totals), 0);
    assert_string_equal(batch_status(&scene, &totals), "ok");
    scene.stopped_by = 2; /* too late to matter */
    assert_int_equal(batch_exit_status(&scene, &totals), 0);
}

static void what_failed_is_listed(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_totals totals = totals_of(1, 2, 1);
    const struct batch_failure failures[] = {{0, CELL_ERROR, 1}, {2, CELL_OOM_LIMIT, 3}};
    totals.failures = failures;
    totals.failure_count = 2;
    scene.memory_said = 8192 * MIB;
    scene.cpus_said = 1.5;
    scene.folder = "out";
    char safe[128], path[256];
    snprintf(path, sizeof path,
             "Failed:\n"
             "  load-1  error      attempt 1  out/work/7/load-1/1/stderr.log\n"
             "  sum up  oom-limit  attempt 3  out/work/7/%s/3/stderr.log\n",
             work_folder_name("sum up", safe));
    char expected[1024];
    snprintf(expected, sizeof expected,
             "%sDone. OK=1 FAILED=2 SKIPPED=1 TOTAL=4 in 12.3 s, peak 3.1 GiB used, "
             "7.5 GiB granted of 8 GiB\n"
             "resume: weir exec --batch jobs.jsonl --memory 8GiB --cpus 1.5 -o out --resume 7\n"
             "report: weir report -o out 7\n",
             path);
    assert_writes(batch_summary_write(stream, &scene, &totals), expected);
    assert_int_equal(batch_exit_status(&scene, &totals), 1);
    assert_string_equal(batch_status(&scene, &totals), "failed");
}

static void a_long_list_is_cut(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_totals totals = totals_of(0, 4, 0);
    struct batch_failure failures[25] = {{0}};
    totals.failures = failures;
    totals.failure_count = 25;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = text_stream(&text, &size);
    batch_summary_write(stream, &scene, &totals);
    fclose(stream);
    assert_non_null(strstr(text, "\n  and 5 more\n"));
    free(text);
}

static void a_stop_says_what_did_not_run(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_totals totals = totals_of(1, 0, 0);
    scene.stopped_by = 15;
    assert_writes(batch_summary_write(stream, &scene, &totals),
                  "Stopped by SIGTERM. OK=1 FAILED=0 SKIPPED=0 NOT-RUN=3 TOTAL=4 in 12.3 s, peak "
                  "3.1 GiB used, 7.5 GiB granted of 8 GiB\n"
                  "resume: weir exec --batch jobs.jsonl --resume 7\n"
                  "report: weir report 7\n");
    assert_int_equal(batch_exit_status(&scene, &totals), 143);
    assert_string_equal(batch_status(&scene, &totals), "cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_counts_what_fits_together),
        cmocka_unit_test(a_plan_that_needs_more_memory_than_there_is),
        cmocka_unit_test(a_plan_as_text),
        cmocka_unit_test(a_refusal_says_what_would_do),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(what_failed_is_listed),
        cmocka_unit_test(a_long_list_is_cut),
        cmocka_unit_test(a_stop_says_what_did_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
