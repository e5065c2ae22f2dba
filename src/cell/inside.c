#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cell/cell_state.h"
#include "os/os.h"

#define END_WITHIN_NS 2000000000u
/* Less than what leftovers have to go by themselves. */
#define DOUBT_NS 80000000u

/* None were seen, but a child of weir is there of which nothing is known: most often it ends or
 * begins a program just now, and is known, or leaves its children to weir, in a moment. */
static uint64_t with_doubt(struct cell *cell, uint64_t seen)
{
    uint64_t now = os_now_ns();
    if (seen > 0 || !cell->tree.unsure) {
        cell->unsure_since = 0;
        return seen;
    }
    if (cell->unsure_since == 0)
        cell->unsure_since = now;
    return now - cell->unsure_since < DOUBT_NS ? 1 : 0;
}

enum error_code inside_count(struct cell *cell, uint64_t *ret, struct error *error)
{
    if (cell->watch != CELL_WATCH_POLL) {
        *ret = cgroup_processes(cell->group, NULL, 0);
        return ERROR_NONE;
    }
    TRY(process_tree_look(&cell->tree, true, error));
    *ret = with_doubt(cell, process_tree_count(&cell->tree));
    return ERROR_NONE;
}

enum error_code inside_signal(struct cell *cell, int number, uint64_t *ret, struct error *error)
{
    if (cell->watch != CELL_WATCH_POLL) {
        *ret = cgroup_signal(cell->group, number);
        return ERROR_NONE;
    }
    TRY(process_tree_signal(&cell->tree, number, ret, error));
    *ret = with_doubt(cell, *ret);
    return ERROR_NONE;
}

static uint64_t cpu_of(const struct rusage *usage)
{
    uint64_t seconds = (uint64_t)usage->ru_utime.tv_sec + (uint64_t)usage->ru_stime.tv_sec;
    uint64_t micros = (uint64_t)usage->ru_utime.tv_usec + (uint64_t)usage->ru_stime.tv_usec;
    return seconds * 1000000000u + micros * 1000;
}

static void forget_program(struct cell *cell)
{
    close(cell->pidfd);
    cell->pidfd = -1;
    cell->tree.root_is_reaped = true;
    cell->look_at = 0;
    cell->report.wall_ns = os_now_ns() - cell->started_at;
}

/* The C library's waitid has no place for the usage that the kernel's returns. */
void inside_reap(struct cell *cell)
{
    if (cell->pidfd < 0)
        return;
    siginfo_t status = {.si_pid = 0};
    struct rusage usage;
    if (syscall(SYS_waitid, P_PIDFD, cell->pidfd, &status, WEXITED | WNOHANG, &usage) != 0) {
        if (errno == EINTR)
            return;
        cell->lost_reason = "its end was taken by another part of this process";
        forget_program(cell);
        return;
    }
    if (status.si_pid == 0)
        return;
    bool ended = status.si_code == CLD_EXITED;
    cell->report.exit_status = ended ? status.si_status : -1;
    cell->report.signal = ended ? 0 : status.si_status;
    cell->report.cpu_ns = cpu_of(&usage);
    forget_program(cell);
}

void inside_end(struct cell *cell)
{
    uint64_t until = os_now_ns() + END_WITHIN_NS;
    uint64_t left = 1;
    do {
        struct error ignored;
        if (inside_signal(cell, SIGKILL, &left, &ignored) != ERROR_NONE)
            left = 0;
        if (cell->pidfd >= 0)
            kill(cell->pid, SIGKILL);
        inside_reap(cell);
        if (left > 0 || cell->pidfd >= 0)
            nanosleep(&(struct timespec){0, 500000}, NULL);
    } while ((left > 0 || cell->pidfd >= 0) && os_now_ns() < until);
    struct error ignored;
    if (cell->watch != CELL_WATCH_POLL && process_tree_reap(&cell->tree, &ignored) != ERROR_NONE)
        return; /* a dead process more for a while */
}
