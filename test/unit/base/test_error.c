/* An error is one line that says what, where and what to try, whatever it is made of. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void renders_every_part(void **state)
{
    (void)state;
    struct error error;
    char text[400];
    error_init(&error);
    assert_int_equal(error_set(&error, ERROR_INPUT, "page of %d bytes", 7), ERROR_INPUT);
    assert_string_equal(error_render(&error, text, sizeof text), "page of 7 bytes");
    error_in_file(&error, "a.parquet");
    error_in_row_group(&error, 3);
    error_in_column(&error, "value");
    error_at_offset(&error, 1234);
    error_hint(&error, "writing the file again");
    assert_string_equal(error_render(&error, text, sizeof text),
                        "page of 7 bytes (file a.parquet, row group 3, column value, offset 1234)."
                        " Try: writing the file again");
}

static void first_place_wins(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_INPUT, "x");
    error_in_file(&error, NULL);
    error_in_file(&error, "inner");
    error_in_file(&error, "outer");
    error_in_column(&error, NULL);
    error_in_column(&error, "a");
    error_in_column(&error, "b");
    error_in_row_group(&error, ERROR_NO_PLACE);
    error_in_row_group(&error, 0);
    error_in_row_group(&error, 5);
    error_at_offset(&error, 0);
    error_at_offset(&error, 9);
    assert_string_equal(error.file, "inner");
    assert_string_equal(error.column, "a");
    assert_int_equal(error.row_group, 0);
    assert_int_equal(error.offset, 0);
}

static void set_forgets_the_old_place(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_INPUT, "x");
    error_in_file(&error, "f");
    error_hint(&error, "h");
    error_set(&error, ERROR_IO, "y");
    assert_string_equal(error.file, "");
    assert_string_equal(error.hint, "");
    assert_int_equal(error.offset, ERROR_NO_PLACE);
}

static void one_line_without_control_characters(void **state)
{
    (void)state;
    struct error error;
    char text[200];
    error_set(&error, ERROR_INPUT, "column \"a\nb\x1b[31m\x7f\"");
    error_render(&error, text, sizeof text);
    assert_string_equal(text, "column \"a\\x0ab\\x1b[31m\\x7f\"");
}

static void any_buffer_size_is_enough(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_INPUT, "a\nb");
    error_in_file(&error, "f");
    error_hint(&error, "h");
    for (size_t size = 1; size < 40; size++) {
        char text[41];
        memset(text, '#', sizeof text);
        error_render(&error, text, size);
        assert_true(strlen(text) < size);
        assert_int_equal(text[size], '#');
    }
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct error error;
    char path[2000], text[4000];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    memcpy(path + sizeof path - 1 - 8, "/end.pqt", 8);
    error_set(&error, ERROR_INPUT, "%s", path);
    error_in_file(&error, path);
    error_in_column(&error, path);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
    assert_memory_equal(error.file, "...", 3);
    assert_string_equal(error.file + strlen(error.file) - 8, "/end.pqt");
    assert_true(strlen(error_render(&error, text, sizeof text)) < sizeof text);
}

static void errno_says_what_to_try(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(error_set_errno(&error, ENOSPC, "cannot write %s", "x"), ERROR_IO);
    assert_string_equal(error.what, "cannot write x: No space left on device");
    assert_non_null(strstr(error.hint, "space"));
    error_set_errno(&error, EMFILE, "cannot open x");
    assert_non_null(strstr(error.hint, "ulimit -n"));
    assert_int_equal(error_set_errno(&error, ENOMEM, "cannot map"), ERROR_MEMORY);
    assert_int_equal(error_set_errno(&error, EFAULT, "cannot read"), ERROR_MEMORY);
    assert_string_equal(error.what, "cannot read: Cannot allocate memory");
}

static void every_code_has_a_name(void **state)
{
    (void)state;
    for (int a = ERROR_NONE; a <= ERROR_INTERNAL; a++) {
        assert_non_null(error_code_name(a));
        for (int b = ERROR_NONE; b < a; b++)
            assert_string_not_equal(error_code_name(a), error_code_name(b));
    }
    assert_string_equal(error_code_name((enum error_code)99), "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_every_part),
        cmocka_unit_test(first_place_wins),
        cmocka_unit_test(set_forgets_the_old_place),
        cmocka_unit_test(one_line_without_control_characters),
        cmocka_unit_test(any_buffer_size_is_enough),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(errno_says_what_to_try),
        cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
