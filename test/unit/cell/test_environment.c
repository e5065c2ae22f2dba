/* What of weir's environment a program gets, and what it never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cell/cell.h"

struct room {
    struct mem_account account;
    struct mem_arena arena;
};

static int open_room(void **state)
{
    static struct room room;
    mem_account_init(&room.account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&room.arena, &room.account);
    *state = &room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;
    mem_arena_release(&room->arena);
    return 0;
}

static const char *const *made(struct room *room, const char *const *own, const char *const *pass,
                               size_t count, bool everything, const char *temporary)
{
    const char *const *list;
    struct error error;
    assert_int_equal(cell_environment(&room->arena, (char **)own, pass, count, everything,
                                      temporary, &list, &error),
                     ERROR_NONE);
    return list;
}

static bool has(const char *const *list, const char *entry)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, entry) == 0)
            return true;
    return false;
}

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list[count] != NULL)
        count++;
    return count;
}

static void only_what_is_needed_goes_on(void **state)
{
    static const char *const own[] = {"PATH=/bin",
                                      "HOME=/root",
                                      "LC_ALL=C",
                                      "AWS_SECRET_ACCESS_KEY=x",
                                      "PYTHONPATH=/lib/mine",
                                      "PYTHON_REGISTRY_TOKEN=y",
                                      "PATHS=no",
                                      "no equals",
                                      "=x",
                                      NULL};
    const char *const *list = made(*state, own, NULL, 0, false, NULL);
    assert_true(has(list, "PATH=/bin"));
    assert_true(has(list, "HOME=/root"));
    assert_true(has(list, "LC_ALL=C"));
    assert_true(has(list, "PYTHONPATH=/lib/mine"));
    assert_true(has(list, "PYTHONFAULTHANDLER=1"));
    assert_int_equal(count_of(list), 5);
}

static void names_and_prefixes_pass(void **state)
{
    static const char *const own[] = {"PATH=/bin", "AWS_REGION=x", "AWS_SECRET=y",
                                      "DSN=z",     "DSN2=q",       NULL};
    static const char *const pass[] = {"AWS_*", "DSN"};
    const char *const *list = made(*state, own, pass, 2, false, NULL);
    assert_true(has(list, "AWS_REGION=x"));
    assert_true(has(list, "AWS_SECRET=y"));
    assert_true(has(list, "DSN=z"));
    assert_false(has(list, "DSN2=q"));
}

static void a_temporary_folder_replaces_the_usual(void **state)
{
    static const char *const own[] = {"TMPDIR=/var/tmp", "PYTHONFAULTHANDLER=0", "ODD=1",
                                      "WEIR_PROGRESS=/var/tmp/x", NULL};
    const char *const *list = made(*state, own, NULL, 0, true, "/a/b");
    assert_true(has(list, "TMPDIR=/a/b"));
    assert_false(has(list, "TMPDIR=/var/tmp"));
    assert_true(has(list, "ODD=1"));
    assert_true(has(list, "PYTHONFAULTHANDLER=1"));
    assert_false(has(list, "PYTHONFAULTHANDLER=0"));
    assert_true(has(list, "PATH=/usr/local/bin:/usr/bin:/bin"));
    assert_true(has(list, "WEIR_PROGRESS=/a/b/weir-progress"));
    assert_int_equal(count_of(list), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_is_needed_goes_on, open_room, close_room),
        cmocka_unit_test_setup_teardown(names_and_prefixes_pass, open_room, close_room),
        cmocka_unit_test_setup_teardown(a_temporary_folder_replaces_the_usual, open_room,
                                        close_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
