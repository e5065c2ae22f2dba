/* What weir doctor says about control groups: one sentence on what is, one on what would be better.
 */
#include <stdio.h>

#include "cgroup/place.h"

#define DELEGATED "systemd-run --user --scope -p Delegate=yes (as root without --user)"

struct sentences {
    const char *why;
    const char *better;
};

/* Why version 2, which is there, cannot be used. */
static const struct sentences v2_refused[] = {
    [PLACE_NOT_MOUNTED] = {"no control groups with a memory controller are mounted",
                           "mount cgroup v2 at /sys/fs/cgroup: then limits are kept by the kernel"},
    [PLACE_NO_MEMORY] = {"cgroup v2 is there without its memory controller",
                         "boot the kernel with cgroup_enable=memory and with no v1 hierarchies "
                         "(systemd.unified_cgroup_hierarchy=1)"},
    [PLACE_NOT_DELEGATED] =
        {"cgroup v2 is there, but this process's group has no memory controller",
         "start weir under " DELEGATED},
    [PLACE_READ_ONLY] = {"cgroup v2 is there, but it is mounted read-only",
                         "start the container with control groups of its own that it may write: "
                         "--cgroupns=private and /sys/fs/cgroup mounted read-write"},
    [PLACE_NO_RIGHTS] = {"cgroup v2 is there, but this process may not divide its group",
                         "start weir under " DELEGATED},
    [PLACE_NOT_ALONE] = {"cgroup v2 is there, but other processes sit in this process's group, "
                         "which therefore cannot be divided",
                         "start weir under " DELEGATED ", or in a container as its first process"},
    [PLACE_THREADED] = {"cgroup v2 is there, but this process's group is a threaded one, which has "
                        "no limit of memory",
                        "start weir under " DELEGATED},
    [PLACE_ELSEWHERE] = {"cgroup v2 is there, but what is mounted is not the part in which this "
                         "process sits",
                         "mount the container's own: umount /sys/fs/cgroup; mount -t cgroup2 "
                         "cgroup2 /sys/fs/cgroup, or start it with --cgroupns=host"},
};

static const struct sentences v1_refused[] = {
    [PLACE_READ_ONLY] = {"cgroup v1 is there, but its memory controller is mounted read-only",
                         "start the container with /sys/fs/cgroup mounted read-write"},
    [PLACE_NO_RIGHTS] = {"cgroup v1 is there, but this user may not make groups of its memory "
                         "controller",
                         "run as root, or have an administrator make a memory group for this user "
                         "and start weir in it"},
};

static void say(struct cgroup_place *place, const char *why, const char *better)
{
    snprintf(place->why, sizeof place->why, "%s", why);
    snprintf(place->better, sizeof place->better, "%s", better);
}

static void describe_v2(struct cgroup_place *place)
{
    say(place, "cgroup v2: the kernel slows a step down near its limit of memory and ends it there",
        "");
    if (!place->limits_cpu || !place->limits_processes)
        snprintf(place->better, sizeof place->better,
                 "start weir under " DELEGATED
                 ": here the %s controller is missing, so steps have no limit of %s",
                 place->limits_cpu ? "pids" : "cpu",
                 place->limits_cpu ? "processes" : "processors");
}

static void describe_v1(struct cgroup_place *place)
{
    const char *without = place->limits_cpu ? " (without pids)" : " (without cpu and pids)";
    if (place->limits_processes)
        without = place->limits_cpu ? "" : " (without cpu)";
    snprintf(place->why, sizeof place->why,
             "cgroup v1 with a writable memory controller%s: the kernel ends a step at its limit",
             without);
    snprintf(place->better, sizeof place->better,
             "boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1), which slows a step down "
             "before it is killed");
}

static void describe_none(struct cgroup_place *place, enum place_refusal v2, enum place_refusal v1)
{
    bool by_v1 = v1 == PLACE_READ_ONLY || v1 == PLACE_NO_RIGHTS;
    const struct sentences *found = by_v1 ? &v1_refused[v1] : &v2_refused[v2];
    say(place, found->why, found->better);
}

void place_describe(struct cgroup_place *place, enum place_refusal v2, enum place_refusal v1)
{
    if (place->kind == CGROUP_V2)
        describe_v2(place);
    else if (place->kind == CGROUP_V1)
        describe_v1(place);
    else
        describe_none(place, v2, v1);
}
