#include "cell/pid_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REPORT 3 /* where companion_settle puts the pipe */

enum step { STEP_DONE, STEP_NAMESPACE, STEP_MOUNTS, STEP_ROOT, STEP_PROC, STEP_DEATH };

/* What the first process tells of its beginning. */
struct outcome {
    enum step step; /* that failed */
    int reason;
};

static const char *describe(enum step step)
{
    static const char *const texts[] = {
        [STEP_NAMESPACE] = "a PID namespace cannot be made here",
        [STEP_MOUNTS] = "a PID namespace cannot have mounts of its own here",
        [STEP_ROOT] = "a PID namespace cannot be had in a root folder of weir's own (chroot)",
        [STEP_PROC] = "/proc of a PID namespace cannot be mounted here",
        [STEP_DEATH] = "the first process of a PID namespace ended at once",
    };
    return texts[step];
}

/* ---- the first process ---- */

/* Entering a mount namespace leads to its own root folder (mount_namespaces(7)), which must be
 * where weir is. That it can be entered by a pidfd is found out on the way. */
static enum step enter_own_mounts(void)
{
    struct stat before, after;
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    bool entered = self >= 0 && stat("/", &before) == 0 && setns(self, CLONE_NEWNS) == 0 &&
                   stat("/", &after) == 0;
    int reason = errno;
    if (self >= 0)
        close(self);
    errno = entered ? EXDEV : reason;
    if (!entered)
        return STEP_MOUNTS;
    return before.st_dev == after.st_dev && before.st_ino == after.st_ino ? STEP_DONE : STEP_ROOT;
}

static enum step make_mounts(void)
{
    enum step step = enter_own_mounts();
    if (step != STEP_DONE)
        return step;
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
        return STEP_MOUNTS;
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        return STEP_PROC;
    return STEP_DONE;
}

/* A weir that died before the death signal was asked for reads no more: the pipe is broken then, as
 * no other process has its end. */
static void be_first(int report)
{
    struct outcome outcome;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    companion_settle("weir-init", report);
    signal(SIGCHLD, SIG_IGN); /* the kernel itself takes the status of orphans */
    outcome.step = make_mounts();
    outcome.reason = errno;
    if (write(REPORT, &outcome, sizeof outcome) != (ssize_t)sizeof outcome ||
        outcome.step != STEP_DONE)
        companion_leave();
    close(REPORT);
    for (;;)
        pause();
}

/* ---- in weir ---- */

/* fork(2), in new namespaces. */
static pid_t clone_first(int *ret_pidfd)
{
    struct clone_args arguments = {
        .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
        .exit_signal = SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static bool start_first(int report, struct companion *ret, struct outcome *outcome)
{
    sigset_t before;
    companion_block_signals(&before);
    pid_t pid = clone_first(&ret->pidfd);
    if (pid == 0)
        be_first(report);
    *outcome = (struct outcome){STEP_NAMESPACE, errno};
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    ret->pid = pid > 0 ? pid : 0;
    return pid > 0;
}

static void read_outcome(int report, struct outcome *ret)
{
    ssize_t got;
    while ((got = read(report, ret, sizeof *ret)) < 0 && errno == EINTR)
        continue;
    if (got != (ssize_t)sizeof *ret)
        *ret = (struct outcome){STEP_DEATH, ECHILD};
}

static enum error_code refuse(const struct outcome *outcome, struct error *error)
{
    error_set_errno(error, outcome->reason, "%s", describe(outcome->step));
    error_hint(error, "a PID namespace needs root's rights (CAP_SYS_ADMIN and CAP_SYS_CHROOT) and "
                      "Linux 5.8; without it weir ends what it finds itself");
    error->code = ERROR_UNSUPPORTED;
    return ERROR_UNSUPPORTED;
}

enum error_code pid_namespace_open(struct cgroup_place *place, struct pid_namespace *ret,
                                   struct error *error)
{
    int report[2];
    struct outcome outcome;
    struct pid_namespace space = {.first.pidfd = -1};
    if (pipe2(report, O_CLOEXEC) != 0)
        return error_set_errno(error, errno, "cannot make a pipe for a PID namespace");
    bool started = start_first(report[1], &space.first, &outcome);
    close(report[1]);
    if (started)
        read_outcome(report[0], &outcome);
    close(report[0]);
    if (outcome.step != STEP_DONE) {
        companion_end(&space.first);
        return refuse(&outcome, error);
    }
    cgroup_accompany(place, space.first.pid);
    *ret = space;
    return ERROR_NONE;
}

void pid_namespace_close(struct pid_namespace *space)
{
    companion_end(&space->first);
}

bool pid_namespace_enter(const struct pid_namespace *space, int *ret_back)
{
    int back = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (back < 0)
        return false;
    if (setns(space->first.pidfd, CLONE_NEWPID) != 0) {
        int reason = errno;
        close(back);
        errno = reason;
        return false;
    }
    *ret_back = back;
    return true;
}

bool pid_namespace_leave(int back)
{
    int result = setns(back, CLONE_NEWPID), reason = errno;
    close(back);
    errno = reason;
    return result == 0;
}

/* ---- in the child ---- */

static bool is_here(int folder)
{
    struct stat wanted, found;
    return fstat(folder, &wanted) == 0 && stat(".", &found) == 0 && wanted.st_dev == found.st_dev &&
           wanted.st_ino == found.st_ino;
}

/* Entering leads to the root folder. By its path weir's folder is the one among the new mounts;
 * where it has none any more (it was removed) the old one has to do. */
bool pid_namespace_take_mounts(const struct pid_namespace *space, const char *current)
{
    int folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || setns(space->first.pidfd, CLONE_NEWNS) != 0)
        return false;
    bool arrived = current != NULL && chdir(current) == 0 && is_here(folder);
    return arrived || fchdir(folder) == 0;
}
