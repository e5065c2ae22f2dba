/*
 * All that is wrong with a file of jobs: each problem is told with its line, up to
 * JOBS_PROBLEMS_TOLD of them, and all are counted.
 */
#ifndef WEIR_BATCH_JOBS_PROBLEMS_H
#define WEIR_BATCH_JOBS_PROBLEMS_H

#include "batch/jobs.h"

struct jobs_problems {
    jobs_complaint *complain;
    void *context;
    uint64_t count;
};

/* Whether the next problem will be told: what costs much to word need not be worded else. */
bool jobs_problems_will_tell(const struct jobs_problems *problems);

/* what and hint are plain text, of any length. */
void jobs_problems_add(struct jobs_problems *problems, uint32_t line, const char *what,
                       const char *hint);

/* The same from an error; control characters in it are escaped. */
void jobs_problems_tell(struct jobs_problems *problems, uint32_t line, const struct error *error);

/* ERROR_INPUT with the number of problems where there are any. */
CHECKED enum error_code jobs_problems_sum_up(const struct jobs_problems *problems,
                                             struct error *error);

#endif
