/* An output appears whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "store/output.h"

static struct mem_account account;
static struct error error;

static int set_up(void **state)
{
    mem_account_init(&account, "output", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

static void check_file(const char *name, const char *expected)
{
    char bytes[64];
    int descriptor = open(folder_file(name), O_RDONLY);
    assert_true(descriptor >= 0);
    ssize_t size = read(descriptor, bytes, sizeof bytes);
    close(descriptor);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, strlen(expected));
}

static void appears_at_commit(void **state)
{
    (void)state;
    struct output output;
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "hello ", 6, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "world", 5, &error), ERROR_NONE);
    assert_int_equal(output_position(&output), 11);
    assert_int_equal(access(folder_file("out"), F_OK), -1);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    check_file("out", "hello world");
    assert_int_equal(folder_count(), 1);
    output_abort(&output);
    check_file("out", "hello world");
}

static void abort_leaves_nothing(void **state)
{
    (void)state;
    struct output output;
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "x", 1, &error), ERROR_NONE);
    output_abort(&output);
    output_abort(&output);
    assert_int_equal(folder_count(), 0);
    struct output never = {.descriptor = -1};
    output_abort(&never);
}

static void existing_files_are_refused(void **state)
{
    (void)state;
    struct output output;
    folder_write("out", "old", 3);
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error),
                     ERROR_EXISTS);
    assert_non_null(strstr(error.hint, "--overwrite"));
    check_file("out", "old");
}

static void overwriting_keeps_the_old_until_commit(void **state)
{
    (void)state;
    struct output output;
    folder_write("out", "old", 3);
    assert_int_equal(output_open(&output, folder_file("out"), true, &account, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "new!", 4, &error), ERROR_NONE);
    check_file("out", "old");
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    check_file("out", "new!");
    assert_int_equal(folder_count(), 1);
    assert_int_equal(output_open(&output, folder_file("out"), true, &account, &error), ERROR_NONE);
    output_abort(&output);
    check_file("out", "new!");
    assert_int_equal(folder_count(), 1);
}

static void a_name_taken_meanwhile_is_refused(void **state)
{
    (void)state;
    struct output output;
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "mine", 4, &error), ERROR_NONE);
    folder_write("out", "theirs", 6);
    assert_int_equal(output_commit(&output, &error), ERROR_EXISTS);
    check_file("out", "theirs");
    assert_int_equal(folder_count(), 1);
}

static void bad_places_fail_early(void **state)
{
    (void)state;
    struct output output;
    assert_int_not_equal(output_open(&output, folder_file("no/such/out"), false, &account, &error),
                         ERROR_NONE);
    folder_write("file", "x", 1);
    assert_int_not_equal(output_open(&output, folder_file("file/out"), true, &account, &error),
                         ERROR_NONE);
    assert_int_equal(mkdir(folder_file("folder"), 0755), 0);
    assert_int_not_equal(output_open(&output, folder_file("folder"), true, &account, &error),
                         ERROR_NONE);
}

static void spools_and_objects_are_copied(void **state)
{
    (void)state;
    struct output output;
    struct spool spool;
    struct store_object object;
    spool_init(&spool, &account, 2, folder_path);
    assert_int_equal(spool_append(&spool, "0123456789", 10, &error), ERROR_NONE);
    folder_write("in", "abcdefghij", 10);
    assert_int_equal(store_open(&object, folder_file("in"), &error), ERROR_NONE);
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error), ERROR_NONE);
    assert_int_equal(output_write(&output, "<", 1, &error), ERROR_NONE);
    assert_int_equal(output_copy_spool(&output, &spool, 3, 4, &error), ERROR_NONE);
    assert_int_equal(output_copy_object(&output, &object, 8, 2, &error), ERROR_NONE);
    assert_int_equal(output_copy_object(&output, &object, 0, 0, &error), ERROR_NONE);
    assert_int_equal(output_position(&output), 7);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    check_file("out", "<3456ij");
    store_close(&object);
    spool_release(&spool);
}

static void large_writes_come_through(void **state)
{
    (void)state;
    struct output output;
    uint32_t numbers[4096];
    uint64_t total = 0;
    assert_int_equal(output_open(&output, folder_file("out"), false, &account, &error), ERROR_NONE);
    for (uint32_t round = 0; round < 100; round++) {
        for (uint32_t i = 0; i < 4096; i++)
            numbers[i] = round * 4096 + i;
        size_t size = sizeof numbers - 4 * (round % 3);
        assert_int_equal(output_write(&output, numbers, size, &error), ERROR_NONE);
        total += size;
        assert_int_equal(output_position(&output), total);
    }
    assert_true(atomic_load(&account.peak) <= (size_t)300 << 10);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    struct stat facts;
    assert_int_equal(stat(folder_file("out"), &facts), 0);
    assert_int_equal(facts.st_size, total);
}

/* ---- what was written taken back ---- */

