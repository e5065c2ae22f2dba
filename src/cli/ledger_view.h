/*
 * Looking into the ledger of a folder that "weir exec --batch" writes: the run and the attempt that
 * somebody names, found or refused with what there is.
 *
 * Nothing is locked or changed, so a living writer is not disturbed. Of a writer that died the
 * ledger still says "running" until the next one takes over; here that is told as "lost".
 */
#ifndef WEIR_CLI_LEDGER_VIEW_H
#define WEIR_CLI_LEDGER_VIEW_H

#include "ledger/ledger.h"

#define LEDGER_VIEW_LAST "last" /* the newest run */

struct ledger_view {
    struct ledger *ledger;
    const char *folder; /* borrowed */
    char path[1024];    /* of the ledger */
    bool unattended;    /* as ledger_view_refresh found it */
};

/* ERROR_INPUT where there is no ledger, with how one is made. */
CHECKED enum error_code ledger_view_open(const char *folder, struct mem_account *account,
                                         struct ledger_view *ret, struct error *error);
/* Leaves the struct reusable. */
void ledger_view_close(struct ledger_view *view);

/* Looks whether nobody writes the ledger now, for certain; before rows are read. Opening and
 * finding do so. */
void ledger_view_refresh(struct ledger_view *view);
/* A status, state or verdict as it is: "running" is "lost" where nobody wrote before the row was
 * read nor does now (who ended in between may have ended well). */
const char *ledger_view_word(const struct ledger_view *view, const char *word);

/* A run; texts live in the arena given. */
struct ledger_view_run {
    int64_t run;
    const char *command, *status; /* status as ledger_view_word has it */
    int64_t started, ended;       /* Unix time, nanoseconds; ended 0: not yet */
    int64_t steps, finished, failed;
};
CHECKED enum error_code ledger_view_copy_run(const struct ledger_view *view,
                                             const struct ledger_run_row *row,
                                             struct mem_arena *arena, struct ledger_view_run *ret,
                                             struct error *error);

/* name: a number or "last". ERROR_USAGE: neither. ERROR_INPUT: there is no such run. */
CHECKED enum error_code ledger_view_find_run(struct ledger_view *view, const char *name,
                                             struct mem_arena *arena, struct ledger_view_run *ret,
                                             struct error *error);

/* An attempt of a job; number 0: it never began. Texts live in the arena given. */
struct ledger_view_attempt {
    const char *job, *state; /* of the step: "waiting", "running", "ok", "failed" */
    int64_t attempts;
    struct ledger_attempt attempt; /* report is read, samples only when asked for */
};
/* number: of the attempt, 0 for the last. ERROR_INPUT: there is no such job or attempt; names the
 * job that was meant, or what there is. job NULL: ERROR_USAGE, with what there is. */
CHECKED enum error_code ledger_view_find_attempt(struct ledger_view *view, int64_t run,
                                                 const char *job, int64_t number, bool samples,
                                                 struct mem_arena *arena,
                                                 struct ledger_view_attempt *ret,
                                                 struct error *error);

/* How long something took that began and ended then; so far where it has not ended and still runs,
 * 0 where that is not known. Nanoseconds. */
uint64_t ledger_view_took(int64_t started, int64_t ended, bool running);
/* "2026-11-22 23:43:41" in local time; "" for 0. Returns buffer. */
char *ledger_view_time(int64_t unix_ns, char buffer[static 32]);

#endif
