/* Groups by name: found as long as they are there and not after, however their names collide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admission/groups.h"

#define NAMES 2000

static void names_are_found_until_they_leave(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct groups groups;
    uint32_t index_of[NAMES];
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    groups_init(&groups, &account, 100, 1);
    assert_int_equal(groups_find(&groups, 5), GROUPS_NONE);
    for (uint32_t i = 0; i < NAMES; i++)
        index_of[i] = GROUPS_NONE;
    for (uint32_t i = 0, random = 1; i < 50000; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t name = (random >> 8) % NAMES;
        assert_int_equal(groups_find(&groups, name), index_of[name]);
        if (index_of[name] == GROUPS_NONE) {
            assert_int_equal(groups_reserve(&groups, &error), ERROR_NONE);
            index_of[name] = groups_enter(&groups, name);
            assert_int_equal(groups_enter(&groups, name), index_of[name]);
        } else {
            groups_leave(&groups, index_of[name]);
            index_of[name] = GROUPS_NONE;
        }
    }
    for (uint32_t name = 0; name < NAMES; name++)
        assert_int_equal(groups_find(&groups, name), index_of[name]);
    groups_release(&groups);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_found_until_they_leave)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
