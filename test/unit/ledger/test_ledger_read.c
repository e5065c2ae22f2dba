/* One run or one step read alone. */
#include "fixture.h"

#include "ledger/database.h"

static void one_run_is_read_alone(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    char status[32] = "";
    bool found = true;
    assert_ok(ledger_read_run(ledger, 1, write_status, status, &found, &error));
    assert_false(found);
    int64_t first = begin_run(ledger), second = begin_run(ledger);
    assert_ok(ledger_end_run(ledger, first, "failed", 2000, &error));
    assert_ok(ledger_read_run(ledger, first, write_status, status, &found, &error));
    assert_true(found);
    assert_string_equal(status, "failed");
    assert_ok(ledger_read_run(ledger, second, write_status, status, &found, &error));
    assert_string_equal(status, "running");
    assert_ok(ledger_read_run(ledger, second, NULL, NULL, &found, &error));
    assert_true(found);
    static const int64_t none[] = {0, -1, 3, INT64_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_ok(ledger_read_run(ledger, none[i], write_status, status, &found, &error));
        assert_false(found);
    }
    ledger_close(ledger);
}

static void assert_step(struct ledger *ledger, int64_t run, const char *name, int64_t number,
                        const char *expected)
{
    char text[4096] = "";
    bool found;
    assert_ok(ledger_find_step(ledger, run, name, number, write_step, text, &found, &error));
    assert_string_equal(text, expected);
    assert_int_equal(found, expected[0] != '\0');
}

static void one_step_is_found_by_its_name(void **state)
{
    (void)state;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), other = begin_run(ledger);
    for (int i = 0; i < 3; i++)
        make_step(ledger, i < 2 ? run : other, i == 1 ? "b" : "a");
    int64_t step = make_step(ledger, run, "a\xff");
    assert_ok(end_as(ledger, begin_attempt(ledger, step), "oom-limit", false));
    assert_ok(end_as(ledger, begin_attempt(ledger, step), "ok", true));
    assert_step(ledger, run, "a", 0, "a:waiting:0:0: ");
    assert_step(ledger, run, "a\xff", 0, "a\xff:ok:2:2:ok ");
    assert_step(ledger, run, "a\xff", 1, "a\xff:ok:2:1:oom-limit ");
    assert_step(ledger, run, "a\xff", 2, "a\xff:ok:2:2:ok ");
    assert_step(ledger, run, "a\xff", 3, "a\xff:ok:2:0: ");
    assert_step(ledger, run, "a", 1, "a:waiting:0:0: ");
    assert_step(ledger, other, "a\xff", 0, "");
    assert_step(ledger, other, "b", 0, "");
    assert_step(ledger, 3, "a", 0, "");
    ledger_close(ledger);
}

static void assert_searches(struct ledger *ledger, enum statement id)
{
    char text[2048];
    sqlite3_stmt *plan;
    int lines = 0;
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", statement_text(id));
    assert_int_equal(sqlite3_prepare_v2(ledger->database, text, -1, &plan, NULL), SQLITE_OK);
    for (; sqlite3_step(plan) == SQLITE_ROW; lines++)
        if (strstr((const char *)sqlite3_column_text(plan, 3), "SCAN") != NULL)
            fail_msg("%s: %s", statement_text(id), sqlite3_column_text(plan, 3));
    sqlite3_finalize(plan);
    assert_true(lines > 0);
}

/* However many runs and steps there are: SQLite goes to the row by an index. */
static void one_row_costs_no_walk_through_a_table(void **state)
{
    (void)state;
    static const enum statement ids[] = {STATEMENT_RUN,         STATEMENT_STEP,
                                         STATEMENT_FIND_STEP,   STATEMENT_FIND_RUN,
                                         STATEMENT_IS_FINISHED, STATEMENT_NEXT_NUMBER};
    struct ledger *ledger = lock_ledger(NULL);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_searches(ledger, ids[i]);
    ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_run_is_read_alone),
        TEST(one_step_is_found_by_its_name),
        TEST(one_row_costs_no_walk_through_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
