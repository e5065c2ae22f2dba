/* Temporary files with a name that is taken away at once: what killed processes left is swept. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/temporary.h"

static void make_file(const char *path)
{
    int descriptor = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* A process id that nobody has any more. */
static long dead_process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return child;
}

static void sweeps_what_the_dead_left(void **state)
{
    (void)state;
    char folder[] = "/tmp/weir-unit-XXXXXX";
    char dead[64], alive[64], other[64];
    assert_non_null(mkdtemp(folder));
    snprintf(dead, sizeof dead, "%s/.weir-%ld-abcdef", folder, dead_process());
    snprintf(alive, sizeof alive, "%s/.weir-%ld-abcdef", folder, (long)getpid());
    snprintf(other, sizeof other, "%s/.weir-7", folder);
    make_file(dead);
    make_file(alive);
    make_file(other);
    int descriptor = temporary_open_named(folder);
    assert_true(descriptor >= 0);
    assert_false(exists(dead));
    assert_true(exists(alive));
    assert_true(exists(other));
    close(descriptor);
    unlink(alive);
    unlink(other);
    /* The file itself has no name any more. */
    assert_int_equal(rmdir(folder), 0);
}

static void a_missing_folder_is_told(void **state)
{
    (void)state;
    assert_int_equal(temporary_open_named("/nowhere/at/all"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_what_the_dead_left),
        cmocka_unit_test(a_missing_folder_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
