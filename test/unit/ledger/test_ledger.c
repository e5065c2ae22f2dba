/* Runs, steps and attempts: what is kept, what is refused, what comes back. */
#include "fixture.h"

#include <sqlite3.h>

static void a_finished_step_is_found_after_reopening(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger);
    int64_t attempt = begin_attempt(ledger, make_step(ledger, run, "a"));
    assert_false(is_finished(ledger, run, "a"));
    assert_ok(end_as(ledger, attempt, "ok", true));
    assert_true(is_finished(ledger, run, "a"));
    assert_ok(ledger_end_run(ledger, run, "ok", 5000, &error));
    ledger_close(ledger);

    ledger = open_ledger(true);
    int64_t found;
    bool finished;
    assert_ok(ledger_find_run(ledger, "identity", &found, &error));
    assert_int_equal(found, run);
    assert_true(is_finished(ledger, run, "a"));
    assert_ok(ledger_is_finished(ledger, run, "a", "other", &finished, &error));
    assert_false(finished);
    assert_false(is_finished(ledger, run + 1, "a"));
    assert_status(ledger, "ok");
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
}

static void the_newest_run_of_an_identity_is_found(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t found = -1, run;
    assert_ok(ledger_find_run(ledger, "x", &found, &error));
    assert_int_equal(found, 0);
    assert_ok(ledger_find_run(ledger, NULL, &found, &error));
    assert_int_equal(found, 0);
    const char *identities[] = {"x", "y", "x", "z"};
    for (int i = 0; i < 4; i++) {
        assert_ok(ledger_begin_run(ledger, "c", identities[i], i, &run, &error));
        assert_int_equal(run, i + 1);
    }
    assert_ok(ledger_find_run(ledger, "x", &found, &error));
    assert_int_equal(found, 3);
    assert_ok(ledger_find_run(ledger, NULL, &found, &error));
    assert_int_equal(found, 4);
    ledger_close(ledger);
}

static void attempts_are_numbered_and_steps_follow_them(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), number;
    int64_t b = make_step(ledger, run, "b"), a = make_step(ledger, run, "a");
    assert_int_equal(make_step(ledger, run, "b"), b);
    assert_ok(ledger_next_number(ledger, b, &number, &error));
    assert_int_equal(number, 1);
    assert_ok(end_as(ledger, begin_attempt(ledger, b), "oom-limit", false));
    assert_ok(ledger_next_number(ledger, b, &number, &error));
    assert_int_equal(number, 2);
    assert_steps(ledger, run, false, "b:waiting:1:1:oom-limit a:waiting:0:0: ");
    int64_t second = begin_attempt(ledger, b);
    assert_ok(end_as(ledger, begin_attempt(ledger, a), "error", true));
    assert_steps(ledger, run, false, "b:running:2:2:running a:failed:1:1:error ");
    assert_ok(end_as(ledger, second, "ok", true));
    assert_steps(ledger, run, true, "b:ok:2:1:oom-limit b:ok:2:2:ok a:failed:1:1:error ");
    /* What failed may be tried again. */
    assert_ok(end_as(ledger, begin_attempt(ledger, a), "ok", true));
    assert_steps(ledger, run, false, "b:ok:2:2:ok a:ok:2:2:ok ");
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
}

static void order_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), step = make_step(ledger, run, "a"), ignored = 77;
    int64_t attempt = begin_attempt(ledger, step);
    assert_int_equal(ledger_begin_attempt(ledger, step, 0, NULL, 0, &ignored, &error),
                     ERROR_INTERNAL);
    assert_int_equal(ledger_step(ledger, run, "a", "other", &ignored, &error), ERROR_INTERNAL);
    assert_int_equal(end_as(ledger, attempt, NULL, true), ERROR_INTERNAL);
    assert_int_equal(end_as(ledger, attempt, "running", true), ERROR_INTERNAL);
    assert_int_equal(end_as(ledger, attempt + 1, "ok", true), ERROR_INTERNAL);
    assert_ok(end_as(ledger, attempt, "ok", true));
    assert_int_equal(end_as(ledger, attempt, "error", true), ERROR_INTERNAL);
    assert_int_equal(ledger_begin_attempt(ledger, step, 0, NULL, 0, &ignored, &error),
                     ERROR_INTERNAL);
    assert_int_equal(ledger_begin_attempt(ledger, 99, 0, NULL, 0, &ignored, &error),
                     ERROR_INTERNAL);
    assert_int_equal(ledger_step(ledger, 99, "a", "d", &ignored, &error), ERROR_INTERNAL);
    assert_int_equal(ledger_end_run(ledger, run, "no status", 0, &error), ERROR_INTERNAL);
    assert_int_equal(ledger_end_run(ledger, 99, "ok", 0, &error), ERROR_INTERNAL);
    assert_int_equal(ledger_resume_run(ledger, 99, &error), ERROR_INTERNAL);
    assert_ok(ledger_end_run(ledger, run, "ok", 0, &error));
    assert_int_equal(ledger_end_run(ledger, run, "failed", 0, &error), ERROR_INTERNAL);
    int64_t late = make_step(ledger, run, "late");
    assert_int_equal(ledger_begin_attempt(ledger, late, 0, NULL, 0, &ignored, &error),
                     ERROR_INTERNAL);
    assert_ok(ledger_resume_run(ledger, run, &error));
    begin_attempt(ledger, late);
    assert_int_equal(ignored, 77);
    assert_steps(ledger, run, false, "a:ok:1:1:ok late:running:1:1:running ");
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
}

