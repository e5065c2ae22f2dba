/*
 * The ledger: what ran, with which figures and which verdict, kept so that nothing is redone and
 * everything can be looked up after any death of weir.
 *
 * One SQLite file in WAL mode with full syncs, one writer at a time. A run has steps, a step has
 * attempts, an attempt has a figure, a peak and a verdict. A step that is told as finished stays
 * finished, whatever happens next. The lock is held by process number and start time: a second run
 * waits or is told who holds it; a dead holder's lock is taken over, and its attempts that were
 * under way become "lost".
 */
#ifndef WEIR_LEDGER_LEDGER_H
#define WEIR_LEDGER_LEDGER_H

#include <stdbool.h>

#include "mem/mem.h"

struct ledger;

/* Opens or makes the file. read_only: nothing is locked or changed, and a missing file is an error.
 */
CHECKED enum error_code ledger_open(const char *path, bool read_only, struct mem_account *account,
                                    struct ledger **ret, struct error *error);
void ledger_close(struct ledger *ledger);

/* Who writes now. */
struct ledger_holder {
    int64_t process;
    char command[128];
    int64_t since; /* Unix time, seconds */
};

/*
 * Takes the writer's lock. wait_ns: how long to wait for another's (0: not at all). ERROR_EXISTS,
 * with the holder, when it is held by a process that lives. *ret_taken_over tells that the holder
 * had died: its attempts are now told as lost.
 */
CHECKED enum error_code ledger_lock(struct ledger *ledger, uint64_t wait_ns, bool *ret_taken_over,
                                    struct ledger_holder *ret_holder, struct error *error);

/* A run: one call of weir. identity tells runs of the same work apart from others (a hash of what
 * is to be done): resuming looks for the newest run with the same identity. */
CHECKED enum error_code ledger_begin_run(struct ledger *ledger, const char *command,
                                         const char *identity, int64_t now, int64_t *ret_run,
                                         struct error *error);
CHECKED enum error_code ledger_end_run(struct ledger *ledger, int64_t run, const char *status,
                                       int64_t now, struct error *error);
/* The newest run of that identity; *ret_run 0: none. */
CHECKED enum error_code ledger_find_run(struct ledger *ledger, const char *identity,
                                        int64_t *ret_run, struct error *error);

/* A step by its name within a run; made on first use. digest: of all that defines it. */
CHECKED enum error_code ledger_step(struct ledger *ledger, int64_t run, const char *name,
                                    const char *digest, int64_t *ret_step, struct error *error);
/* Whether a step of that name and digest was finished well in the run. */
CHECKED enum error_code ledger_is_finished(struct ledger *ledger, int64_t run, const char *name,
                                           const char *digest, bool *ret, struct error *error);

struct ledger_attempt {
    int64_t number;  /* from 1 within its step */
    uint64_t figure; /* bytes granted */
    uint64_t peak;
    uint64_t wall_ns, cpu_ns;
    int exit_status, signal;
    const char *verdict;    /* "ok", "oom-limit", ...; "running" until it ended */
    const char *report;     /* JSON, or NULL */
    const char *folder;     /* where its output is kept, or NULL */
    int64_t started, ended; /* Unix time, nanoseconds; ended 0: not yet */
};
CHECKED enum error_code ledger_begin_attempt(struct ledger *ledger, int64_t step, uint64_t figure,
                                             const char *folder, int64_t now, int64_t *ret_attempt,
                                             struct error *error);
/* Ends an attempt, and with it the step when is_last. */
CHECKED enum error_code ledger_end_attempt(struct ledger *ledger, int64_t attempt,
                                           const struct ledger_attempt *result, bool is_last,
                                           struct error *error);

/* Reading. Texts live until the callback returns. */
struct ledger_run_row {
    int64_t run;
    const char *command, *status; /* "running", "ok", "failed", "lost" */
    int64_t started, ended;
    int64_t steps, finished, failed;
};
struct ledger_step_row {
    int64_t run, step;
    const char *name, *state; /* "waiting", "running", "ok", "failed" */
    struct ledger_attempt last;
    int64_t attempts;
    uint64_t peak_most; /* over all attempts */
};
typedef enum error_code ledger_visit_run(void *context, const struct ledger_run_row *row,
                                         struct error *error);
typedef enum error_code ledger_visit_step(void *context, const struct ledger_step_row *row,
                                          struct error *error);
/* Newest first, at most most of them. */
CHECKED enum error_code ledger_runs(struct ledger *ledger, uint64_t most, ledger_visit_run *visit,
                                    void *context, struct error *error);
/* Steps of a run in the order they were made; with every attempt a row of its own when each. */
CHECKED enum error_code ledger_steps(struct ledger *ledger, int64_t run, bool each,
                                     ledger_visit_step *visit, void *context, struct error *error);

/* SQLite's own check of the whole file; ERROR_INPUT with its words where it finds damage. */
CHECKED enum error_code ledger_check(struct ledger *ledger, struct error *error);

#endif
