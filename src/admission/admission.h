/*
 * Admission: which steps may start now, so that the grants under way never exceed the pool.
 *
 * Pure arithmetic: no clock, no files, no threads; whoever calls tells what was asked for and what
 * ended, and is told what may start. The same calls give the same answers.
 *
 * First come first served, with backfill: a step that does not fit now lets smaller ones behind it
 * pass, but only so many: once a waiting step has been overtaken by a bounded number of grants,
 * what becomes free is kept for it until it fits. What can never fit is refused when it asks. A
 * group is leaves and the reducer that takes up what they made: leaves wait while their reducer,
 * beside those of the other groups under way, would find no room; a reducer goes before leaves.
 */
#ifndef WEIR_ADMISSION_ADMISSION_H
#define WEIR_ADMISSION_ADMISSION_H

#include <stdbool.h>

#include "mem/mem.h"

struct admission_pool {
    uint64_t memory;     /* bytes */
    uint64_t milli_cpus; /* thousandths of a processor */
};

#define ADMISSION_NO_GROUP UINT32_MAX

struct admission_request {
    uint64_t memory;
    uint64_t milli_cpus;
    uint32_t group;          /* leaves and reducer that belong together, or ADMISSION_NO_GROUP */
    bool is_reducer;         /* of its group; asks once its leaves have ended */
    uint64_t reducer_memory; /* of a leaf: what its group's reducer will ask for */
};

enum admission_fit { ADMISSION_FITS, ADMISSION_NEEDS_MEMORY, ADMISSION_NEEDS_CPUS };

/* Whether a request could be granted if nothing else ran. */
enum admission_fit admission_could_fit(const struct admission_pool *pool,
                                       const struct admission_request *request);

struct admission;

/* overtakes_most: by how many grants a waiting step may be overtaken; 0: a default. */
CHECKED enum error_code admission_create(struct mem_account *account,
                                         const struct admission_pool *pool, uint32_t overtakes_most,
                                         struct admission **ret, struct error *error);
void admission_destroy(struct admission *admission);

/* Asks for room; tickets count from 0. ERROR_USAGE, with the figure and what would make it fit, for
 * what can never fit. */
CHECKED enum error_code admission_ask(struct admission *admission,
                                      const struct admission_request *request, uint32_t *ret_ticket,
                                      struct error *error);

/* The next step that may start: it has its grant from now on. False: none may. */
bool admission_next(struct admission *admission, uint32_t *ret_ticket);

/* Gives a grant back. */
void admission_end(struct admission *admission, uint32_t ticket);
/* Takes back a request that waits. */
void admission_withdraw(struct admission *admission, uint32_t ticket);

/* While paused (the host is short of memory) nothing is granted. */
void admission_pause(struct admission *admission, bool paused);

/* Where the pool stands. */
struct admission_state {
    uint64_t memory_granted, milli_cpus_granted;
    uint32_t running, waiting;
    bool paused;
};
struct admission_state admission_state(const struct admission *admission);

/* Why a step waits. */
enum admission_reason {
    ADMISSION_NOT_WAITING,
    ADMISSION_FOR_MEMORY, /* memory_missing bytes more */
    ADMISSION_FOR_CPUS,
    ADMISSION_FOR_ANOTHER, /* room is kept for a step that was overtaken often */
    ADMISSION_FOR_REDUCER, /* its group's reducer would find no room */
    ADMISSION_FOR_HOST     /* paused */
};
struct admission_wait {
    enum admission_reason reason;
    uint64_t memory_missing, milli_cpus_missing;
    uint32_t ahead;     /* ticket that room is kept for */
    uint32_t overtaken; /* how often this one was overtaken */
};
struct admission_wait admission_explain(const struct admission *admission, uint32_t ticket);

#endif
