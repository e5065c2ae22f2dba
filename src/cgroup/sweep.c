/*
 * Groups of weirs that died: what runs in them is killed, and they are removed.
 *
 * They are looked for where this weir makes its own, and in the folders beside that: a weir started
 * from another login or service sat there. Each hierarchy is gone through for itself, that of the
 * pids controller first, in which new processes can be forbidden.
 */
#include <string.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/identity.h"
#include "cgroup/kernel_file.h"
#include "cgroup/tree.h"

#define PATIENCE_NS ((uint64_t)500000000)

struct sweep {
    const struct group_operations *operations;
    enum group_hierarchy hierarchy;
    const char *base; /* in which weirs have folders */
    const char *weir; /* folder of a dead one */
    uint64_t removed;
};

static void note_process(void *context, pid_t process)
{
    bool *hidden = context;
    *hidden = *hidden && process == 0;
}

/*
 * A weir of another PID namespace is not dead because its number means nothing here. Its processes
 * cannot be seen: version 2 lists them as 0, version 1 not at all.
 */
static bool is_of_others(const char *folder)
{
    bool hidden = true;
    return kernel_each_process(folder, note_process, &hidden) && hidden;
}

static void look_for_self(void *context, pid_t process)
{
    bool *inside = context;
    *inside = *inside || process == getpid();
}

/* A companion of a dead weir that sweeps must not end itself before it is done. */
static bool holds_self(const char *folder)
{
    bool inside = false;
    return kernel_each_process(folder, look_for_self, &inside) && inside;
}

static void sweep_group(void *context, const char *name)
{
    struct sweep *sweep = context;
    struct cgroup group = {.operations = sweep->operations, .event = -1};
    char *folder = group.folder[sweep->hierarchy];
    if (!path_join(folder, CGROUP_PATH, sweep->weir, name) || holds_self(folder))
        return;
    bool gone = tree_remove(folder);
    if (!gone && !is_of_others(folder))
        gone = group_remove(&group, PATIENCE_NS);
    if (gone && sweep->hierarchy == GROUP_MEMORY && strcmp(name, SUPERVISOR_FOLDER) != 0)
        sweep->removed++;
}

static void sweep_weir(void *context, const char *name)
{
    struct sweep *sweep = context;
    char path[CGROUP_PATH];
    if (!identity_is_dead(name) || !path_join(path, sizeof path, sweep->base, name))
        return;
    sweep->weir = path;
    folder_each(path, sweep_group, sweep);
    rmdir(path);
}

static void sweep_base(struct sweep *sweep, const char *base)
{
    sweep->base = base;
    folder_each(base, sweep_weir, sweep);
}

struct siblings {
    struct sweep *sweep;
    const char *parent;
};

static void sweep_sibling(void *context, const char *name)
{
    const struct siblings *siblings = context;
    char path[CGROUP_PATH];
    if (!identity_is_weir(name) && path_join(path, sizeof path, siblings->parent, name))
        sweep_base(siblings->sweep, path);
}

/* What lies above a hierarchy's mount is no group and has no cgroup.procs. */
static void sweep_hierarchy(struct sweep *sweep, const char *base)
{
    char parent[CGROUP_PATH];
    struct siblings siblings = {sweep, parent};
    sweep_base(sweep, base);
    if (!path_join(parent, sizeof parent, base, ""))
        return;
    *strrchr(parent, '/') = '\0';
    if (kernel_has(parent, "cgroup.procs"))
        folder_each(parent, sweep_sibling, &siblings);
}

uint64_t cgroup_sweep(const struct cgroup_place *place)
{
    static const enum group_hierarchy order[] = {GROUP_PIDS, GROUP_MEMORY, GROUP_CPU, GROUP_TIMES};
    struct sweep sweep = {.operations = group_operations_of(place->kind)};
    if (sweep.operations == NULL)
        return 0;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const char *base = place_folder(place, order[i]);
        sweep.hierarchy = order[i];
        if (strchr(base, '/') != NULL)
            sweep_hierarchy(&sweep, base);
    }
    return sweep.removed;
}
