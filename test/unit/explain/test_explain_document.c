/* What happened to a command, as JSON. */
#include "ends.h"

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_int_t number_of(const json_t *object, const char *name)
{
    assert_true(json_is_integer(json_object_get(object, name)));
    return json_integer_value(json_object_get(object, name));
}

static void the_document_of_an_end_for_memory(void **state)
{
    (void)state;
    const struct cell_report report = out_of_memory();
    json_t *object = explain_document(&facts, &report);
    assert_string_equal(text_of(object, "verdict"), "oom-limit");
    assert_int_equal(number_of(object, "limit_bytes"), 2 * GIB);
    assert_int_equal(number_of(object, "peak_bytes"), 2 * GIB);
    assert_true(json_is_false(json_object_get(object, "peak_is_sampled")));
    assert_true(json_is_null(json_object_get(object, "exit_status")));
    assert_int_equal(number_of(object, "signal"), 9);
    assert_int_equal(number_of(object, "suggested_bytes"), 3 * GIB);
    assert_int_equal(number_of(object, "weir_exit_status"), 137);
    assert_true(json_is_false(json_object_get(object, "ended_by_weir")));
    assert_int_equal(number_of(object, "oom_kills"), 1);
    assert_string_equal(text_of(object, "watch"), "v1");
    assert_string_equal(text_of(object, "why"), report.why);
    const json_t *line = json_object_get(object, "line");
    assert_string_equal(text_of(line, "file"), "job.py");
    assert_int_equal(number_of(line, "line"), 41);
    assert_int_equal(json_array_size(json_object_get(object, "command")), 2);
    json_decref(object);
}

static void the_document_of_an_end_that_went_well(void **state)
{
    (void)state;
    struct cell_report report = ended(0);
    report.limit = 0;
    json_t *object = explain_document(&facts, &report);
    assert_string_equal(text_of(object, "verdict"), "ok");
    assert_int_equal(number_of(object, "exit_status"), 0);
    static const char *const none[] = {"limit_bytes", "signal", "suggested_bytes",
                                       "line",        "why",    "evidence",
                                       "error_tail",  "sender", "progress"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(json_is_null(json_object_get(object, none[i])));
    json_decref(object);
}

static void the_document_of_what_the_program_told(void **state)
{
    (void)state;
    struct cell_report report = ended(1);
    report.progress = (struct cell_progress){"sort", true, 0, 18000, "files"};
    json_t *object = explain_document(&facts, &report);
    const json_t *progress = json_object_get(object, "progress");
    assert_string_equal(text_of(progress, "phase"), "sort");
    assert_int_equal(number_of(progress, "read"), 0);
    assert_int_equal(number_of(progress, "of"), 18000);
    assert_string_equal(text_of(progress, "unit"), "files");
    json_decref(object);
}

/* No figure that can be asked for becomes negative. */
static void the_largest_figures_stay_figures(void **state)
{
    (void)state;
    static const char *const names[] = {"limit_bytes", "peak_bytes", "suggested_bytes",
                                        "timeout_ns", "growth_bytes_per_second"};
    struct explain_facts told = facts;
    struct cell_report report = out_of_memory();
    told.timeout_ns = UINT64_MAX;
    report.limit = report.peak = (uint64_t)1 << 63;
    report.suggestion = report.growth = UINT64_MAX - 1;
    json_t *object = explain_document(&told, &report);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(number_of(object, names[i]), INT64_MAX);
    json_decref(object);
}

/* Any bytes become valid JSON, and the tail begins with a whole character. */
static void tails_of_any_bytes(void **state)
{
    (void)state;
    static char many[5001], odd[] = "a\0b\xff\n";
    for (size_t i = 0; i + 1 < sizeof many; i += 2)
        memcpy(many + i, "é", 2);
    struct cell_report report = ended(1);
    report.errors = (struct cell_text){
        .start = many, .start_size = 10, .end = many + 1, .end_size = 4999, .total = 9999};
    json_t *object = explain_document(&facts, &report);
    const char *tail = text_of(object, "error_tail");
    assert_memory_equal(tail, "é", 2);
    assert_true(strlen(tail) <= 2048 && strlen(tail) > 2000);
    assert_int_equal(number_of(object, "error_bytes"), 9999);
    json_decref(object);
    report.errors = (struct cell_text){.start = odd, .start_size = sizeof odd - 1, .total = 5};
    object = explain_document(&facts, &report);
    assert_string_equal(text_of(object, "error_tail"), "a b?\n");
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_of_an_end_for_memory),
        cmocka_unit_test(the_document_of_an_end_that_went_well),
        cmocka_unit_test(the_document_of_what_the_program_told),
        cmocka_unit_test(the_largest_figures_stay_figures),
        cmocka_unit_test(tails_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
