/* One attempt of a job, as "weir logs" looks at it: what the ledger has and where its files lie. */
#ifndef WEIR_CLI_ATTEMPT_VIEW_H
#define WEIR_CLI_ATTEMPT_VIEW_H

#include "cli/attempt_files.h"
#include "cli/log_view.h"
#include "explain/explain_document_read.h"
#include "explain/memory_history.h"

struct attempt_view {
    struct ledger_view ledger;
    struct ledger_view_run run;
    struct ledger_view_attempt found;
    char folder[WORK_FOLDER_PATH];
    bool folder_is_there;
    bool has_report;
    struct explain_record record; /* if has_report */
    const char *report;           /* the same as JSON, or NULL */
};

/* Reads the attempt and its report; texts live in the arena. A report that cannot be read is told
 * on standard error, and is as if it were not there. Called again it looks again. */
CHECKED enum error_code attempt_view_look(struct attempt_view *view, const char *job,
                                          int64_t number, bool samples, struct mem_arena *arena,
                                          struct error *error);

/* Whether it ended: its files will not grow any more. Cheap: looks at report.json only. */
bool attempt_view_has_ended(const struct attempt_view *view);
/* Whether the ledger says that it is running, or that it will be. */
bool attempt_view_is_awaited(const struct attempt_view *view);

/* The memory over time, from memory.tsv or from the samples in the ledger; empty: none was kept. */
CHECKED enum error_code attempt_view_memory(const struct attempt_view *view,
                                            struct memory_history *ret, struct error *error);

#endif
