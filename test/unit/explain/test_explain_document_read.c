/* From the JSON of an end back to its report: the same text, the same JSON. */
#include "explain/explain_document_read.h"

#include <signal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"

static struct mem_account account;
static struct mem_arena arena;
static struct error error;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &account);
    error_init(&error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mem_arena_release(&arena);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static uint64_t random_count(uint64_t *seed)
{
    uint64_t number = next_random(seed) << 31 | next_random(seed);
    return number >> next_random(seed) % 62;
}

static void random_text(uint64_t *seed, char *text, size_t most)
{
    static const char *const pieces[] = {"a", "Z", " ", "é", "→", "\"", "\\", "/", "{", "\n"};
    size_t used = 0, length = next_random(seed) % 40;
    text[0] = '\0';
    for (size_t i = 0; i < length; i++) {
        const char *piece = pieces[next_random(seed) % 10];
        if (used + strlen(piece) < most)
            used += (size_t)snprintf(text + used, most - used, "%s", piece);
    }
}

static void random_line(uint64_t *seed, struct cell_line *line)
{
    line->known = true;
    line->line = (unsigned)next_random(seed);
    random_text(seed, line->file, sizeof line->file);
    random_text(seed, line->function, sizeof line->function);
    random_text(seed, line->code, sizeof line->code);
}

static void random_progress(uint64_t *seed, struct cell_progress *progress)
{
    random_text(seed, progress->phase, sizeof progress->phase);
    progress->has_read = next_random(seed) % 2;
    if (!progress->has_read)
        return;
    progress->read = random_count(seed);
    progress->of = next_random(seed) % 2 * random_count(seed);
    snprintf(progress->unit, sizeof progress->unit, "%s", next_random(seed) % 2 ? "bytes" : "");
}

/* Any of the ends, with figures that mean nothing. */
static struct cell_report random_report(uint64_t *seed)
{
    struct cell_report report = {
        .verdict = (enum cell_verdict)(next_random(seed) % (CELL_LOST + 1)),
        .watch = (enum cell_watch)(next_random(seed) % 3),
        .started = next_random(seed) % 8 > 0,
        .ended_by_weir = next_random(seed) % 2,
        .exit_status = (int)(next_random(seed) % 257) - 1,
        .signal = (int)(next_random(seed) % 65),
        .sender = (int)(next_random(seed) % 2 * next_random(seed)),
        .limit = next_random(seed) % 4 == 0 ? 0 : random_count(seed),
        .peak = random_count(seed),
        .peak_is_sampled = next_random(seed) % 2,
        .growth = random_count(seed),
        .wall_ns = random_count(seed),
        .cpu_ns = random_count(seed),
        .processes_most = random_count(seed),
        .leftovers = next_random(seed) % 3,
        .after.oom_kills = next_random(seed) % 3,
        .output.total = random_count(seed),
        .errors.total = random_count(seed),
        .suggestion = next_random(seed) % 2 * random_count(seed),
    };
    random_text(seed, report.evidence, sizeof report.evidence);
    random_text(seed, report.why, sizeof report.why);
    if (next_random(seed) % 2)
        random_line(seed, &report.line);
    if (next_random(seed) % 2)
        random_progress(seed, &report.progress);
    return report;
}

static char *failure_of(const struct explain_facts *facts, const struct cell_report *report)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_write_failure(stream, facts, report);
    explain_write_summary(stream, report);
    fclose(stream);
    return text;
}

static char *json_of(const struct explain_facts *facts, const struct cell_report *report)
{
    json_t *document = explain_document(facts, report);
    char *text = json_dumps(document, 0);
    json_decref(document);
    assert_non_null(text);
    return text;
}

static void assert_comes_back(const struct explain_facts *facts, const struct cell_report *report)
{
    struct explain_record record;
    char *json = json_of(facts, report);
    if (explain_document_read(json, strlen(json), &arena, &record, &error) != ERROR_NONE)
        fail_msg("%s\n%s", error.what, json);
    record.facts.utf8 = facts->utf8;
    record.facts.colour = facts->colour;
    char *before = failure_of(facts, report), *after = failure_of(&record.facts, &record.report);
    assert_string_equal(before, after);
    char *again = json_of(&record.facts, &record.report);
    assert_string_equal(json, again);
    free(before);
    free(after);
    free(again);
    free(json);
}

static void every_end_comes_back(void **state)
{
    (void)state;
    const char *const words[] = {"python", "job é.py", "", "--x=\"1\"", NULL};
    char tail[] = "Traceback\n  line\tthree é\n";
    uint64_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        struct cell_report report = random_report(&seed);
        struct explain_facts facts = {
            .arguments = words,
            .memory_option = i % 2 ? "--memory" : "memory",
            .timeout_option = i % 3 ? "--timeout" : "timeout",
            .timeout_ns = next_random(&seed) % 2 * random_count(&seed),
            .stopped_by = report.verdict == CELL_CANCELLED ? (int)(1 + next_random(&seed) % 64) : 0,
            .variables_withheld = next_random(&seed) % 3,
            .cpus_not_kept = next_random(&seed) % 2,
            .found = report.started || report.verdict != CELL_ERROR || next_random(&seed) % 2,
            .utf8 = next_random(&seed) % 2,
            .colour = next_random(&seed) % 2,
        };
        if (next_random(&seed) % 2)
            report.errors.start = tail, report.errors.start_size = sizeof tail - 1;
        if (report.exit_status == 127) /* of a program that was found */
            report.exit_status = 128;
        assert_comes_back(&facts, &report);
    }
}

