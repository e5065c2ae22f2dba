/*
 * From evidence to a verdict, in one pure function: no clock, no files, no processes.
 *
 * Order of the rules: what could not be started or seen; what the cell's own counters or weir's
 * own watch say about its memory; the host's killer; what weir ended for another reason; what the
 * program itself said; how it ended. The first that has its evidence holds.
 */
#ifndef WEIR_CELL_VERDICT_H
#define WEIR_CELL_VERDICT_H

#include "cell/cell.h"
#include "cell/said.h"

/* Why weir ended a cell; the first reason stays. */
enum cell_stop { STOP_NONE, STOP_LIMIT, STOP_TIMEOUT, STOP_CANCEL, STOP_PROCESSES };

struct verdict_evidence {
    bool started;
    const char *not_started; /* what failed, where started is false */
    bool lost;               /* its end could not be seen; lost_reason says why */
    const char *lost_reason;
    int exit_status; /* -1: a signal ended it */
    int signal;
    enum cell_stop stop;
    uint64_t at_stop; /* memory when weir ended it for its limit */
    enum cell_watch watch;
    const char *group; /* name of the group, or NULL */
    uint64_t limit, peak, growth, wall_ns, timeout_ns;
    uint32_t processes; /* limit of processes */
    uint64_t machine;   /* bytes that the machine could give a cell, 0: unknown */
    struct cgroup_counters before, after;
    uint64_t oom_at_stop; /* the group's own counter when weir ended it for another reason */
    bool host_kills_known;
    uint64_t host_kills;
    struct said said;
    struct cell_progress progress;
};

struct verdict {
    enum cell_verdict verdict;
    uint64_t suggestion;
    char evidence[384];
    char why[384];
};

void verdict_reach(const struct verdict_evidence *evidence, struct verdict *ret);

/* The smallest of 1, 1.25, 1.5, 1.75 times a power of two that is at least bytes. */
uint64_t verdict_nice_size(uint64_t bytes);

#endif
