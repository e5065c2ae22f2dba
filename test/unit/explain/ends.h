/* Ends to be told: by itself, and for its memory. */
#ifndef WEIR_TEST_EXPLAIN_ENDS_H
#define WEIR_TEST_EXPLAIN_ENDS_H

#include <signal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"

#define MIB    UINT64_C(1048576)
#define GIB    UINT64_C(1073741824)
#define SECOND UINT64_C(1000000000)

static const char *const job[] = {"python", "job.py", NULL};

static const struct explain_facts facts = {
    .arguments = job,
    .memory_option = "--memory",
    .timeout_option = "--timeout",
    .timeout_ns = 30 * SECOND,
    .found = true,
    .utf8 = true,
};

/* A report of a program that ended by itself. */
static inline struct cell_report ended(int status)
{
    return (struct cell_report){
        .verdict = status == 0 ? CELL_OK : CELL_ERROR,
        .watch = CELL_WATCH_V1,
        .started = true,
        .exit_status = status,
        .limit = 2 * GIB,
        .peak = 1434 * MIB,
        .wall_ns = 12300 * (SECOND / 1000),
        .cpu_ns = 11 * SECOND,
        .processes_most = 1,
    };
}

static inline struct cell_report out_of_memory(void)
{
    struct cell_report report = ended(-1);
    report.verdict = CELL_OOM_LIMIT;
    report.signal = SIGKILL;
    report.peak = 2 * GIB;
    report.growth = 96 * MIB;
    report.processes_most = 3;
    report.suggestion = 3 * GIB;
    report.after.oom = report.after.oom_kills = 1; /* the kernel was faster than weir */
    report.line = (struct cell_line){
        true, "job.py", 41, "load", "data = [bytes(n) for n in sizes]",
    };
    snprintf(report.evidence, sizeof report.evidence,
             "memory.oom_control oom_kill 0 to 1 in weir-1-2/exec");
    snprintf(report.why, sizeof report.why, "it still grew when it reached the limit");
    return report;
}

#endif
