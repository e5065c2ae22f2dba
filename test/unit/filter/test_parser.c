/*
 * The grammar: what is taken, what is refused and where, what binds more tightly than what.
 */
#include "filters.h"

static const struct column_type booleans[4] = {{.physical = COLUMN_BOOLEAN},
                                               {.physical = COLUMN_BOOLEAN},
                                               {.physical = COLUMN_BOOLEAN},
                                               {.physical = COLUMN_BOOLEAN}};

/* The filter over all combinations of true and false of a, b and c (in order of appearance), the
 * first column being the highest bit. */
static const char *truth_of(const char *text, char answer[static 9])
{
    uint8_t values[3][8], selected[8];
    struct column_slice slices[3];
    struct bound_filter *bound = bind_types(text, booleans);
    for (unsigned column = 0; column < 3; column++) {
        for (unsigned row = 0; row < 8; row++)
            values[column][row] = row >> (2 - column) & 1;
        slices[column] = (struct column_slice){8, 8, NULL, values[column]};
    }
    filter_select(bound, slices, 8, selected);
    for (int row = 0; row < 8; row++)
        answer[row] = (char)('0' + selected[row]);
    answer[8] = '\0';
    return answer;
}

static void test_precedence(void **state)
{
    (void)state;
    char answer[9];
    assert_string_equal(truth_of("a or b and c", answer), "00011111");
    assert_string_equal(truth_of("(a or b) and c", answer), "00010101");
    assert_string_equal(truth_of("not a or b and c", answer), "11110001");
    assert_string_equal(truth_of("not (a or b) and c", answer), "01000000");
    assert_string_equal(truth_of("not (a or b and c)", answer), "11100000");
    assert_string_equal(truth_of("not not a and b or not c", answer), "10101011");
    assert_string_equal(truth_of("NOT (not (A_ AND b) Or c)", answer), "00000010");
    assert_string_equal(truth_of("((a)) AND (((b) and c))", answer), "00000001");
    assert_string_equal(truth_of("a and b and c or a and not b and not c", answer), "00001001");
    assert_string_equal(truth_of("a = true and b != true or false = c", answer), "10101110");
}

static void test_columns(void **state)
{
    (void)state;
    const struct filter *filter =
        parse("path<1 and\t\"a \"\"b\"\"\" = 2 or\nPath >= 3 and path=4 or \xc3\xa4_1.$x in (5)");
    assert_int_equal(filter_column_count(filter), 4);
    assert_string_equal(filter_column_name(filter, 0), "path");
    assert_string_equal(filter_column_name(filter, 1), "a \"b\"");
    assert_string_equal(filter_column_name(filter, 2), "Path");
    assert_string_equal(filter_column_name(filter, 3), "\xc3\xa4_1.$x");
    assert_int_equal(filter_column_offset(filter, 0), 0);
    assert_int_equal(filter_column_offset(filter, 1), 11);
    filter = parse("\"and\" = 1 or \"\" = 2");
    assert_string_equal(filter_column_name(filter, 0), "and");
    assert_string_equal(filter_column_name(filter, 1), "");
}

static void test_what_is_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a=1",
        " a == -1 ",
        "a<>+1.5e-3",
        "a!=.5",
        "a>=1.",
        "1<a",
        "'x' = a",
        "a in(1)",
        "a IN (1,2 , 'x',true,2025-01-01)",
        "a not in (1)",
        "not a in (1)",
        "a is null",
        "a is not null",
        "not a is not null",
        "a between 1 and 2",
        "a between 1 and 2 and b between 3 and 4",
        "a not between -1 and +2 or b",
        "a=2025-01-01",
        "a=2025-01-01T12:30",
        "a=2025-01-01 1:30:00.123456789012Z and b",
        "a>2025-01-01T12:30:00+02:00",
        "a=12:30",
        "a=12:30:59.5",
        "a=-0001-01-01 or a=+12025-12-31",
        "a=''",
        "a='it''s'",
        "a",
        "not a",
        "a=000001",
        "a=1e1000",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        parse(texts[i]);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0, "a condition is missing at the end");
    assert_refused("   ", 3, "a condition is missing at the end");
    assert_refused("a <", 3, "a value is missing at the end");
    assert_refused("a < and", 4, "a value is missing before and");
    assert_refused("a = b", 4, "single quotes");
    assert_refused("1 = 2", 4, "a column is missing before 2");
    assert_refused("1 and a", 2, "a comparison is missing before and");
    assert_refused("a = 1 b = 2", 6, "is missing before b");
    assert_refused("(a = 1", 6, "a closing parenthesis is missing at the end");
    assert_refused("a = 1)", 5, "is missing before )");
    assert_refused("a in ()", 6, "a value is missing before )");
    assert_refused("a in 1", 5, "a list of values in parentheses");
    assert_refused("a in (1 2)", 8, "a comma");
    assert_refused("a in (1,)", 8, "a value is missing");
    assert_refused("a in (1,null)", 8, "is null");
    assert_refused("a = NULL", 4, "nothing equals NULL");
    assert_refused("a is 1", 5, "null, or not null,");
    assert_refused("a not 1", 6, "in or between");
    assert_refused("a between 1", 11, "the word and is missing at the end");
    assert_refused("a between 1 or 2", 12, "the word and");
    assert_refused("a = 'x", 4, "does not end");
    assert_refused("a = 1 and \"b = 2", 10, "does not end");
    assert_refused("a = 'x''", 4, "does not end");
    assert_refused("a && b", 2, "the words and, or, not");
    assert_refused("a * 2 = 1", 2, "no arithmetic");
    assert_refused("a = -b", 4, "no arithmetic");
    assert_refused("a = \x01", 4, "'?' means nothing");
    assert_refused("and", 0, "a condition is missing before and");
    assert_refused("a or or b", 5, "a condition");
}

