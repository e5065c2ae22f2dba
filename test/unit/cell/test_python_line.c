/* The line of user code in the stacks that faulthandler writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cell/python_line.h"

static struct cell_line found(const char *text)
{
    struct cell_line line = {.known = false};
    bool known = python_line_find(text, strlen(text), NULL, &line);
    assert_int_equal(known, line.known);
    return line;
}

static void assert_line(const char *text, const char *file, unsigned number, const char *function)
{
    struct cell_line line = found(text);
    assert_true(line.known);
    assert_string_equal(line.file, file);
    assert_int_equal(line.line, number);
    assert_string_equal(line.function, function);
}

static void the_innermost_frame_of_the_user_is_taken(void **state)
{
    (void)state;
    assert_line("before\nFatal Python error: Aborted\n\n"
                "Current thread 0x00007f (most recent call first):\n"
                "  File \"/usr/lib/python3.11/json/decoder.py\", line 9 in decode\n"
                "  File \"/v/lib/python3.11/site-packages/pandas/io.py\", line 3 in read\n"
                "  File \"/none/job.py\", line 12 in load\n"
                "  File \"/none/job.py\", line 20 in <module>\n\n"
                "Extension modules: numpy (total: 1)\n",
                "/none/job.py", 12, "load");
}

static void the_current_thread_comes_first(void **state)
{
    (void)state;
    static const char TEXT[] = "Fatal Python error: Aborted\n\n"
                               "Thread 0x01 (most recent call first):\n"
                               "  File \"/none/other.py\", line 1 in wait\n\n"
                               "Current thread 0x02 [main] (most recent call first):\n"
                               "  Garbage-collecting\n"
                               "  File \"/none/job.py\", line 7 in grow\n";
    assert_line(TEXT, "/none/job.py", 7, "grow");
    assert_line("Fatal Python error: Aborted\n"
                "Thread 0x01 (most recent call first):\n"
                "  File \"/none/other.py\", line 1 in wait\n"
                "Current thread 0x02 (most recent call first):\n"
                "  File \"/a/site-packages/b.py\", line 7 in grow\n",
                "/none/other.py", 1, "wait");
}

static void a_library_is_better_than_nothing(void **state)
{
    (void)state;
    assert_line("Fatal Python error: Aborted\n"
                "  File \"/a/site-packages/b.py\", line 7 in grow\n",
                "/a/site-packages/b.py", 7, "grow");
    assert_line("Fatal Python error: Aborted\n  File \"<string>\", line ??? in f\n", "<string>", 0,
                "f");
}

static void names_are_unescaped(void **state)
{
    (void)state;
    assert_line("Fatal Python error: Aborted\n"
                "  File \"/t\\xe4/\\u20ac\\U0001f40d\\xzz\", line 7 in gr\\xf6n\n",
                "/t\xc3\xa4/\xe2\x82\xac\xf0\x9f\x90\x8d\\xzz", 7, "gr\xc3\xb6n");
}

static void nothing_is_found_in_other_text(void **state)
{
    (void)state;
    assert_false(found("").known);
    assert_false(found("  File \"a.py\", line 3 in f\n").known);
    assert_false(found("Fatal Python error: Aborted").known);
    assert_false(found("Fatal Python error: Aborted\n  File \"a.py\nFile \"\n").known);
    assert_false(found("x Fatal Python error: Aborted\n  File \"a.py\", line 3 in f\n").known);
}

static void the_code_is_read_from_the_file(void **state)
{
    (void)state;
    char folder[] = "weir-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/job.py", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 1; i < 3000; i++)
        fprintf(file, "\tline_%d = 'ä'\r\n", i);
    fclose(file);
    static const char TEXT[] =
        "Fatal Python error: Aborted\n  File \"job.py\", line 2500 in <module>\n";
    struct cell_line line;
    assert_true(python_line_find(TEXT, sizeof TEXT - 1, folder, &line));
    unlink(path);
    rmdir(folder);
    assert_string_equal(line.code, "line_2500 = 'ä'");
}

static void only_regular_files_are_read(void **state)
{
    (void)state;
    static const char *const FILES[] = {"/dev/zero", "/dev/tty", "/none", "/usr", ""};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char text[200];
        snprintf(text, sizeof text, "Fatal Python error: Aborted\n  File \"%s\", line 2 in f\n",
                 FILES[i]);
        struct cell_line line = found(text);
        assert_string_equal(line.code, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_innermost_frame_of_the_user_is_taken),
        cmocka_unit_test(the_current_thread_comes_first),
        cmocka_unit_test(a_library_is_better_than_nothing),
        cmocka_unit_test(names_are_unescaped),
        cmocka_unit_test(nothing_is_found_in_other_text),
        cmocka_unit_test(the_code_is_read_from_the_file),
        cmocka_unit_test(only_regular_files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
