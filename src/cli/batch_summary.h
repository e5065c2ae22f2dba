/*
 * A batch in a few lines: what it would do before it runs, what came of it afterwards. Pure.
 */
#ifndef WEIR_CLI_BATCH_SUMMARY_H
#define WEIR_CLI_BATCH_SUMMARY_H

#include "cli/batch_past.h"
#include "cli/batch_scene.h"

/* ---- before ---- */

struct batch_plan {
    uint64_t memory_sum, memory_largest; /* bytes */
    uint64_t cpus_sum, cpus_largest;     /* thousandths of a processor */
    uint32_t largest;                    /* the job with the largest figure */
    uint32_t after;                      /* jobs that wait for others */
    uint32_t preset;                     /* jobs whose line gives no figure */
    uint32_t at_once;                    /* as many of the smallest as fit together, and allowed */
    uint32_t refused;
};

/* running_most: as the command line has it, 0: no bound. */
CHECKED enum error_code batch_plan_make(const struct jobs *jobs, const struct admission_pool *pool,
                                        uint64_t running_most, struct mem_account *account,
                                        struct batch_plan *ret, struct error *error);
/* For --dry-run. past NULL: nothing is resumed. */
void batch_plan_write(FILE *stream, const struct batch_scene *scene, const struct batch_plan *plan,
                      const struct batch_past *past);

/* "run 7: 30 of 40 jobs are finished already, 2 changed since: load-3 sum", without a newline. */
void batch_past_write(FILE *stream, const struct batch_scene *scene, const struct batch_past *past);

/* "job big (jobs.jsonl:3) asks for 10 GiB, all together may have 8 GiB; --memory 10GiB would do",
 * without a newline. */
void batch_refusal_write(FILE *stream, const struct batch_scene *scene, const struct job *job,
                         enum admission_fit fit);

/* ---- after ---- */

/* The last attempt of a job that failed. */
struct batch_failure {
    uint32_t job;
    enum cell_verdict verdict;
    int64_t attempt;
};

struct batch_totals {
    struct batch_view view; /* at the end */
    uint64_t wall_ns;
    uint64_t used_peak, granted_peak; /* bytes, of all that ran at one moment */
    const struct batch_failure *failures;
    size_t failure_count;
};

/* "ok", "failed" or "cancelled", as the ledger has it. */
const char *batch_status(const struct batch_scene *scene, const struct batch_totals *totals);
/* weir's exit status. */
int batch_exit_status(const struct batch_scene *scene, const struct batch_totals *totals);
/* What failed, the totals, and what to type next. */
void batch_summary_write(FILE *stream, const struct batch_scene *scene,
                         const struct batch_totals *totals);

#endif
