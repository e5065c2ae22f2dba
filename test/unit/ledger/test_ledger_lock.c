/* One writer: the second waits or is told who holds the lock; a dead holder's is taken over. */
#include "child.h"

#include <poll.h>
#include <sqlite3.h>

#include "ledger/process.h"

/* Takes the lock, makes one run with a finished step and one under way, tells, and waits. */
static void hold(int tell, int wait)
{
    struct ledger *ledger = NULL;
    struct ledger_holder holder;
    bool taken_over;
    int64_t run, step;
    child_ok(ledger_open(path, false, &account, &ledger, &error));
    child_ok(ledger_lock(ledger, 0, &taken_over, &holder, &error));
    run = begin_run(ledger);
    child_ok(end_as(ledger, begin_attempt(ledger, make_step(ledger, run, "done")), "ok", true));
    step = make_step(ledger, run, "under way");
    begin_attempt(ledger, step);
    make_step(ledger, run, "later");
    child_tell(tell, taken_over);
    child_wait(wait);
    ledger_close(ledger);
}

static struct child start_holder(void)
{
    int64_t told;
    struct child child = child_start(hold);
    assert_true(child_told(&child, &told));
    return child;
}

static void a_living_holder_is_named(void **state)
{
    (void)state;
    struct child child = start_holder();
    struct ledger *ledger = open_ledger(false);
    struct ledger_holder holder = {0};
    bool taken_over = false;
    char number[32];
    assert_int_equal(ledger_lock(ledger, 0, &taken_over, &holder, &error), ERROR_EXISTS);
    assert_int_equal(holder.process, child.process);
    assert_non_null(strstr(holder.command, "test_ledger_lock"));
    assert_true(holder.since > 1000000000);
    snprintf(number, sizeof number, "process %d ", (int)child.process);
    assert_non_null(strstr(error.what, number));
    assert_string_equal(error.file, path);
    assert_true(error.hint[0] != '\0');
    /* It may be read meanwhile. */
    struct ledger *reader = open_ledger(true);
    assert_steps(reader, 1, false,
                 "done:ok:1:1:ok under way:running:1:1:running later:waiting:0:0: ");
    ledger_close(reader);
    assert_int_equal(child_end(&child), 0);
    assert_ok(ledger_lock(ledger, 0, &taken_over, &holder, &error));
    assert_false(taken_over);
    ledger_close(ledger);
}

/* The second is a process of its own: it must not have the lock before the first lets go. */
static void wait_for_lock(int tell, int wait)
{
    struct ledger *ledger = NULL;
    struct ledger_holder holder;
    bool taken_over;
    (void)wait;
    child_ok(ledger_open(path, false, &account, &ledger, &error));
    child_tell(tell, 1);
    child_ok(ledger_lock(ledger, UINT64_MAX, &taken_over, &holder, &error));
    child_tell(tell, 2 + taken_over);
    ledger_close(ledger);
}

static void the_second_waits(void **state)
{
    (void)state;
    int64_t told, run;
    struct ledger *ledger = lock_ledger(NULL);
    struct child child = child_start(wait_for_lock);
    assert_true(child_told(&child, &told));
    assert_ok(ledger_begin_run(ledger, "c", "i", 0, &run, &error));
    assert_ok(ledger_end_run(ledger, run, "ok", 1, &error));
    struct pollfd early = {.fd = child.from, .events = POLLIN};
    assert_int_equal(poll(&early, 1, 150), 0);
    ledger_close(ledger);
    assert_true(child_told(&child, &told));
    assert_int_equal(told, 2);
    assert_int_equal(child_end(&child), 0);
}

static void waiting_has_an_end(void **state)
{
    (void)state;
    struct ledger *holding = lock_ledger(NULL), *second = open_ledger(false);
    struct ledger_holder holder;
    bool taken_over;
    assert_int_equal(ledger_lock(second, 120000000, &taken_over, &holder, &error), ERROR_EXISTS);
    assert_int_equal(holder.process, getpid());
    /* Taking it twice is no harm. */
    assert_ok(ledger_lock(holding, 0, &taken_over, &holder, &error));
    assert_false(taken_over);
    ledger_close(holding);
    assert_ok(ledger_lock(second, 0, &taken_over, &holder, &error));
    assert_false(taken_over);
    ledger_close(second);
}

static void assert_lost(struct ledger *ledger)
{
    assert_steps(ledger, 1, false, "done:ok:1:1:ok under way:waiting:1:1:lost later:waiting:0:0: ");
    assert_status(ledger, "lost");
    assert_ok(ledger_check(ledger, &error));
}

