/*
 * The ledger: what ran, with which figures and which verdict, kept so that nothing is redone and
 * everything can be looked up after any death of weir.
 *
 * One SQLite file in WAL mode with full syncs, one writer at a time. A run has steps, a step has
 * attempts, an attempt has a figure, a peak and a verdict. Every call that changes something is one
 * transaction: when it has returned ERROR_NONE it is on disk, and a step that was told as finished
 * stays finished, whatever happens next. When it has failed nothing of it is kept, except that a
 * failing disk can let the last change stand that was not told.
 *
 * The writer's lock is a lock of the kernel on a file beside the ledger (its path and "-lock"),
 * which goes when its holder dies, however it dies; a row in the ledger names the holder, by
 * process number, start time and boot. A second run waits or is told who holds it; a dead holder's
 * lock is taken over, and its attempts that were under way become "lost". While nobody holds the
 * lock nothing is "running".
 *
 * Texts from outside (names, commands, folders) may hold any bytes and come back as they were.
 * Times are Unix times in nanoseconds unless said otherwise; an end is never kept earlier than its
 * start. The memory SQLite may use is charged to the account, all of it, when the ledger is opened.
 * One thread uses a ledger, and only one thread at a time opens or closes any. A child process must
 * not use its parent's.
 */
#ifndef WEIR_LEDGER_LEDGER_H
#define WEIR_LEDGER_LEDGER_H

#include <stdbool.h>

#include "mem/mem.h"

/* Longest texts kept, bytes. A longer command is cut, anything else is refused. */
#define LEDGER_NAME_MOST    ((size_t)4096) /* identity, name, digest, folder, verdict */
#define LEDGER_COMMAND_MOST ((size_t)64 << 10)
#define LEDGER_REPORT_MOST  ((size_t)256 << 10)
#define LEDGER_SAMPLES_MOST ((size_t)512 << 10)

/* Charged for each open ledger: the most its SQLite may use. */
#define LEDGER_MEMORY ((size_t)4 << 20)

struct ledger;

/*
 * Opens or makes the file; its folder must be there. read_only: nothing is locked or changed, and a
 * missing file is an error. (Beside a ledger that nobody has open, SQLite makes its -wal and -shm
 * files again for a reader.)
 *
 * ERROR_INPUT: damaged, or not a ledger. ERROR_UNSUPPORTED: of a newer weir, or on a file system
 * that several machines share, where neither WAL nor the lock holds. ERROR_IO: the system refused.
 */
CHECKED enum error_code ledger_open(const char *path, bool read_only, struct mem_account *account,
                                    struct ledger **ret, struct error *error);

/* Gives the lock back, if held: what still runs becomes lost. NULL is allowed. */
void ledger_close(struct ledger *ledger);

/* Who writes now. */
struct ledger_holder {
    int64_t process; /* 0: not known */
    char command[128];
    int64_t since; /* Unix time, seconds */
};

/*
 * Takes the writer's lock, which everything that changes the ledger needs. wait_ns: how long to
 * wait for another's (0: not at all). ERROR_EXISTS, with the holder, when it is held by a process
 * that lives; *ret_holder is written only then. *ret_taken_over tells that the holder before had
 * died: its attempts are now told as lost, and its steps wait again. ERROR_CANCELLED when a signal
 * asked to stop meanwhile.
 */
CHECKED enum error_code ledger_lock(struct ledger *ledger, uint64_t wait_ns, bool *ret_taken_over,
                                    struct ledger_holder *ret_holder, struct error *error);

/*
 * Many changes as one: what is called between the two is on disk, and may be told, only when
 * ledger_end_batch has returned ERROR_NONE; until then it can be lost, together. A call that is
 * refused within (ERROR_INTERNAL, ERROR_UNSUPPORTED) changes nothing, and the batch goes on; any
 * other failure undoes the batch, and every call up to and with ledger_end_batch fails too. A sync
 * costs milliseconds, so steps that are made, begun or ended at the same time belong in one batch.
 */
CHECKED enum error_code ledger_begin_batch(struct ledger *ledger, struct error *error);
CHECKED enum error_code ledger_end_batch(struct ledger *ledger, struct error *error);

/* A run: one call of weir. identity tells runs of the same work apart from others (a hash of what
 * is to be done): resuming looks for the newest run with the same identity. */
CHECKED enum error_code ledger_begin_run(struct ledger *ledger, const char *command,
                                         const char *identity, int64_t now, int64_t *ret_run,
                                         struct error *error);
/* status: "ok", "failed", "cancelled" or "lost". */
CHECKED enum error_code ledger_end_run(struct ledger *ledger, int64_t run, const char *status,
                                       int64_t now, struct error *error);
