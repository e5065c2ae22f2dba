/* Version 1: one hierarchy a controller, each with a group of its own for this process. */
#include "cgroup/place.h"

/* Where the container sees only its own part of a hierarchy, the path of /proc does not exist. */
static bool own_folder(const char *mount, const struct kernel_text *self, const char *controller,
                       char *ret)
{
    char own[CGROUP_PATH];
    if (place_own_path(self, controller, own, sizeof own) && own[1] != '\0' &&
        path_join(ret, CGROUP_PATH, mount, own + 1) && kernel_has(ret, "cgroup.procs"))
        return true;
    return path_join(ret, CGROUP_PATH, mount, "");
}

static enum place_refusal find_controller(const char *root, const struct kernel_text *self,
                                          const char *controller, char ret[static CGROUP_PATH])
{
    char mount[CGROUP_PATH];
    char folder[CGROUP_PATH] = "";
    if (!path_join(mount, sizeof mount, root, controller) || !kernel_has(mount, "cgroup.procs"))
        return PLACE_NOT_MOUNTED;
    if (!own_folder(mount, self, controller, folder))
        return PLACE_NOT_MOUNTED;
    enum place_refusal refusal = place_may_write(folder, "");
    if (refusal == PLACE_USABLE)
        refusal = place_may_write(folder, "cgroup.procs");
    if (refusal == PLACE_USABLE)
        memcpy(ret, folder, sizeof folder);
    return refusal;
}

/* A controller besides memory that cannot be used is done without. Where cpu and cpuacct are one
 * hierarchy with links of both names, both places are the same folder. */
static bool find_optional(const char *root, const struct kernel_text *self, const char *controller,
                          char ret[static CGROUP_PATH])
{
    if (find_controller(root, self, controller, ret) == PLACE_USABLE)
        return true;
    ret[0] = '\0';
    return false;
}

enum place_refusal place_find_v1(const char *root, const struct kernel_text *self,
                                 struct cgroup_place *ret)
{
    enum place_refusal refusal = find_controller(root, self, "memory", ret->memory);
    if (refusal != PLACE_USABLE)
        return refusal;
    ret->limits_memory = true;
    ret->limits_cpu = find_optional(root, self, "cpu", ret->cpu);
    ret->limits_processes = find_optional(root, self, "pids", ret->pids);
    (void)find_optional(root, self, "cpuacct", ret->times); /* only counts */
    ret->has_swap_limit = kernel_has(ret->memory, "memory.memsw.limit_in_bytes");
    ret->counts_own_oom = kernel_has(ret->memory, "cgroup.event_control");
    return PLACE_USABLE;
}