static void write_numbers(struct output *output, size_t size)
{
    static uint8_t bytes[1 << 20];
    memset(bytes, 'n', sizeof bytes);
    assert_int_equal(output_write(output, bytes, size, &error), ERROR_NONE);
}

static void rewound_it_begins_again(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 5, 1 << 20}; /* nothing, what is buffered, what is in the file */
    for (size_t i = 0; i < 3; i++) {
        struct output output;
        assert_int_equal(output_open(&output, folder_file("out"), true, &account, &error),
                         ERROR_NONE);
        write_numbers(&output, sizes[i]);
        assert_true(output_can_rewind(&output));
        assert_int_equal(output_rewind(&output, &error), ERROR_NONE);
        assert_int_equal(output_position(&output), 0);
        assert_int_equal(output_write(&output, "again", 5, &error), ERROR_NONE);
        assert_int_equal(output_rewind(&output, &error), ERROR_NONE);
        assert_int_equal(output_write(&output, "at last", 7, &error), ERROR_NONE);
        assert_int_equal(output_position(&output), 7);
        assert_int_equal(output_commit(&output, &error), ERROR_NONE);
        check_file("out", "at last");
    }
}

static int saved_output = -1;

/* Standard output is descriptor from now on; ends with stop_writing_to. */
static void write_to(int descriptor)
{
    fflush(stdout);
    saved_output = dup(STDOUT_FILENO);
    assert_true(saved_output >= 0 && descriptor >= 0);
    assert_int_equal(dup2(descriptor, STDOUT_FILENO), STDOUT_FILENO);
    close(descriptor);
}

static void stop_writing_to(void)
{
    fflush(stdout);
    assert_int_equal(dup2(saved_output, STDOUT_FILENO), STDOUT_FILENO);
    close(saved_output);
}

/* Whether standard output can begin again after some bytes went there. */
static bool standard_output_rewinds(int descriptor, const char *text)
{
    struct output output;
    write_to(descriptor);
    enum error_code code = output_open(&output, "-", false, &account, &error);
    if (code == ERROR_NONE)
        code = output_write(&output, "x", 1, &error);
    bool can = code == ERROR_NONE && output_can_rewind(&output);
    if (can)
        code = output_rewind(&output, &error);
    if (can && code == ERROR_NONE)
        code = output_write(&output, text, strlen(text), &error);
    if (code == ERROR_NONE)
        code = output_commit(&output, &error);
    stop_writing_to();
    assert_int_equal(code, ERROR_NONE);
    return can;
}

static void standard_output_is_rewound_where_it_is_a_file(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_false(standard_output_rewinds(ends[1], "gone"));
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    folder_write("log", "before\n", 7);
    int log = open(folder_file("log"), O_WRONLY);
    assert_int_equal(lseek(log, 0, SEEK_END), 7);
    assert_true(standard_output_rewinds(log, "after"));
    check_file("log", "before\nafter");
    /* Others may write behind what stands in the middle of a file or is appended. */
    assert_false(standard_output_rewinds(open(folder_file("log"), O_WRONLY), ""));
    assert_false(standard_output_rewinds(open(folder_file("log"), O_WRONLY | O_APPEND), ""));
    assert_false(standard_output_rewinds(open("/dev/null", O_WRONLY), ""));
}

/* What went into a pipe cannot be taken back: an error, not a mixed result. */
static void what_is_gone_cannot_be_rewound(void **state)
{
    (void)state;
    int ends[2];
    struct output output;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
    write_to(ends[1]);
    enum error_code opened = output_open(&output, "-", false, &account, &error);
    if (opened == ERROR_NONE)
        write_numbers(&output, 300000);
    enum error_code rewound = output_rewind(&output, &error);
    output_abort(&output);
    stop_writing_to();
    close(ends[0]);
    assert_int_equal(opened, ERROR_NONE);
    assert_int_equal(rewound, ERROR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appears_at_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(abort_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(existing_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(overwriting_keeps_the_old_until_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_taken_meanwhile_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_places_fail_early, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spools_and_objects_are_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_writes_come_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rewound_it_begins_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(standard_output_is_rewound_where_it_is_a_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_gone_cannot_be_rewound, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