static void nothing_is_changed_without_the_lock(void **state)
{
    (void)state;
    int64_t run;
    bool taken;
    struct ledger_holder holder;
    struct ledger *ledger = open_ledger(false);
    assert_int_equal(ledger_begin_run(ledger, "c", "i", 0, &run, &error), ERROR_INTERNAL);
    assert_int_equal(ledger_begin_batch(ledger, &error), ERROR_INTERNAL);
    ledger_close(ledger);
    ledger = open_ledger(true);
    assert_int_equal(ledger_begin_run(ledger, "c", "i", 0, &run, &error), ERROR_INTERNAL);
    assert_int_equal(ledger_lock(ledger, 0, &taken, &holder, &error), ERROR_INTERNAL);
    ledger_close(ledger);
    ledger_close(NULL);
}

static void a_changed_step_is_done_again(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), step = make_step(ledger, run, "a"), again;
    assert_ok(end_as(ledger, begin_attempt(ledger, step), "ok", true));
    assert_ok(ledger_step(ledger, run, "a", "digest", &again, &error));
    assert_true(is_finished(ledger, run, "a"));
    assert_ok(ledger_step(ledger, run, "a", "changed", &again, &error));
    assert_int_equal(again, step);
    assert_false(is_finished(ledger, run, "a"));
    assert_steps(ledger, run, false, "a:waiting:1:1:ok ");
    ledger_close(ledger);
}

/* One attempt with everything in it, and what comes back. */
struct copy {
    struct ledger_attempt attempt;
    char name[64], folder[64], report[64], samples[64];
    uint64_t peak_most;
};

static void copy_text(char copied[static 64], const char *text)
{
    snprintf(copied, 64, "%s", text == NULL ? "(null)" : text);
}

static enum error_code copy_step(void *context, const struct ledger_step_row *row,
                                 struct error *visit_error)
{
    struct copy *copy = context;
    (void)visit_error;
    copy->attempt = row->last;
    copy->peak_most = row->peak_most;
    copy_text(copy->name, row->name);
    copy_text(copy->folder, row->last.folder);
    copy_text(copy->report, row->last.report);
    copy_text(copy->samples, row->last.samples);
    return ERROR_NONE;
}

static void every_figure_comes_back(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), step = make_step(ledger, run, "a"), attempt;
    assert_ok(ledger_begin_attempt(ledger, step, UINT64_MAX, "work/1", 5000, &attempt, &error));
    struct ledger_attempt result = {.peak = INT64_MAX - 1,
                                    .wall_ns = 12,
                                    .cpu_ns = 34,
                                    .exit_status = -5,
                                    .signal = 9,
                                    .verdict = "signal",
                                    .report = "{\"a\":1}",
                                    .samples = "[1,2]",
                                    .ended = 6000};
    assert_ok(ledger_end_attempt(ledger, attempt, &result, true, &error));
    struct copy copy;
    assert_ok(ledger_steps(ledger, run, true, copy_step, &copy, &error));
    assert_int_equal(copy.attempt.number, 1);
    assert_true(copy.attempt.figure == UINT64_MAX);
    assert_true(copy.attempt.peak == INT64_MAX - 1 && copy.peak_most == INT64_MAX - 1);
    assert_int_equal(copy.attempt.wall_ns, 12);
    assert_int_equal(copy.attempt.cpu_ns, 34);
    assert_int_equal(copy.attempt.exit_status, -5);
    assert_int_equal(copy.attempt.signal, 9);
    assert_int_equal(copy.attempt.started, 5000);
    assert_int_equal(copy.attempt.ended, 6000);
    assert_string_equal(copy.folder, "work/1");
    assert_string_equal(copy.report, "{\"a\":1}");
    assert_string_equal(copy.samples, "[1,2]");
    assert_ok(ledger_steps(ledger, run, false, copy_step, &copy, &error));
    assert_string_equal(copy.report, "{\"a\":1}");
    assert_string_equal(copy.samples, "(null)");
    bool found;
    assert_ok(ledger_find_step(ledger, run, "a", 0, copy_step, &copy, &found, &error));
    assert_string_equal(copy.report, "{\"a\":1}");
    assert_string_equal(copy.samples, "[1,2]");
    ledger_close(ledger);
}

