/*
 * Control groups: the kernel's own accounts of memory, processor time and processes.
 *
 * A place says where groups can be made and what they can do there, and why not more. A group is
 * one child of the place: limits are set before a process enters it, everything that the process
 * starts stays inside, and its counters are the evidence of what happened. Version 2 (one
 * hierarchy) and version 1 (one a controller) are behind one interface; where neither can be used
 * the place is CGROUP_NONE and cells watch their processes themselves.
 *
 * Names of groups carry weir's process number and its start time, so that groups of a weir that
 * died can be told from those of one that lives, and be swept.
 *
 * Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of the Linux kernel.
 */
#ifndef WEIR_CGROUP_CGROUP_H
#define WEIR_CGROUP_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mem/mem.h"

enum cgroup_kind { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };

#define CGROUP_PATH       512
#define CGROUP_COMPANIONS 2

/* Where groups can be made; read-only once found. */
struct cgroup_place {
    enum cgroup_kind kind;
    bool limits_memory, limits_cpu, limits_processes;
    bool has_swap_limit;      /* swap can be switched off for a group */
    bool counts_own_oom;      /* v2 memory.events.local, or v1's eventfd */
    char memory[CGROUP_PATH]; /* folder in which groups of the memory controller are made */
    char cpu[CGROUP_PATH];    /* v1: of the cpu controller; v2: the same folder; "": none */
    char pids[CGROUP_PATH];   /* the same of the pids controller */
    char times[CGROUP_PATH];  /* the same of v1's cpuacct controller */
    char own[48];             /* this weir's folder in each of them: "weir-4711-123" */
    pid_t companions[CGROUP_COMPANIONS]; /* that go where weir itself goes; 0: none */
    char why[256];                       /* one sentence: what was found */
    char better[256]; /* one sentence: what would make it better; empty: nothing */
};

/*
 * Finds the best place. root is the mount point of control groups ("/sys/fs/cgroup"; tests give a
 * folder of their own), self the file that names this process's own groups ("/proc/self/cgroup").
 * Version 2 is taken when its memory controller can be used: in a subtree delegated by systemd, in
 * a container, or as root. Never fails for want of rights: that is CGROUP_NONE with a reason.
 * Only looks: nothing is made, moved or written before the first group is created. Groups are made
 * in the process's own group or, in v2, in the nearest one above that can hold groups, but never
 * outside the cell of another weir.
 */
CHECKED enum error_code cgroup_find(const char *root, const char *self, struct cgroup_place *ret,
                                    struct error *error);

/* Tells the place of a child of this process that stands beside it for as long as it lives: where
 * weir must leave its own group (v2), it goes along. At most CGROUP_COMPANIONS. */
void cgroup_accompany(struct cgroup_place *place, pid_t companion);

/* What a group allows; 0: no limit of that kind. */
struct cgroup_limits {
    uint64_t memory;      /* bytes, swap included */
    uint64_t memory_high; /* v2: from here on processes are slowed down */
    uint32_t milli_cpus;  /* thousandths of a processor, as a quota */
    uint32_t cpu_weight;  /* 1 to 10000, 100 is usual */
    uint32_t processes;   /* and threads */
};

struct cgroup;

/* Makes an empty group with its limits. name: letters, digits, '-' and '_', at most 100, unique in
 * this weir. A limit of processors or processes that the place does not have is left out; one of
 * memory is an error. v2: the first group may move this process into a folder of its own. */
CHECKED enum error_code cgroup_create(const struct cgroup_place *place, const char *name,
                                      const struct cgroup_limits *limits,
                                      struct mem_account *account, struct cgroup **ret,
                                      struct error *error);

/* Kills what is left inside, removes the group and frees it, and with the last group this weir's
 * folder. Waits at most two seconds for the kernel to let go; what is left then is swept later.
 * NULL is allowed. */
void cgroup_destroy(struct cgroup *group);

/* Puts the calling process, which must have one thread only, into the group: between fork and exec,
 * so without allocation; false with errno set when the kernel refused. */
bool cgroup_enter(const struct cgroup *group);

/* v2: a descriptor of the group's folder, with which clone3 makes a process inside it from the
 * start (CLONE_INTO_CGROUP); the caller closes it. -1 where there is no such way: cgroup_enter is.
 */
int cgroup_open_folder(const struct cgroup *group);

/* Counters of a group. What a version does not tell is 0 and has its has_ false. */
struct cgroup_counters {
    uint64_t memory;      /* bytes now, page cache included */
    uint64_t memory_peak; /* of the same; v2: kernels from 5.19 on */
    uint64_t anonymous;   /* bytes now that no file backs, shared memory and tmpfs included */
    uint64_t cache;       /* bytes of page cache now */
    /* times that the limit was reached (v2 memory.events.local max, v1 failcnt, which kernels from
     * 6.14 on leave at 0) */
    uint64_t limit_hits;
    uint64_t high_hits; /* v2: times that memory_high was passed */
    uint64_t oom;       /* times that this group's own limit left no way out */
    uint64_t oom_kills; /* processes in it that any out-of-memory killer ended */
    bool has_oom, has_oom_kills;
    bool under_oom;     /* v1: processes wait at the limit now */
    uint64_t cpu_ns;    /* user and system time */
    uint64_t processes; /* alive now */
    uint64_t throttled_ns;
};
CHECKED enum error_code cgroup_read(const struct cgroup *group, struct cgroup_counters *ret,
                                    struct error *error);
/* Only what changes while it runs and costs little to know, for many samples: memory (v2),
 * anonymous, cache, high_hits, under_oom, processes. The rest is as it was in *ret. */
CHECKED enum error_code cgroup_look(const struct cgroup *group, struct cgroup_counters *ret,
                                    struct error *error);

/*
 * A descriptor that becomes ready (POLLIN for v1's eventfd, POLLPRI for v2's memory.events.local)
 * when the group's own limit is reached; -1 where there is none. Owned by the group.
 * cgroup_event_take reads it and tells whether the group's own out-of-memory counter has risen.
 */
int cgroup_event_descriptor(const struct cgroup *group, short *ret_events);
bool cgroup_event_take(struct cgroup *group);

/* v1: processes that reach the limit wait instead of being killed, so that they can be looked at.
 */
CHECKED enum error_code cgroup_hold_at_limit(struct cgroup *group, bool hold, struct error *error);

/* Changes the limit of memory; 0: none. v2: memory_high stays as it is. */
CHECKED enum error_code cgroup_set_memory(struct cgroup *group, uint64_t bytes,
                                          struct error *error);

/* Sends a signal to every process inside; returns how many there were. Does not wait. With SIGKILL
 * nothing can be started in the group any more, where it counts processes: what is just being
 * started is met by the next call, so it is to be repeated until there are none. */
uint64_t cgroup_signal(const struct cgroup *group, int number);

/* Fills pids with the processes inside, up to capacity; returns how many there are. */
size_t cgroup_processes(const struct cgroup *group, pid_t *pids, size_t capacity);

/* Removes groups of weirs that are dead, with what still runs in them: in the place and in the
 * groups beside it. Returns how many groups; the folders of the weirs themselves are not counted.
 */
uint64_t cgroup_sweep(const struct cgroup_place *place);

/* The group's path below its mount, for messages: "weir-4711-123/job-1". */
const char *cgroup_name(const struct cgroup *group);

#endif
