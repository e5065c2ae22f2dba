/* A spool holds the same bytes whether they are in memory or in the unlinked file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "store/spool.h"

static struct mem_account account;
static struct error error;

static int set_up(void **state)
{
    mem_account_init(&account, "spool", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

/* Byte i of every test's contents. */
static uint8_t byte_at(uint64_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

static void append_pattern(struct spool *spool, size_t size)
{
    uint8_t bytes[1000];
    assert_true(size <= sizeof bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(spool->size + i);
    assert_int_equal(spool_append(spool, bytes, size, &error), ERROR_NONE);
}

static void check_pattern(const struct spool *spool, uint64_t offset, size_t size)
{
    uint8_t bytes[5000];
    assert_true(size <= sizeof bytes);
    assert_int_equal(spool_read(spool, offset, bytes, size, &error), ERROR_NONE);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], byte_at(offset + i));
}

static void contents_do_not_depend_on_the_limit(void **state)
{
    (void)state;
    static const size_t limits[] = {0, 1, 999, 1000, 4096, 1 << 20};
    for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
        struct spool spool;
        spool_init(&spool, &account, limits[l], folder_path);
        for (size_t size = 0; size <= 1000; size += 125)
            append_pattern(&spool, size);
        assert_int_equal(spool.size, 4500);
        check_pattern(&spool, 0, 4500);
        check_pattern(&spool, 4499, 1);
        check_pattern(&spool, 4500, 0);
        check_pattern(&spool, 997, 7);
        assert_int_equal(spool.descriptor >= 0, limits[l] < 4500);
        assert_true(spool.memory.size <= limits[l]);
        spool_release(&spool);
        spool_release(&spool);
    }
}

static void writes_change_what_is_there(void **state)
{
    (void)state;
    for (size_t limit = 100; limit <= 10000; limit += 9900) {
        struct spool spool;
        spool_init(&spool, &account, limit, folder_path);
        append_pattern(&spool, 1000);
        assert_int_equal(spool_write(&spool, 500, "weir", 4, &error), ERROR_NONE);
        char bytes[4];
        assert_int_equal(spool_read(&spool, 500, bytes, 4, &error), ERROR_NONE);
        assert_memory_equal(bytes, "weir", 4);
        check_pattern(&spool, 0, 500);
        check_pattern(&spool, 504, 496);
        assert_int_equal(spool.size, 1000);
        spool_release(&spool);
    }
}

static void clearing_starts_again(void **state)
{
    (void)state;
    struct spool spool;
    spool_init(&spool, &account, 10, folder_path);
    for (int round = 0; round < 3; round++) {
        append_pattern(&spool, 900);
        check_pattern(&spool, 0, 900);
        assert_int_equal(spool_clear(&spool, &error), ERROR_NONE);
        assert_int_equal(spool.size, 0);
    }
    spool_release(&spool);
}

static void the_file_has_no_name(void **state)
{
    (void)state;
    struct spool spool;
    spool_init(&spool, &account, 0, folder_path);
    append_pattern(&spool, 1000);
    assert_true(spool.descriptor >= 0);
    assert_int_equal(folder_count(), 0);
    spool_release(&spool);
    assert_int_equal(folder_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(contents_do_not_depend_on_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_change_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clearing_starts_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_file_has_no_name, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
