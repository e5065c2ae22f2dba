#include "cli/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cell/cell.h"
#include "os/os.h"
#include "term/text.h"

#define MIB          (UINT64_C(1) << 20)
#define GIB          (UINT64_C(1) << 30)
#define TMPFS        0x01021994 /* magic number of statfs(2) */
#define FILES_WANTED 4096
#define TRIAL_MEMORY (64 * MIB)

const char *doctor_state_name(enum doctor_state state)
{
    static const char *const names[] = {"ok", "note", "warning", "missing"};
    return names[state];
}

const char *doctor_kind_name(enum cgroup_kind kind)
{
    static const char *const names[] = {
        [CGROUP_NONE] = "none", [CGROUP_V1] = "v1", [CGROUP_V2] = "v2"};
    return names[kind];
}

enum doctor_state doctor_worst(const struct doctor *doctor)
{
    enum doctor_state worst = DOCTOR_OK;
    for (size_t i = 0; i < doctor->count; i++)
        worst = doctor->checks[i].state > worst ? doctor->checks[i].state : worst;
    return worst;
}

static PRINTF_LIKE(4, 5) struct doctor_check *add(struct doctor *doctor, const char *name,
                                                  enum doctor_state state, const char *format, ...)
{
    struct doctor_check *check = &doctor->checks[doctor->count++];
    va_list list;
    check->name = name;
    check->state = state;
    va_start(list, format);
    vsnprintf(check->text, sizeof check->text, format, list);
    va_end(list);
    return check;
}

static void improve(struct doctor_check *check, const char *better)
{
    snprintf(check->better, sizeof check->better, "%s", better);
}

