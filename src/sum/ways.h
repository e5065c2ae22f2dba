/*
 * The ways of a sum: what is found out about the keys, and which way follows from it.
 */
#ifndef WEIR_SUM_WAYS_H
#define WEIR_SUM_WAYS_H

#include "sum/sum_int.h"

/* Proves what can be proven, takes the way that fits, and commits the output. */
CHECKED enum error_code sum_take_way(struct sum *sum, struct error *error);
#endif
