/*
 * What happened to a command, told from one struct: as a line when it went well, as a report when
 * it did not, as a JSON document, and as weir's exit status. Only what is known is said; where
 * evidence does not name memory, neither does the report.
 */
#ifndef WEIR_EXPLAIN_EXPLAIN_H
#define WEIR_EXPLAIN_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "cell/cell.h"

/* What was asked for; everything is borrowed. */
struct explain_facts {
    const char *const *arguments; /* of the command, ends with NULL */
    const char *memory_option;    /* where the limit comes from: "--memory" */
    const char *timeout_option;   /* the same: "--timeout" */
    uint64_t timeout_ns;          /* 0: none */
    int stopped_by;               /* signal that weir got, 0: none */
    uint64_t variables_withheld;  /* of the environment */
    bool cpus_not_kept;           /* --cpus was asked for, and nothing here keeps it */
    bool found;                   /* the program is there, whether or not it can be run */
    bool utf8, colour;
};

/* "python job.py": the command as one line, escaped, cut at the end where it is longer than
 * EXPLAIN_COMMAND_WIDTH bytes or than the buffer. Returns buffer. */
#define EXPLAIN_COMMAND_WIDTH 72
char *explain_command(const char *const *arguments, char *buffer, size_t size);

/* "3GiB", "1536MiB": a size as options take it, rounded up to whole MiB. Returns buffer. */
char *explain_size_option(uint64_t bytes, char *buffer, size_t size);

/* How the limit was kept, as documents have it: "v2", "v1", "watching". */
const char *explain_watch_name(enum cell_watch watch);

/* "weir: ok in 12.3 s, peak 1.4 GiB of 2 GiB (70 %)" and a newline; for CELL_OK. */
void explain_write_summary(FILE *stream, const struct cell_report *report);

/* The report in some lines, for every other verdict. */
void explain_write_failure(FILE *stream, const struct explain_facts *facts,
                           const struct cell_report *report);

/* NULL where memory ran out. */
json_t *explain_document(const struct explain_facts *facts, const struct cell_report *report);

/* weir's own exit statuses, those of timeout(1) and env(1); a command's own status passes. */
enum {
    EXPLAIN_STATUS_TIMEOUT = 124,
    EXPLAIN_STATUS_OWN_FAILURE = 125,
    EXPLAIN_STATUS_NO_RIGHT = 126, /* the program is there and cannot be run */
    EXPLAIN_STATUS_NOT_FOUND = 127,
    EXPLAIN_STATUS_SIGNAL = 128 /* and its number */
};

/* weir's own exit status, as "weir exec --help" has it. */
int explain_status(const struct explain_facts *facts, const struct cell_report *report);

#endif
