/*
 * Tells of a batch while it runs and when it is over: as lines and a live display on standard
 * error, as JSON lines or a summary on standard output; and keeps the little that the summary needs
 * (peaks, the jobs that failed).
 *
 * Nothing here can stop a batch: a reader that goes away is not written to any more, and a disk
 * that is full is told at the end.
 */
#ifndef WEIR_CLI_BATCH_TELL_H
#define WEIR_CLI_BATCH_TELL_H

#include "cli/arguments.h"
#include "cli/batch_display.h"
#include "cli/batch_lines.h"
#include "cli/batch_summary.h"

struct batch_teller {
    const struct cli_call *call;
    struct batch_scene *scene;
    struct batch_lines lines;
    struct batch_display display;
    struct mem_buffer failures; /* struct batch_failure */
    bool quiet, json;
    int output_problem; /* errno of a write to standard output that failed, 0: none */
    uint64_t used_peak, granted_peak, started_ns;
};

void batch_teller_init(struct batch_teller *teller, const struct cli_call *call,
                       struct batch_scene *scene, struct mem_account *account);
void batch_teller_release(struct batch_teller *teller);

/* A batch_listener; context is the teller. */
void batch_tell_event(void *context, const struct batch_event *event);
/* The run begins: before the first event. */
void batch_tell_run(struct batch_teller *teller, const struct batch_past *past, bool resumes,
                    uint32_t running_most);
/* weir got a signal, the first or a later one. */
void batch_tell_stop(struct batch_teller *teller, const struct batch *batch, bool is_first,
                     uint64_t grace_ns);
/* A line of weir's own; nothing where the run is quiet. */
void batch_tell_note(struct batch_teller *teller, const char *format, ...) PRINTF_LIKE(2, 3);

/* To be called when batch_tell_wake_at has come, or after each turn. */
void batch_tell_moment(struct batch_teller *teller, const struct batch *batch);
uint64_t batch_tell_wake_at(const struct batch_teller *teller);

/* Figures of the whole; they live as long as the teller. */
struct batch_totals batch_tell_totals(struct batch_teller *teller, const struct batch *batch);
/* The summary, or the event "end". ERROR_IO: standard output could not be written, which a reader
 * that went away is not. */
CHECKED enum error_code batch_tell_end(struct batch_teller *teller,
                                       const struct batch_totals *totals, struct error *error);

/* What stands in the way of a batch, before anything runs. */
void batch_tell_complaint(struct batch_teller *teller, uint32_t line, const char *what,
                          const char *hint);
void batch_tell_refusal(struct batch_teller *teller, const struct job *job, enum admission_fit fit);
/* past NULL: nothing is resumed. */
CHECKED enum error_code batch_tell_plan(struct batch_teller *teller, const struct batch_plan *plan,
                                        const struct batch_past *past, struct error *error);

#endif
