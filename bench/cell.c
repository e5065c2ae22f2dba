/*
 * What a cell costs: starting and ending one that does nothing, beside the C library's posix_spawn
 * alone, and watching one whose processes are busy.
 *
 * usage: bench_cell start [CELLS [PROGRAM]] | bench_cell watch [SECONDS]
 * start prints a line for each way to watch and each number of cells at once: cells, median and
 * 95 % of the times from cell_start to cell_is_over, wall time over all cells. watch prints for
 * trees of 1, 10 and 100 busy processes the processor time that watching took of each second.
 */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cell/cell.h"
#include "os/os.h"

#define AT_ONCE_MOST 4
#define CELLS_MOST   100000
#define MEBIBYTE     ((uint64_t)1 << 20)

struct bench {
    struct mem_account account;
    struct cgroup_place place;
    const char *const *environment;
    const char *arguments[5]; /* ends with NULL */
    uint64_t memory;
    unsigned serial;
};

static void check(enum error_code code, const struct error *error)
{
    char text[1024];
    if (code == ERROR_NONE)
        return;
    fprintf(stderr, "%s\n", error_render(error, text, sizeof text));
    exit(1);
}

/* ---- cells --------------------------------------------------------------------------------- */

struct lane {
    struct cell *cell; /* NULL: free */
    uint64_t began;
};

static struct cell *start_cell(struct bench *bench)
{
    char name[32];
    struct error error;
    struct cell *cell;
    snprintf(name, sizeof name, "bench-%u", bench->serial++);
    const struct cell_options options = {.name = name,
                                         .arguments = bench->arguments,
                                         .environment = bench->environment,
                                         .memory = bench->memory,
                                         .input = -1,
                                         .output = -1,
                                         .errors = -1};
    check(cell_start(&bench->place, &options, &bench->account, &cell, &error), &error);
    return cell;
}

