/*
 * Groups of leaves and a reducer, and their turns.
 *
 * A group is under way from its turn until it is closed, and the reducers of all groups under way
 * would fit into the pool side by side. Turns go to the group whose reducer is the smallest, of
 * those alike to the one whose first leaf asked first; the foremost group is passed over a bounded
 * number of times, then it is next. The leaves that asked before the turn are parked with their
 * group.
 */
#ifndef WEIR_ADMISSION_GROUPS_H
#define WEIR_ADMISSION_GROUPS_H

#include "admission/steps.h"

#define GROUPS_NONE UINT32_MAX

struct group {
    uint32_t name;           /* the caller's number, ADMISSION_NO_GROUP for a free record */
    bool under_way;          /* it had its turn */
    bool started;            /* one of its leaves was granted */
    uint32_t members;        /* its steps that wait or run */
    uint64_t reducer_memory; /* the largest figure that a leaf gave before the turn */
    uint32_t first, last;    /* its parked leaves, by ticket */
    uint32_t next, previous; /* groups waiting for their turn; next also links free records */
};

struct groups {
    struct mem_account *account;
    struct group *records;
    uint32_t *slots; /* open addressing: indices of records, GROUPS_NONE where free */
    uint32_t capacity, count, free;
    uint32_t first, last; /* waiting for their turn */
    uint32_t passed;      /* turns given past the first */
    uint32_t passed_most;
    uint64_t pool_memory, reserved;
};

void groups_init(struct groups *groups, struct mem_account *account, uint64_t pool_memory,
                 uint32_t passed_most);
void groups_release(struct groups *groups);

/* Makes sure of a record for one more. */
CHECKED enum error_code groups_reserve(struct groups *groups, struct error *error);

/* Index of the group of that name, or GROUPS_NONE. */
uint32_t groups_find(const struct groups *groups, uint32_t name);
/* The same, with a new record where there is none; groups_reserve was called. */
uint32_t groups_enter(struct groups *groups, uint32_t name);
/* Gives a record back that has no members and is neither under way nor waiting for its turn. */
void groups_leave(struct groups *groups, uint32_t index);

/* Puts a leaf with its group, which waits for its turn. */
void groups_park(struct groups *groups, uint32_t index, struct steps *steps, uint32_t ticket,
                 uint64_t reducer_memory);
void groups_unpark(struct groups *groups, struct steps *steps, uint32_t ticket);

/* The group whose turn is next, or GROUPS_NONE where no reducer finds room beside the others. Looks
 * at a bounded number of groups, so the smallest reducer is that of the foremost ones. */
uint32_t groups_next(const struct groups *groups);
/* Gives it its turn; its leaves are the caller's to unpark. */
void groups_begin(struct groups *groups, uint32_t index);
/* Its reducer no longer takes room. */
void groups_close(struct groups *groups, uint32_t index);

#endif
