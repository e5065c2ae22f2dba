/*
 * Merges runs of a spool: a heap of runs by their next record, a read buffer a run.
 *
 * Runs stand in the spool in the order in which their rows came in; of equal keys the earlier run
 * goes first, which keeps the merge stable. All memory is the caller's.
 */
#ifndef WEIR_SORT_MERGE_H
#define WEIR_SORT_MERGE_H

#include "store/spool.h"

struct merge_run {
    uint8_t *buffer;
    size_t begin;    /* the next record, in the buffer */
    size_t end;      /* bytes read into the buffer */
    uint64_t offset; /* of the first byte not yet read, in the spool */
    uint64_t run_end;
};

struct merge {
    const struct spool *spool;
    size_t buffer_size; /* a run */
    struct merge_run *runs;
    uint32_t *heap; /* indexes of runs that have a record, the least first */
    uint32_t heap_count;
};

/*
 * Run i stands at offsets[i] up to offsets[i + 1]. runs and heap have room for run_count, memory
 * for run_count buffers of buffer_size bytes, in which the largest record fits.
 */
CHECKED enum error_code merge_begin(struct merge *merge, const struct spool *spool,
                                    const uint64_t *offsets, uint32_t run_count, uint8_t *memory,
                                    size_t buffer_size, struct error *error);

/* The least record, or NULL at the end; valid until merge_advance. */
const uint8_t *merge_record(const struct merge *merge);

/* Passes over the least record. */
CHECKED enum error_code merge_advance(struct merge *merge, struct error *error);

#endif
