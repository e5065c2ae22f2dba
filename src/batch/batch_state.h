/*
 * The inside of a batch: a table of jobs' states beside the table of jobs, the lanes in which
 * attempts run, and what a turn has to tell once it is on disk.
 *
 * progress.c moves jobs from state to state and asks admission, run_lanes.c runs attempts,
 * notices.c keeps what is to be told, batch.c puts a turn together and writes it into the ledger,
 * batch_view.c looks. Only the coordinator's thread comes here.
 */
#ifndef WEIR_BATCH_BATCH_STATE_H
#define WEIR_BATCH_BATCH_STATE_H

#include "batch/batch.h"

#define BATCH_NO_TICKET UINT32_MAX

struct job_state {
    enum batch_state state;
    bool asks;         /* its ticket waits for room */
    uint32_t awaited;  /* predecessors that are not ok yet */
    uint32_t ticket;   /* of its newest request, or BATCH_NO_TICKET */
    uint32_t attempts; /* that this weir ended */
    uint64_t memory;   /* the next figure, bytes */
    uint64_t first_ns; /* when its first attempt began, os_now_ns; 0: not yet */
    int64_t step;      /* in the ledger */
};

/* An attempt that runs. */
struct lane {
    struct attempt *attempt;
    uint32_t job;
    int64_t number, row; /* in its step, and of the ledger */
    int64_t started;     /* Unix time, nanoseconds */
    uint64_t memory, started_ns;
    size_t first_poll, poll_count; /* its descriptors, as filled last */
};

/* An event that waits for the disk, with what it owns. */
struct notice {
    struct batch_event event;
    struct attempt_result result;
    int64_t row, ended;         /* of the ledger, and Unix time, for an attempt that ended */
    struct attempt *attempt;    /* that ended, or NULL */
    struct cell_report *report; /* of an attempt that weir itself could not run, or NULL */
};

struct batch {
    struct batch_options options;
    struct mem_account *account;
    const struct jobs *jobs;
    struct admission *admission;
    struct job_state *states;  /* by job */
    struct mem_buffer tickets; /* uint32_t: job by ticket */
    struct mem_buffer lanes;   /* struct lane, oldest first */
    struct mem_buffer notices; /* struct notice: what is to be told with the next sync */
    struct mem_buffer polls;   /* struct pollfd */
    struct mem_buffer skips;   /* uint32_t: jobs whose successors are still to be left out */
    uint32_t counts[BATCH_SKIPPED + 1];
    uint32_t passed, attempts, oom, asking;
    uint32_t oldest_ticket; /* no ticket below it waits */
    bool writing;           /* a transaction of the ledger is open */
    uint64_t writing_since; /* os_now_ns */
    size_t settled;         /* of the notices: those whose ends the transaction has */
    bool paused, cancelled;
    uint64_t host_at, flush_at, turned_at; /* os_now_ns */
};

static inline size_t batch_lane_count(const struct batch *batch)
{
    return batch->lanes.size / sizeof(struct lane);
}

static inline struct lane *batch_lane(const struct batch *batch, size_t index)
{
    return (struct lane *)batch->lanes.data + index;
}

/* ---- progress.c ---- */

void progress_set_state(struct batch *batch, uint32_t job, enum batch_state state);
/* Asks for room where nothing is awaited any more. */
CHECKED enum error_code progress_ask(struct batch *batch, uint32_t job, struct error *error);
/* Its successors await one less. */
CHECKED enum error_code progress_finish(struct batch *batch, uint32_t job, struct error *error);
/* It will not finish: whoever comes after it is left out, however far behind. */
CHECKED enum error_code progress_fail(struct batch *batch, uint32_t job, struct error *error);
/* The next job that may start now; it has its grant. */
bool progress_next(struct batch *batch, uint32_t *ret_job);
/* Whether anything new may be started. */
bool progress_may_start(const struct batch *batch);

/* ---- notices.c ---- */

/* An empty notice, whose event has kind and job. Lives until the next is added. */
CHECKED enum error_code notices_add(struct batch *batch, enum batch_event_kind kind, uint32_t job,
                                    struct notice **ret, struct error *error);
/* Tells the listener, and frees what the notices own. */
void notices_tell(struct batch *batch);
void notices_drop(struct batch *batch);

/* ---- run_lanes.c ---- */

/* Advances the cells for which something is due; those that are over become notices. */
CHECKED enum error_code lanes_advance(struct batch *batch, struct error *error);
/* Starts the job in a new lane; what weir itself cannot start becomes a notice of an end. */
CHECKED enum error_code lanes_start(struct batch *batch, uint32_t job, struct error *error);

#endif
