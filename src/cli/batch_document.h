/*
 * A batch as JSON lines: one event a line, with stable names (docs/BATCH.md lists them).
 *
 * Times are Unix times in nanoseconds, sizes bytes, processors thousandths. What is not known is
 * null. Functions give NULL where memory ran out.
 */
#ifndef WEIR_CLI_BATCH_DOCUMENT_H
#define WEIR_CLI_BATCH_DOCUMENT_H

#include <jansson.h>

#include "cli/batch_summary.h"

/* "run": one begins, or is gone on with. */
json_t *batch_document_run(const struct batch_scene *scene, const struct batch_past *past,
                           bool resumes, uint32_t running_most, int64_t time_ns);
/* "started", "ended", "passed", "left-out". */
json_t *batch_document_event(const struct batch_scene *scene, const struct batch_event *event,
                             int64_t time_ns);
/* "end". */
json_t *batch_document_end(const struct batch_scene *scene, const struct batch_totals *totals,
                           int64_t time_ns);

/* "plan": what a dry run found. past NULL: nothing is resumed. */
json_t *batch_document_plan(const struct batch_scene *scene, const struct batch_plan *plan,
                            const struct batch_past *past);

/* "complaint": a line of the file that is wrong. hint may be NULL. */
json_t *batch_document_complaint(const char *path, uint32_t line, const char *what,
                                 const char *hint);
/* "refused": a job that can never fit. */
json_t *batch_document_refusal(const struct batch_scene *scene, const struct job *job,
                               enum admission_fit fit);

#endif
