/*
 * Goes through two streams of rows side by side and pairs those of equal key.
 */
#ifndef WEIR_DIFF_COMPARE_H
#define WEIR_DIFF_COMPARE_H

#include "diff/collect.h"

/*
 * Streams stand before their first rows. *ret_ordered false: the keys are not in an order that can
 * be compared so; what was collected is worth nothing, and the rows must be sorted.
 */
CHECKED enum error_code diff_compare(struct diff_stream *left, struct diff_stream *right,
                                     struct collector *collector, bool *ret_ordered,
                                     struct error *error);

#endif
