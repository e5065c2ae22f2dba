/*
 * Plays a load event by event: time goes to the next arrival or end, what ended makes others
 * ready, and a policy says which of the ready steps start.
 */
#ifndef WEIR_TEST_SIM_PLAY_H
#define WEIR_TEST_SIM_PLAY_H

#include "load.h"

struct policy {
    void *context;
    /* A step arrived and all that it waits for has ended. */
    void (*ready)(void *context, uint32_t step);
    /* The next step to start now, or LOAD_NOBODY. */
    uint32_t (*next)(void *context);
    void (*end)(void *context, uint32_t step);
};

enum play_fault { PLAY_WELL, PLAY_OVER_COMMITTED, PLAY_STARVED };

struct play {
    enum play_fault fault;
    uint64_t makespan;    /* ticks from 0 to the last end */
    uint64_t fingerprint; /* of the order and time of all starts */
};

struct play play_load(const struct load *load, const struct policy *policy);

#endif
