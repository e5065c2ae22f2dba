/*
 * The plan and the report of a grouped sum, as people read them. Pure: structs in, text out.
 */
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include <stdio.h>

#include "sum/sum.h"

/* Every field of the plan, the memory's parts as a list that adds up. */
void report_write_plan(FILE *stream, const struct sum_plan *plan);

/* What was done and how it was proven. */
void report_write_report(FILE *stream, const struct sum_report *report);

/*
 * Two lines behind a run: what was written and how fast; and how much memory was allowed, promised
 * and used, and why that was enough. output NULL: a table was shown. elapsed_ns is the whole run's.
 */
void report_write_summary(FILE *stream, const char *output, const struct sum_plan *plan,
                          const struct sum_report *report, uint64_t elapsed_ns);

#endif
