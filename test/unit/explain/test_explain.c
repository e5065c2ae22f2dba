/* What happened to a command: as text, as JSON, as an exit status. */
#include "explain/explain.h"

#include <signal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB    UINT64_C(1048576)
#define GIB    UINT64_C(1073741824)
#define SECOND UINT64_C(1000000000)

static const char *const job[] = {"python", "job.py", NULL};

static const struct explain_facts facts = {
    .arguments = job,
    .memory_option = "--memory",
    .timeout_option = "--timeout",
    .timeout_ns = 30 * SECOND,
    .found = true,
    .utf8 = true,
};

/* A report of a program that ended by itself. */
static struct cell_report ended(int status)
{
    return (struct cell_report){
        .verdict = status == 0 ? CELL_OK : CELL_ERROR,
        .watch = CELL_WATCH_V1,
        .started = true,
        .exit_status = status,
        .limit = 2 * GIB,
        .peak = 1434 * MIB,
        .wall_ns = 12300 * (SECOND / 1000),
        .cpu_ns = 11 * SECOND,
        .processes_most = 1,
    };
}

static struct cell_report out_of_memory(void)
{
    struct cell_report report = ended(-1);
    report.verdict = CELL_OOM_LIMIT;
    report.signal = SIGKILL;
    report.peak = 2 * GIB;
    report.growth = 96 * MIB;
    report.processes_most = 3;
    report.suggestion = 3 * GIB;
    report.after.oom = report.after.oom_kills = 1;
    report.line = (struct cell_line){
        true, "job.py", 41, "load", "data = [bytes(n) for n in sizes]",
    };
    snprintf(report.evidence, sizeof report.evidence,
             "memory.oom_control oom_kill 0 to 1 in weir-1-2/exec");
    snprintf(report.why, sizeof report.why, "it still grew when it reached the limit");
    return report;
}

static char *summary_of(const struct cell_report *report)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_write_summary(stream, report);
    fclose(stream);
    return text;
}

static char *failure_of(const struct explain_facts *told, const struct cell_report *report)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_write_failure(stream, told, report);
    fclose(stream);
    return text;
}

static void check_summary(const struct cell_report *report, const char *expected)
{
    char *text = summary_of(report);
    assert_string_equal(text, expected);
    free(text);
}

static void check_failure(const struct explain_facts *told, const struct cell_report *report,
                          const char *expected)
{
    char *text = failure_of(told, report);
    assert_string_equal(text, expected);
    free(text);
}

static void one_line_when_it_went_well(void **state)
{
    (void)state;
    struct cell_report report = ended(0);
    check_summary(&report, "weir: ok in 12.3 s, peak 1.4 GiB of 2 GiB (70 %)\n");
    report.peak_is_sampled = true;
    report.limit = 0;
    check_summary(&report, "weir: ok in 12.3 s, peak ~1.4 GiB, no limit\n");
    report.leftovers = 1;
    check_summary(&report, "weir: ok in 12.3 s, peak ~1.4 GiB, no limit; 1 process that outlived "
                           "it ended\n");
}

static void the_report_of_an_end_for_memory(void **state)
{
    (void)state;
    const struct cell_report report = out_of_memory();
    check_failure(&facts, &report,
                  "error: python job.py ran out of memory\n"
                  "  limit 2 GiB (--memory) · peak 2 GiB · memory.oom_control oom_kill 0 to 1 in "
                  "weir-1-2/exec\n"
                  "  after 12.3 s · growing 96 MiB/s at the end · 3 processes at most\n"
                  "  line:  job.py:41 in load: `data = [bytes(n) for n in sizes]`\n"
                  "  why:   it still grew when it reached the limit\n"
                  "  try:   --memory 3GiB\n");
    assert_int_equal(explain_status(&facts, &report), 137);
}

/* Without evidence of memory no word about it. */
static void an_end_by_itself_is_no_end_for_memory(void **state)
{
    (void)state;
    struct cell_report report = ended(137);
    check_failure(&facts, &report,
                  "error: python job.py failed with exit status 137\n"
                  "  limit 2 GiB (--memory) · peak 1.4 GiB · after 12.3 s\n");
    assert_int_equal(explain_status(&facts, &report), 137);
    struct explain_facts withheld = facts;
    withheld.variables_withheld = 12;
    withheld.utf8 = false;
    report = ended(7);
    report.limit = 0;
    check_failure(&withheld, &report,
                  "error: python job.py failed with exit status 7\n"
                  "  no limit of memory, peak 1.4 GiB, after 12.3 s\n"
                  "  note:  12 variables of the environment not passed on; --env NAME or --env-all "
                  "does\n");
}

/* More processes than allowed, where only weir counts them. */
static void an_end_by_weir_that_is_none_of_the_words(void **state)
{
    (void)state;
    struct cell_report report = ended(-1);
    report.verdict = CELL_ERROR;
    report.signal = SIGTERM;
    snprintf(report.evidence, sizeof report.evidence, "it had more than its 20 processes");
    check_failure(&facts, &report,
                  "error: python job.py was ended by weir\n"
                  "  limit 2 GiB (--memory) · peak 1.4 GiB · it had more than its 20 processes\n"
                  "  after 12.3 s\n");
    assert_int_equal(explain_status(&facts, &report), 143);
}

