/* A batch as JSON lines: names and values of every event. */
#include "batch_fixture.h"
#include "cli/batch_document.h"

static void assert_document(json_t *document, const char *expected)
{
    char *text = json_dumps(document, 0);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
    json_decref(document);
}

static void a_run_begins(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const uint32_t changed[] = {1};
    const struct batch_past past = {
        .run = 7, .finished = 2, .changed_count = 1, .changed = changed, .gone = 3};
    assert_document(
        batch_document_run(&scene, &past, true, 5, 99),
        "{\"event\": \"run\", \"run\": 7, \"time_ns\": 99, \"batch\": \"jobs.jsonl\", "
        "\"folder\": \"weir-out\", \"jobs\": 4, \"memory_bytes\": 4294967296, "
        "\"milli_cpus\": 4000, \"running_most\": 5, \"resumed\": true, \"finished\": 2, "
        "\"changed\": [\"load-2\"], \"gone\": 3}");
}

static void an_attempt_begins(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const struct batch_event event = {
        .kind = BATCH_STARTED, .job = 1, .attempt = 2, .memory = 5, .folder = "f"};
    assert_document(batch_document_event(&scene, &event, 99),
                    "{\"event\": \"started\", \"run\": 7, \"time_ns\": 99, \"job\": \"load-2\", "
                    "\"attempt\": 2, \"memory_bytes\": 5, \"folder\": \"f\"}");
}

static void an_attempt_ends_with_its_report(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const struct cell_report report = {.verdict = CELL_OOM_LIMIT};
    /* A name of the event is not overwritten by one of the report. */
    const struct attempt_result result = {
        .report = &report, .document = "{\"verdict\": \"oom-limit\", \"job\": 1, \"peak\": 9}"};
    struct batch_event event = {
        .kind = BATCH_ENDED,
        .attempt = 1,
        .memory = 5,
        .folder = "f",
        .result = &result,
        .retry = {.again = true, .memory = 10},
    };
    assert_document(batch_document_event(&scene, &event, 99),
                    "{\"event\": \"ended\", \"run\": 7, \"time_ns\": 99, \"job\": \"load-1\", "
                    "\"attempt\": 1, \"memory_bytes\": 5, \"folder\": \"f\", \"again\": true, "
                    "\"next_memory_bytes\": 10, \"not_again_because\": null, \"note\": null, "
                    "\"verdict\": \"oom-limit\", \"peak\": 9}");
}

static void an_attempt_that_weir_could_not_run(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const struct cell_report report = {.verdict = CELL_ERROR, .why = "no room"};
    const struct attempt_result result = {.report = &report, .note = "x"};
    const struct batch_event event = {
        .kind = BATCH_ENDED, .attempt = 1, .result = &result, .retry = {.why = "attempt 1 of 1"}};
    assert_document(batch_document_event(&scene, &event, 99),
                    "{\"event\": \"ended\", \"run\": 7, \"time_ns\": 99, \"job\": \"load-1\", "
                    "\"attempt\": 1, \"memory_bytes\": 0, \"folder\": null, \"again\": false, "
                    "\"next_memory_bytes\": null, \"not_again_because\": \"attempt 1 of 1\", "
                    "\"note\": \"x\", \"verdict\": \"error\", \"started\": false, "
                    "\"why\": \"no room\"}");
}

static void jobs_that_do_not_run(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const struct batch_event passed = {.kind = BATCH_PASSED, .job = 1};
    const struct batch_event left = {.kind = BATCH_LEFT_OUT, .job = 2, .cause = 0};
    assert_document(batch_document_event(&scene, &passed, 99),
                    "{\"event\": \"passed\", \"run\": 7, \"time_ns\": 99, \"job\": \"load-2\"}");
    assert_document(batch_document_event(&scene, &left, 99),
                    "{\"event\": \"left-out\", \"run\": 7, \"time_ns\": 99, \"job\": \"sum up\", "
                    "\"cause\": \"load-1\"}");
}

static void a_run_ends(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    const struct batch_totals totals = {
        .view =
            {.jobs = 4, .ok = 2, .failed = 1, .skipped = 1, .passed = 1, .attempts = 5, .oom = 2},
        .wall_ns = 10,
        .used_peak = 20,
        .granted_peak = 30,
    };
    assert_document(
        batch_document_end(&scene, &totals, 99),
        "{\"event\": \"end\", \"run\": 7, \"time_ns\": 99, \"status\": \"failed\", \"ok\": 2, "
        "\"failed\": 1, \"skipped\": 1, \"not_run\": 0, \"jobs\": 4, \"passed\": 1, "
        "\"attempts\": 5, \"oom_attempts\": 2, \"wall_ns\": 10, \"used_peak_bytes\": 20, "
        "\"granted_peak_bytes\": 30, \"memory_bytes\": 4294967296, \"milli_cpus\": 4000, "
        "\"weir_exit_status\": 1}");
}

static void what_stands_in_the_way(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    scene.run = 0;
    assert_document(batch_document_complaint("jobs.jsonl", 3, "unknown key", NULL),
                    "{\"event\": \"complaint\", \"file\": \"jobs.jsonl\", \"line\": 3, "
                    "\"message\": \"unknown key\", \"hint\": null}");
    assert_document(batch_document_refusal(&scene, &batch_jobs[2], ADMISSION_NEEDS_CPUS),
                    "{\"event\": \"refused\", \"run\": null, \"job\": \"sum up\", "
                    "\"file\": \"jobs.jsonl\", \"line\": 4, \"needs\": \"cpus\", "
                    "\"asked_memory_bytes\": 2147483648, \"asked_milli_cpus\": 4000, "
                    "\"memory_bytes\": 4294967296, \"milli_cpus\": 4000}");
    const struct batch_plan plan = {.memory_sum = 6, .at_once = 2};
    assert_document(
        batch_document_plan(&scene, &plan, NULL),
        "{\"event\": \"plan\", \"run\": null, \"batch\": \"jobs.jsonl\", \"jobs\": 4, "
        "\"jobs_after_others\": 0, \"jobs_without_figure\": 0, \"refused\": 0, "
        "\"sum_memory_bytes\": 6, \"largest_memory_bytes\": 0, \"sum_milli_cpus\": 0, "
        "\"largest_milli_cpus\": 0, \"memory_bytes\": 4294967296, \"milli_cpus\": 4000, "
        "\"running_most\": 2, \"resumed\": false}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_begins),
        cmocka_unit_test(an_attempt_begins),
        cmocka_unit_test(an_attempt_ends_with_its_report),
        cmocka_unit_test(an_attempt_that_weir_could_not_run),
        cmocka_unit_test(jobs_that_do_not_run),
        cmocka_unit_test(a_run_ends),
        cmocka_unit_test(what_stands_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
