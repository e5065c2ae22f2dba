#include "cli/suggest.h"
#include "fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(only_slips_are_taken_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
