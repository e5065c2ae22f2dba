/* Objects give exactly the bytes asked for, or say which file failed and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "store/store.h"

static struct error error;

static void reads_ranges(void **state)
{
    (void)state;
    folder_write("a", "0123456789", 10);
    struct store_object object;
    assert_int_equal(store_open(&object, folder_file("a"), &error), ERROR_NONE);
    assert_int_equal(object.identity.size, 10);
    char bytes[11] = {0};
    assert_int_equal(store_read(&object, 0, bytes, 10, &error), ERROR_NONE);
    assert_string_equal(bytes, "0123456789");
    assert_int_equal(store_read(&object, 7, bytes, 3, &error), ERROR_NONE);
    assert_memory_equal(bytes, "789", 3);
    assert_int_equal(store_read(&object, 10, bytes, 0, &error), ERROR_NONE);
    store_prefetch(&object, 0, 10);
    store_prefetch(&object, 1000, UINT64_MAX);
    store_close(&object);
    store_close(&object);
}

static void past_the_end_is_an_error(void **state)
{
    (void)state;
    folder_write("a", "0123456789", 10);
    struct store_object object;
    assert_int_equal(store_open(&object, folder_file("a"), &error), ERROR_NONE);
    char bytes[16];
    static const struct {
        uint64_t offset;
        size_t size;
    } ranges[] = {{0, 11},
                  {10, 1},
                  {9, 2},
                  {11, 0 + 1},
                  {UINT64_MAX, 1},
                  {UINT64_MAX - 3, 8},
                  {(uint64_t)1 << 63, 4}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        assert_int_equal(store_read(&object, ranges[i].offset, bytes, ranges[i].size, &error),
                         ERROR_INPUT);
        assert_string_equal(error.file, folder_file("a"));
    }
    store_close(&object);
}

static void only_files_are_opened(void **state)
{
    (void)state;
    struct store_object object;
    assert_int_equal(store_open(&object, folder_file("missing"), &error), ERROR_IO);
    assert_string_equal(error.file, folder_file("missing"));
    assert_int_not_equal(error.hint[0], '\0');
    assert_int_not_equal(store_open(&object, folder_path, &error), ERROR_NONE);
    assert_int_equal(mkfifo(folder_file("pipe"), 0600), 0);
    assert_int_not_equal(store_open(&object, folder_file("pipe"), &error), ERROR_NONE);
    assert_int_not_equal(store_open(&object, "/dev/zero", &error), ERROR_NONE);
    assert_int_not_equal(store_open(&object, "", &error), ERROR_NONE);
}

static void a_changed_file_is_noticed(void **state)
{
    (void)state;
    folder_write("a", "0123456789", 10);
    struct store_object object;
    assert_int_equal(store_open(&object, folder_file("a"), &error), ERROR_NONE);
    struct store_identity planned = object.identity;
    assert_true(store_identity_equal(&planned, &object.identity));
    assert_int_equal(store_check_identity(&object, &planned, &error), ERROR_NONE);
    store_close(&object);

    usleep(20000);
    folder_write("a", "9876543210", 10);
    assert_int_equal(store_open(&object, folder_file("a"), &error), ERROR_NONE);
    assert_int_equal(store_check_identity(&object, &planned, &error), ERROR_CHANGED);
    assert_string_equal(error.file, folder_file("a"));
    planned = object.identity;
    usleep(20000);
    folder_write("a", "987", 3);
    assert_int_equal(store_recheck_identity(&object, &planned, &error), ERROR_CHANGED);
    char bytes[10];
    assert_int_not_equal(store_read(&object, 0, bytes, 10, &error), ERROR_NONE);
    store_close(&object);
}

static void every_field_of_an_identity_counts(void **state)
{
    (void)state;
    struct store_identity a = {1, 2, 3, 4, 5};
    struct store_identity changed[5] = {a, a, a, a, a};
    changed[0].device++;
    changed[1].inode++;
    changed[2].size++;
    changed[3].modified_ns++;
    changed[4].changed_ns++;
    for (int i = 0; i < 5; i++)
        assert_false(store_identity_equal(&a, &changed[i]));
    assert_true(store_identity_equal(&a, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_ranges, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(past_the_end_is_an_error, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(only_files_are_opened, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_changed_file_is_noticed, folder_make, folder_remove),
        cmocka_unit_test(every_field_of_an_identity_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
