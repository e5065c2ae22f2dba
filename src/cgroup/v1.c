/* Version 1: Documentation/admin-guide/cgroup-v1/memory.rst, pids.rst, cpuacct.rst. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/kernel_file.h"

#define CPU_PERIOD_US ((uint64_t)100000)
#define CPU_QUOTA_US  ((uint64_t)1000) /* the least that the kernel takes */

/* Before kernel 5.11 a group below another was counted in it only where this was said. */
static void count_descendants(const char *folder)
{
    uint64_t counted = 1;
    kernel_read_number(folder, "memory.use_hierarchy", &counted);
    if (counted == 0 && kernel_write(folder, "memory.use_hierarchy", "1") != 0)
        return; /* groups in it then count for themselves alone */
}

static enum error_code make_own(const char *base, const char *own, bool counts_memory,
                                struct error *error)
{
    char path[CGROUP_PATH];
    if (!path_join(path, sizeof path, base, own))
        return error_set(error, ERROR_IO, "the path of control groups in %s is too long", base);
    if (mkdir(path, 0755) == 0) {
        if (counts_memory)
            count_descendants(path);
        return ERROR_NONE;
    }
    if (errno == EEXIST)
        return ERROR_NONE;
    enum error_code code =
        error_set_errno(error, errno, "a folder for control groups cannot be made");
    error_in_file(error, path);
    return code;
}

static enum error_code v1_prepare(const struct cgroup *group, const struct cgroup_place *place,
                                  struct error *error)
{
    for (int i = 0; i < GROUP_HIERARCHIES; i++)
        if (group->folder[i][0] != '\0')
            TRY(make_own(place_folder(place, i), place->own, i == GROUP_MEMORY, error));
    return ERROR_NONE;
}

/* Groups cost time to make: that of the cpu controller is left out where nothing asks for it. */
static bool v1_wants(const struct cgroup_limits *limits, enum group_hierarchy hierarchy)
{
    return hierarchy != GROUP_CPU || limits->milli_cpus > 0 || limits->cpu_weight > 0;
}

static enum error_code v1_hold(struct cgroup *group, bool hold, struct error *error)
{
    return group_write(group, GROUP_MEMORY, "memory.oom_control", hold ? "1" : "0", error);
}

/* The kernel keeps the eventfd; the descriptor of oom_control only tells it what to watch. */
static void v1_watch(struct cgroup *group)
{
    char path[2 * CGROUP_PATH];
    char text[48];
    if (!path_join(path, sizeof path, group->folder[GROUP_MEMORY], "memory.oom_control"))
        return;
    int control = open(path, O_RDONLY | O_CLOEXEC);
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    snprintf(text, sizeof text, "%d %d", event, control);
    bool watched = control >= 0 && event >= 0 &&
                   kernel_write(group->folder[GROUP_MEMORY], "cgroup.event_control", text) == 0;
    if (control >= 0)
        close(control);
    if (watched)
        group->event = event;
    else if (event >= 0)
        close(event);
}

/* Where memory and swap together have the same limit as memory, theirs is the one that is hit. */
static uint64_t limit_hits(const struct cgroup *group)
{
    uint64_t memory = 0;
    uint64_t both = 0;
    kernel_read_number(group->folder[GROUP_MEMORY], "memory.failcnt", &memory);
    kernel_read_number(group->folder[GROUP_MEMORY], "memory.memsw.failcnt", &both);
    return memory + both;
}

/*
 * The kernel also tells groups whose ancestor ran out of memory. An event is the group's own only
 * when its use has come up to its own limit; and, on kernels that count the hits of a limit (from
 * 6.14 on they no longer do), when there were more of them since the last event.
 */
static bool own_limit_was_hit(const struct cgroup *group, uint64_t *ret_hits)
{
    uint64_t peak = 0;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    *ret_hits = limit_hits(group);
    kernel_read_number(group->folder[GROUP_MEMORY], "memory.max_usage_in_bytes", &peak);
    return group->memory != 0 && peak + page > group->memory &&
           (*ret_hits == 0 || *ret_hits > group->limit_hits);
}

/* Counts the events so far while the limit they were about still stands. */
static void collect(struct cgroup *group)
{
    uint64_t times;
    uint64_t hits;
    if (group->event < 0 || read(group->event, &times, sizeof times) != sizeof times ||
        !own_limit_was_hit(group, &hits))
        return;
    group->limit_hits = hits;
    group->oom += times;
}

static bool v1_event_take(struct cgroup *group)
{
    collect(group);
    bool rose = group->oom > group->oom_taken;
    group->oom_taken = group->oom;
    return rose;
}

/* An event that was not taken yet counts as well, once. */
static uint64_t oom_so_far(const struct cgroup *group)
{
    uint64_t hits;
    struct pollfd waiting = {group->event, POLLIN, 0};
    bool pending =
        group->event >= 0 && poll(&waiting, 1, 0) == 1 && own_limit_was_hit(group, &hits);
    return group->oom + (pending ? 1 : 0);
}

static enum error_code write_limit(struct cgroup *group, const char *name, uint64_t bytes,
                                   struct error *error)
{
    if (bytes == 0)
        return group_write(group, GROUP_MEMORY, name, "-1", error);
    return group_write_number(group, GROUP_MEMORY, name, bytes, error);
}

