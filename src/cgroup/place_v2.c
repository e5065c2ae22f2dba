/*
 * Version 2: one hierarchy, in which only folders without processes may pass controllers down (the
 * "no internal process constraint"), the root apart. A process may be moved to where both its new
 * folder and the common ancestor of old and new let this user write cgroup.procs (the delegation
 * containment), so only the own group and those above it come into question.
 */
#include <unistd.h>

#include "cgroup/identity.h"
#include "cgroup/place.h"

/* The mount: of all controllers, or of a "hybrid" of both versions. */
static bool find_mount(const char *root, char ret[static CGROUP_PATH])
{
    if (path_join(ret, CGROUP_PATH, root, "") && kernel_has(ret, "cgroup.controllers"))
        return true;
    return path_join(ret, CGROUP_PATH, root, "unified") && kernel_has(ret, "cgroup.controllers");
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Takes the last part off, as long as the path stays at or below the mount. */
static bool go_up(char *folder, const char *mount)
{
    char *slash = strrchr(folder, '/');
    if (slash == NULL || slash < folder + strlen(mount))
        return false;
    *slash = '\0';
    return true;
}

/* A weir that moved itself is as if it still sat where it came from. */
static void leave_supervisor(char *folder, const char *mount)
{
    if (strcmp(last_part(folder), SUPERVISOR_FOLDER) == 0 && go_up(folder, mount) &&
        identity_is_weir(last_part(folder)))
        go_up(folder, mount);
}

struct inhabitants {
    bool self, others;
};

static void look_at_process(void *context, pid_t process)
{
    struct inhabitants *inside = context;
    if (process == getpid())
        inside->self = true;
    else
        inside->others = true;
}

/* A container with a namespace of its own may still see the mount of the whole machine: what /proc
 * calls "/" is not its top then, and groups made there would escape the container's limits. */
static enum place_refusal take_top(const char *mount, char ret[static CGROUP_PATH])
{
    struct inhabitants inside = {false, false};
    if (!path_join(ret, CGROUP_PATH, mount, "") ||
        !kernel_each_process(ret, look_at_process, &inside))
        return PLACE_NO_RIGHTS;
    return inside.others && !inside.self ? PLACE_ELSEWHERE : PLACE_USABLE;
}

/* A container that sees only its own part finds no folder of the path that /proc tells. */
static enum place_refusal find_own(const char *mount, const struct kernel_text *self,
                                   char ret[static CGROUP_PATH])
{
    char own[CGROUP_PATH];
    if (!place_own_path(self, "", own, sizeof own))
        return PLACE_NO_RIGHTS;
    if (own[1] == '\0' || !path_join(ret, CGROUP_PATH, mount, own + 1) ||
        !kernel_has(ret, "cgroup.procs"))
        return take_top(mount, ret);
    leave_supervisor(ret, mount);
    return PLACE_USABLE;
}

/* Whether the folder can pass the memory controller down: it does, it is the real root (which alone
 * has no cgroup.events), or it is free of processes but for this one. */
static enum place_refusal may_divide(const char *folder)
{
    struct inhabitants inside = {false, false};
    if (kernel_lists(folder, "cgroup.subtree_control", "memory"))
        return PLACE_USABLE;
    enum place_refusal refusal = place_may_write(folder, "cgroup.subtree_control");
    if (refusal != PLACE_USABLE || !kernel_has(folder, "cgroup.events"))
        return refusal;
    if (!kernel_each_process(folder, look_at_process, &inside))
        return PLACE_NO_RIGHTS;
    return inside.others ? PLACE_NOT_ALONE : PLACE_USABLE;
}

/* Folders of which cgroup.type says anything but "domain" have no memory controller. */
static bool is_threaded(const char *folder)
{
    return kernel_has(folder, "cgroup.type") && !kernel_lists(folder, "cgroup.type", "domain");
}

static enum place_refusal look_at(const char *folder)
{
    if (is_threaded(folder))
        return PLACE_THREADED;
    if (!kernel_lists(folder, "cgroup.controllers", "memory"))
        return PLACE_NOT_DELEGATED;
    enum place_refusal refusal = place_may_write(folder, "");
    if (refusal == PLACE_USABLE)
        refusal = place_may_write(folder, "cgroup.procs");
    return refusal == PLACE_USABLE ? may_divide(folder) : refusal;
}

/* Above the cell of another weir nothing may be made: its limits would not hold there. */
static bool is_cell(const char *folder, const char *mount)
{
    char parent[CGROUP_PATH];
    return path_join(parent, sizeof parent, folder, "") && go_up(parent, mount) &&
           identity_is_weir(last_part(parent));
}

/* The nearest usable folder from the own group up; where there is none, why not the own group. */
static enum place_refusal climb(char *folder, const char *mount)
{
    enum place_refusal first = look_at(folder);
    enum place_refusal refusal = first;
    while (refusal != PLACE_USABLE && !is_cell(folder, mount) && go_up(folder, mount))
        refusal = look_at(folder);
    return refusal == PLACE_USABLE ? PLACE_USABLE : first;
}

/* What children of the folder have, or will have once it is divided. */
static bool has_controller(const char *folder, const char *controller)
{
    bool divided = kernel_lists(folder, "cgroup.subtree_control", "memory");
    return kernel_lists(folder, divided ? "cgroup.subtree_control" : "cgroup.controllers",
                        controller);
}

static void fill_place(struct cgroup_place *place, const char folder[static CGROUP_PATH])
{
    memcpy(place->memory, folder, CGROUP_PATH);
    place->limits_memory = true;
    place->limits_cpu = has_controller(folder, "cpu");
    place->limits_processes = has_controller(folder, "pids");
    place->has_swap_limit =
        kernel_has(folder, "memory.swap.max") || !kernel_has(folder, "cgroup.events");
    place->counts_own_oom = true;
    if (place->limits_cpu)
        memcpy(place->cpu, place->memory, sizeof place->cpu);
    if (place->limits_processes)
        memcpy(place->pids, place->memory, sizeof place->pids);
}

enum place_refusal place_find_v2(const char *root, const struct kernel_text *self,
                                 struct cgroup_place *ret)
{
    char mount[CGROUP_PATH];
    char folder[CGROUP_PATH] = "";
    if (!find_mount(root, mount))
        return PLACE_NOT_MOUNTED;
    if (!kernel_lists(mount, "cgroup.controllers", "memory"))
        return PLACE_NO_MEMORY;
    enum place_refusal refusal = find_own(mount, self, folder);
    if (refusal != PLACE_USABLE)
        return refusal;
    refusal = climb(folder, mount);
    if (refusal == PLACE_USABLE)
        fill_place(ret, folder);
    return refusal;
}