/* Waits until one of the cells wants to be looked at, or until a moment. */
static void wait_for(const struct lane *lanes, unsigned count, uint64_t until)
{
    struct pollfd fds[AT_ONCE_MOST * CELL_DESCRIPTORS];
    size_t filled = 0;
    for (unsigned i = 0; i < count; i++)
        if (lanes[i].cell != NULL) {
            uint64_t wake = cell_wake_at(lanes[i].cell);
            filled += cell_poll_fill(lanes[i].cell, fds + filled);
            until = wake < until ? wake : until;
        }
    uint64_t now = os_now_ns();
    uint64_t wait = until > now ? until - now : 0;
    struct timespec time = {(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
    ppoll(fds, filled, &time, NULL);
}

/* ---- start --------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void print_times(const char *name, uint64_t *times, size_t count, uint64_t wall)
{
    size_t middle = count / 2, high = count * 95 / 100;
    qsort(times, count, sizeof *times, by_size);
    printf("%-28s %6zu cells: median %7.3f ms, 95 %% %7.3f ms, wall a cell %7.3f ms\n", name, count,
           (double)times[middle] / 1e6, (double)times[high] / 1e6,
           (double)wall / 1e6 / (double)count);
}

static bool end_if_over(struct lane *lane, uint64_t *ret_time)
{
    struct error error;
    check(cell_advance(lane->cell, &error), &error);
    if (!cell_is_over(lane->cell))
        return false;
    *ret_time = os_now_ns() - lane->began;
    if (cell_report(lane->cell)->verdict != CELL_OK) {
        fprintf(stderr, "%s\n", cell_report(lane->cell)->evidence);
        exit(1);
    }
    cell_destroy(lane->cell);
    lane->cell = NULL;
    return true;
}

static void run_cells(struct bench *bench, const char *name, unsigned at_once, size_t count,
                      uint64_t *times)
{
    struct lane lanes[AT_ONCE_MOST] = {{NULL, 0}};
    uint64_t began = os_now_ns();
    size_t started = 0, ended = 0;
    while (ended < count) {
        for (unsigned i = 0; i < at_once; i++)
            if (lanes[i].cell == NULL && started < count) {
                lanes[i].began = os_now_ns();
                lanes[i].cell = start_cell(bench);
                started++;
            }
        wait_for(lanes, at_once, UINT64_MAX);
        for (unsigned i = 0; i < at_once; i++)
            if (lanes[i].cell != NULL)
                ended += end_if_over(&lanes[i], &times[ended]);
    }
    char title[64];
    snprintf(title, sizeof title, "%s, %u at once", name, at_once);
    print_times(title, times, count, os_now_ns() - began);
}

static void run_spawns(const struct bench *bench, size_t count, uint64_t *times)
{
    uint64_t began = os_now_ns();
    for (size_t i = 0; i < count; i++) {
        pid_t pid;
        int status;
        uint64_t before = os_now_ns();
        if (posix_spawn(&pid, bench->arguments[0], NULL, NULL, (char *const *)bench->arguments,
                        (char *const *)bench->environment) != 0 ||
            waitpid(pid, &status, 0) != pid)
            exit(1);
        times[i] = os_now_ns() - before;
    }
    print_times("posix_spawn, 1 at once", times, count, os_now_ns() - began);
}

/* Spaced: locks that the kernel finds cheaper in a row, and its sleeping processors, cost more. */
static void run_spaced(struct bench *bench, const char *name, size_t count, uint64_t *times)
{
    struct lane lane;
    struct timespec pause = {0, 20000000};
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        nanosleep(&pause, NULL);
        lane = (struct lane){.began = os_now_ns()};
        lane.cell = start_cell(bench);
        do
            wait_for(&lane, 1, UINT64_MAX);
        while (!end_if_over(&lane, &times[i]));
        sum += times[i];
    }
    char title[64];
    snprintf(title, sizeof title, "%s, every 20 ms", name);
    print_times(title, times, count, sum);
}

static void bench_start(struct bench *bench, const struct cgroup_place *groups, size_t count)
{
    static uint64_t times[CELLS_MOST];
    bench->memory = 64 * MEBIBYTE;
    run_spawns(bench, count, times);
    for (unsigned poll = groups->kind == CGROUP_NONE; poll < 2; poll++) {
        const char *name = poll != 0                   ? "without groups"
                           : groups->kind == CGROUP_V2 ? "cgroup v2"
                                                       : "cgroup v1";
        bench->place = poll ? (struct cgroup_place){.kind = CGROUP_NONE} : *groups;
        run_cells(bench, name, 1, count, times);
        run_cells(bench, name, AT_ONCE_MOST, count, times);
        run_spaced(bench, name, count / 10 + 1, times);
    }
}

/* ---- watch --------------------------------------------------------------------------------- */

/* A shell that starts the others and works itself; all of them without end. */
#define BUSY                                                                                       \
    "i=1; while [ $i -lt $0 ]; do (while :; do :; done) & i=$((i+1)); done; while :; do :; done"

static uint64_t thread_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Lives with the cell until a moment; how often it was looked after. */
static unsigned watch_until(struct lane *lane, uint64_t until)
{
    struct error error;
    unsigned turns = 0;
    for (; os_now_ns() < until; turns++) {
        wait_for(lane, 1, until);
        check(cell_advance(lane->cell, &error), &error);
    }
    return turns;
}

static void watch_tree(struct bench *bench, const char *name, unsigned processes, uint64_t seconds)
{
    char number[16];
    snprintf(number, sizeof number, "%u", processes);
    const char *shell[] = {"/bin/sh", "-c", BUSY, number, NULL};
    memcpy(bench->arguments, shell, sizeof shell);
    struct lane lane = {start_cell(bench), 0};
    watch_until(&lane, os_now_ns() + 1000000000u);
    uint64_t cpu = thread_cpu_ns(), began = os_now_ns();
    unsigned turns = watch_until(&lane, began + seconds * 1000000000u);
    double passed = (double)(os_now_ns() - began) / 1e9;
    printf("%-20s %-9s %3u processes: %7.3f ms a second (%.3f %%), %.0f looks a second\n", name,
           bench->memory > 0 ? "limited" : "unlimited", processes,
           (double)(thread_cpu_ns() - cpu) / 1e6 / passed,
           (double)(thread_cpu_ns() - cpu) / 1e7 / passed, (double)turns / passed);
    cell_destroy(lane.cell);
    bench->arguments[3] = NULL;
}

static void bench_watch(struct bench *bench, const struct cgroup_place *groups, uint64_t seconds)
{
    for (unsigned processes = 1; processes <= 100; processes *= 10)
        for (unsigned limited = 0; limited < 2; limited++) {
            bench->memory = limited * 4096 * MEBIBYTE;
            bench->place = (struct cgroup_place){.kind = CGROUP_NONE};
            watch_tree(bench, "without groups", processes, seconds);
            bench->place = *groups;
            if (groups->kind != CGROUP_NONE)
                watch_tree(bench, groups->kind == CGROUP_V2 ? "cgroup v2" : "cgroup v1", processes,
                           seconds);
        }
}

int main(int count, char **arguments)
{
    static const char *const ENVIRONMENT[] = {"PATH=/usr/bin:/bin", NULL};
    struct bench bench = {.environment = ENVIRONMENT};
    struct cgroup_place groups;
    struct error error;
    bool watch = count > 1 && strcmp(arguments[1], "watch") == 0;
    unsigned long number = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;
    signal(SIGPIPE, SIG_IGN);
    mem_account_init(&bench.account, "bench", NULL, MEM_NO_LIMIT);
    check(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &groups, &error), &error);
    bench.arguments[0] = count > 3 ? arguments[3] : "/bin/true";
    if (watch)
        bench_watch(&bench, &groups, number > 0 ? number : 3);
    else
        bench_start(&bench, &groups, number > 0 && number <= CELLS_MOST ? number : 2000);
    return 0;
}
