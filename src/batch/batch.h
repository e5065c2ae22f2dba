/*
 * A batch: many jobs under one ceiling of memory and processors, each attempt in a cell, everything
 * that happened in a ledger.
 *
 * The coordinator is one thread and one loop, driven by its caller: batch_fill tells what to poll
 * for and until when, batch_turn does what is due. A turn takes ended attempts, decides on retries,
 * asks admission for those whose predecessors are done, starts what is granted, and puts all of it
 * into the ledger; a few milliseconds of it are one transaction, and only when that is on disk is
 * the listener told, so nothing that was told is lost. What runs goes on running while the disk
 * syncs.
 *
 * A job is waiting (for others, or for room), running, ok, failed, or skipped because one that it
 * comes after failed. With a run to resume, jobs that are ok there with the same digest are ok from
 * the start; all others wait again.
 *
 * Memory: a record a job, and for each attempt that runs its cell and buffers. Descriptors: a fixed
 * few, and CELL_DESCRIPTORS for each attempt that runs.
 *
 * While the host is short of memory (see host_pressure.h) nothing new is started.
 */
#ifndef WEIR_BATCH_BATCH_H
#define WEIR_BATCH_BATCH_H

#include "admission/admission.h"
#include "batch/attempt.h"
#include "ledger/ledger.h"

enum batch_state { BATCH_WAITING, BATCH_RUNNING, BATCH_OK, BATCH_FAILED, BATCH_SKIPPED };

enum batch_event_kind {
    BATCH_STARTED, /* an attempt began */
    BATCH_ENDED,   /* an attempt ended; again tells whether there will be another */
    BATCH_PASSED,  /* a job was found finished in the run that is resumed */
    BATCH_LEFT_OUT /* a job is skipped: cause is the one that failed */
};

struct batch_event {
    enum batch_event_kind kind;
    uint32_t job;                        /* its number */
    uint32_t cause;                      /* for BATCH_LEFT_OUT */
    int64_t attempt;                     /* number, from 1 */
    uint64_t memory;                     /* granted */
    const struct attempt_result *result; /* for BATCH_ENDED; lives until the call returns */
    struct retry_decision retry;         /* for BATCH_ENDED */
    const char *folder;                  /* for BATCH_STARTED and BATCH_ENDED */
};
typedef void batch_listener(void *context, const struct batch_event *event);

struct batch_options {
    const struct jobs *jobs;
    struct ledger *ledger; /* locked */
    int64_t run;           /* begun or resumed in it; the caller ends it */
    bool resumes;
    struct admission_pool pool;
    uint32_t running_most; /* attempts at once, from 1 */
    bool fail_fast;        /* after a job failed nothing new is started */
    struct attempt_setting setting;
    batch_listener *listener;
    void *context;
};

struct batch;

/* The options' pointers must outlive it. ERROR_USAGE when a job can never fit into the pool: see
 * batch_refusals. */
CHECKED enum error_code batch_create(const struct batch_options *options,
                                     struct mem_account *account, struct batch **ret,
                                     struct error *error);
/* Ends at once whatever runs. NULL is allowed. */
void batch_destroy(struct batch *batch);

/* Calls for each job that can never fit. Returns how many; nothing else is done. */
typedef void batch_refusal(void *context, const struct job *job, enum admission_fit fit);
uint32_t batch_refusals(const struct jobs *jobs, const struct admission_pool *pool,
                        batch_refusal *refuse, void *context);

/* Descriptors to poll for, of which the caller may append its own; they live until the next call.
 * ret_wake_ns: when batch_turn is to be called at the latest, os_now_ns. extra: places kept free
 * behind them. */
CHECKED enum error_code batch_fill(struct batch *batch, size_t extra, struct pollfd **ret,
                                   size_t *ret_count, uint64_t *ret_wake_ns, struct error *error);
/* Does what is due, with the descriptors as poll left them. */
CHECKED enum error_code batch_turn(struct batch *batch, struct error *error);
/* Nothing new is started; what runs is asked to end by the signal, and killed at the second call.
 */
void batch_cancel(struct batch *batch, int signal);
bool batch_is_over(const struct batch *batch);

/* Where it stands. */
struct batch_view {
    uint32_t jobs, waiting, running, ok, failed, skipped;
    uint32_t passed;        /* of ok: finished before this weir began */
    uint32_t attempts, oom; /* ended ones, and those of them that ran out of memory */
    struct admission_pool pool;
    uint64_t memory_granted, milli_cpus_granted;
    uint64_t memory_used;       /* bytes, by the last samples of what runs */
    struct admission_wait wait; /* of the oldest that waits for room */
    uint32_t waits_for_room;    /* jobs whose predecessors are done */
    bool paused;                /* the host is short of memory */
    bool cancelled;
};
void batch_view(const struct batch *batch, struct batch_view *ret);

/* The attempts that run, in the order in which they began. */
struct batch_running {
    uint32_t job;
    int64_t attempt;
    uint64_t memory; /* granted */
    uint64_t used, peak;
    uint64_t elapsed_ns;
    struct cell *cell;
};
size_t batch_running(const struct batch *batch, struct batch_running *ret, size_t capacity);

#endif
