/*
 * Following an attempt: its logs are printed as they grow, until it has ended.
 *
 * That it ended is told by report.json, the last that is written of an attempt, or by the ledger
 * (also when weir died with it). The files are looked at five times a second; the ledger less
 * often, the more so the longer that takes.
 */
#ifndef WEIR_CLI_LOG_FOLLOW_H
#define WEIR_CLI_LOG_FOLLOW_H

#include "cli/attempt_view.h"

struct log_follow {
    const struct attempt_view *view;
    const char *job;
    int64_t number; /* of the attempt; 0: the last */
    struct log_view *files;
    size_t file_count;
    struct mem_account *account;
};

/* Waits until the attempt has begun, or it is certain that it will not. ERROR_CANCELLED: a signal
 * asked to stop, here as below. */
CHECKED enum error_code log_follow_wait(const struct log_follow *follow, struct error *error);

/* Prints to standard output until the attempt has ended, with a heading wherever the output goes
 * over to another file that has a title. */
CHECKED enum error_code log_follow_run(const struct log_follow *follow, struct error *error);

#endif
