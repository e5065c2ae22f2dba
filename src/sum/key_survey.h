/*
 * What values the key columns have, so that keys can be numbered: a domain for each column, if all
 * of them have one.
 *
 * A list comes from the dictionaries of chunks whose pages all use them; a range from the bounds
 * that statistics name, which are only hoped to be true: a value beyond them is noticed when it is
 * met, and then the survey is made again from the values themselves.
 */
#ifndef WEIR_SUM_KEY_SURVEY_H
#define WEIR_SUM_KEY_SURVEY_H

#include "sum/sum_int.h"

/* first_only: of the first file, where the others have the same keys. measured: values are read
 * where statistics would be believed. Sets domains, space and has_space; what was there is
 * released. */
CHECKED enum error_code sum_survey_keys(struct sum *sum, bool first_only, bool measured,
                                        struct error *error);
void sum_forget_keys(struct sum *sum);

/* Whether the codes are dense enough for an array: span at most so many times the rows. */
#define DENSE_SPAN_RATE 4
bool sum_is_dense(const struct sum *sum);
#endif