static enum error_code read_text(const char *text)
{
    struct explain_record record;
    error_init(&error);
    return explain_document_read(text, strlen(text), &arena, &record, &error);
}

static void what_is_missing_is_not_known(void **state)
{
    (void)state;
    struct explain_record record;
    const char *text = "{\"verdict\": \"error\", \"later\": {\"unknown\": [1]}, \"line\": null}";
    assert_int_equal(explain_document_read(text, strlen(text), &arena, &record, &error),
                     ERROR_NONE);
    assert_int_equal(record.report.verdict, CELL_ERROR);
    assert_int_equal(record.report.exit_status, -1);
    assert_true(record.report.started);
    assert_false(record.report.line.known);
    assert_null(record.facts.arguments[0]);
    char *shown = failure_of(&record.facts, &record.report);
    assert_non_null(strstr(shown, "was ended by weir"));
    free(shown);
}

/* Each with a word that the message has. */
static void foreign_documents_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"[]", "not a JSON object"},
        {"{}", "verdict"},
        {"{\"verdict\": 1}", "verdict"},
        {"{\"verdict\": \"oom\"}", "verdict"},
        {"{\"verdict\": \"ok\\u0000\"}", "not JSON"},
        {"{\"verdict\": \"ok\", \"peak_bytes\": -1}", "peak_bytes"},
        {"{\"verdict\": \"ok\", \"peak_bytes\": 1.5}", "peak_bytes"},
        {"{\"verdict\": \"ok\", \"peak_bytes\": 99999999999999999999}", "not JSON"},
        {"{\"verdict\": \"ok\", \"signal\": 4294967296}", "signal"},
        {"{\"verdict\": \"ok\", \"started\": 1}", "started"},
        {"{\"verdict\": \"ok\", \"ended_by_weir\": 0}", "ended_by_weir"},
        {"{\"verdict\": \"ok\", \"oom_kills\": -1}", "oom_kills"},
        {"{\"verdict\": \"ok\", \"why\": []}", "why"},
        {"{\"verdict\": \"ok\", \"watch\": \"v3\"}", "watch"},
        {"{\"verdict\": \"ok\", \"command\": \"sh\"}", "command"},
        {"{\"verdict\": \"ok\", \"command\": [\"sh\", 1]}", "command"},
        {"{\"verdict\": \"ok\", \"progress\": []}", "progress"},
        {"{\"verdict\": \"ok\", \"progress\": {\"phase\": 1}}", "phase"},
        {"{\"verdict\": \"ok\", \"progress\": {\"read\": -1}}", "read"},
        {"{\"verdict\": \"ok\", \"line\": 12}", "line"},
        {"{\"verdict\": \"ok\", \"line\": {\"line\": 4294967296}}", "line"},
        {"{\"verdict\": \"ok\", \"error_tail\": {}}", "error_tail"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_text(cases[i][0]), ERROR_INPUT);
        if (strstr(error.what, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], error.what);
    }
}

/* Cut anywhere, with any byte changed: an error or a report, and nothing leaks. */
static void damage_does_no_harm(void **state)
{
    (void)state;
    const char *const words[] = {"sh", NULL};
    const struct explain_facts facts = {
        .arguments = words, .memory_option = "--memory", .timeout_option = "--timeout"};
    uint64_t seed = 7;
    struct cell_report report = random_report(&seed);
    struct explain_record record;
    char *json = json_of(&facts, &report);
    size_t length = strlen(json);
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(explain_document_read(json, i, &arena, &record, &error), ERROR_INPUT);
        char kept = json[i];
        for (unsigned value = 0; value < 256; value += 5) {
            json[i] = (char)value;
            if (explain_document_read(json, length, &arena, &record, &error) == ERROR_NONE)
                free(failure_of(&record.facts, &record.report));
        }
        json[i] = kept;
    }
    free(json);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[4096], why[3000];
    struct explain_record record;
    memset(why, 'w', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    int size = snprintf(text, sizeof text, "{\"verdict\": \"error\", \"why\": \"%s\"}", why);
    assert_int_equal(explain_document_read(text, (size_t)size, &arena, &record, &error),
                     ERROR_NONE);
    assert_int_equal(strlen(record.report.why), sizeof record.report.why - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_end_comes_back),
        TEST(what_is_missing_is_not_known),
        TEST(foreign_documents_are_refused),
        TEST(damage_does_no_harm),
        TEST(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
