/*
 * Digests of jobs: XXH3 with 128 bits, joined so that order counts where it decides what a job does
 * (words of a command) and does not where it does not (variables, predecessors).
 *
 * Source: the XXH3 specification of xxhash, whose results are the same on all machines.
 */
#ifndef WEIR_BATCH_JOBS_DIGEST_H
#define WEIR_BATCH_JOBS_DIGEST_H

#include "batch/jobs.h"

struct jobs_digest {
    uint64_t low, high;
};

/* Of command, environment and directory. */
struct jobs_digest jobs_digest_of_job(const struct job *job);
/* Adds a predecessor to a sum that begins with zero. */
void jobs_digest_add(struct jobs_digest *sum, const char *name, const struct jobs_digest *digest);
struct jobs_digest jobs_digest_join(const struct jobs_digest *a, const struct jobs_digest *b);
struct jobs_digest jobs_digest_of_text(const char *text);

/* 32 hexadecimal digits and a NUL. */
void jobs_digest_write(const struct jobs_digest *digest, char ret[static 33]);

#endif
