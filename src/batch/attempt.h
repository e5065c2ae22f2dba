/*
 * One attempt of a job: its cell, its work folder, its temporary folder, its logs.
 *
 * attempt_start makes the folders and starts the cell; the caller polls and advances the cell
 * (attempt_cell), and calls attempt_end once it is over: logs and report.json are then written and
 * the temporary folder is on its way out. A disk that is full does not stop the cell, nor does a
 * folder that cannot be made: what could not be kept is told in attempt_end's note. Whatever the
 * program does to its work folder, nothing is written outside of it.
 *
 * The environment is that of cell_environment, with what the job's own line sets over it.
 *
 * Descriptors: those of the cell alone (CELL_DESCRIPTORS).
 */
#ifndef WEIR_BATCH_ATTEMPT_H
#define WEIR_BATCH_ATTEMPT_H

#include "batch/log_file.h"
#include "batch/remover.h"
#include "batch/work_folder.h"
#include "explain/explain.h"

struct attempt_setting {
    const struct cgroup_place *place;
    const struct pid_namespace *space; /* in which all run, or NULL */
    const char *folder;                /* "weir-out" */
    const char *temporary;   /* locked folder of this weir (temporary_folder.h), an absolute path;
                                attempts get folders within it */
    char **environment;      /* weir's own */
    const char *const *pass; /* names besides the usual ones, see cell_environment */
    size_t pass_count;
    bool environment_all;
    uint64_t grace_ns;
    uint64_t log_most; /* bytes of each log; at least LOG_FILE_BUFFER */
    int64_t run;
    struct remover *remover;
};

struct attempt;

/* number: in the ledger, from 1. name: of the group, unique among those that run. memory: bytes
 * granted. A program that cannot be run is no failure here (see cell_start). The setting and the
 * job outlive the attempt. On failure nothing is left, neither folder nor process. */
CHECKED enum error_code attempt_start(const struct attempt_setting *setting, const struct job *job,
                                      int64_t number, const char *name, uint64_t memory,
                                      struct mem_account *account, struct attempt **ret,
                                      struct error *error);

struct cell *attempt_cell(const struct attempt *attempt);
/* Its work folder. Lives as long as the attempt. */
const char *attempt_folder(const struct attempt *attempt);

/* cell_cancel for a signal that weir got, which the report then names. */
void attempt_cancel(struct attempt *attempt, int signal);

/* Appends to the logs what gathered; cheap, for now and then. */
void attempt_flush(struct attempt *attempt);

struct attempt_result {
    const struct cell_report *report;
    const struct explain_facts *facts; /* for telling the report, or NULL */
    const char *document;              /* the report as JSON, one line without its end */
    const char *samples; /* memory over time as JSON: [[ms, bytes], ...], at most 600 */
    const char *note;    /* what could not be kept, or NULL */
};
/* Once the cell is over. The result lives as long as the attempt. ERROR_MEMORY; it may be called
 * again then. */
CHECKED enum error_code attempt_end(struct attempt *attempt, struct attempt_result *ret,
                                    struct error *error);

/* Ends the cell if it is not over, and frees everything; files in the work folder stay. NULL is
 * allowed. */
void attempt_destroy(struct attempt *attempt);

#endif
