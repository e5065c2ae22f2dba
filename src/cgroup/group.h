/*
 * A group as both versions see it, and the table of what they do differently.
 *
 * folder[GROUP_MEMORY] is always there. Version 1 has one folder a hierarchy, "" where there is
 * none; version 2 has all in the first.
 */
#ifndef WEIR_CGROUP_GROUP_H
#define WEIR_CGROUP_GROUP_H

#include "cgroup/cgroup.h"

enum group_hierarchy { GROUP_MEMORY, GROUP_CPU, GROUP_PIDS, GROUP_TIMES, GROUP_HIERARCHIES };

struct group_operations;

struct cgroup {
    const struct group_operations *operations;
    char folder[GROUP_HIERARCHIES][CGROUP_PATH];
    size_t name_at;      /* where the name begins in folder[GROUP_MEMORY] */
    uint64_t memory;     /* limit now, 0: none */
    int event;           /* descriptor, or -1 */
    uint64_t oom;        /* own out-of-memory events so far */
    uint64_t oom_taken;  /* of them told to the caller */
    uint64_t limit_hits; /* v1: when the last of them was counted */
};

struct group_operations {
    /* Makes the place ready for the folders of the group. */
    enum error_code (*prepare)(const struct cgroup *group, const struct cgroup_place *place,
                               struct error *error);
    /* Which folders the group has. */
    bool (*wants)(const struct cgroup_limits *limits, enum group_hierarchy hierarchy);
    enum error_code (*limit)(struct cgroup *group, const struct cgroup_place *place,
                             const struct cgroup_limits *limits, struct error *error);
    enum error_code (*set_memory)(struct cgroup *group, uint64_t bytes, struct error *error);
    enum error_code (*hold)(struct cgroup *group, bool hold, struct error *error);
    /* Opens the event descriptor, where it can. */
    void (*watch)(struct cgroup *group);
    short events;         /* to poll for */
    const char *entrance; /* the file to which a process of one thread writes itself */
    bool (*event_take)(struct cgroup *group);
    bool (*read)(const struct cgroup *group, struct cgroup_counters *ret);
    bool (*look)(const struct cgroup *group, struct cgroup_counters *ret);
    /* Ends all inside at once; false where that cannot be: they are ended one by one. */
    bool (*kill_all)(const struct cgroup *group);
};

extern const struct group_operations group_v1;
extern const struct group_operations group_v2;

/* The operations of a kind; NULL for CGROUP_NONE. */
const struct group_operations *group_operations_of(enum cgroup_kind kind);

/* Writes a file of the group; failure names the file. */
CHECKED enum error_code group_write(const struct cgroup *group, enum group_hierarchy hierarchy,
                                    const char *name, const char *text, struct error *error);
CHECKED enum error_code group_write_number(const struct cgroup *group,
                                           enum group_hierarchy hierarchy, const char *name,
                                           uint64_t value, struct error *error);
/* The same for a controller that the kernel may not have: a missing file is no failure. */
CHECKED enum error_code group_write_optional(const struct cgroup *group,
                                             enum group_hierarchy hierarchy, const char *name,
                                             const char *text, struct error *error);

/* Kills what is inside, waits at most patience_ns for the group to be empty; returns how many there
 * were. */
uint64_t group_kill(const struct cgroup *group, uint64_t patience_ns);
/* Kills and removes the group's folders; false when some could not be removed in the time. */
bool group_remove(const struct cgroup *group, uint64_t patience_ns);

/* The place's folder for a hierarchy, "" where there is none. */
const char *place_folder(const struct cgroup_place *place, enum group_hierarchy hierarchy);

#endif
