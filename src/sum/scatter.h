/*
 * Scattering: the rows of files that are not aligned, by many threads, into groups.
 */
#ifndef WEIR_SUM_SCATTER_H
#define WEIR_SUM_SCATTER_H

#include "sum/groups.h"

/* Adds all rows of the files that are not aligned, or of all files. What is found out about keys on
 * the way (sum->keys_outside) ends it early without an error. */
CHECKED enum error_code sum_scatter(struct sum *sum, struct grouping *grouping, bool all_files,
                                    struct error *error);
#endif
