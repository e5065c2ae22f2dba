/*
 * A load: a pool and steps with figures, durations, arrivals and what they wait for, drawn from a
 * seed. The same seed gives the same load on every machine: integers alone decide.
 */
#ifndef WEIR_TEST_SIM_LOAD_H
#define WEIR_TEST_SIM_LOAD_H

#include "admission/admission.h"

#define LOAD_STEPS_MOST 300
#define LOAD_NOBODY     UINT32_MAX

struct load_step {
    struct admission_request request;
    uint64_t duration, arrival; /* ticks */
    uint32_t needs;             /* how many steps must have ended before it asks */
    uint32_t first_after;       /* first edge to those that wait for it, LOAD_NOBODY at the end */
};

struct load_edge {
    uint32_t to, next;
};

struct load {
    uint64_t seed;
    struct admission_pool pool;
    uint32_t count, edge_count;
    struct load_step steps[LOAD_STEPS_MOST];
    struct load_edge edges[LOAD_STEPS_MOST * 4];
};

void load_draw(struct load *load, uint64_t seed);
bool load_has_groups(const struct load *load);

/* Sum over the steps of memory and duration, of processors and duration, and the longest chain: no
 * schedule is shorter than this. */
uint64_t load_lower_bound(const struct load *load);

/* Ticks from the start of each step to the end of the longest chain that begins with it. */
void load_chains(const struct load *load, uint64_t ret[static LOAD_STEPS_MOST]);

#endif
