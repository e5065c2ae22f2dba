/*
 * Rows that come as Arrow streams on standard input, one stream after the other, each read once:
 * how data frames of another program are summed. Threads take turns to read a batch, and add its
 * rows while the next one reads (frame_pool.h).
 *
 * The first stream's schema stands for the first file's: it says which columns there are and of
 * what types. Keys of later streams may have types whose values all fit those.
 */
#ifndef WEIR_SUM_FRAMES_H
#define WEIR_SUM_FRAMES_H

#include "sum/groups.h"

/* Reads the first schema and resolves the sum's columns. ERROR_INPUT when there is no stream. */
CHECKED enum error_code frames_survey(struct sum *sum, struct error *error);
/* The plan: one pass, by groups. */
CHECKED enum error_code frames_plan(struct sum *sum, struct error *error);
/* Adds all rows of all streams. */
CHECKED enum error_code frames_add(struct sum *sum, struct grouping *grouping, struct error *error);
#endif
