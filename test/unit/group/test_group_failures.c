/* What goes wrong while grouping is told, and leaves nothing behind. */
#include "scene.h"

#include <signal.h>
#include <sys/resource.h>

static struct scene small(enum group_keys kind)
{
    return (struct scene){
        .kind = kind, .keys = 6000, .rows = 12000, .nulls = 3, .threads = 1, .expected = 1};
}

/* Any allocation may fail: then the result is right nevertheless, or there is an error. */
static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (int kind = GROUP_DENSE; kind <= GROUP_BYTES; kind++) {
        struct scene scene = small((enum group_keys)kind);
        unsigned right = 0, failed = 0;
        struct error error;
        error_init(&error);
        prepare(&scene);
        run.options.limit = 64 * MIB;
        mem_fail_allocation(0);
        assert_int_equal(run_once(&error), ERROR_NONE);
        uint64_t made = mem_fail_allocation(0);
        for (uint64_t n = 1; n <= made; n += 1 + n / 16) {
            mem_fail_allocation(n);
            enum error_code code = run_once(&error);
            mem_fail_allocation(0);
            assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
            right += code == ERROR_NONE;
            failed += code == ERROR_MEMORY;
            assert_int_equal(atomic_load(&run.account.used), 0);
        }
        assert_true(failed > 0 && (right > 0 || kind == GROUP_DENSE));
        forget();
    }
}

static enum error_code run_aside(const char *folder, uint64_t room_needed, struct error *error)
{
    struct scene scene = {
        .kind = GROUP_CODES, .keys = KEYS_MOST, .rows = KEYS_MOST, .threads = 2, .seed = 5};
    error_init(error);
    prepare(&scene);
    run.options.limit = group_size_least(&run.options);
    run.options.folder = folder;
    run.options.room_needed = room_needed;
    enum error_code code = run_once(error);
    forget();
    return code;
}

static void test_a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(run_aside(folder_file("gone"), 0, &error), ERROR_IO);
    assert_string_equal(error.file, folder_file("gone"));
    assert_non_null(strstr(error.hint, "--temp"));
}

static void test_room_is_asked_for_first(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(run_aside(folder_path, UINT64_MAX, &error), ERROR_IO);
    assert_non_null(strstr(error.what, "not enough room"));
    assert_non_null(strstr(error.what, folder_path));
    assert_non_null(strstr(error.hint, "--temp"));
}

static void test_a_full_disk(void **state)
{
    (void)state;
    struct rlimit before, little = {100000, RLIM_INFINITY};
    struct error error;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    little.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    enum error_code code = run_aside(folder_path, 0, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, ERROR_IO);
    assert_string_equal(error.file, folder_path);
}

static void test_too_little_memory_is_told_at_once(void **state)
{
    (void)state;
    struct scene scene = small(GROUP_BYTES);
    struct error error;
    prepare(&scene);
    run.options.limit = group_size_least(&run.options) - 1;
    assert_int_equal(group_create(&run.account, &run.options, &run.grouping, &error), ERROR_MEMORY);
    assert_non_null(strstr(error.hint, "--memory"));
    forget();
}

/* One key of 20 MB where 30 MB are allowed, and where 10 are. */
static void test_a_very_long_key(void **state)
{
    (void)state;
    const uint32_t size = 20 << 20, offsets[2] = {0, size};
    uint8_t *key = calloc(size, 1);
    double value = 1.5, sum;
    assert_non_null(key);
    for (int i = 0; i < 2; i++) {
        struct scene scene = small(GROUP_BYTES);
        struct error error;
        struct group_feed *feed;
        struct group_rows rows;
        prepare(&scene);
        run.options.value_count = 1;
        run.options.threads = 1;
        run.options.limit = i == 0 ? 80 * MIB : 10 * MIB;
        struct column_slice slice = {1, 1, NULL, &value}, result;
        uint64_t hash = 7;
        uint8_t there;
        size_t index;
        assert_int_equal(group_create(&run.account, &run.options, &run.grouping, &error), 0);
        assert_int_equal(group_feed_open(run.grouping, &feed, &error), ERROR_NONE);
        for (int row = 0; row < 3; row++)
            assert_int_equal(group_feed_bytes(feed, 1, key, offsets, &hash, &slice, &error), 0);
        assert_int_equal(group_feed_close(feed, &error), ERROR_NONE);
        enum error_code code = group_next(run.grouping, &rows, &error);
        assert_int_equal(code, i == 0 ? ERROR_NONE : ERROR_MEMORY);
        if (i == 0) {
            assert_int_equal(rows.row_count, 1);
            assert_int_equal(rows.keys[0].size, size);
            assert_int_equal(group_result(run.grouping, 0, AGGREGATE_SUM, &run.fields[0].type,
                                          (uint8_t *)&sum, &there, &result, &index, &error),
                             ERROR_NONE);
            assert_true(sum == 4.5);
        }
        group_destroy(run.grouping);
        forget();
    }
    free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_a_folder_that_is_not_there),
        cmocka_unit_test(test_room_is_asked_for_first),
        cmocka_unit_test(test_a_full_disk),
        cmocka_unit_test(test_too_little_memory_is_told_at_once),
        cmocka_unit_test(test_a_very_long_key),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