static void headlines_of_the_other_ends(void **state)
{
    (void)state;
    struct explain_facts told = facts;
    told.stopped_by = SIGINT;
    static const struct {
        enum cell_verdict verdict;
        int signal, sender, status;
        const char *line;
    } cases[] = {
        {CELL_TIMEOUT, SIGTERM, 0, 124,
         "error: python job.py was stopped after 30.0 s (--timeout)\n"},
        {CELL_CANCELLED, SIGTERM, 0, 130,
         "error: python job.py was stopped, because weir got SIGINT\n"},
        {CELL_SIGNAL, SIGSEGV, 0, 139, "error: python job.py was ended by SIGSEGV\n"},
        {CELL_SIGNAL, SIGKILL, 4711, 137,
         "error: python job.py was ended by SIGKILL from process 4711\n"},
        {CELL_OOM_HOST, SIGKILL, 0, 137,
         "error: python job.py was killed because the machine had no memory left\n"},
        {CELL_LOST, 0, 0, 125, "error: python job.py is lost: how it ended is not known\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cell_report report = ended(-1);
        report.verdict = cases[i].verdict;
        report.signal = cases[i].signal;
        report.sender = cases[i].sender;
        char *text = failure_of(&told, &report);
        assert_memory_equal(text, cases[i].line, strlen(cases[i].line));
        free(text);
        assert_int_equal(explain_status(&told, &report), cases[i].status);
    }
}

static void what_could_not_be_started(void **state)
{
    (void)state;
    struct cell_report report = {.verdict = CELL_ERROR, .exit_status = -1};
    struct explain_facts told = facts;
    snprintf(report.why, sizeof report.why, "job.py cannot be run: Permission denied");
    check_failure(&told, &report, "error: job.py cannot be run: Permission denied\n");
    assert_int_equal(explain_status(&told, &report), 126);
    told.found = false;
    snprintf(report.why, sizeof report.why, "job.py cannot be run: No such file or directory");
    check_failure(&told, &report, "error: job.py cannot be run: No such file or directory\n");
    assert_int_equal(explain_status(&told, &report), 127);
}

static void statuses_around_memory(void **state)
{
    (void)state;
    struct cell_report report = ended(1); /* a MemoryError: its own status */
    report.verdict = CELL_OOM_LIMIT;
    assert_int_equal(explain_status(&facts, &report), 1);
    report.after.oom_kills = 1; /* a child of it was killed */
    assert_int_equal(explain_status(&facts, &report), 137);
    report = ended(134); /* a shell whose child was ended */
    report.verdict = CELL_OOM_LIMIT;
    assert_int_equal(explain_status(&facts, &report), 137);
    report = ended(0);
    report.verdict = CELL_OOM_LIMIT; /* it did not notice what became of its child */
    assert_int_equal(explain_status(&facts, &report), 137);
}

static void commands_are_shown_short_and_harmless(void **state)
{
    (void)state;
    char text[128], longest[512];
    const char *const plain[] = {"sh", "-c", "echo a b", NULL};
    assert_string_equal(explain_command(plain, text, sizeof text), "sh -c echo a b");
    const char *const harmful[] = {"x\033[2J\n", NULL};
    explain_command(harmful, text, sizeof text);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\n'));
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const many[] = {"run", longest, longest, NULL};
    explain_command(many, text, sizeof text);
    assert_true(strlen(text) < 80);
    assert_string_equal(text + strlen(text) - 3, "...");
    for (size_t i = 0; i + 2 < sizeof longest; i += 2)
        memcpy(longest + i, "é", 2);
    for (size_t shift = 0; shift < 2; shift++) {
        const char *const accents[] = {shift == 0 ? "a" : "ab", longest, NULL};
        json_t *valid = json_string(explain_command(accents, text, sizeof text));
        assert_non_null(valid);
        json_decref(valid);
    }
}

static void sizes_as_options(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(explain_size_option(3 * GIB, text, sizeof text), "3GiB");
    assert_string_equal(explain_size_option(1536 * MIB, text, sizeof text), "1536MiB");
    assert_string_equal(explain_size_option(100 * MIB + 1, text, sizeof text), "101MiB");
    uint64_t back;
    assert_true(mem_parse_size(explain_size_option(UINT64_MAX, text, sizeof text), &back) ||
                strcmp(text, "17179869184GiB") == 0);
}

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
    static const char *const none[] = {"limit_bytes", "signal",   "suggested_bytes", "line",
                                       "why",         "evidence", "error_tail",      "sender"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_true(json_is_null(json_object_get(object, none[i])));
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
        cmocka_unit_test(one_line_when_it_went_well),
        cmocka_unit_test(the_report_of_an_end_for_memory),
        cmocka_unit_test(an_end_by_itself_is_no_end_for_memory),
        cmocka_unit_test(an_end_by_weir_that_is_none_of_the_words),
        cmocka_unit_test(headlines_of_the_other_ends),
        cmocka_unit_test(what_could_not_be_started),
        cmocka_unit_test(statuses_around_memory),
        cmocka_unit_test(commands_are_shown_short_and_harmless),
        cmocka_unit_test(sizes_as_options),
        cmocka_unit_test(the_document_of_an_end_for_memory),
        cmocka_unit_test(the_document_of_an_end_that_went_well),
        cmocka_unit_test(tails_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
