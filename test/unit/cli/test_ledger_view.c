/* Runs and attempts found by what somebody writes, or refused with what there is. */
#include "cli/ledger_view.h"
#include "fixture.h"

#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct mem_account account;
static struct mem_arena arena;
static struct error error;
static struct ledger *writer;
static struct ledger_view view;
static char folder[64];

static int remove_entry(const char *entry, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(entry);
}

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        if ((call) != ERROR_NONE)                                                                  \
            fail_msg("%s: %s", #call, error_render(&error, (char[1800]){0}, 1800));                \
    } while (0)

static void open_writer(void)
{
    char path[128];
    struct ledger_holder holder;
    bool taken_over;
    snprintf(path, sizeof path, "%s/ledger.sqlite", folder);
    assert_ok(ledger_open(path, false, &account, &writer, &error));
    assert_ok(ledger_lock(writer, 0, &taken_over, &holder, &error));
}

static void close_writer(void)
{
    ledger_close(writer);
    writer = NULL;
}

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &account);
    error_init(&error);
    snprintf(folder, sizeof folder, "/tmp/weir-view-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    open_writer();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_view_close(&view);
    close_writer();
    mem_arena_release(&arena);
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void look(void)
{
    assert_ok(ledger_view_open(folder, &account, &view, &error));
}

static int64_t begin_run(void)
{
    int64_t run;
    assert_ok(ledger_begin_run(writer, "weir exec --batch", "identity", 1000, &run, &error));
    return run;
}

static int64_t make_step(int64_t run, const char *name)
{
    int64_t step;
    assert_ok(ledger_step(writer, run, name, "digest", &step, &error));
    return step;
}

static void make_attempt(int64_t step, const char *verdict, const char *report)
{
    int64_t attempt;
    assert_ok(ledger_begin_attempt(writer, step, 4096, "out/1", 2000, &attempt, &error));
    if (verdict == NULL)
        return;
    const struct ledger_attempt result = {
        .verdict = verdict, .peak = 7, .report = report, .samples = "[[0,1]]", .ended = 3000};
    assert_ok(ledger_end_attempt(writer, attempt, &result, true, &error));
}

static void assert_refused(enum error_code code, enum error_code expected, const char *what,
                           const char *hint)
{
    assert_int_equal(code, expected);
    if (strstr(error.what, what) == NULL || strstr(error.hint, hint) == NULL)
        fail_msg("%s / %s", error.what, error.hint);
}

static enum error_code find_run(const char *name, int64_t *ret)
{
    struct ledger_view_run run = {.run = 0};
    enum error_code code = ledger_view_find_run(&view, name, &arena, &run, &error);
    *ret = run.run;
    return code;
}

static void runs_are_found_by_number_or_as_last(void **state)
{
    (void)state;
    int64_t found;
    look();
    assert_refused(find_run("last", &found), ERROR_INPUT, "no run", "weir exec --batch");
    for (int i = 0; i < 3; i++)
        begin_run();
    assert_ok(find_run("last", &found));
    assert_int_equal(found, 3);
    assert_ok(find_run("2", &found));
    assert_int_equal(found, 2);
    assert_refused(find_run("4", &found), ERROR_INPUT, "oldest is 1, the newest 3", "weir runs");
    assert_refused(find_run("0", &found), ERROR_USAGE, "not the number", "last");
    assert_refused(find_run("-1", &found), ERROR_USAGE, "not the number", "last");
    assert_refused(find_run("99999999999999999999", &found), ERROR_USAGE, "not the number", "");
    assert_refused(find_run("lats", &found), ERROR_USAGE, "did you mean last?", "");
    assert_refused(find_run("\033[2J", &found), ERROR_USAGE, "\"\\x1b[2J\"", "");
}

static struct ledger_view_attempt found;

static enum error_code find(const char *job, int64_t number, bool samples)
{
    return ledger_view_find_attempt(&view, 1, job, number, samples, &arena, &found, &error);
}

static void attempts_are_found(void **state)
{
    (void)state;
    int64_t run = begin_run(), load = make_step(run, "load");
    make_attempt(load, "oom-limit", "{\"n\": 1}");
    make_attempt(load, "ok", "{\"n\": 2}");
    make_step(run, "sum");
    look();
    for (int samples = 0; samples < 2; samples++) {
        assert_ok(find("load", 0, samples));
        assert_string_equal(found.job, "load");
        assert_string_equal(found.state, "ok");
        assert_int_equal(found.attempts, 2);
        assert_int_equal(found.attempt.number, 2);
        assert_string_equal(found.attempt.report, "{\"n\": 2}");
        assert_string_equal(found.attempt.folder, "out/1");
        if (samples)
            assert_string_equal(found.attempt.samples, "[[0,1]]");
        assert_ok(find("load", 1, samples));
        assert_string_equal(found.attempt.verdict, "oom-limit");
        assert_string_equal(found.attempt.report, "{\"n\": 1}");
        assert_ok(find("sum", 0, samples));
        assert_int_equal(found.attempt.number, 0);
        assert_string_equal(found.state, "waiting");
        assert_refused(find("load", 3, samples), ERROR_INPUT, "no attempt 3, but 2 attempts",
                       "without --attempt");
        assert_refused(find("sum", 1, samples), ERROR_INPUT, "none yet", "without --attempt");
        assert_refused(find("lod", 0, samples), ERROR_INPUT, "did you mean load?", "2 jobs");
        assert_refused(find("zzzzzz", 0, samples), ERROR_INPUT, "no job \"zzzzzz\"", "load, sum");
        assert_refused(find(NULL, 0, samples), ERROR_USAGE, "must be named", "load, sum");
    }
}

static void names_are_told_in_moderation(void **state)
{
    (void)state;
    int64_t run = begin_run();
    char name[300];
    look();
    assert_refused(find("a", 0, false), ERROR_INPUT, "no job", "no jobs yet");
    for (int i = 0; i < 30; i++) {
        memset(name, '\033', sizeof name);
        snprintf(name + 200, sizeof name - 200, "%d", i);
        make_attempt(make_step(run, name), "ok", NULL);
    }
    assert_refused(find("nothing like it", 0, true), ERROR_INPUT, "no job", "30 jobs: \\x1b");
    assert_non_null(strstr(error.hint, "weir report"));
    assert_null(strchr(error.hint, '\033'));
}

/* Of a writer that lives nothing is lost; of one that died what it left is. */
static void a_dead_writer_leaves_what_is_lost(void **state)
{
    (void)state;
    close_writer();
    pid_t child = fork();
    if (child == 0) { /* dies with its lock, like a weir that is killed */
        open_writer();
        make_attempt(make_step(begin_run(), "load"), NULL, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    struct ledger_view_run run;
    look();
    assert_true(view.unattended);
    assert_ok(ledger_view_find_run(&view, "last", &arena, &run, &error));
    assert_string_equal(run.status, "lost");
    assert_ok(find("load", 0, false));
    assert_string_equal(found.attempt.verdict, "lost");
    ledger_view_close(&view);

    open_writer();
    int64_t again = begin_run();
    look();
    assert_false(view.unattended);
    assert_ok(ledger_view_find_run(&view, "last", &arena, &run, &error));
    assert_int_equal(run.run, again);
    assert_string_equal(run.status, "running");
    close_writer(); /* what was read before it ended may be out of date, but is not lost */
    assert_string_equal(ledger_view_word(&view, "running"), "running");
    ledger_view_refresh(&view);
    assert_string_equal(ledger_view_word(&view, "running"), "lost");
    assert_string_equal(ledger_view_word(&view, "ok"), "ok");
}

static void a_missing_ledger_says_how_one_is_made(void **state)
{
    (void)state;
    struct ledger_view none;
    char path[128], longest[2000];
    snprintf(path, sizeof path, "%s/none", folder);
    assert_refused(ledger_view_open(path, &account, &none, &error), ERROR_INPUT, "no ledger",
                   "weir exec --batch");
    snprintf(path, sizeof path, "%s/ledger.sqlite", folder);
    assert_refused(ledger_view_open(path, &account, &none, &error), ERROR_INPUT, "no ledger", "-o");
    assert_refused(ledger_view_open("", &account, &none, &error), ERROR_USAGE, "folder", "");
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_refused(ledger_view_open(longest, &account, &none, &error), ERROR_USAGE, "folder", "");
}

static void times_are_told(void **state)
{
    (void)state;
    char text[32];
    setenv("TZ", "UTC0", 1);
    tzset();
    assert_string_equal(ledger_view_time(0, text), "");
    assert_string_equal(ledger_view_time(INT64_C(1700000000123456789), text),
                        "2023-11-14 22:13:20");
    assert_string_equal(ledger_view_time(INT64_MAX, text), "2262-04-11 23:47:16");
    assert_int_equal(ledger_view_took(10, 25, false), 15);
    assert_int_equal(ledger_view_took(10, 0, false), 0);
    assert_int_equal(ledger_view_took(25, 10, false), 0); /* a clock that was set back */
    assert_true(ledger_view_took(1, 0, true) > INT64_C(1700000000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_are_found_by_number_or_as_last),   TEST(attempts_are_found),
        TEST(names_are_told_in_moderation),          TEST(a_dead_writer_leaves_what_is_lost),
        TEST(a_missing_ledger_says_how_one_is_made), TEST(times_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
