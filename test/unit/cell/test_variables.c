/* Lists of variables: looked through, laid over each other, and used to find programs. */
#include "cell/variables.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(...)                                                                                  \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void names_are_whole(void **state)
{
    (void)state;
    const char *const *list = LIST("AB=1", "A=2", "A=3", "C=", "D");
    assert_string_equal(variables_find(list, "A"), "2");
    assert_string_equal(variables_find(list, "A=something"), "2");
    assert_string_equal(variables_find(list, "AB"), "1");
    assert_string_equal(variables_find(list, "C"), "");
    assert_null(variables_find(list, "B"));
    assert_null(variables_find(list, "D"));
}

static void programs_are_looked_for_in_the_usual_folders_without_a_path(void **state)
{
    (void)state;
    assert_string_equal(variables_path(LIST("PATH=/a:/b")), "/a:/b");
    assert_string_equal(variables_path(LIST("PATH=")), "");
    assert_string_equal(variables_path(LIST("XPATH=/a")), "/usr/local/bin:/usr/bin:/bin");
    assert_int_equal(variables_count(LIST("A=1", "B")), 2);
    assert_int_equal(variables_count(LIST(NULL)), 0);
}

static void what_is_withheld_is_counted(void **state)
{
    (void)state;
    char a[] = "A=1", b[] = "B=2", c[] = "C=3", *own[] = {a, b, c, NULL};
    assert_int_equal(variables_count_withheld(LIST("A=9", "AB=1"), own), 2);
    assert_int_equal(variables_count_withheld(LIST("A=", "B=", "C="), own), 0);
}

static void later_lists_win(void **state)
{
    (void)state;
    struct mem_account account;
    struct mem_arena arena;
    struct error error;
    const char *const *all;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &account);
    assert_int_equal(
        variables_overlay(&arena, LIST("A=1", "B=2", "C=3"), LIST("D=4", "B=5"), &all, &error),
        ERROR_NONE);
    const char *const *expected = LIST("A=1", "C=3", "D=4", "B=5");
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(all[i], expected[i]);
    assert_null(all[4]);
    mem_arena_release(&arena);
    account.limit = 0;
    assert_int_equal(variables_overlay(&arena, LIST("A=1"), LIST("B=2"), &all, &error),
                     ERROR_MEMORY);
}

static void programs_are_found_as_exec_does(void **state)
{
    (void)state;
    char top[] = "/tmp/weir-variables-test-XXXXXX", path[100], variable[100];
    assert_non_null(mkdtemp(top));
    snprintf(path, sizeof path, "%s/no-right", top);
    snprintf(variable, sizeof variable, "PATH=/nowhere:%s", top);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_true(variables_find_program(LIST(variable), NULL, "no-right"));
    assert_true(variables_find_program(LIST("PATH=/nowhere"), NULL, path));
    assert_true(variables_find_program(LIST("PATH=/nowhere"), top, "./no-right"));
    assert_true(variables_find_program(LIST("PATH=/nowhere:"), top, "no-right"));
    assert_true(variables_find_program(LIST("PATH=."), top, "no-right"));
    assert_true(variables_find_program(LIST("X=1"), NULL, "sh"));
    assert_false(variables_find_program(LIST("PATH=/nowhere"), top, "no-right"));
    assert_false(variables_find_program(LIST(variable), NULL, "not-there"));
    assert_false(variables_find_program(LIST(variable), NULL, "./no-right"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(top), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_whole),
        cmocka_unit_test(programs_are_looked_for_in_the_usual_folders_without_a_path),
        cmocka_unit_test(what_is_withheld_is_counted),
        cmocka_unit_test(later_lists_win),
        cmocka_unit_test(programs_are_found_as_exec_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
