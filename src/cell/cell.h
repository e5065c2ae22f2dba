/*
 * A cell: one attempt of a step, in a process of its own, inside a control group of its own, with a
 * grant of memory made before it starts and a verdict with evidence after it ends.
 *
 * The caller runs the loop: it polls the descriptors that cell_poll_fill gives, calls cell_advance
 * whenever one of them is ready or the time that cell_wake_at names has come, and takes the report
 * once cell_is_over. So one thread runs any number of cells. A cell keeps at most four descriptors:
 * the child's pidfd, its two output pipes, and the event of its group.
 *
 * Verdicts come from evidence only. Out of memory by its limit is said when the cell's own group
 * counted it, when weir itself stopped the cell at its limit, or when the program said so itself
 * (MemoryError, bad_alloc, an engine's own message). A SIGKILL without such evidence is a signal
 * from outside, or the host's killer where the kernel counted that.
 *
 * Ends: SIGTERM (or the signal weir itself was asked to stop by) to all processes inside, the
 * grace, then SIGKILL to what is left. Nothing that a cell started outlives it: what the program
 * leaves behind has a tenth of a second to go by itself. The program gets a SIGKILL when the thread
 * that started it ends, so that thread is to last.
 *
 * At the limit. Version 1 of control groups holds the cell there; version 2 slows it down and kills
 * it a little (at most 16 MiB) above; without a group weir looks at the processes: every 20 ms, or
 * later while so much room is left that no burst could fill it meanwhile, or rarer where there are
 * so many processes that looking would take more than 0.5 % of a processor. If a Python program
 * with a handler for SIGABRT is inside (see cell_environment), the largest one is asked for its
 * stack and gets up to 2 s and 16 MiB for the answer (without a group 0.3 s, and up to 1 s while it
 * takes no more than a quarter of the limit and 16 MiB), which is kept with the other errors but
 * not passed on. Then everything is killed.
 *
 * Without a group weir makes itself the parent of orphans (PR_SET_CHILD_SUBREAPER), for the whole
 * process and for good; children that do not come from this room must then have a pidfd or be
 * waited for at once. There is no quota of processors then, and a process that has left its
 * parents, its session and its environment between two looks is found only when no cell runs any
 * more (strays.h); memory that no process maps (files in tmpfs) is not found at all.
 *
 * The caller ignores SIGPIPE: the receivers of output may go away. A cell is no jail: its processes
 * may send signals to whatever their user may, weir included; in a PID namespace (see
 * pid_namespace.h) to whatever runs in the same one, so to other cells but not to weir. Orphans are
 * children of its first process then, and weir adopts none.
 */
#ifndef WEIR_CELL_CELL_H
#define WEIR_CELL_CELL_H

#include <poll.h>
#include <stdio.h>

#include "cell/pid_namespace.h"
#include "cgroup/cgroup.h"

enum cell_verdict {
    CELL_OK,
    CELL_ERROR,     /* it ended by itself with a status other than 0 */
    CELL_OOM_LIMIT, /* it needed more memory than it was granted */
    CELL_OOM_HOST,  /* the machine had no memory left, and the kernel chose it */
    CELL_TIMEOUT,
    CELL_CANCELLED, /* weir was asked to stop it */
    CELL_SIGNAL,    /* a signal ended it: its own fault, or somebody's from outside */
    CELL_LOST       /* it cannot be known: weir died meanwhile, or lost sight of it */
};
/* "ok", "error", "oom-limit", "oom-host", "timeout", "cancelled", "signal", "lost". */
const char *cell_verdict_name(enum cell_verdict verdict);

/* How the limit is kept. */
enum cell_watch { CELL_WATCH_V2, CELL_WATCH_V1, CELL_WATCH_POLL };

/* Bytes kept of each output, the first and the last of them in equal parts. */
#define CELL_OUTPUT_KEPT ((size_t)64 << 10)

struct cell_sample;

/* Takes what a program writes and what is sampled of it where that goes to no descriptor: called
 * from cell_advance, with bytes as they come, at most output_most of each output; must not wait.
 * Either function may be NULL. */
struct cell_receiver {
    void *context;
    void (*output)(void *context, bool is_error, const void *bytes, size_t size);
    void (*sample)(void *context, const struct cell_sample *sample); /* as memory.tsv has them */
};

struct cell_options {
    const char *name;               /* of the group: letters, digits, '-', '_' */
    const char *const *arguments;   /* ends with NULL; [0] is looked up in PATH */
    const char *const *environment; /* the whole of it, ends with NULL; see cell_environment */
    const char *directory;          /* working directory, or NULL: weir's */
    const char *temporary; /* private folder for TMPDIR, made and removed by the caller, or NULL */
    uint64_t memory;       /* bytes granted; 0: no limit, only watched */
    uint32_t milli_cpus;   /* 0: no quota */
    uint32_t processes;    /* 0: no limit */
    uint64_t timeout_ns;   /* 0: none */
    uint64_t grace_ns;     /* between SIGTERM and SIGKILL */
    uint64_t sample_ns;    /* between samples of memory; 0: 100 ms */
    const struct pid_namespace *space; /* in which it runs, or NULL: weir's own; borrowed */
    int input;                         /* descriptor for standard input, or -1: /dev/null */
    int output, errors;                /* where standard output and error are passed on to, or -1 */
    uint64_t
        output_most; /* bytes passed on of each; what comes later is dropped and counted; 0: all */
    FILE *samples;   /* memory.tsv is written here, or NULL; borrowed */
    const struct cell_receiver *receiver; /* instead of output, errors and samples, or NULL;
                                             borrowed */
};