/* The newest run of that identity (NULL: of any); *ret_run 0: none. */
CHECKED enum error_code ledger_find_run(struct ledger *ledger, const char *identity,
                                        int64_t *ret_run, struct error *error);
/* Makes a run that ended or was lost "running" again, so that its steps can have attempts. */
CHECKED enum error_code ledger_resume_run(struct ledger *ledger, int64_t run, struct error *error);

/* A step by its name within a run; made on first use. digest: of all that defines it; a step that
 * is there with another digest is other work now, and waits again. */
CHECKED enum error_code ledger_step(struct ledger *ledger, int64_t run, const char *name,
                                    const char *digest, int64_t *ret_step, struct error *error);
/* Whether a step of that name and digest was finished well in the run. */
CHECKED enum error_code ledger_is_finished(struct ledger *ledger, int64_t run, const char *name,
                                           const char *digest, bool *ret, struct error *error);

struct ledger_attempt {
    int64_t number;  /* from 1 within its step, without gaps */
    uint64_t figure; /* bytes granted; from 2^63 - 1 on UINT64_MAX comes back, as for all four */
    uint64_t peak;
    uint64_t wall_ns, cpu_ns;
    int exit_status, signal;
    const char *verdict;    /* "ok", "oom-limit", ...; "running" until it ended */
    const char *report;     /* JSON, or NULL */
    const char *samples;    /* JSON, or NULL; not read for a list of steps with their last one */
    const char *folder;     /* where its output is kept, or NULL */
    int64_t started, ended; /* Unix time, nanoseconds; ended 0: not yet */
};
/* The number that the next attempt of the step will have, for the name of its folder. */
CHECKED enum error_code ledger_next_number(struct ledger *ledger, int64_t step, int64_t *ret_number,
                                           struct error *error);
/* The step must wait or have failed, in a run that runs: ERROR_INTERNAL otherwise. */
CHECKED enum error_code ledger_begin_attempt(struct ledger *ledger, int64_t step, uint64_t figure,
                                             const char *folder, int64_t now, int64_t *ret_attempt,
                                             struct error *error);
/*
 * Ends an attempt, and with it the step when is_last: "ok" where the verdict is, else "failed".
 * Otherwise the step waits again. number and started are not looked at; a figure other than 0 and a
 * folder replace those given at the beginning.
 */
CHECKED enum error_code ledger_end_attempt(struct ledger *ledger, int64_t attempt,
                                           const struct ledger_attempt *result, bool is_last,
                                           struct error *error);

/* Reading. Texts live until the callback returns; none is NULL but where it says so. */
struct ledger_run_row {
    int64_t run;
    const char *command, *status; /* "running", "ok", "failed", "cancelled", "lost" */
    int64_t started, ended;
    int64_t steps, finished, failed;
};
struct ledger_step_row {
    int64_t run, step;
    const char *name, *state;   /* "waiting", "running", "ok", "failed" */
    struct ledger_attempt last; /* number 0, verdict "": there was none */
    int64_t attempts;
    uint64_t peak_most; /* over all attempts */
};
typedef enum error_code ledger_visit_run(void *context, const struct ledger_run_row *row,
                                         struct error *error);
typedef enum error_code ledger_visit_step(void *context, const struct ledger_step_row *row,
                                          struct error *error);
/* Newest first, at most most of them. A visit that fails ends the reading with its error. */
CHECKED enum error_code ledger_runs(struct ledger *ledger, uint64_t most, ledger_visit_run *visit,
                                    void *context, struct error *error);
/* One run; *ret_found false: it is not in the ledger, and nothing is visited. visit may be NULL. */
CHECKED enum error_code ledger_read_run(struct ledger *ledger, int64_t run, ledger_visit_run *visit,
                                        void *context, bool *ret_found, struct error *error);
/* Steps of a run in the order they were made; with every attempt a row of its own when each. */
CHECKED enum error_code ledger_steps(struct ledger *ledger, int64_t run, bool each,
                                     ledger_visit_step *visit, void *context, struct error *error);

/* The step of that name in a run, with the attempt of that number as its last (0: the last);
 * last.number is 0 where there is no such attempt. *ret_found false: the run has no such step, and
 * nothing is visited. */
CHECKED enum error_code ledger_find_step(struct ledger *ledger, int64_t run, const char *name,
                                         int64_t number, ledger_visit_step *visit, void *context,
                                         bool *ret_found, struct error *error);

/* SQLite's own check of the whole file; ERROR_INPUT with its words where it finds damage. */
CHECKED enum error_code ledger_check(struct ledger *ledger, struct error *error);

#endif
