/* What programs tell of themselves, and what they write in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cell/progress_file.h"

static struct cell_progress parse(const char *text)
{
    struct cell_progress progress;
    progress_file_parse(text, strlen(text), &progress);
    return progress;
}

static void check(const char *text, const char *phase, bool has_read, uint64_t read, uint64_t of,
                  const char *unit)
{
    struct cell_progress progress = parse(text);
    assert_string_equal(progress.phase, phase);
    assert_int_equal(progress.has_read, has_read);
    assert_int_equal(progress.read, read);
    assert_int_equal(progress.of, of);
    assert_string_equal(progress.unit, unit);
}

static void lines_are_read(void **state)
{
    (void)state;
    check("phase hash aggregate\nread 5580 of 18000 files\n", "hash aggregate", true, 5580, 18000,
          "files");
    check("read 7", "", true, 7, 0, "");
    check("read 7 rows", "", true, 7, 0, "rows");
    check("  read\t7  of\t9  row groups \n", "", true, 7, 9, "row groups ");
    check("", "", false, 0, 0, "");
}

static void the_last_of_each_kind_counts(void **state)
{
    (void)state;
    check("phase a\nread 1 of 4\nphase b\nread 2 of 4\n", "b", true, 2, 4, "");
    check("phase a\nphase\n", "", false, 0, 0, "");
}

static void anything_else_is_passed_over(void **state)
{
    (void)state;
    check("phases a\nreading 3\nread\nread x\nread 3 of\nread 3 of x\n\n\n{\"phase\": 1}", "",
          false, 0, 0, "");
    check("read -1\nread 99999999999999999999999\nread 1 of 99999999999999999999999\n", "", false,
          0, 0, "");
    check("read 18446744073709551615 of 18446744073709551615", "", true, UINT64_MAX, UINT64_MAX,
          "");
    check("phase \x1b[31mred\xff", "?[31mred?", false, 0, 0, "");
    check("read 3offiles", "", true, 3, 0, "offiles");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[400] = "phase ";
    memset(text + 6, 'x', 300);
    struct cell_progress progress = parse(text);
    assert_int_equal(strlen(progress.phase), sizeof progress.phase - 1);
}

static void any_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char pieces[][12] = {"phase ", "read ", "of ", "17", " ", "\n", "\xc3", "\0", "é"};
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        size_t size = 0;
        while (size < 50) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(seed >> 33) % 9];
            size_t length = piece[0] == '\0' ? 1 : strlen(piece);
            memcpy(text + size, piece, length);
            size += length;
        }
        struct cell_progress progress;
        progress_file_parse(text, size, &progress);
        assert_true(strlen(progress.phase) < sizeof progress.phase);
        assert_true(progress.has_read || (progress.read == 0 && progress.of == 0));
    }
}

/* ---- files ---- */

static char folder[] = "/tmp/weir-test-progress-XXXXXX";
static char path[80];

static int make_folder(void **state)
{
    (void)state;
    memcpy(strrchr(folder, '-'), "-XXXXXX", 7);
    snprintf(path, sizeof path, "%s/" PROGRESS_FILE_NAME, mkdtemp(folder));
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    rmdir(path);
    return rmdir(folder);
}

static void write_file(const char *text, size_t size, int times)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int i = 0; i < times; i++)
        assert_int_equal(write(descriptor, text, size), size);
    close(descriptor);
}

static void the_file_is_read(void **state)
{
    (void)state;
    struct cell_progress progress;
    write_file("phase load\n", 11, 1);
    progress_file_read(folder, &progress);
    assert_string_equal(progress.phase, "load");
}

/* Who appends for hours is read from behind. */
static void the_end_of_a_long_file_counts(void **state)
{
    (void)state;
    struct cell_progress progress;
    write_file("read 1 of 10\nread 9 of 10\n", 26, 5000);
    progress_file_read(folder, &progress);
    assert_int_equal(progress.read, 9);
}

static void what_is_no_file_tells_nothing(void **state)
{
    (void)state;
    struct cell_progress progress;
    progress_file_read(folder, &progress); /* not there */
    assert_false(progress.has_read);
    assert_int_equal(mkdir(path, 0700), 0);
    progress_file_read(folder, &progress);
    assert_false(progress.has_read);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes: it does not wait */
    progress_file_read(folder, &progress);
    assert_false(progress.has_read);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    progress_file_read(folder, &progress);
    assert_string_equal(progress.phase, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(the_last_of_each_kind_counts),
        cmocka_unit_test(anything_else_is_passed_over),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(any_bytes_do_no_harm),
        cmocka_unit_test_setup_teardown(the_file_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_end_of_a_long_file_counts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_no_file_tells_nothing, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