static void the_end_may_correct_figure_and_folder(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), step = make_step(ledger, run, "a");
    struct ledger_attempt result = {
        .verdict = "ok", .figure = 77, .folder = "elsewhere", .ended = -9};
    assert_ok(ledger_end_attempt(ledger, begin_attempt(ledger, step), &result, true, &error));
    struct copy copy;
    assert_ok(ledger_steps(ledger, run, false, copy_step, &copy, &error));
    assert_int_equal(copy.attempt.figure, 77);
    assert_string_equal(copy.folder, "elsewhere");
    assert_string_equal(copy.report, "(null)");
    /* The clock was set back meanwhile: no negative time. */
    assert_int_equal(copy.attempt.ended, copy.attempt.started);
    ledger_close(ledger);
}

static void names_may_hold_any_bytes(void **state)
{
    (void)state;
    static const char *const names[] = {
        "\xff\xfe", "'; DROP TABLE run; --", "a\nb\x01", "\xed\xa0\x80", "\xc3\xa4",
        "",         "\xf0\x9f\x8c\x8a",      "a\xc3"};
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct copy copy;
        int64_t other;
        assert_ok(ledger_begin_run(ledger, names[i], names[i], 0, &other, &error));
        int64_t step = make_step(ledger, other, names[i]), attempt, found;
        assert_int_equal(make_step(ledger, other, names[i]), step);
        assert_ok(ledger_begin_attempt(ledger, step, 0, names[i], 0, &attempt, &error));
        assert_ok(end_as(ledger, attempt, "ok", true));
        assert_true(is_finished(ledger, other, names[i]));
        assert_false(is_finished(ledger, run, names[i]));
        assert_ok(ledger_find_run(ledger, names[i], &found, &error));
        assert_int_equal(found, other);
        assert_ok(ledger_steps(ledger, other, false, copy_step, &copy, &error));
        assert_string_equal(copy.name, names[i]);
        assert_string_equal(copy.folder, names[i]);
    }
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
}

