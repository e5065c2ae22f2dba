/* Buffers grow up to the maximum they were born with; arenas give blocks that die together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mem/mem.h"

static struct mem_account account;
static struct error error;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return 0;
}

static int nothing_is_left(void **state)
{
    (void)state;
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static void appending_keeps_the_contents(void **state)
{
    (void)state;
    struct mem_buffer buffer;
    mem_buffer_init(&buffer, &account, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t byte = (uint8_t)(i * 7);
        assert_int_equal(mem_buffer_append(&buffer, &byte, 1, &error), ERROR_NONE);
    }
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(buffer.data[i], (uint8_t)(i * 7));
    assert_int_equal(mem_buffer_append(&buffer, "", 0, &error), ERROR_NONE);
    assert_int_equal(mem_buffer_append(&buffer, "x", 1, &error), ERROR_MEMORY);
    assert_int_equal(mem_buffer_append(&buffer, "x", SIZE_MAX, &error), ERROR_MEMORY);
    assert_int_equal(buffer.size, 1000);
    mem_buffer_release(&buffer);
    assert_int_equal(buffer.size, 0);
    mem_buffer_release(&buffer);
}

static void capacity_never_passes_the_maximum(void **state)
{
    (void)state;
    struct mem_buffer buffer;
    mem_buffer_init(&buffer, &account, 100);
    assert_int_equal(mem_buffer_reserve(&buffer, 80, &error), ERROR_NONE);
    assert_int_equal(mem_buffer_reserve(&buffer, 90, &error), ERROR_NONE);
    assert_true(buffer.capacity >= 90 && buffer.capacity <= 100);
    assert_int_equal(mem_buffer_reserve(&buffer, 101, &error), ERROR_MEMORY);
    assert_non_null(strstr(error.what, "100 B"));
    mem_buffer_release(&buffer);
}

static void renewing_holds_one_block_at_a_time(void **state)
{
    (void)state;
    struct mem_buffer buffer;
    mem_buffer_init(&buffer, &account, MEM_NO_LIMIT);
    assert_int_equal(mem_buffer_renew(&buffer, 1 << 20, &error), ERROR_NONE);
    assert_int_equal(mem_buffer_renew(&buffer, 2 << 20, &error), ERROR_NONE);
    assert_int_equal(buffer.size, 0);
    assert_true(buffer.capacity >= 2 << 20);
    assert_int_equal(atomic_load(&account.peak), mem_charge_of(2 << 20));
    mem_buffer_release(&buffer);
}

static void printing_appends(void **state)
{
    (void)state;
    struct mem_buffer buffer;
    mem_buffer_init(&buffer, &account, 64);
    assert_int_equal(mem_buffer_printf(&buffer, &error, "%d-%s", 12, "ab"), ERROR_NONE);
    assert_int_equal(mem_buffer_printf(&buffer, &error, "%c", 'z'), ERROR_NONE);
    assert_int_equal(buffer.size, 6);
    assert_memory_equal(buffer.data, "12-abz", 6);
    assert_int_equal(mem_buffer_printf(&buffer, &error, "%100d", 1), ERROR_MEMORY);
    assert_int_equal(buffer.size, 6);
    mem_buffer_release(&buffer);
}

static void arena_blocks_are_zeroed_and_apart(void **state)
{
    (void)state;
    struct mem_arena arena;
    mem_arena_init(&arena, &account);
    uint8_t *previous = NULL;
    for (size_t size = 0; size < 40000; size += 997) {
        void *memory;
        assert_int_equal(mem_arena_alloc(&arena, size, &memory, &error), ERROR_NONE);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(((uint8_t *)memory)[i], 0);
        memset(memory, 0xee, size);
        if (previous != NULL)
            assert_int_equal(previous[0], 0xee);
        previous = size > 0 ? memory : NULL;
    }
    mem_arena_release(&arena);
    mem_arena_release(&arena);
}

static void arena_refuses_absurd_sizes(void **state)
{
    (void)state;
    struct mem_arena arena;
    void *memory;
    char *copy;
    mem_arena_init(&arena, &account);
    assert_int_equal(mem_arena_alloc(&arena, SIZE_MAX, &memory, &error), ERROR_MEMORY);
    assert_int_equal(mem_arena_alloc(&arena, SIZE_MAX - 15, &memory, &error), ERROR_MEMORY);
    assert_int_equal(mem_arena_alloc_array(&arena, SIZE_MAX / 2, 4, &memory, &error), ERROR_MEMORY);
    assert_int_equal(mem_arena_copy(&arena, "x", SIZE_MAX, &copy, &error), ERROR_MEMORY);
    assert_int_equal(mem_arena_copy(&arena, "xyz", 2, &copy, &error), ERROR_NONE);
    assert_string_equal(copy, "xy");
    mem_arena_release(&arena);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct mem_buffer buffer;
        struct mem_arena arena;
        void *memory;
        mem_buffer_init(&buffer, &account, MEM_NO_LIMIT);
        mem_arena_init(&arena, &account);
        mem_fail_allocation(n);
        enum error_code code = mem_buffer_append(&buffer, "abc", 3, &error);
        if (code == ERROR_NONE)
            code = mem_buffer_reserve(&buffer, 10000, &error);
        if (code == ERROR_NONE)
            code = mem_arena_alloc(&arena, 100, &memory, &error);
        if (code == ERROR_NONE)
            code = mem_arena_alloc(&arena, 100000, &memory, &error);
        mem_fail_allocation(0);
        if (buffer.size > 0)
            assert_memory_equal(buffer.data, "abc", 3);
        mem_buffer_release(&buffer);
        mem_arena_release(&arena);
        assert_int_equal(atomic_load(&account.used), 0);
        if (code == ERROR_NONE) {
            assert_true(n > 4);
            break;
        }
        assert_int_equal(code, ERROR_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appending_keeps_the_contents, set_up, nothing_is_left),
        cmocka_unit_test_setup_teardown(capacity_never_passes_the_maximum, set_up, nothing_is_left),
        cmocka_unit_test_setup_teardown(renewing_holds_one_block_at_a_time, set_up,
                                        nothing_is_left),
        cmocka_unit_test_setup_teardown(printing_appends, set_up, nothing_is_left),
        cmocka_unit_test_setup_teardown(arena_blocks_are_zeroed_and_apart, set_up, nothing_is_left),
        cmocka_unit_test_setup_teardown(arena_refuses_absurd_sizes, set_up, nothing_is_left),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, set_up, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