static bool read_start(const char *path, char *buffer, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t got = read(descriptor, buffer, size - 1);
    close(descriptor);
    buffer[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* A line "Name:  123 kB" of /proc/meminfo, in bytes; 0 where there is none. */
static uint64_t memory_line(const char *name)
{
    char text[4096];
    if (!read_start("/proc/meminfo", text, sizeof text))
        return 0;
    const char *line = strstr(text, name);
    return line != NULL ? strtoull(line + strlen(name), NULL, 10) << 10 : 0;
}

/* ---- the checks ---- */

static void check_kernel(struct doctor *doctor)
{
    struct utsname names;
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (uname(&names) == 0)
        snprintf(doctor->kernel, sizeof doctor->kernel, "%s", names.release);
    if (pidfd >= 0) {
        close(pidfd);
        add(doctor, "kernel", DOCTOR_OK, "Linux %s", doctor->kernel);
        return;
    }
    struct doctor_check *check =
        add(doctor, "kernel", DOCTOR_MISSING, "Linux %s has no pidfd_open: %s", doctor->kernel,
            strerror(errno));
    improve(check, "Linux 5.4 or newer, and a container that allows pidfd_open");
}

static void check_limits(struct doctor *doctor)
{
    const struct cgroup_place *place = &doctor->place;
    bool kept = place->kind != CGROUP_NONE && place->limits_memory;
    struct doctor_check *check =
        add(doctor, "memory limit", kept ? DOCTOR_OK : DOCTOR_WARNING, "%s: %s",
            kept ? "kept by the kernel"
                 : "kept by watching only, so that a quick rise can pass it between two looks",
            place->why);
    improve(check, place->better);
}

static void check_quotas(struct doctor *doctor)
{
    const struct cgroup_place *place = &doctor->place;
    if (place->limits_cpu && place->limits_processes) {
        add(doctor, "other limits", DOCTOR_OK, "processors and processes are kept by the kernel");
        return;
    }
    struct doctor_check *check =
        add(doctor, "other limits", DOCTOR_NOTE, "%s%s%s",
            place->limits_cpu ? "" : "--cpus is not kept here",
            place->limits_cpu || place->limits_processes ? "" : ", ",
            place->limits_processes ? "" : "--processes is kept by watching only");
    improve(check, "control groups with cpu and pids in a place where weir may make them");
}

static void check_pid_namespace(struct doctor *doctor)
{
    struct cgroup_place place = doctor->place;
    struct pid_namespace space;
    struct error error;
    if (pid_namespace_open(&place, &space, &error) == ERROR_NONE) {
        pid_namespace_close(&space);
        add(doctor, "pid namespace", DOCTOR_OK,
            "--pid-namespace is allowed: the kernel itself ends with weir what weir runs");
        return;
    }
    struct doctor_check *check = add(doctor, "pid namespace", DOCTOR_NOTE,
                                     "--pid-namespace is not to be had: %s", error.what);
    improve(check, error.hint);
}

static void check_swap(struct doctor *doctor)
{
    char size[24];
    doctor->swap_total = memory_line("SwapTotal:");
    if (doctor->swap_total == 0) {
        add(doctor, "swap", DOCTOR_OK, "none: memory limits mean memory");
        return;
    }
    mem_format_size(doctor->swap_total, size);
    if (doctor->place.has_swap_limit) {
        add(doctor, "swap", DOCTOR_OK, "%s, switched off for what runs under a limit", size);
        return;
    }
    struct doctor_check *check =
        add(doctor, "swap", DOCTOR_NOTE,
            "%s, which cannot be switched off for single commands: one at its limit may become "
            "slow instead of ending",
            size);
    improve(check, doctor->place.kind == CGROUP_V1 ? "the kernel parameter swapaccount=1"
                                                   : "a kernel and place that limit swap too");
}

static void check_memory(struct doctor *doctor)
{
    char available[24], total[24];
    doctor->memory_available = os_memory_available();
    doctor->memory_total = memory_line("MemTotal:");
    add(doctor, "memory", doctor->memory_available >= GIB / 2 ? DOCTOR_OK : DOCTOR_WARNING,
        "%s to spare, of %s", mem_format_size(doctor->memory_available, available),
        mem_format_size(doctor->memory_total, total));
}

static void check_processors(struct doctor *doctor)
{
    char count[64];
    add(doctor, "processors", DOCTOR_OK, "%s, %s instructions",
        text_plural(os_processor_count(), "processor", count, sizeof count),
        os_instruction_set_name(os_instruction_set()));
}

static void check_pressure(struct doctor *doctor)
{
    char text[256];
    double share = 0;
    if (!read_start("/proc/pressure/memory", text, sizeof text)) {
        struct doctor_check *check =
            add(doctor, "pressure", DOCTOR_NOTE,
                "the kernel does not tell how long programs wait for memory");
        improve(check, "a kernel with pressure stall information (psi=1)");
        return;
    }
    const char *average = strstr(text, "avg60=");
    if (average != NULL)
        share = strtod(average + 6, NULL);
    add(doctor, "pressure", share < 10 ? DOCTOR_OK : DOCTOR_WARNING,
        "programs waited for memory in %.1f %% of the last minute", share);
}

static void check_host_kills(struct doctor *doctor)
{
    char text[16384];
    if (read_start("/proc/vmstat", text, sizeof text) && strstr(text, "\noom_kill ") != NULL) {
        add(doctor, "host's killer", DOCTOR_OK,
            "the kernel counts what it kills when the machine has no memory left");
        return;
    }
    struct doctor_check *check = add(doctor, "host's killer", DOCTOR_NOTE,
                                     "the kernel does not count what it kills, so such an end is "
                                     "told as a signal");
    improve(check, "Linux 4.13 or newer with /proc/vmstat readable");
}

static void check_files(struct doctor *doctor)
{
    char count[32];
    size_t files = os_open_files_limit();
    bool enough = files >= FILES_WANTED;
    struct doctor_check *check = add(doctor, "open files", enough ? DOCTOR_OK : DOCTOR_NOTE,
                                     "%s at most", text_count(files, count));
    if (!enough)
        improve(check, "ulimit -n 65536, for many commands or inputs at once");
}

static void check_temporary(struct doctor *doctor)
{
    struct statfs room;
    char size[24];
    const char *folder = getenv("TMPDIR");
    folder = folder != NULL && folder[0] != '\0' ? folder : "/tmp";
    if (access(folder, W_OK | X_OK) != 0 || statfs(folder, &room) != 0) {
        struct doctor_check *check = add(doctor, "temporary files", DOCTOR_MISSING,
                                         "%s cannot be used: %s", folder, strerror(errno));
        improve(check, "TMPDIR set to a folder that can be written to");
        return;
    }
    uint64_t left = (uint64_t)room.f_bavail * (uint64_t)room.f_bsize;
    bool in_memory = room.f_type == TMPFS;
    struct doctor_check *check = add(doctor, "temporary files",
                                     left < GIB  ? DOCTOR_WARNING
                                     : in_memory ? DOCTOR_NOTE
                                                 : DOCTOR_OK,
                                     "%s left in %s%s", mem_format_size(left, size), folder,
                                     in_memory ? ", which is memory: what is written there counts "
                                                 "against a command's limit"
                                               : "");
    if (left < GIB || in_memory)
        improve(check, "TMPDIR set to a folder on a disk with room");
}

/* ---- one program in a cell ---- */

static enum error_code wait_for_cell(struct cell *cell, struct error *error)
{
    struct pollfd fds[CELL_DESCRIPTORS];
    while (!cell_is_over(cell)) {
        size_t count = cell_poll_fill(cell, fds);
        uint64_t due = cell_wake_at(cell), now = os_now_ns();
        uint64_t left_ms = due > now ? (due - now) / 1000000 + 1 : 0;
        if (poll(fds, (nfds_t)count, left_ms < 1000 ? (int)left_ms : 1000) < 0)
            TRY(os_check_stop(error));
        TRY(cell_advance(cell, error));
    }
    return ERROR_NONE;
}

static enum error_code run_trial(const struct cgroup_place *place, struct mem_account *account,
                                 struct cell **cell, struct error *error)
{
    static const char *const arguments[] = {"/bin/sh", "-c", ":", NULL};
    static const char *const environment[] = {NULL};
    const struct cell_options options = {
        .name = "doctor",
        .arguments = arguments,
        .environment = environment,
        .memory = TRIAL_MEMORY,
        .timeout_ns = UINT64_C(10000000000),
        .input = -1,
        .output = -1,
        .errors = -1,
    };
    TRY(cell_start(place, &options, account, cell, error));
    return wait_for_cell(*cell, error);
}

/* The proof of all that stands above: it works. */
static void check_trial(struct doctor *doctor)
{
    struct mem_account account;
    struct error error;
    struct cell *cell = NULL;
    mem_account_init(&account, "doctor", NULL, 16 * MIB);
    error_init(&error);
    uint64_t started = os_now_ns();
    enum error_code code = run_trial(&doctor->place, &account, &cell, &error);
    const struct cell_report *report = code == ERROR_NONE ? cell_report(cell) : NULL;
    double ms = (double)(os_now_ns() - started) / 1e6;
    if (report == NULL)
        add(doctor, "trial", DOCTOR_MISSING, "a program could not be run: %s", error.what);
    else if (report->verdict != CELL_OK)
        add(doctor, "trial", DOCTOR_MISSING, "a program that does nothing ended with %s: %s",
            cell_verdict_name(report->verdict), report->evidence);
    else
        add(doctor, "trial", DOCTOR_OK,
            "a program ran with a limit of 64 MiB and was accounted for, in %.1f ms", ms);
    cell_destroy(cell);
}

enum error_code doctor_look(struct doctor *ret, struct error *error)
{
    memset(ret, 0, sizeof *ret);
    TRY(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &ret->place, error));
    check_limits(ret);
    check_quotas(ret);
    check_pid_namespace(ret);
    check_swap(ret);
    check_trial(ret);
    check_memory(ret);
    check_processors(ret);
    check_pressure(ret);
    check_host_kills(ret);
    check_files(ret);
    check_temporary(ret);
    check_kernel(ret);
    return ERROR_NONE;
}
