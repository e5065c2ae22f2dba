/*
 * How a cell's memory went: its whole life in at most 600 samples, and the last second for the
 * growth. When the 600 are full every second one goes and the next stand twice as far apart, so a
 * day costs what a minute costs.
 */
#ifndef WEIR_CELL_HISTORY_H
#define WEIR_CELL_HISTORY_H

#include "cell/cell.h"

#define HISTORY_RECENT 32
/* Between recent ones: 32 of them reach back over a second. */
#define HISTORY_RECENT_SPACING 50000000u

struct history {
    struct mem_buffer samples; /* struct cell_sample, oldest first */
    uint64_t spacing_ns;       /* between samples that are recorded */
    struct cell_sample recent[HISTORY_RECENT];
    size_t recent_count; /* ever added; the ring's place is this modulo its size */
    struct cell_sample last;
    uint64_t peak, processes_most;
};

void history_init(struct history *history, uint64_t spacing_ns, struct mem_account *account);
void history_release(struct history *history);

/* Adds a sample; ret_recorded tells whether it became one of the 600. always: record it however
 * near the last one is. */
CHECKED enum error_code history_add(struct history *history, struct cell_sample sample, bool always,
                                    bool *ret_recorded, struct error *error);

/* A line of memory.tsv; first: its heading, CELL_SAMPLE_COLUMNS, before it. */
void history_write(FILE *file, const struct cell_sample *sample, bool first);

/* Bytes a second from about a second before the newest sample to it; 0 when it shrank. */
uint64_t history_growth(const struct history *history);

size_t history_count(const struct history *history);
const struct cell_sample *history_at(const struct history *history, size_t index);

#endif
