/*
 * Sorted files with different keys: a streaming merge, in constant memory.
 *
 * Tiles are ranges of codes, as wide as accumulators fit the level-2 cache. Every file stands with
 * an open reader at its first row that no tile has taken; a tile takes of each file, one after the
 * other, the rows below its end, adds them to the slot that their code has in the tile, and writes
 * the slots that were met. Threads follow each other over the files in a wave (wave.h).
 *
 * That keys ascend is looked at row by row; where they do not the way is given up.
 */
#ifndef WEIR_SUM_SORTED_H
#define WEIR_SUM_SORTED_H

#include "sum/sum_int.h"

/* Whether codes are dense enough, all files can be open at once, and the output can be begun again.
 */
bool sum_can_be_sorted(const struct sum *sum);

/* Adds all rows into the output, which is committed unless sum->keys_outside or sum->keys_unsorted
 * is set. */
CHECKED enum error_code sum_add_sorted(struct sum *sum, struct output *output, struct error *error);
#endif
