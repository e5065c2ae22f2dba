/* Accounts: limits bind children, charges come back, refusals are ordinary errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mem/mem.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    for (size_t size = 0; size < 300000; size = size * 3 + 1) {
        void *memory;
        assert_int_equal(mem_alloc(&account, size, &memory, &error), ERROR_NONE);
        assert_int_equal((uintptr_t)memory % MEM_ALIGNMENT, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(((uint8_t *)memory)[i], 0);
        assert_true(atomic_load(&account.used) >= size);
        assert_int_equal(atomic_load(&account.used), mem_charge_of(size));
        memset(memory, 0xff, size);
        mem_free(memory);
        assert_int_equal(atomic_load(&account.used), 0);
    }
    mem_free(NULL);
}

static void limits_bind_children(void **state)
{
    (void)state;
    struct mem_account run, phase, part;
    struct error error;
    error_init(&error);
    mem_account_init(&run, "run", NULL, 10000);
    mem_account_init(&phase, "phase", &run, MEM_NO_LIMIT);
    mem_account_init(&part, "part", &phase, 50000);
    void *first, *second = &second;
    assert_int_equal(mem_alloc(&part, 6000, &first, &error), ERROR_NONE);
    assert_int_equal(error.code, ERROR_NONE);
    assert_int_equal(mem_account_left(&part), 10000 - mem_charge_of(6000));
    assert_int_equal(mem_alloc(&part, 6000, &second, &error), ERROR_MEMORY);
    assert_ptr_equal(second, &second);
    assert_non_null(strstr(error.what, "run"));
    assert_int_not_equal(error.hint[0], '\0');
    assert_int_equal(atomic_load(&part.used), mem_charge_of(6000));
    assert_int_equal(atomic_load(&run.used), mem_charge_of(6000));
    mem_free(first);
    assert_int_equal(atomic_load(&run.used), 0);
    assert_int_equal(atomic_load(&run.peak), mem_charge_of(6000));
}

static void nothing_left_is_zero(void **state)
{
    (void)state;
    struct mem_account account;
    mem_account_init(&account, "small", NULL, 100);
    atomic_store(&account.used, 200);
    assert_int_equal(mem_account_left(&account), 0);
    mem_account_init(&account, "free", NULL, MEM_NO_LIMIT);
    assert_true(mem_account_left(&account) == MEM_NO_LIMIT);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    void *memory;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 63, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(mem_alloc(&account, sizes[i], &memory, &error), ERROR_MEMORY);
    assert_int_equal(mem_alloc_array(&account, SIZE_MAX / 2, 3, &memory, &error), ERROR_MEMORY);
    assert_int_equal(mem_alloc_array(&account, (size_t)1 << 33, (size_t)1 << 33, &memory, &error),
                     ERROR_MEMORY);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void injected_failures_come_once(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    void *memory[3] = {NULL, NULL, NULL};
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    mem_fail_allocation(2);
    assert_int_equal(mem_alloc(&account, 10, &memory[0], &error), ERROR_NONE);
    assert_int_equal(mem_alloc(&account, 10, &memory[1], &error), ERROR_MEMORY);
    assert_int_equal(mem_alloc(&account, 10, &memory[2], &error), ERROR_NONE);
    assert_int_equal(mem_fail_allocation(0), 3);
    for (int i = 0; i < 3; i++)
        mem_free(memory[i]);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void strings_are_copied_whole(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    char *copy;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(mem_copy_string(&account, "", &copy, &error), ERROR_NONE);
    assert_string_equal(copy, "");
    mem_free(copy);
    assert_int_equal(mem_copy_string(&account, "abc", &copy, &error), ERROR_NONE);
    assert_string_equal(copy, "abc");
    mem_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned), cmocka_unit_test(limits_bind_children),
        cmocka_unit_test(nothing_left_is_zero),         cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(injected_failures_come_once),  cmocka_unit_test(strings_are_copied_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
