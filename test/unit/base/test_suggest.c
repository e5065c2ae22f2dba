/* Nearest names: what is a slip, and what is another word. */
#include "base/suggest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void distances(void **state)
{
    (void)state;
    assert_int_equal(suggest_distance("", ""), 0);
    assert_int_equal(suggest_distance("", "abc"), 3);
    assert_int_equal(suggest_distance("abc", ""), 3);
    assert_int_equal(suggest_distance("memory", "memory"), 0);
    assert_int_equal(suggest_distance("memmory", "memory"), 1);
    assert_int_equal(suggest_distance("memoyr", "memory"), 1); /* swapped neighbours */
    assert_int_equal(suggest_distance("smu", "sum"), 1);
    assert_int_equal(suggest_distance("kitten", "sitting"), 3);
    assert_int_equal(suggest_distance("ca", "abc"), 3); /* no letter is moved twice */
}

static void long_names_are_cut(void **state)
{
    (void)state;
    char a[200], b[200];
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(suggest_distance(a, a), 0);
    assert_int_equal(suggest_distance(a, b), SUGGEST_LONGEST);
}

static void only_slips_are_taken_up(void **state)
{
    (void)state;
    static const char *const names[] = {"memory", "output", "overwrite", "by", NULL};
    assert_string_equal(suggest_nearest("memroy", names), "memory");
    assert_string_equal(suggest_nearest("over", names), "overwrite");
    assert_string_equal(suggest_nearest("bx", names), "by");
    assert_null(suggest_nearest("xyzzy", names));
    assert_null(suggest_nearest("", names));
    assert_null(suggest_nearest("zz", names));
}

static void names_may_come_one_by_one(void **state)
{
    (void)state;
    struct suggest suggest = suggest_begin("comand");
    suggest_try(&suggest, "environment");
    assert_null(suggest.name);
    suggest_try(&suggest, "commando");
    assert_string_equal(suggest.name, "commando");
    suggest_try(&suggest, "command");
    assert_string_equal(suggest.name, "command");
    suggest_try(&suggest, "commands");
    assert_string_equal(suggest.name, "command");
}

static void a_choice_is_asked_back_and_all_are_listed(void **state)
{
    (void)state;
    static const char *const choices[] = {"oom", "timeout", "error", NULL};
    struct error error;
    error_init(&error);
    error_set(&error, ERROR_INPUT, "\"timeuot\" is no reason");
    suggest_choice("timeuot", choices, &error);
    assert_string_equal(error.what, "\"timeuot\" is no reason; did you mean timeout?");
    assert_string_equal(error.hint, "one of oom, timeout, error");
    error_set(&error, ERROR_INPUT, "no");
    suggest_choice("xyzzy", choices, &error);
    assert_string_equal(error.what, "no");
    assert_string_equal(error.hint, "one of oom, timeout, error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(only_slips_are_taken_up),
        cmocka_unit_test(names_may_come_one_by_one),
        cmocka_unit_test(a_choice_is_asked_back_and_all_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