/* The heading of memory.tsv. A line has a sample's time in milliseconds, its bytes, its processes.
 */
#define CELL_SAMPLE_COLUMNS "at_ms\tmemory\tprocesses\n"

/* A moment of a cell's life. */
struct cell_sample {
    uint64_t at_ns;  /* since its start */
    uint64_t memory; /* anonymous and shared memory of all its processes: no page cache */
    uint64_t processes;
};

/* What was on the Python stack when the limit was reached, innermost frame of user code. */
struct cell_line {
    bool known;
    char file[256];
    unsigned line;
    char function[96];
    char code[192]; /* the line itself where the file could be read, else empty */
};

/* What the program told of itself (progress_file.h); empty and 0 where it told nothing. */
struct cell_progress {
    char phase[96];
    bool has_read;
    uint64_t read, of; /* of its input, in units of its own; of 0: it did not say of how much */
    char unit[24];
};

/* The tail of what the program wrote, for messages: text with control characters kept. */
struct cell_text {
    char *start; /* the first bytes */
    size_t start_size;
    char *end; /* the last bytes, where there were more */
    size_t end_size;
    uint64_t total;   /* bytes written */
    uint64_t dropped; /* of them not passed on */
};

struct cell_report {
    enum cell_verdict verdict;
    enum cell_watch watch;
    bool started;       /* false: the program could not be run; what says why */
    bool ended_by_weir; /* for its memory, time or processes, or on request */
    int exit_status;    /* of the program where it ended by itself, else -1 */
    int signal;         /* that ended it, else 0 */
    int sender;         /* process that sent SIGKILL where the kernel tells, else 0 */
    uint64_t limit;     /* bytes granted, 0: none */
    uint64_t peak; /* anonymous and shared memory at most: from counters where they tell, else from
                      samples */
    bool peak_is_sampled;
    uint64_t growth; /* bytes a second over the last second before the end, 0 when it shrank */
    uint64_t wall_ns, cpu_ns;
    uint64_t processes_most;
    uint64_t leftovers; /* processes that outlived the program and were ended */
    struct cgroup_counters before, after;
    uint64_t host_kills; /* by which /proc/vmstat oom_kill rose, kills of own groups taken off */
    struct cell_line line;
    struct cell_progress progress;
    struct cell_text output, errors;
    uint64_t suggestion; /* bytes to try, 0: none */
    char evidence[384];  /* what the verdict rests on, one line */
    char why[384];       /* why the figure was too small, or what the program said; may be empty */
};

struct cell;

/*
 * The environment that a program needs to run, and nothing that looks like a secret: PATH, HOME,
 * USER, LOGNAME, SHELL, LANG, LC_*, TZ, TERM, TMPDIR, PYTHON*, VIRTUAL_ENV, LD_LIBRARY_PATH,
 * SSL_CERT_*, and what pass names (an entry ending with '*' is a prefix); all of weir's own when
 * everything is set. PYTHONFAULTHANDLER=1 is added, so that a Python program can be asked for its
 * line, and with a temporary folder TMPDIR and WEIR_PROGRESS (see progress_file.h). The list lives
 * in the arena.
 */
CHECKED enum error_code cell_environment(struct mem_arena *arena, char **own,
                                         const char *const *pass, size_t pass_count,
                                         bool everything, const char *temporary,
                                         const char *const **ret, struct error *error);

/*
 * Starts a cell at once. The options' strings need not outlive the call; descriptors and samples
 * must outlive the cell. A program that cannot be run is no failure here, but a report with
 * started false and CELL_ERROR.
 */
CHECKED enum error_code cell_start(const struct cgroup_place *place,
                                   const struct cell_options *options, struct mem_account *account,
                                   struct cell **ret, struct error *error);

/* Ends everything inside, at once and for good, and frees the cell. NULL is allowed. Waits at most
 * two seconds. */
void cell_destroy(struct cell *cell);

/*
 * Ends processes that cells of dead weirs left behind without a control group (groups have
 * cgroup_sweep), known by the entry WEIR_CELL of their environment. The program of a cell dies with
 * weir in any case. Returns how many.
 */
uint64_t cell_sweep(void);

#define CELL_DESCRIPTORS 4
/* The descriptors to poll for; returns how many. */
size_t cell_poll_fill(const struct cell *cell, struct pollfd fds[static CELL_DESCRIPTORS]);
/* When cell_advance is to be called at the latest, in os_now_ns time. */
uint64_t cell_wake_at(const struct cell *cell);

/* Does what is due: passes output on, takes samples, keeps limits and times. */
CHECKED enum error_code cell_advance(struct cell *cell, struct error *error);
/* Asks the cell to end by the signal (0: SIGTERM), with SIGKILL after the grace; a second call
 * kills at once. A program that has ended by now keeps its verdict: only what it left behind is
 * killed then. */
void cell_cancel(struct cell *cell, int number);

bool cell_is_over(const struct cell *cell);
/* Once it is over; lives as long as the cell. */
const struct cell_report *cell_report(const struct cell *cell);

/* The last samples, oldest first; returns how many (at most capacity). There are at most
 * CELL_SAMPLES, which then are the whole life of the cell. */
#define CELL_SAMPLES 600
size_t cell_samples(const struct cell *cell, struct cell_sample *ret, size_t capacity);
uint64_t cell_memory_now(const struct cell *cell);
uint64_t cell_memory_peak(const struct cell *cell);

#endif