/* Memory and swap together may never be less than memory alone: the order depends on the way. */
static enum error_code v1_set_memory(struct cgroup *group, uint64_t bytes, struct error *error)
{
    static const char memory[] = "memory.limit_in_bytes";
    static const char both[] = "memory.memsw.limit_in_bytes";
    bool has_both = kernel_has(group->folder[GROUP_MEMORY], both);
    collect(group);
    bool raises = group->memory != 0 && (bytes == 0 || bytes > group->memory);
    if (has_both && raises)
        TRY(write_limit(group, both, bytes, error));
    TRY(write_limit(group, memory, bytes, error));
    if (has_both && !raises)
        TRY(write_limit(group, both, bytes, error));
    return ERROR_NONE;
}

static enum error_code limit_memory(struct cgroup *group, uint64_t bytes, struct error *error)
{
    if (bytes == 0)
        return ERROR_NONE;
    if (kernel_write(group->folder[GROUP_MEMORY], "memory.swappiness", "0") != 0)
        errno = 0; /* a wish only: the limit of memory and swap together holds without it */
    return v1_set_memory(group, bytes, error);
}

static enum error_code limit_cpu(struct cgroup *group, const struct cgroup_limits *limits,
                                 struct error *error)
{
    char text[24];
    uint64_t quota = limits->milli_cpus * CPU_PERIOD_US / 1000;
    uint64_t shares = (uint64_t)limits->cpu_weight * 1024 / 100;
    if (limits->milli_cpus > 0) {
        snprintf(text, sizeof text, "%" PRIu64, quota > CPU_QUOTA_US ? quota : CPU_QUOTA_US);
        TRY(group_write_optional(group, GROUP_CPU, "cpu.cfs_quota_us", text, error));
    }
    if (limits->cpu_weight > 0) {
        snprintf(text, sizeof text, "%" PRIu64, shares > 2 ? shares : 2);
        TRY(group_write_optional(group, GROUP_CPU, "cpu.shares", text, error));
    }
    return ERROR_NONE;
}

static enum error_code v1_limit(struct cgroup *group, const struct cgroup_place *place,
                                const struct cgroup_limits *limits, struct error *error)
{
    (void)place;
    TRY(limit_memory(group, limits->memory, error));
    if (group->folder[GROUP_CPU][0] != '\0')
        TRY(limit_cpu(group, limits, error));
    if (group->folder[GROUP_PIDS][0] != '\0' && limits->processes > 0)
        TRY(group_write_number(group, GROUP_PIDS, "pids.max", limits->processes, error));
    return ERROR_NONE;
}

/* rss is anonymous memory alone; shared memory is counted as cache. */
static bool read_kinds(const struct cgroup *group, struct cgroup_counters *ret)
{
    struct kernel_text text;
    uint64_t shared = 0;
    if (!kernel_read(group->folder[GROUP_MEMORY], "memory.stat", &text))
        return false;
    if (!text_field(&text, "total_rss", &ret->anonymous))
        text_field(&text, "rss", &ret->anonymous);
    if (!text_field(&text, "total_cache", &ret->cache))
        text_field(&text, "cache", &ret->cache);
    if (!text_field(&text, "total_shmem", &shared))
        text_field(&text, "shmem", &shared);
    ret->anonymous += shared;
    ret->cache = ret->cache > shared ? ret->cache - shared : 0;
    return true;
}

static void read_control(const struct cgroup *group, struct cgroup_counters *ret)
{
    struct kernel_text text;
    uint64_t waiting = 0;
    if (!kernel_read(group->folder[GROUP_MEMORY], "memory.oom_control", &text))
        return;
    text_field(&text, "under_oom", &waiting);
    ret->under_oom = waiting != 0;
    ret->has_oom_kills = text_field(&text, "oom_kill", &ret->oom_kills); /* since 4.13 */
}

static void read_times(const struct cgroup *group, struct cgroup_counters *ret)
{
    struct kernel_text text;
    if (group->folder[GROUP_TIMES][0] != '\0')
        kernel_read_number(group->folder[GROUP_TIMES], "cpuacct.usage", &ret->cpu_ns);
    if (group->folder[GROUP_CPU][0] != '\0' &&
        kernel_read(group->folder[GROUP_CPU], "cpu.stat", &text))
        text_field(&text, "throttled_time", &ret->throttled_ns);
}

static bool v1_read(const struct cgroup *group, struct cgroup_counters *ret)
{
    const char *folder = group->folder[GROUP_MEMORY];
    if (!kernel_read_number(folder, "memory.usage_in_bytes", &ret->memory))
        return false;
    kernel_read_number(folder, "memory.max_usage_in_bytes", &ret->memory_peak);
    ret->limit_hits = limit_hits(group);
    read_kinds(group, ret);
    ret->has_oom = group->event >= 0;
    ret->oom = oom_so_far(group);
    read_control(group, ret);
    read_times(group, ret);
    return true;
}

static bool v1_look(const struct cgroup *group, struct cgroup_counters *ret)
{
    read_control(group, ret);
    return read_kinds(group, ret);
}

static bool v1_kill_all(const struct cgroup *group)
{
    (void)group;
    return false;
}

/* A thread that moves itself waits for nobody; moving a process by cgroup.procs waits until all
 * processors have seen a lock, often 10 ms (cgroup_attach_lock in kernel/cgroup/cgroup.c). */
const struct group_operations group_v1 = {
    .prepare = v1_prepare,
    .wants = v1_wants,
    .limit = v1_limit,
    .set_memory = v1_set_memory,
    .hold = v1_hold,
    .watch = v1_watch,
    .events = POLLIN,
    .entrance = "tasks",
    .event_take = v1_event_take,
    .read = v1_read,
    .look = v1_look,
    .kill_all = v1_kill_all,
};
