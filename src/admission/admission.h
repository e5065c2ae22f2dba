/*
 * Admission: which steps may start now, so that the grants under way never exceed the pool.
 *
 * Pure arithmetic: no clock, no files, no threads; whoever calls tells what was asked for and what
 * ended, and is told what may start. The same calls give the same answers.
 *
 * The rule. First come first served, with backfill:
 * - The oldest step goes as soon as it fits. While it does not, others pass: a reducer before any
 *   other step, the largest that fits before smaller ones (by its larger share of the pool, in
 *   classes eight to a doubling), the older of a class first.
 * - A step that was overtaken by overtakes_most grants is held room for once it is the oldest: from
 *   then on only those pass that would fit into the pool beside it, together with all that passed
 *   it since and still run. So it starts at the latest when those have ended that ran when the
 *   hold began, and small steps go on in the part of the pool that it leaves.
 * - A group is leaves and the reducer that takes up what they made. Its leaves wait for the group's
 *   turn, which comes when its reducer would fit into the pool beside the reducers of the groups
 *   under way; it is under way until its reducer has its grant. Turns are given when it is asked
 *   who may start, to the group with the smallest reducer that fits, so that as many groups as can
 *   are under way; the foremost is passed over by overtakes_most groups, then it is next.
 * - While nothing runs, something always may, even where the reducers of groups never come.
 * - What can never fit is refused when it asks.
 *
 * Why so: durations are not known, so what is left when one waits is filled as well as sizes alone
 * allow, and large steps are the hard ones to place later. Held against list schedules that know
 * all durations (test/sim), taking reducers before the oldest, holding room for reducers or for the
 * largest step (at the tail as well), turns by first come or by the largest reducer, and bounds
 * below 128 all came out worse: a hold empties the pool while what runs ends, so it is for those
 * alone who waited long. Taking the first that fits, or a large and a small one by turns, spares a
 * few of the worst loads and costs the others about as much.
 *
 * Cost: the logarithm of the number waiting, for each call.
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
#define ADMISSION_NOBODY   UINT32_MAX

struct admission_request {
    uint64_t memory;
    uint64_t milli_cpus;
    uint32_t group;          /* leaves and reducer that belong together, or ADMISSION_NO_GROUP */
    bool is_reducer;         /* of its group; asks once its leaves have ended */
    uint64_t reducer_memory; /* of a leaf: what its group's reducer will ask for, in bytes; the
                                largest figure that was given before the group's turn counts */
};

enum admission_fit { ADMISSION_FITS, ADMISSION_NEEDS_MEMORY, ADMISSION_NEEDS_CPUS };

/* Whether a request could be granted if nothing else ran. */
enum admission_fit admission_could_fit(const struct admission_pool *pool,
                                       const struct admission_request *request);

struct admission;

/* See the rule. */
#define ADMISSION_OVERTAKES_MOST 256

/* overtakes_most: by how many grants a step is overtaken before room is held for it; 0 stands for
 * ADMISSION_OVERTAKES_MOST. The account must outlive the object. ERROR_USAGE for a pool without a
 * limit (UINT64_MAX). */
CHECKED enum error_code admission_create(struct mem_account *account,
                                         const struct admission_pool *pool, uint32_t overtakes_most,
                                         struct admission **ret, struct error *error);
void admission_destroy(struct admission *admission);

/* Asks for room; tickets count from 0 and are never given twice. ERROR_USAGE, with the figure and
 * what would make it fit, for what can never fit; ERROR_MEMORY where the account is full. Nothing
 * is changed by a failure. */
CHECKED enum error_code admission_ask(struct admission *admission,
                                      const struct admission_request *request, uint32_t *ret_ticket,
                                      struct error *error);

/* The next step that may start: it has its grant from now on. False: none may, until another asks
 * or withdraws, a grant ends, a group is closed or a pause is over. */
bool admission_next(struct admission *admission, uint32_t *ret_ticket);

/* Gives a grant back. False, and nothing is changed, for a ticket without a grant. */
bool admission_end(struct admission *admission, uint32_t ticket);
/* Takes back a request that waits. False, and nothing is changed, where it does not wait. */
bool admission_withdraw(struct admission *admission, uint32_t ticket);

/* A group's reducer will not come (a leaf failed, the run was cancelled): others need not wait for
 * its room. Its end does this by itself. */
void admission_close_group(struct admission *admission, uint32_t group);

/* While paused (the host is short of memory) nothing is granted. */
void admission_pause(struct admission *admission, bool paused);

/* Where the pool stands. */
struct admission_state {
    uint64_t memory_granted, milli_cpus_granted;
    uint32_t running, waiting;
    bool paused;
};
struct admission_state admission_state(const struct admission *admission);

/* Why a step waits, as of the last admission_next. */
enum admission_reason {
    ADMISSION_NOT_WAITING,
    ADMISSION_FOR_MEMORY, /* memory_missing bytes more */
    ADMISSION_FOR_CPUS,
    ADMISSION_FOR_ANOTHER, /* room is kept for a step that was overtaken often */
    ADMISSION_FOR_REDUCER, /* its group's turn has not come: its reducer lacks memory_missing bytes,
                              or 0 where another group is next or it only just asked */
    ADMISSION_FOR_HOST,    /* paused */
    ADMISSION_FOR_ITS_TURN /* it fits: admission_next has not come to it yet */
};
struct admission_wait {
    enum admission_reason reason;
    uint64_t memory_missing, milli_cpus_missing;
    uint32_t ahead;     /* ticket that room is kept for, or ADMISSION_NOBODY */
    uint32_t overtaken; /* how often this one was overtaken */
};
struct admission_wait admission_explain(const struct admission *admission, uint32_t ticket);

#endif
