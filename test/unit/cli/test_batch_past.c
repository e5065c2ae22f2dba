/* What a run that is to be resumed has done, read from a ledger of the test's own. */
#include <sys/stat.h>
#include <unistd.h>

#include "cli/batch_past.h"
#include "fixture.h"

struct past_fixture {
    char folder[64], path[96];
    struct mem_account account;
    struct mem_arena arena;
    struct ledger *ledger;
    struct error error;
    int64_t run;
};

#define OK(CALL) assert_int_equal(CALL, ERROR_NONE)

static void open_ledger(struct past_fixture *fixture)
{
    bool taken_over;
    struct ledger_holder holder;
    memset(fixture, 0, sizeof *fixture);
    error_init(&fixture->error);
    snprintf(fixture->folder, sizeof fixture->folder, "past-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/ledger.sqlite", fixture->folder);
    mem_account_init(&fixture->account, "test", NULL, 64 << 20);
    mem_arena_init(&fixture->arena, &fixture->account);
    OK(ledger_open(fixture->path, false, &fixture->account, &fixture->ledger, &fixture->error));
    OK(ledger_lock(fixture->ledger, 0, &taken_over, &holder, &fixture->error));
}

static void close_ledger(struct past_fixture *fixture)
{
    char path[128];
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    ledger_close(fixture->ledger);
    mem_arena_release(&fixture->arena);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", fixture->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
}

static void add_step(struct past_fixture *fixture, const char *name, const char *digest, bool well)
{
    int64_t step, attempt;
    const struct ledger_attempt result = {.verdict = well ? "ok" : "error", .ended = 2};
    OK(ledger_step(fixture->ledger, fixture->run, name, digest, &step, &fixture->error));
    OK(ledger_begin_attempt(fixture->ledger, step, 1, NULL, 1, &attempt, &fixture->error));
    OK(ledger_end_attempt(fixture->ledger, attempt, &result, true, &fixture->error));
}

static void finished_changed_and_gone(void **state)
{
    (void)state;
    struct past_fixture fixture;
    const struct job items[] = {{.name = "new", .digest = "d0"},
                                {.name = "same", .digest = "d1"},
                                {.name = "changed", .digest = "d2"},
                                {.name = "failed", .digest = "d3"},
                                {.name = "again", .digest = "d4"}};
    const struct jobs jobs = {.items = items, .count = 5};
    struct batch_past past;
    open_ledger(&fixture);
    OK(ledger_begin_run(fixture.ledger, "weir", "i", 1, &fixture.run, &fixture.error));
    add_step(&fixture, "changed", "other", true);
    add_step(&fixture, "gone", "d9", true);
    add_step(&fixture, "failed", "d3", false);
    add_step(&fixture, "same", "d1", true);
    add_step(&fixture, "again", "d4", true);
    OK(batch_past_read(fixture.ledger, fixture.run, &jobs, &fixture.arena, &past, &fixture.error));
    assert_int_equal(past.run, fixture.run);
    assert_int_equal(past.finished, 2);
    assert_int_equal(past.changed_count, 1);
    assert_int_equal(past.changed[0], 2);
    assert_int_equal(past.gone, 1);
    close_ledger(&fixture);
}

static void assert_no_run(struct past_fixture *fixture, const char *resume)
{
    int64_t run = -5;
    assert_int_equal(batch_past_find(fixture->ledger, resume, &run, &fixture->error), ERROR_USAGE);
    assert_int_equal(run, -5);
    assert_non_null(strstr(fixture->error.what, resume));
    assert_non_null(strstr(fixture->error.hint, "weir runs"));
}

static void runs_are_found_by_number_and_as_last(void **state)
{
    (void)state;
    struct past_fixture fixture;
    int64_t first, found = 0;
    char number[32];
    open_ledger(&fixture);
    assert_no_run(&fixture, "last");
    OK(ledger_begin_run(fixture.ledger, "weir", "a", 1, &first, &fixture.error));
    OK(ledger_begin_run(fixture.ledger, "weir", "b", 2, &fixture.run, &fixture.error));
    OK(batch_past_find(fixture.ledger, "last", &found, &fixture.error));
    assert_int_equal(found, fixture.run);
    snprintf(number, sizeof number, "%lld", (long long)first);
    OK(batch_past_find(fixture.ledger, number, &found, &fixture.error));
    assert_int_equal(found, first);
    assert_no_run(&fixture, "4711");
    assert_no_run(&fixture, "0");
    assert_no_run(&fixture, "newest");
    assert_no_run(&fixture, "-1");
    close_ledger(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finished_changed_and_gone),
        cmocka_unit_test(runs_are_found_by_number_and_as_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
