/* Version 2: Documentation/admin-guide/cgroup-v2.rst. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/identity.h"
#include "cgroup/kernel_file.h"

#define CPU_PERIOD_US ((uint64_t)100000)
#define CPU_QUOTA_US  ((uint64_t)1000) /* the least that the kernel takes */

static void enable_if_possible(const char *folder, const char *controller)
{
    if (kernel_write(folder, "cgroup.subtree_control", controller) != 0)
        return; /* its files are then missing in the groups, and its limits left out */
}

/* Tells a folder's children to have the controllers; one by one where not all can be had. */
static int enable(const char *folder, const struct cgroup_place *place)
{
    char all[64];
    snprintf(all, sizeof all, "+memory%s%s", place->limits_cpu ? " +cpu" : "",
             place->limits_processes ? " +pids" : "");
    if (kernel_write(folder, "cgroup.subtree_control", all) == 0)
        return 0;
    int failure = kernel_write(folder, "cgroup.subtree_control", "+memory");
    if (failure == 0 && place->limits_cpu)
        enable_if_possible(folder, "+cpu");
    if (failure == 0 && place->limits_processes)
        enable_if_possible(folder, "+pids");
    return failure;
}

static bool is_enabled(const char *folder)
{
    return kernel_lists(folder, "cgroup.subtree_control", "memory");
}

static int make_folder(const char *folder)
{
    return mkdir(folder, 0755) == 0 || errno == EEXIST ? 0 : errno;
}

/* One that has ended need not go. */
static int move_companions(const struct cgroup_place *place, const char *folder)
{
    int failure = 0;
    for (size_t i = 0; i < CGROUP_COMPANIONS && (failure == 0 || failure == ESRCH); i++)
        if (place->companions[i] != 0)
            failure = kernel_write_number(folder, "cgroup.procs", (uint64_t)place->companions[i]);
    return failure == ESRCH ? 0 : failure;
}

/* Only folders without processes may give controllers to their children. */
static int move_self(const struct cgroup_place *place, const char *own)
{
    char path[CGROUP_PATH];
    if (!path_join(path, sizeof path, own, SUPERVISOR_FOLDER))
        return ENAMETOOLONG;
    int failure = make_folder(path);
    if (failure == 0)
        failure = kernel_write(path, "cgroup.procs", "0");
    return failure != 0 ? failure : move_companions(place, path);
}

static int prepare_base(const struct cgroup_place *place, const char *own)
{
    if (is_enabled(place->memory))
        return 0;
    int failure = enable(place->memory, place);
    if (failure != EBUSY)
        return failure;
    failure = move_self(place, own);
    return failure != 0 ? failure : enable(place->memory, place);
}

static enum error_code v2_prepare(const struct cgroup *group, const struct cgroup_place *place,
                                  struct error *error)
{
    (void)group;
    char own[CGROUP_PATH];
    if (!path_join(own, sizeof own, place->memory, place->own))
        return error_set(error, ERROR_IO, "the path of control groups in %s is too long",
                         place->memory);
    if (is_enabled(own))
        return ERROR_NONE;
    int failure = make_folder(own);
    if (failure == 0)
        failure = prepare_base(place, own);
    if (failure == 0)
        failure = enable(own, place);
    if (failure == 0)
        return ERROR_NONE;
    rmdir(own);
    enum error_code code =
        error_set_errno(error, failure, "the memory controller cannot be had for groups of weir");
    error_in_file(error, place->memory);
    if (failure == EBUSY)
        error_hint(error, "start weir in a group of its own: systemd-run --scope -p Delegate=yes");
    return code;
}

static bool v2_wants(const struct cgroup_limits *limits, enum group_hierarchy hierarchy)
{
    (void)limits;
    return hierarchy == GROUP_MEMORY;
}

static enum error_code write_limit(struct cgroup *group, const char *name, uint64_t bytes,
                                   struct error *error)
{
    if (bytes == 0)
        return group_write(group, GROUP_MEMORY, name, "max", error);
    return group_write_number(group, GROUP_MEMORY, name, bytes, error);
}

static enum error_code v2_set_memory(struct cgroup *group, uint64_t bytes, struct error *error)
{
    return write_limit(group, "memory.max", bytes, error);
}

/* The whole group ends together at its limit: half a program is worth nothing. */
static enum error_code limit_memory(struct cgroup *group, const struct cgroup_limits *limits,
                                    struct error *error)
{
    if (limits->memory_high > 0)
        TRY(write_limit(group, "memory.high", limits->memory_high, error));
    if (limits->memory == 0)
        return ERROR_NONE;
    TRY(write_limit(group, "memory.max", limits->memory, error));
    TRY(group_write_optional(group, GROUP_MEMORY, "memory.swap.max", "0", error));
    return group_write_optional(group, GROUP_MEMORY, "memory.oom.group", "1", error);
}

static enum error_code limit_cpu(struct cgroup *group, const struct cgroup_limits *limits,
                                 struct error *error)
{
    char text[48];
    uint64_t quota = limits->milli_cpus * CPU_PERIOD_US / 1000;
    if (limits->milli_cpus > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64,
                 quota > CPU_QUOTA_US ? quota : CPU_QUOTA_US, CPU_PERIOD_US);
        TRY(group_write_optional(group, GROUP_MEMORY, "cpu.max", text, error));
    }
    if (limits->cpu_weight > 0) {
        snprintf(text, sizeof text, "%u", limits->cpu_weight);
        TRY(group_write_optional(group, GROUP_MEMORY, "cpu.weight", text, error));
    }
    return ERROR_NONE;
}

