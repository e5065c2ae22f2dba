/* Start time, state, parent and session of a process, whatever its name is. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/process.h"

#define REST "7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 4711 23 24\n"

static void names_may_hold_anything(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"(a)",        "(a) R 1 (b)", "())",  "(a b)",
                                        "(\n)",       "()",          "(((",  "(1 2 3 4 5)",
                                        "(a) Z 99) ", "(\xff\xfe)",  "( ) )"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char text[256];
        struct os_process process;
        int size = snprintf(text, sizeof text, "12 %s) S 41 -5 61 " REST, NAMES[i]);
        assert_true(os_process_parse(text, (size_t)size, &process));
        assert_int_equal(process.state, 'S');
        assert_int_equal(process.parent, 41);
        assert_int_equal(process.session, 61);
        assert_int_equal(process.start, 4711);
    }
}

static void what_is_no_such_text_is_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"",
                                        "12",
                                        "12 (a",
                                        "12 (a)",
                                        "12 (a) ",
                                        "12 (a) S",
                                        "12 (a) S ",
                                        "12 (a) S 1 2",
                                        "12 (a)S 4 5 6 " REST,
                                        "12 (a) SS 4 5 6 " REST,
                                        "12 (a) S -4 5 6 " REST,
                                        "12 (a) S 4  5 6 " REST,
                                        "12 (a) S 4 5 99999999999 " REST,
                                        "12 (a) S 4 5 6x " REST,
                                        "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
                                        "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 ",
                                        "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
                                        "-1",
                                        "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
                                        "x",
                                        "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
                                        "99999999999999999999"};
    struct os_process process = {.state = '?'};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(os_process_parse(WRONG[i], strlen(WRONG[i]), &process));
    assert_int_equal(process.state, '?');
}

/* A text that ends early never counts as whole, and nothing behind the size is looked at. */
static void every_shorter_text_is_refused(void **state)
{
    (void)state;
    static const char TEXT[] = "12 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 4711";
    struct os_process process;
    for (size_t size = 0; size + 4 < sizeof TEXT - 1; size++)
        assert_false(os_process_parse(TEXT, size, &process));
    assert_true(os_process_parse(TEXT, sizeof TEXT - 1, &process));
    assert_int_equal(process.start, 4711);
}

static void this_process_is_told(void **state)
{
    (void)state;
    struct os_process first, again;
    assert_int_equal(prctl(PR_SET_NAME, "a) R 1 (b"), 0);
    assert_true(os_process_read(getpid(), &first));
    assert_true(os_process_read(getpid(), &again));
    assert_int_equal(first.parent, getppid());
    assert_int_equal(first.session, getsid(0));
    assert_true(first.start > 0 && first.start == again.start);
    assert_int_equal(first.state, 'R');
    assert_false(os_process_has_ended(&first));
    assert_false(os_process_read(0x7ffffff0, &first));
    assert_false(os_process_read(0, &first));
    assert_false(os_process_read(-1, &first));
}

static void one_that_has_ended_is_told(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t facts;
    struct os_process process;
    assert_int_equal(waitid(P_PID, (id_t)child, &facts, WEXITED | WNOWAIT), 0);
    assert_true(os_process_read(child, &process));
    assert_true(os_process_has_ended(&process));
    assert_int_equal(process.parent, getpid());
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(os_process_read(child, &process));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_hold_anything),
        cmocka_unit_test(what_is_no_such_text_is_refused),
        cmocka_unit_test(every_shorter_text_is_refused),
        cmocka_unit_test(this_process_is_told),
        cmocka_unit_test(one_that_has_ended_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
