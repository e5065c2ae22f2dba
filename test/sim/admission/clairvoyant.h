/*
 * What one could do who knew all durations: list schedules (Graham 1969), in which whatever stands
 * first in a list and is ready and fits starts; the shortest over several orders of the list.
 */
#ifndef WEIR_TEST_SIM_CLAIRVOYANT_H
#define WEIR_TEST_SIM_CLAIRVOYANT_H

#include "play.h"

/* Makespan of the best of the orders. group_rule: leaves wait here too while the reducers of the
 * groups under way would not fit side by side. */
uint64_t clairvoyant_makespan(const struct load *load, bool group_rule);

#endif