static void a_killed_holder_is_taken_over(void **state)
{
    (void)state;
    struct child child = start_holder();
    assert_int_equal(kill(child.process, SIGKILL), 0);
    /* Dead, but still in the table of processes: its parent has not asked yet. */
    siginfo_t facts;
    assert_int_equal(waitid(P_PID, child.process, &facts, WEXITED | WNOWAIT), 0);
    struct ledger *reader = open_ledger(true);
    assert_status(reader, "running");
    ledger_close(reader);
    bool taken_over = false;
    struct ledger *ledger = lock_ledger(&taken_over);
    assert_true(taken_over);
    assert_lost(ledger);
    assert_true(is_finished(ledger, 1, "done"));
    /* And the work goes on where it was. */
    int64_t run;
    assert_ok(ledger_find_run(ledger, "identity", &run, &error));
    assert_ok(ledger_resume_run(ledger, run, &error));
    int64_t step = make_step(ledger, run, "under way");
    assert_ok(end_as(ledger, begin_attempt(ledger, step), "ok", true));
    assert_steps(ledger, run, true,
                 "done:ok:1:1:ok under way:ok:2:1:lost under way:ok:2:2:ok later:waiting:0:0: ");
    ledger_close(ledger);
    child_end(&child);
}

static void one_waiter_takes_over_from_a_killed_holder(void **state)
{
    (void)state;
    int64_t told;
    struct child holder = start_holder(), waiter = child_start(wait_for_lock);
    assert_true(child_told(&waiter, &told));
    assert_int_equal(kill(holder.process, SIGKILL), 0);
    assert_true(child_told(&waiter, &told));
    assert_int_equal(told, 3);
    assert_int_equal(child_end(&waiter), 0);
    child_end(&holder);
    struct ledger *ledger = open_ledger(true);
    assert_lost(ledger);
    ledger_close(ledger);
}

static void closing_leaves_nothing_running(void **state)
{
    (void)state;
    struct child child = start_holder();
    assert_int_equal(child_end(&child), 0);
    bool taken_over = true;
    struct ledger *ledger = lock_ledger(&taken_over);
    assert_false(taken_over);
    assert_lost(ledger);
    ledger_close(ledger);
}

static void run_sql(const char *text)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

/* Another process has the number now: its start time, or the boot, is not the holder's. */
static void a_number_used_again_is_no_holder(void **state)
{
    (void)state;
    static const char *const others[] = {"process = 1", "start_time = start_time + 1",
                                         "boot = 'another'", "process = 0", "process = -5"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct child child = start_holder();
        kill(child.process, SIGKILL);
        child_end(&child);
        char text[128];
        snprintf(text, sizeof text, "UPDATE holder SET %s", others[i]);
        run_sql(text);
        bool taken_over = false;
        struct ledger *ledger = lock_ledger(&taken_over);
        assert_true(taken_over);
        ledger_close(ledger);
    }
}

/* The row alone keeps a living holder's lock, where the file beside was removed. */
static void a_removed_lock_file_lets_nobody_in(void **state)
{
    (void)state;
    char beside[160];
    struct child child = start_holder();
    struct ledger *ledger = open_ledger(false);
    struct ledger_holder holder;
    bool taken_over;
    snprintf(beside, sizeof beside, "%s-lock", path);
    assert_int_equal(unlink(beside), 0);
    assert_int_equal(ledger_lock(ledger, 0, &taken_over, &holder, &error), ERROR_EXISTS);
    assert_int_equal(holder.process, child.process);
    kill(child.process, SIGKILL);
    child_end(&child);
    assert_ok(ledger_lock(ledger, 0, &taken_over, &holder, &error));
    assert_true(taken_over);
    ledger_close(ledger);
}

/* All make the same new ledger at once; each gets the lock in its turn and adds one run. */
static void make_and_count(int tell, int wait)
{
    struct ledger *ledger = NULL;
    struct ledger_holder holder;
    bool taken_over;
    child_wait(wait);
    child_ok(ledger_open(path, false, &account, &ledger, &error));
    child_ok(ledger_lock(ledger, UINT64_MAX, &taken_over, &holder, &error));
    child_tell(tell, begin_run(ledger));
    ledger_close(ledger);
}

static void many_at_once_come_one_by_one(void **state)
{
    (void)state;
    enum { COUNT = 8 };
    struct child children[COUNT];
    bool seen[COUNT + 1] = {false};
    for (int i = 0; i < COUNT; i++)
        children[i] = child_start(make_and_count);
    for (int i = 0; i < COUNT; i++) {
        close(children[i].to);
        children[i].to = -1;
    }
    for (int i = 0; i < COUNT; i++) {
        int64_t run = 0;
        assert_true(child_told(&children[i], &run));
        assert_true(run >= 1 && run <= COUNT && !seen[run]);
        seen[run] = true;
        assert_int_equal(child_end(&children[i]), 0);
    }
}

static void this_process_is_known_and_lives(void **state)
{
    (void)state;
    struct process_identity self = process_identity_self();
    assert_int_equal(self.process, getpid());
    assert_true(self.start_time > 0 && strlen(self.boot) == 36);
    assert_true(process_identity_lives(&self));
    char command[8];
    process_command(command, sizeof command);
    assert_true(strlen(command) == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_living_holder_is_named),
        TEST(the_second_waits),
        TEST(waiting_has_an_end),
        TEST(a_killed_holder_is_taken_over),
        TEST(one_waiter_takes_over_from_a_killed_holder),
        TEST(closing_leaves_nothing_running),
        TEST(a_number_used_again_is_no_holder),
        TEST(a_removed_lock_file_lets_nobody_in),
        TEST(many_at_once_come_one_by_one),
        TEST(this_process_is_known_and_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
