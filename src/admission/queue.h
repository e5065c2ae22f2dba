/*
 * A line of waiting steps in the order in which they asked: the first that fits into a given room.
 *
 * A tournament tree over the places of the line: every node knows the least memory and the least
 * processors asked for below it, so the search passes over whatever holds no step that fits. The
 * same nodes count how often a place was overtaken: a grant adds one to the nodes that cover the
 * places before it, and the sum on the way from a place to the root is that place's count. Places
 * are given in order and close up when the line is full, so each operation costs the logarithm of
 * the number waiting.
 */
#ifndef WEIR_ADMISSION_QUEUE_H
#define WEIR_ADMISSION_QUEUE_H

#include "mem/mem.h"

#define QUEUE_NOBODY UINT32_MAX

/* Memory in bytes, processors in thousandths; the room there is, or what a step asks for. */
struct room {
    uint64_t memory, milli_cpus;
};

static inline bool room_holds(struct room room, struct room wanted)
{
    return wanted.memory <= room.memory && wanted.milli_cpus <= room.milli_cpus;
}

/* What is left where something is taken from it; 0 where more is taken than there is. */
static inline struct room room_less(struct room room, struct room taken)
{
    return (struct room){room.memory > taken.memory ? room.memory - taken.memory : 0,
                         room.milli_cpus > taken.milli_cpus ? room.milli_cpus - taken.milli_cpus
                                                            : 0};
}

struct queue_node {
    struct room least;
    uint32_t overtaken;
};

struct queue {
    struct mem_account *account;
    struct queue_node *nodes; /* 1 is the root, the places follow from capacity on */
    uint32_t *tickets;        /* by place, QUEUE_NOBODY where a place is free again */
    uint32_t capacity;        /* a power of two, or 0 */
    uint32_t used;            /* places given */
    uint32_t waiting;
};

void queue_init(struct queue *queue, struct mem_account *account);
void queue_release(struct queue *queue);

/* Makes sure of a place for one more. Places may change: tickets says whose they are. */
CHECKED enum error_code queue_reserve(struct queue *queue, bool *ret_moved, struct error *error);

/* Gives the last place, which queue_reserve made sure of. Nothing finds the step before it is
 * shown. */
uint32_t queue_add(struct queue *queue, uint32_t ticket);
void queue_show(struct queue *queue, uint32_t place, struct room wanted);
void queue_remove(struct queue *queue, uint32_t place);

/* Ticket of the first that fits into the room, or QUEUE_NOBODY. The search gives up after a fixed
 * number of nodes, which only lines made for it reach: it never misses the first step of the line
 * where that fits. */
uint32_t queue_first(const struct queue *queue, struct room room);

/* A grant for this place has overtaken all places before it. */
void queue_overtake(struct queue *queue, uint32_t place);
uint32_t queue_overtaken(const struct queue *queue, uint32_t place);

#endif
