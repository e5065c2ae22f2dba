/* A process made inside a control group of version 2: it is there from its first moment. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cell/clone_into_group.h"

#define STACK_SIZE ((size_t)64 << 10)

struct found {
    char groups[4096];
    volatile pid_t pid, parent;
    volatile uintptr_t frame;
};

/* In the child: reads where it is, in memory that it shares with the test. */
static int look_around(void *context)
{
    struct found *found = context;
    found->pid = getpid();
    found->parent = getppid();
    found->frame = (uintptr_t)__builtin_frame_address(0);
    int file = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t got = read(file, found->groups, sizeof found->groups - 1);
    found->groups[got > 0 ? got : 0] = '\0';
    close(file);
    for (;;)
        syscall(SYS_exit_group, 42);
    return 0;
}

/* A new group in a version 2 that this user may write to; false where there is none. */
static bool make_group(char path[static 256])
{
    static const char *const MOUNTS[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
    for (size_t i = 0; i < sizeof MOUNTS / sizeof *MOUNTS; i++) {
        char file[256];
        snprintf(file, sizeof file, "%s/cgroup.controllers", MOUNTS[i]);
        snprintf(path, 256, "%s/weir-test-clone-%d", MOUNTS[i], (int)getpid());
        if (access(file, R_OK) == 0 && mkdir(path, 0755) == 0)
            return true;
    }
    return false;
}

static pid_t clone_in(const char *folder, struct found *found, void *stack, int *pidfd)
{
    int descriptor = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    pid_t pid = clone_into_group(look_around, found, stack, STACK_SIZE, descriptor, pidfd);
    close(descriptor);
    return pid;
}

static void it_begins_inside(void **state)
{
    (void)state;
    char folder[256];
    static struct found found;
    int pidfd = -1, status;
    if (!make_group(folder))
        skip();
    char *stack = aligned_alloc(16, STACK_SIZE);
    pid_t pid = clone_in(folder, &found, stack, &pidfd);
    if (pid > 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    rmdir(folder);
    free(stack);
    if (pid < 0)
        skip(); /* a kernel or a processor without this way */
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(found.pid, pid);
    assert_int_equal(found.parent, getpid());
    assert_true(found.frame > (uintptr_t)stack && found.frame < (uintptr_t)stack + STACK_SIZE);
    assert_non_null(strstr(found.groups, strrchr(folder, '/')));
    assert_true(pidfd >= 0);
    assert_true(fcntl(pidfd, F_GETFD) & FD_CLOEXEC);
    close(pidfd);
}

/* No child is left over that would have to be waited for. */
static void a_folder_that_is_no_group_is_refused(void **state)
{
    (void)state;
    static struct found found;
    int pidfd = -1;
    char *stack = aligned_alloc(16, STACK_SIZE);
    assert_int_equal(clone_in("/", &found, stack, &pidfd), -1);
    assert_int_equal(found.pid, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_no_group_is_refused),
        cmocka_unit_test(it_begins_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
