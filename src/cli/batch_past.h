/*
 * What a run that is to be resumed has done already, held against the jobs as they are now. Only
 * reads the ledger.
 */
#ifndef WEIR_CLI_BATCH_PAST_H
#define WEIR_CLI_BATCH_PAST_H

#include "batch/jobs.h"
#include "ledger/ledger.h"

struct batch_past {
    int64_t run;
    uint32_t finished;       /* jobs that need not run again */
    uint32_t changed_count;  /* that were finished, but are other work now */
    const uint32_t *changed; /* their numbers, in the arena */
    uint32_t gone;           /* finished there, but in the file no more */
};

/* The run that --resume names: a number, or "last". ERROR_USAGE: there is no such run. */
CHECKED enum error_code batch_past_find(struct ledger *ledger, const char *resume, int64_t *ret_run,
                                        struct error *error);
/* The error of a folder without that run. */
enum error_code batch_past_none(const char *resume, struct error *error);
CHECKED enum error_code batch_past_read(struct ledger *ledger, int64_t run, const struct jobs *jobs,
                                        struct mem_arena *arena, struct batch_past *ret,
                                        struct error *error);

#endif