static char *text_of(size_t size)
{
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

static enum error_code check_lengths(void *context, const struct ledger_step_row *row,
                                     struct error *visit_error)
{
    (void)context;
    (void)visit_error;
    assert_int_equal(strlen(row->name), LEDGER_NAME_MOST);
    assert_int_equal(strlen(row->last.report), LEDGER_REPORT_MOST);
    assert_int_equal(strlen(row->last.samples), LEDGER_SAMPLES_MOST);
    return ERROR_NONE;
}

static enum error_code check_command(void *context, const struct ledger_run_row *row,
                                     struct error *visit_error)
{
    (void)context;
    (void)visit_error;
    assert_int_equal(strlen(row->command), LEDGER_COMMAND_MOST);
    return ERROR_NONE;
}

/* The longest texts fit the memory that a ledger was charged for. */
static void texts_are_bounded(void **state)
{
    (void)state;
    char *name = text_of(LEDGER_NAME_MOST), *longer = text_of(LEDGER_SAMPLES_MOST + 1);
    char *report = text_of(LEDGER_REPORT_MOST), *samples = text_of(LEDGER_SAMPLES_MOST);
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run, step, attempt;
    assert_ok(ledger_begin_run(ledger, longer, name, 0, &run, &error));
    assert_ok(ledger_step(ledger, run, name, name, &step, &error));
    assert_int_equal(ledger_step(ledger, run, longer, "d", &step, &error), ERROR_UNSUPPORTED);
    assert_int_equal(ledger_step(ledger, run, "n", longer, &step, &error), ERROR_UNSUPPORTED);
    assert_int_equal(ledger_begin_run(ledger, "c", longer, 0, &run, &error), ERROR_UNSUPPORTED);
    assert_int_equal(ledger_begin_attempt(ledger, step, 0, longer, 0, &attempt, &error),
                     ERROR_UNSUPPORTED);
    for (int i = 0; i < 20; i++) {
        struct ledger_attempt result = {
            .verdict = "error", .report = report, .samples = samples, .folder = name};
        assert_ok(ledger_begin_attempt(ledger, step, 0, name, 0, &attempt, &error));
        assert_ok(ledger_end_attempt(ledger, attempt, &result, false, &error));
    }
    assert_ok(ledger_begin_attempt(ledger, step, 0, name, 0, &attempt, &error));
    struct ledger_attempt long_report = {.verdict = "ok", .report = longer};
    struct ledger_attempt long_samples = {.verdict = "ok", .samples = longer};
    assert_int_equal(ledger_end_attempt(ledger, attempt, &long_report, true, &error),
                     ERROR_UNSUPPORTED);
    assert_int_equal(ledger_end_attempt(ledger, attempt, &long_samples, true, &error),
                     ERROR_UNSUPPORTED);
    struct ledger_attempt result = {.verdict = "ok", .report = report, .samples = samples};
    assert_ok(ledger_end_attempt(ledger, attempt, &result, true, &error));
    assert_ok(ledger_steps(ledger, run, true, check_lengths, NULL, &error));
    assert_ok(ledger_runs(ledger, 1, check_command, NULL, &error));
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
    free(name);
    free(longer);
    free(report);
    free(samples);
}

static void a_batch_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), ignored;
    assert_ok(ledger_begin_batch(ledger, &error));
    assert_int_equal(ledger_begin_batch(ledger, &error), ERROR_INTERNAL);
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        int64_t step = make_step(ledger, run, name);
        assert_ok(end_as(ledger, begin_attempt(ledger, step), "ok", true));
        /* What is refused undoes itself alone. */
        assert_int_equal(ledger_begin_attempt(ledger, step, 0, NULL, 0, &ignored, &error),
                         ERROR_INTERNAL);
        assert_int_equal(ledger_end_run(ledger, run, "no status", 0, &error), ERROR_INTERNAL);
    }
    struct ledger *reader = open_ledger(true);
    assert_false(is_finished(reader, run, "s0"));
    assert_ok(ledger_end_batch(ledger, &error));
    assert_true(is_finished(reader, run, "s0") && is_finished(reader, run, "s9"));
    assert_int_equal(ledger_end_batch(ledger, &error), ERROR_INTERNAL);
    assert_ok(ledger_begin_batch(ledger, &error));
    make_step(ledger, run, "late");
    ledger_close(ledger);
    ledger_close(reader);
    ledger = open_ledger(true);
    char text[4096] = "";
    assert_ok(ledger_steps(ledger, run, false, write_step, text, &error));
    assert_null(strstr(text, "late"));
    assert_status(ledger, "lost");
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
}

struct list {
    struct ledger *ledger;
    int64_t last, rows, stop_after;
    int64_t steps, finished, failed;
};

static enum error_code list_run(void *context, const struct ledger_run_row *row,
                                struct error *visit_error)
{
    struct list *list = context;
    assert_true(list->rows == 0 || row->run < list->last);
    list->last = row->run;
    list->steps = row->steps;
    list->finished = row->finished;
    list->failed = row->failed;
    /* Asked from within its own answer: refused, and the outer reading goes on. */
    struct list inner = {0};
    struct error inner_error;
    if (list->ledger != NULL)
        assert_int_equal(ledger_runs(list->ledger, 1, list_run, &inner, &inner_error),
                         ERROR_INTERNAL);
    if (++list->rows == list->stop_after)
        return error_set(visit_error, ERROR_CANCELLED, "enough");
    return ERROR_NONE;
}

static void runs_come_newest_first(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    for (int i = 0; i < 5; i++) {
        int64_t run = begin_run(ledger);
        assert_ok(end_as(ledger, begin_attempt(ledger, make_step(ledger, run, "a")), "ok", true));
        assert_ok(end_as(ledger, begin_attempt(ledger, make_step(ledger, run, "b")), "x", true));
        make_step(ledger, run, "c");
    }
    struct list list = {.ledger = ledger};
    assert_ok(ledger_runs(ledger, 3, list_run, &list, &error));
    assert_int_equal(list.rows, 3);
    assert_int_equal(list.last, 3);
    assert_int_equal(list.steps, 3);
    assert_int_equal(list.finished, 1);
    assert_int_equal(list.failed, 1);
    list = (struct list){.stop_after = 2};
    assert_int_equal(ledger_runs(ledger, UINT64_MAX, list_run, &list, &error), ERROR_CANCELLED);
    assert_string_equal(error.what, "enough");
    list = (struct list){0};
    assert_ok(ledger_runs(ledger, UINT64_MAX, list_run, &list, &error));
    assert_int_equal(list.rows, 5);
    assert_ok(ledger_runs(ledger, 0, list_run, &list, &error));
    assert_int_equal(list.rows, 5);
    ledger_close(ledger);
}

