/* Daemons that no cell can claim. A child of the test plays weir, which adopts orphans for good. */
#include "cell/strays.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"

#define SECOND UINT64_C(1000000000)

enum outcome { AS_EXPECTED, NOT_NOTED, WRONG_COUNT, HARMED_OTHERS };

static pid_t sleeper(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

/* A child of a child that is gone, in a session of its own. */
static void start_daemon(void)
{
    pid_t middle = fork();
    if (middle == 0) {
        setsid();
        if (sleeper() < 0)
            _exit(1);
        _exit(0);
    }
    waitpid(middle, NULL, 0);
}

static enum outcome play(unsigned daemons, bool adopts)
{
    struct mem_account account;
    struct strays strays = {.had.size = 0};
    struct error error;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    if (adopts)
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    setsid();
    pid_t before = sleeper(); /* as a shell's background job */
    if (strays_note(&account, &strays, &error) != ERROR_NONE)
        return NOT_NOTED;
    pid_t kin = sleeper(); /* of weir's own session */
    for (unsigned i = 0; i < daemons; i++)
        start_daemon();
    if (strays_end(&strays) != (adopts ? daemons : 0))
        return WRONG_COUNT;
    strays_release(&strays);
    bool lives = kill(before, 0) == 0 && kill(kin, 0) == 0 && waitpid(-1, NULL, WNOHANG) == 0;
    kill(before, SIGKILL);
    kill(kin, SIGKILL);
    return lives && atomic_load(&account.used) == 0 ? AS_EXPECTED : HARMED_OTHERS;
}

static int outcome_of(unsigned daemons, bool adopts)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit((int)play(daemons, adopts));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void daemons_are_ended(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(1, true), AS_EXPECTED);
    assert_int_equal(outcome_of(20, true), AS_EXPECTED);
}

static void nobody_else_is_harmed(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(0, true), AS_EXPECTED);
}

/* Orphans go to another, who is to look after them. */
static void without_adoption_nothing_is_ended(void **state)
{
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* to find them again */
    assert_int_equal(outcome_of(1, false), AS_EXPECTED);
    uint64_t until = os_now_ns() + 10 * SECOND;
    pid_t pid = 0;
    while (os_now_ns() < until && pid >= 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
        FILE *children = fopen(path, "r");
        assert_non_null(children);
        for (int child; fscanf(children, "%d", &child) == 1;)
            kill(child, SIGKILL);
        fclose(children);
        pid = waitpid(-1, NULL, WNOHANG);
    }
    assert_true(pid < 0);
}

static void an_empty_object_ends_nothing(void **state)
{
    (void)state;
    struct strays strays = {.had.size = 0};
    assert_int_equal(strays_end(&strays), 0);
    strays_release(&strays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(daemons_are_ended),
        cmocka_unit_test(nobody_else_is_harmed),
        cmocka_unit_test(without_adoption_nothing_is_ended),
        cmocka_unit_test(an_empty_object_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
