/*
 * What a cell knows of itself, for the files of this room only.
 *
 * Its life: running, then on to one of asking (it is at its limit, and a Python program is asked
 * for its line), ending (SIGTERM was sent) or lingering (the program has ended, others have not
 * yet); from there to killing, draining (only bytes are left) and over. No way leads back.
 */
#ifndef WEIR_CELL_CELL_STATE_H
#define WEIR_CELL_CELL_STATE_H

#include "cell/capture.h"
#include "cell/history.h"
#include "cell/meter.h"
#include "cell/process_tree.h"
#include "cell/verdict.h"

enum cell_phase { RUNNING, ASKING, ENDING, LINGERING, KILLING, DRAINING, OVER };

struct cell {
    struct mem_account *account;
    uint64_t limit, timeout_ns, grace_ns, sample_ns; /* of the options */
    uint32_t processes_limit;
    FILE *samples; /* NULL: nobody, or the receiver */
    bool samples_begun;
    const struct cell_receiver *receiver;
    char *directory; /* owned; NULL: weir's */
    char *temporary; /* owned; NULL: none of its own */

    enum cell_watch watch;
    struct cgroup *group; /* NULL: none */
    char group_name[160];
    struct process_tree tree; /* CELL_WATCH_POLL only */
    struct meter meter;

    pid_t pid;
    int pidfd; /* -1: reaped, or never started */
    struct capture output, errors;
    struct history history;

    enum cell_phase phase;
    enum cell_stop stop;
    int cancel_signal; /* 0: SIGTERM */
    uint64_t started_at, next_sample_at, sample_step;
    uint64_t phase_until, look_at, look_step; /* of the phases behind running */
    uint64_t unsure_since;                    /* 0: not */
    uint64_t left;                            /* processes when they were killed last */
    uint64_t orphans_at;                      /* when to look for orphans again */
    uint64_t full_since;                      /* v2: at memory.high without cache since then */
    pid_t asked;                              /* the Python program that was asked for its line */

    struct cgroup_counters counters; /* read last */
    uint64_t cache_most;
    uint64_t at_stop, oom_at_stop;
    bool host_kills_known;
    uint64_t host_kills_before;
    const char *lost_reason;
    struct cell_report report;
};

/* ---- inside.c: all processes of a cell, whatever holds them together ---- */

/* How many live. */
CHECKED enum error_code inside_count(struct cell *cell, uint64_t *ret, struct error *error);
CHECKED enum error_code inside_signal(struct cell *cell, int number, uint64_t *ret,
                                      struct error *error);
/* Takes the program's status once it has ended; cell->pidfd is -1 then. */
void inside_reap(struct cell *cell);
/* SIGKILL to all and waits, at most two seconds. */
void inside_end(struct cell *cell);

/* ---- sample.c ---- */

/* Reads counters or processes, and adds to the history. */
CHECKED enum error_code sample_take(struct cell *cell, bool always, struct error *error);
/* What ended before the first look has one sample all the same: its peak, as counters have it. */
CHECKED enum error_code sample_of_end(struct cell *cell, uint64_t peak, struct error *error);
/* Whether the last sample shows that weir must end the cell for its memory. */
bool sample_is_over_limit(struct cell *cell);
/* Without a group, while its stack is waited for: more was taken than a cell is left for that. */
CHECKED enum error_code sample_is_far_over_limit(struct cell *cell, bool *ret, struct error *error);

/* ---- at_limit.c ---- */

/* Bytes above the limit in which a Python program that is asked for its line may run. */
uint64_t at_limit_slack(uint64_t limit);
/* Asks the largest Python process inside for its stack; false: there is none. */
CHECKED enum error_code at_limit_ask(struct cell *cell, bool *ret_asked, struct error *error);
/* Whether the answer is there: the process that was asked has ended. */
bool at_limit_answered(const struct cell *cell);

/* ---- life.c ---- */

CHECKED enum error_code life_advance(struct cell *cell, struct error *error);
CHECKED enum error_code life_cancel(struct cell *cell, struct error *error);

/* ---- report.c ---- */

/* Fills cell->report, from which on the cell is over. */
CHECKED enum error_code report_fill(struct cell *cell, struct error *error);
void report_not_started(struct cell *cell, const char *what);

#endif
