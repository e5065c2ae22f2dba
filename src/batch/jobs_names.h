/*
 * Jobs by their names: a hash table over the records, which it borrows.
 */
#ifndef WEIR_BATCH_JOBS_NAMES_H
#define WEIR_BATCH_JOBS_NAMES_H

#include "batch/jobs_problems.h"

#define JOBS_NOBODY UINT32_MAX

struct jobs_names {
    const struct job *items;
    uint32_t count;
    uint32_t mask;                 /* slots less one: a power of two less one */
    struct jobs_names_slot *slots; /* open addressing, linear probing; at most half are taken */
};

/* Each name that stands there already is told as a problem of the later line, and the earlier job
 * keeps it. ERROR_MEMORY. */
CHECKED enum error_code jobs_names_build(struct jobs_names *ret, const struct job *items,
                                         uint32_t count, struct mem_account *account,
                                         struct jobs_problems *problems, struct error *error);
void jobs_names_release(struct jobs_names *names);

/* Number of the job, or JOBS_NOBODY. */
uint32_t jobs_names_find(const struct jobs_names *names, const char *name);

/* "nobody is called NAME", with the nearest name where there are not too many to look at all. */
void jobs_names_complain(const struct jobs_names *names, const char *wrong, uint32_t line,
                         struct jobs_problems *problems);

#endif