static void test_values_that_are_none(void **state)
{
    (void)state;
    static const char *const values[] = {"1a",
                                         "1.2.3",
                                         "1e",
                                         "1e+",
                                         "1e1001",
                                         "2025-13-01",
                                         "2025-02-29",
                                         "2025-1-1",
                                         "2025-01-00",
                                         "25:00",
                                         "12:60",
                                         "12:30:60",
                                         "12:30:",
                                         "12:30:00.",
                                         "2025-01-01T",
                                         "2025-01-01T12",
                                         "0x10",
                                         "1-2",
                                         "2025-01-01T12:30+1",
                                         "2025-01-01T12:30Zx",
                                         "1_000",
                                         "1900-02-29"};
    char text[64];
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        snprintf(text, sizeof text, "abc = %s", values[i]);
        assert_refused(text, 6, values[i]);
    }
    parse("a = 2024-02-29 or a = 2000-02-29");
}

/* "(((...a...)))" */
static void test_depth(void **state)
{
    (void)state;
    char text[4 * FILTER_DEPTH_MOST + 16];
    size_t at = 0;
    for (int i = 0; i < FILTER_DEPTH_MOST; i++)
        text[at++] = '(';
    text[at++] = 'a';
    for (int i = 0; i < FILTER_DEPTH_MOST; i++)
        text[at++] = ')';
    text[at] = '\0';
    parse(text);
    memmove(text + 1, text, at + 1);
    assert_refused(text, FILTER_DEPTH_MOST, "too deep");
}

/* Depth is what stands within each other, not one behind the other. */
static void test_many_side_by_side(void **state)
{
    (void)state;
    char text[12000];
    size_t at = 0;
    for (int i = 0; i < 1000; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s(not a)", i > 0 ? "or" : "");
    parse(text);
}

static void test_length(void **state)
{
    (void)state;
    static char text[FILTER_TEXT_MOST + 2];
    memset(text, ' ', sizeof text - 1);
    text[0] = 'a';
    assert_refused(text, 0, "65536 bytes");
    text[FILTER_TEXT_MOST] = '\0';
    parse(text);
}

static void test_column_count(void **state)
{
    (void)state;
    static char text[FILTER_TEXT_MOST];
    size_t at = 0, last = 0;
    for (int i = 0; i <= FILTER_COLUMNS_MOST; i++) {
        last = at + 3;
        at += (size_t)snprintf(text + at, sizeof text - at, "or c%d ", i);
    }
    assert_refused(text + 3, last - 3, "more than 1000 columns");
    text[last - 3] = '\0';
    assert_int_equal(filter_column_count(parse(text + 3)), FILTER_COLUMNS_MOST);
}

static void test_number_too_long(void **state)
{
    (void)state;
    char text[1100] = "a = ";
    memset(text + 4, '7', 1001);
    text[1005] = '\0';
    assert_refused(text, 4, "neither a number");
    text[1004] = '\0';
    parse(text);
}

/* Out of memory at any allocation is an error, and nothing stays charged. */
static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 40; n++) {
        struct mem_account account;
        struct mem_arena arena;
        struct filter *filter;
        struct bound_filter *bound;
        struct error error;
        mem_account_init(&account, "small", NULL, (size_t)1 << 20);
        mem_arena_init(&arena, &account);
        error_init(&error);
        mem_fail_allocation(n);
        enum error_code code = filter_parse("a in (true, false) or \"b\" = true", &arena, &filter,
                                            &filters.offset, &error);
        if (code == ERROR_NONE)
            code = filter_bind(filter, booleans, &arena, &bound, &filters.offset, &error);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        mem_arena_release(&arena);
        assert_int_equal(atomic_load(&account.used), 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, filters_setup, filters_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_precedence),
        TEST(test_columns),
        TEST(test_what_is_taken),
        TEST(test_what_is_refused),
        TEST(test_values_that_are_none),
        TEST(test_depth),
        TEST(test_many_side_by_side),
        TEST(test_length),
        TEST(test_column_count),
        TEST(test_number_too_long),
        TEST(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
