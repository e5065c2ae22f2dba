/*
 * The memory of an attempt over time, read back from what was kept of it: memory.tsv in its work
 * folder, or the samples in the ledger.
 *
 * Both come from outside and are checked. However many points there are, at most
 * MEMORY_HISTORY_POINTS are held: when they are full neighbours are joined, of which the higher one
 * stays, so a peak is never lost.
 */
#ifndef WEIR_EXPLAIN_MEMORY_HISTORY_H
#define WEIR_EXPLAIN_MEMORY_HISTORY_H

#include <stdio.h>

#include "mem/mem.h"

#define MEMORY_HISTORY_POINTS ((size_t)1 << 14)

struct memory_point {
    uint64_t at_ms; /* since the attempt began; never falls */
    uint64_t memory;
};

struct memory_history {
    struct mem_buffer points; /* struct memory_point */
    uint64_t points_each;     /* points that were read for each that is held */
    uint64_t points_last;     /* of them in the last one */
};

void memory_history_init(struct memory_history *history, struct mem_account *account);
void memory_history_release(struct memory_history *history);
/* Empties it, and keeps its memory. */
void memory_history_clear(struct memory_history *history);

size_t memory_history_count(const struct memory_history *history);
const struct memory_point *memory_history_at(const struct memory_history *history, size_t index);

/* The lines of memory.tsv below their heading (CELL_SAMPLE_COLUMNS), which may be missing. A line
 * that is being written, without an end yet, is passed over. ERROR_INPUT names the line. */
CHECKED enum error_code memory_history_read_lines(struct memory_history *history, FILE *stream,
                                                  struct error *error);

/* "[[ms, bytes], ...]", as in the ledger. ERROR_INPUT names the byte. */
CHECKED enum error_code memory_history_read_pairs(struct memory_history *history, const char *text,
                                                  struct error *error);

/*
 * Memory added up over time, byte-seconds: between two points along the line between them, before
 * the first and behind the last up to wall_ns as these say.
 */
double memory_history_integral(const struct memory_history *history, uint64_t wall_ns);

#endif