/* SQLite's memory is the account's, and the limit on it goes with the ledger. */
static void memory_is_charged_and_bounded(void **state)
{
    (void)state;
    struct mem_account small;
    struct ledger *ledger = NULL;
    mem_account_init(&small, "small", NULL, LEDGER_MEMORY / 2);
    assert_int_equal(ledger_open(path, false, &small, &ledger, &error), ERROR_MEMORY);
    assert_int_equal(atomic_load(&small.used), 0);
    ledger = lock_ledger(NULL);
    assert_true(atomic_load(&account.used) >= LEDGER_MEMORY);
    assert_int_equal(sqlite3_hard_heap_limit64(-1), LEDGER_MEMORY);
    struct ledger *reader = open_ledger(true);
    assert_int_equal(sqlite3_hard_heap_limit64(-1), 2 * LEDGER_MEMORY);
    ledger_close(ledger);
    assert_int_equal(sqlite3_hard_heap_limit64(-1), LEDGER_MEMORY);
    ledger_close(reader);
    assert_int_equal(sqlite3_hard_heap_limit64(-1), 0);
    assert_int_equal(sqlite3_memory_used(), 0);
}

static enum error_code count_step(void *context, const struct ledger_step_row *row,
                                  struct error *visit_error)
{
    (void)row;
    (void)visit_error;
    ++*(int *)context;
    return ERROR_NONE;
}

/* 10,000 steps in batches, read back, and the memory does not grow with them. */
static void many_steps_fit_the_memory(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), first = 0;
    assert_ok(ledger_begin_batch(ledger, &error));
    for (int i = 0; i < 10000; i++) {
        char name[64];
        snprintf(name, sizeof name, "step-%06d with a name of some length", i);
        int64_t step = make_step(ledger, run, name);
        first = i == 0 ? step : first;
    }
    assert_ok(ledger_end_batch(ledger, &error));
    assert_ok(ledger_begin_batch(ledger, &error));
    for (int i = 0; i < 10000; i++)
        assert_ok(end_as(ledger, begin_attempt(ledger, first + i), "ok", true));
    assert_ok(ledger_end_batch(ledger, &error));
    struct list list = {0};
    int count = 0;
    assert_ok(ledger_runs(ledger, 1, list_run, &list, &error));
    assert_int_equal(list.finished, 10000);
    assert_ok(ledger_steps(ledger, run, true, count_step, &count, &error));
    assert_int_equal(count, 10000);
    assert_ok(ledger_check(ledger, &error));
    assert_true(sqlite3_memory_highwater(0) <= (int64_t)LEDGER_MEMORY * 3 / 4);
    ledger_close(ledger);
}

/* Other programs can read what is text. */
static void the_file_says_what_it_is(void **state)
{
    (void)state;
    uint8_t header[100];
    ledger_close(lock_ledger(NULL));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    assert_memory_equal(header, "SQLite format 3", 16);
    assert_int_equal(header[18], 2); /* WAL */
    assert_memory_equal(header + 60, "\0\0\0\1", 4);
    assert_memory_equal(header + 68, "WEIR", 4);
}

static void paths_are_only_paths(void **state)
{
    (void)state;
    static const char *const names[] = {"file:x.db?mode=memory", ":memory:", "a b%20c#d",
                                        "\xff\xfe.db"};
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ledger *ledger;
        struct stat facts;
        assert_ok(ledger_open(names[i], false, &account, &ledger, &error));
        ledger_close(ledger);
        assert_int_equal(stat(names[i], &facts), 0);
        assert_true(facts.st_size > 0);
    }
    assert_int_equal(chdir(before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(many_steps_fit_the_memory),
        TEST(a_finished_step_is_found_after_reopening),
        TEST(the_newest_run_of_an_identity_is_found),
        TEST(attempts_are_numbered_and_steps_follow_them),
        TEST(order_that_makes_no_sense_is_refused),
        TEST(nothing_is_changed_without_the_lock),
        TEST(a_changed_step_is_done_again),
        TEST(every_figure_comes_back),
        TEST(the_end_may_correct_figure_and_folder),
        TEST(names_may_hold_any_bytes),
        TEST(texts_are_bounded),
        TEST(a_batch_is_kept_whole_or_not_at_all),
        TEST(runs_come_newest_first),
        TEST(memory_is_charged_and_bounded),
        TEST(the_file_says_what_it_is),
        TEST(paths_are_only_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
