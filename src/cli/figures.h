/*
 * How good the figures of memory were: what each job was granted against what it used, told as a
 * summary and as the jobs for which another figure should be tried.
 *
 * Attempts come job by job and are forgotten again; what stays is eight bytes a job (its use, for
 * exact percentiles) and the records of the worst jobs, at most as many as were asked for.
 *
 * A job's figure, peak and use are those of its last attempt that ended and was not lost: of a lost
 * one nobody saw the end. It is
 *   too small    if any attempt ran out of memory by its limit;
 *   too large    if its last attempt went well, with a figure of more than twice the peak, and the
 *                number to try is smaller;
 *   within       otherwise, if it has a figure.
 * The number to try is the highest peak and a quarter, at least FIGURES_MARGIN more, in whole MiB;
 * for a job that did not go well after it ran out of memory, what the report of that end suggests,
 * where it suggests something.
 */
#ifndef WEIR_CLI_FIGURES_H
#define WEIR_CLI_FIGURES_H

#include <stdbool.h>

#include "mem/mem.h"

#define FIGURES_MARGIN ((uint64_t)16 << 20)

enum figures_class {
    FIGURES_UNKNOWN, /* no attempt ended, or none had a figure */
    FIGURES_WITHIN,
    FIGURES_TOO_SMALL,
    FIGURES_TOO_LARGE
};
/* "unknown", "within", "too small", "too large". */
const char *figures_class_name(enum figures_class kind);

enum figures_order { FIGURES_BY_PEAK, FIGURES_BY_FIGURE, FIGURES_BY_WASTE, FIGURES_BY_TIME };

struct figures_attempt {
    const char *verdict; /* as the ledger has it: "running" and "lost" count for nothing */
    uint64_t figure, peak, wall_ns;
    double used;         /* byte-seconds, over the samples; negative: there are none */
    uint64_t suggestion; /* bytes, of the report of an end for memory; 0: none */
};

struct figures_job {
    char *name; /* owned by the figures */
    int64_t attempts;
    uint64_t figure, peak, wall_ns;
    char verdict[16];
    enum figures_class kind;
    double granted, used; /* byte-seconds, all attempts together */
    bool went_well, out_of_memory;
    uint64_t peak_most;  /* over all attempts */
    uint64_t too_small;  /* figure of the last attempt that ran out of memory */
    uint64_t suggestion; /* of its report */
    uint64_t number;     /* in the order in which they came */
    uint64_t to_try;     /* bytes; 0: the figure is good, or nothing is known */
    uint64_t judged;     /* attempts that ended and were not lost */
};

/* The jobs that come first in an order, at most a number of them; a heap until it is sorted. */
struct figures_list {
    struct mem_account *account;
    struct figures_job *jobs;
    size_t count, most, capacity;
    enum figures_order order;
    uint64_t offered; /* jobs, kept or not */
};

struct figures {
    struct mem_account *account;
    struct mem_buffer uses; /* double: peak / figure of each job that has both */
    struct mem_buffer name; /* of the job that attempts come for */
    struct figures_job job;
    bool in_job;
    struct figures_list listed; /* by the order asked for */
    struct figures_list small;  /* too small, the largest figure first */
    struct figures_list large;  /* too large, the most waste first */
    uint64_t jobs, within, too_small, too_large, unknown;
    uint64_t out_of_memory; /* attempts that ended so by their limit */
    uint64_t host;          /* attempts that the host's lack of memory ended */
    double granted, used;   /* byte-seconds */
};

/* most: jobs in each list. */
void figures_init(struct figures *figures, enum figures_order order, size_t most,
                  struct mem_account *account);
void figures_release(struct figures *figures);

/* The attempts that follow are this job's; the job before is complete. */
CHECKED enum error_code figures_begin_job(struct figures *figures, const char *name,
                                          struct error *error);
void figures_add_attempt(struct figures *figures, const struct figures_attempt *attempt);
/* All is told: lists become sorted. */
CHECKED enum error_code figures_end(struct figures *figures, struct error *error);

/* The use that at least part (0 to 1) of the jobs do not exceed, by nearest rank; selected exactly,
 * which reorders the uses. False where no job has a use. */
bool figures_use(struct figures *figures, double part, double *ret);
/* The mean of both where the middle lies between two. */
bool figures_median(struct figures *figures, double *ret);

/* peak / figure; 0 where there is no figure. */
double figures_use_of(const struct figures_job *job);
/* The number to try for a peak: see above. */
uint64_t figures_number_for(uint64_t peak);

#endif
