/*
 * What one could do who knew all durations: list schedules (Graham 1969; with more than one
 * resource Garey and Graham 1975), in which whatever stands first in a list, is ready and fits
 * starts. Arrivals, what waits for what, leaves before reducers and the pool are the same as for
 * admission.
 */
#ifndef WEIR_TEST_SIM_CLAIRVOYANT_H
#define WEIR_TEST_SIM_CLAIRVOYANT_H

#include "play.h"

struct clairvoyant {
    uint64_t longest_first; /* makespan of the list by duration, the longest first */
    uint64_t best;          /* the least of that and the lists by chain, by area and by size */
};

/* group_rule: leaves wait here too while the reducers of the groups under way would not fit side
 * by side. */
struct clairvoyant clairvoyant_makespans(const struct load *load, bool group_rule);

#endif
