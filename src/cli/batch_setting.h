/*
 * What the command line asks of "weir exec --batch", checked and with its defaults: which options
 * belong together, the pool, how many attempts may run at once. Pure but for what the machine has.
 */
#ifndef WEIR_CLI_BATCH_SETTING_H
#define WEIR_CLI_BATCH_SETTING_H

#include "batch/batch.h"
#include "cli/arguments.h"

#define BATCH_RUNNING_MOST 1000000

/* --cpus is a number of processors; of one command as well. */
CHECKED enum error_code exec_check_cpus(const struct exec_arguments *arguments,
                                        struct error *error);

/* Options that mean nothing without --batch, or with it, are usage errors, as are figures out of
 * their range. */
CHECKED enum error_code batch_check_arguments(const struct exec_arguments *arguments,
                                              struct error *error);

struct batch_setting {
    struct admission_pool pool;
    struct jobs_presets presets;
    const char *folder;
    uint64_t log_most; /* bytes of each log */
};
/* available: bytes of memory that the machine or container can spare. */
struct batch_setting batch_setting_make(const struct exec_arguments *arguments, uint64_t available,
                                        unsigned processors);

/* Attempts that so many descriptors are enough for, at least 1 and at most wanted. */
uint32_t batch_running_most(uint32_t wanted, uint64_t descriptors);
/* Raises this process's limit of descriptors as far as wanted attempts need it and the system
 * allows. Returns the limit that holds. */
uint64_t batch_raise_descriptors(uint32_t wanted);

#endif
