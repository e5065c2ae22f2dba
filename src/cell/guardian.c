#include "cell/guardian.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cell/cell.h"
#include "cell/temporary_folder.h"
#include "os/os.h"

#define WEIR         3 /* where companion_settle puts weir's pidfd */
#define PATIENCE_NS  UINT64_C(10000000000)
#define PAUSE_NS     5000000L
#define QUIET_ROUNDS 3
#define FOLDER_TRIES 3

static void wait_for_end(void)
{
    struct pollfd weir = {.fd = WEIR, .events = POLLIN};
    while (poll(&weir, 1, -1) < 0 && errno == EINTR)
        continue;
}

/* A process between two programs has no marker for a moment, and one that is born while it is
 * looked for may be missed: so nothing must have been found several times. */
static void end_processes(const struct cgroup_place *place)
{
    uint64_t until = os_now_ns() + PATIENCE_NS;
    for (unsigned quiet = 0; quiet < QUIET_ROUNDS && os_now_ns() < until;) {
        uint64_t found = cgroup_sweep(place) + cell_sweep();
        quiet = found == 0 ? quiet + 1 : 0;
        nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
}

/* Folders last: nothing writes into them any more. */
static void guard(const struct cgroup_place *place)
{
    wait_for_end();
    end_processes(place);
    for (int i = 0; i < FOLDER_TRIES && temporary_folder_sweep() > 0; i++)
        continue;
}

/* The child has the pidfd of its parent, whose number may be another's by the time it is looked at.
 */
static pid_t fork_guardian(const struct cgroup_place *place, int weir)
{
    sigset_t before;
    companion_block_signals(&before);
    pid_t pid = fork();
    if (pid == 0) {
        companion_settle("weir-guardian", weir);
        guard(place);
        companion_leave();
    }
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return pid;
}

/* Without its pidfd it could not be told from children that cells left. */
static bool hold(pid_t pid, struct companion *ret)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    int reason = errno;
    if (pidfd < 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        errno = reason;
        return false;
    }
    *ret = (struct companion){pid, pidfd};
    return true;
}

enum error_code guardian_start(struct cgroup_place *place, struct companion *ret,
                               struct error *error)
{
    int weir = (int)syscall(SYS_pidfd_open, getpid(), 0);
    pid_t pid = weir < 0 ? -1 : fork_guardian(place, weir);
    bool held = pid > 0 && hold(pid, ret);
    int reason = errno;
    if (weir >= 0)
        close(weir);
    if (!held)
        return error_set_errno(error, reason, "weir's guardian cannot be started");
    cgroup_accompany(place, pid);
    return ERROR_NONE;
}
