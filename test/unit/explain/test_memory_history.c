/* Memory over time: read back from both forms, added up. */
#include "explain/memory_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct mem_account account;
static struct memory_history history;
static struct error error;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    memory_history_init(&history, &account);
    error_init(&error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_history_release(&history);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static enum error_code read_lines(const char *text)
{
    memory_history_clear(&history);
    FILE *stream = fmemopen((char *)text, strlen(text) + (text[0] == '\0'), "r");
    assert_non_null(stream);
    if (text[0] == '\0')
        fgetc(stream);
    enum error_code code = memory_history_read_lines(&history, stream, &error);
    fclose(stream);
    return code;
}

static enum error_code read_pairs(const char *text)
{
    memory_history_clear(&history);
    return memory_history_read_pairs(&history, text, &error);
}

static void assert_points(const char *expected)
{
    char text[512] = "";
    for (size_t i = 0; i < memory_history_count(&history); i++) {
        const struct memory_point *point = memory_history_at(&history, i);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%llu:%llu ",
                 (unsigned long long)point->at_ms, (unsigned long long)point->memory);
    }
    assert_string_equal(text, expected);
}

static void lines_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_lines("at_ms\tmemory\tprocesses\n0\t100\t1\n50\t7\t2\n"), ERROR_NONE);
    assert_points("0:100 50:7 ");
    assert_int_equal(read_lines("at_ms\tmemory\tprocesses\n0\t100\t1\n50\t7"), ERROR_NONE);
    assert_points("0:100 "); /* the last line is being written */
    assert_int_equal(read_lines("1\t2\n1\t3\t\n"), ERROR_NONE);
    assert_points("1:2 1:3 ");
    assert_int_equal(read_lines(""), ERROR_NONE);
    assert_points("");
}

static void foreign_lines_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "hello\n",         "1\n",
        "1\t\n",           "\t1\n",
        "-1\t2\n",         "1\t2\t3\n0\t2\t3\n",
        "1 2\n",           "99999999999999999999\t1\n",
        "1\t2x\n",         "1\t9223372036854775808\n",
        "at_ms\tmemory\n", "at_ms\tmemory\tprocesses\nat_ms\tmemory\tprocesses\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (read_lines(cases[i]) != ERROR_INPUT)
            fail_msg("taken: %s", cases[i]);
    char longest[1000];
    memset(longest, '1', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(read_lines(longest), ERROR_INPUT);
    assert_non_null(strstr(error.what, "line 1"));
}

static void pairs_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_pairs("[[0, 5],[10,6] , [10, 7]]\n"), ERROR_NONE);
    assert_points("0:5 10:6 10:7 ");
    assert_int_equal(read_pairs(" [ ] "), ERROR_NONE);
    assert_points("");
    assert_int_equal(read_pairs("[[9223372036854775807,9223372036854775807]]"), ERROR_NONE);
}

static void foreign_pairs_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",          "{}",           "[",
        "[[1,2]",    "[[1,2],]",     "[[1]]",
        "[1,2]",     "[[1,2,3]]",    "[[1,-2]]",
        "[[1.5,2]]", "[[1,2]] x",    "[[2,1],[1,1]]",
        "[[,1]]",    "[[1,2][3,4]]", "[[\"1\",2]]",
        "[,[1,2]]",  "[[1,2],null]", "[[9223372036854775808,1]]",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (read_pairs(cases[i]) != ERROR_INPUT)
            fail_msg("taken: %s", cases[i]);
}

/* However many: few are held, and the highest is among them. */
static void many_points_keep_their_peak(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    for (unsigned i = 0; i < 100000; i++)
        fprintf(stream, "%u\t%u\t1\n", i, i == 77777 ? 1000 : i % 13);
    fclose(stream);
    assert_int_equal(read_lines(text), ERROR_NONE);
    size_t count = memory_history_count(&history);
    assert_true(count <= MEMORY_HISTORY_POINTS && count >= MEMORY_HISTORY_POINTS / 4);
    uint64_t highest = 0, before = 0;
    for (size_t i = 0; i < count; i++) {
        const struct memory_point *point = memory_history_at(&history, i);
        assert_true(point->at_ms >= before);
        before = point->at_ms;
        if (point->memory == 1000)
            assert_int_equal(point->at_ms, 77777);
        highest = point->memory > highest ? point->memory : highest;
    }
    assert_int_equal(highest, 1000);
    free(text);
}

static void memory_is_added_up_over_time(void **state)
{
    (void)state;
    assert_true(memory_history_integral(&history, 1000000000) == 0);
    assert_int_equal(read_pairs("[[1000,10]]"), ERROR_NONE);
    assert_true(memory_history_integral(&history, UINT64_C(5000000000)) == 50);
    assert_true(memory_history_integral(&history, 0) == 10);
    assert_int_equal(read_pairs("[[0,0],[2000,10],[4000,20]]"), ERROR_NONE);
    assert_true(memory_history_integral(&history, UINT64_C(4000000000)) == 40);
    assert_true(memory_history_integral(&history, UINT64_C(6000000000)) == 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_read),
        TEST(foreign_lines_are_refused),
        TEST(pairs_are_read),
        TEST(foreign_pairs_are_refused),
        TEST(many_points_keep_their_peak),
        TEST(memory_is_added_up_over_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