static enum error_code v2_limit(struct cgroup *group, const struct cgroup_place *place,
                                const struct cgroup_limits *limits, struct error *error)
{
    char text[24];
    TRY(limit_memory(group, limits, error));
    if (place->limits_cpu)
        TRY(limit_cpu(group, limits, error));
    if (!place->limits_processes || limits->processes == 0)
        return ERROR_NONE;
    snprintf(text, sizeof text, "%u", limits->processes);
    return group_write_optional(group, GROUP_MEMORY, "pids.max", text, error);
}

static enum error_code v2_hold(struct cgroup *group, bool hold, struct error *error)
{
    if (!hold)
        return ERROR_NONE;
    return error_set(error, ERROR_UNSUPPORTED,
                     "cgroup v2 cannot hold the processes of %s at their limit",
                     cgroup_name(group));
}

/* Since 5.2 the events of a group are told apart from those of groups below it; before, the file
 * of both has to do. */
static const char *event_file(const struct cgroup *group)
{
    static const char own[] = "memory.events.local";
    return kernel_has(group->folder[GROUP_MEMORY], own) ? own : "memory.events";
}

/* Reading from the start renews the text, and makes the descriptor wait for the next change. */
static bool read_event(int descriptor, struct kernel_text *ret)
{
    ssize_t got = pread(descriptor, ret->bytes, sizeof ret->bytes, 0);
    ret->size = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static void v2_watch(struct cgroup *group)
{
    char path[2 * CGROUP_PATH];
    struct kernel_text text;
    if (!path_join(path, sizeof path, group->folder[GROUP_MEMORY], event_file(group)))
        return;
    group->event = open(path, O_RDONLY | O_CLOEXEC);
    if (group->event >= 0 && read_event(group->event, &text))
        text_field(&text, "oom", &group->oom_taken);
}

static bool v2_event_take(struct cgroup *group)
{
    struct kernel_text text;
    if (read_event(group->event, &text))
        text_field(&text, "oom", &group->oom);
    bool rose = group->oom > group->oom_taken;
    group->oom_taken = group->oom;
    return rose;
}

/* file counts shared memory as well. */
static void read_kinds(const char *folder, struct cgroup_counters *ret)
{
    struct kernel_text text;
    uint64_t shared = 0;
    if (!kernel_read(folder, "memory.stat", &text))
        return;
    text_field(&text, "anon", &ret->anonymous);
    text_field(&text, "file", &ret->cache);
    text_field(&text, "shmem", &shared);
    ret->anonymous += shared;
    ret->cache = ret->cache > shared ? ret->cache - shared : 0;
}

/* Kills in groups below this one are told only by the file that counts them too. */
static void read_events(const struct cgroup *group, struct cgroup_counters *ret)
{
    struct kernel_text text;
    const char *folder = group->folder[GROUP_MEMORY];
    if (kernel_read(folder, event_file(group), &text)) {
        ret->has_oom = text_field(&text, "oom", &ret->oom);
        ret->has_oom_kills = text_field(&text, "oom_kill", &ret->oom_kills);
        text_field(&text, "max", &ret->limit_hits);
        text_field(&text, "high", &ret->high_hits);
    }
    if (kernel_read(folder, "memory.events", &text) &&
        text_field(&text, "oom_kill", &ret->oom_kills))
        ret->has_oom_kills = true;
}

static void read_times(const char *folder, struct cgroup_counters *ret)
{
    struct kernel_text text;
    uint64_t used_us = 0;
    uint64_t throttled_us = 0;
    if (!kernel_read(folder, "cpu.stat", &text))
        return;
    text_field(&text, "usage_usec", &used_us);
    text_field(&text, "throttled_usec", &throttled_us);
    ret->cpu_ns = used_us * 1000;
    ret->throttled_ns = throttled_us * 1000;
}

static bool v2_read(const struct cgroup *group, struct cgroup_counters *ret)
{
    const char *folder = group->folder[GROUP_MEMORY];
    if (!kernel_read_number(folder, "memory.current", &ret->memory))
        return false;
    kernel_read_number(folder, "memory.peak", &ret->memory_peak);
    read_kinds(folder, ret);
    read_events(group, ret);
    read_times(folder, ret);
    return true;
}

static bool v2_look(const struct cgroup *group, struct cgroup_counters *ret)
{
    struct kernel_text text;
    const char *folder = group->folder[GROUP_MEMORY];
    if (!kernel_read_number(folder, "memory.current", &ret->memory))
        return false;
    read_kinds(folder, ret);
    if (kernel_read(folder, event_file(group), &text))
        text_field(&text, "high", &ret->high_hits);
    return true;
}

/* Since 5.14: groups below are included, and so is what is being started meanwhile. */
static bool v2_kill_all(const struct cgroup *group)
{
    return kernel_write(group->folder[GROUP_MEMORY], "cgroup.kill", "1") == 0;
}

const struct group_operations group_v2 = {
    .prepare = v2_prepare,
    .wants = v2_wants,
    .limit = v2_limit,
    .set_memory = v2_set_memory,
    .hold = v2_hold,
    .watch = v2_watch,
    .events = POLLPRI,
    .entrance = "cgroup.procs",
    .event_take = v2_event_take,
    .read = v2_read,
    .look = v2_look,
    .kill_all = v2_kill_all,
};
