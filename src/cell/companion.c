#include "cell/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_WITHIN_MS 2000
#define FALLBACK_MOST 65536
#define KEPT          3 /* number of the descriptor that stays */

void companion_close_from(unsigned first)
{
    if (close_range(first, ~0u, 0) == 0)
        return;
    struct rlimit limit; /* Linux before 5.9 */
    rlim_t most = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
    for (rlim_t descriptor = first; descriptor < most && descriptor < FALLBACK_MOST; descriptor++)
        close((int)descriptor);
}

void companion_block_signals(sigset_t *ret_before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, ret_before);
}

/* What is written by mistake must not land in a file that happens to be opened as 1 or 2. */
static void empty_standard(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < KEPT; i++)
        if (null < 0)
            close(i);
        else if (null != i)
            dup2(null, i);
    if (null > KEPT)
        close(null);
}

/* The descriptor goes up first: below it is what is to be overwritten. */
static int lift(int descriptor)
{
    int high = fcntl(descriptor, F_DUPFD_CLOEXEC, KEPT + 2);
    return high >= 0 ? high : descriptor;
}

void companion_settle(const char *name, int descriptor)
{
    setsid();
    prctl(PR_SET_NAME, name, 0, 0, 0);
    int high = lift(descriptor);
    empty_standard();
    if (high != KEPT)
        dup2(high, KEPT);
    companion_close_from(KEPT + 1);
}

void companion_leave(void)
{
    for (;;)
        syscall(SYS_exit_group, 0);
}

void companion_end(struct companion *companion)
{
    if (companion->pid == 0)
        return;
    siginfo_t status;
    struct pollfd end = {.fd = companion->pidfd, .events = POLLIN};
    int ready = -1;
    if (syscall(SYS_pidfd_send_signal, companion->pidfd, SIGKILL, NULL, 0) == 0 || errno == ESRCH)
        while ((ready = poll(&end, 1, END_WITHIN_MS)) < 0 && errno == EINTR)
            continue;
    if (ready > 0)
        waitid(P_PIDFD, (id_t)companion->pidfd, &status, WEXITED | WNOHANG);
    close(companion->pidfd);
    *companion = (struct companion){.pidfd = -1};
}
