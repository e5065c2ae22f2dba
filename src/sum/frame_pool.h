/*
 * Batches of Arrow streams for several threads: one of them reads, the others work on what they
 * have read.
 *
 * Each thread has a seat with a batch of its own. Whoever needs the next batch takes the turn to
 * read, and gives it back with the batch in its seat. What all batches share, schema and
 * dictionaries, is changed only while nobody works. Batches that are worked on keep to a part of
 * the memory that there is for them: who reads waits until there is room, so that a batch that
 * needs all of it is worked on alone, and fails only where it would fail with one thread.
 */
#ifndef WEIR_SUM_FRAME_POOL_H
#define WEIR_SUM_FRAME_POOL_H

#include <pthread.h>

#include "arrow/stream.h"

struct frame_seat {
    struct arrow_batch *batch;
    bool is_used;      /* somebody works on it */
    uint64_t promised; /* bytes that it will have at most then */
};

struct frame_pool {
    struct arrow_stream *stream;
    struct frame_seat *seats;
    unsigned seat_count;
    pthread_mutex_t turn;  /* held by who reads */
    pthread_mutex_t mutex; /* of the seats */
    pthread_cond_t returned;
};

CHECKED enum error_code frame_pool_open(struct frame_pool *ret, struct mem_account *account,
                                        struct arrow_stream *stream, unsigned seat_count,
                                        struct error *error);
/* Also after frame_pool_open failed. */
void frame_pool_close(struct frame_pool *pool);

/* The batch of a seat is no longer worked on. */
void frame_pool_return(struct frame_pool *pool, unsigned seat);
/* The turn to read, for a thread whose seat is not in use. */
void frame_pool_begin(struct frame_pool *pool);
void frame_pool_end(struct frame_pool *pool);

/* ---- with the turn ---- */

/* Returns when nobody works. */
void frame_pool_wait(struct frame_pool *pool);
/* Takes what comes next into a seat; dictionaries are taken on the way. *ret_more false: the stream
 * is at its end, and nobody works. columns: those that will be sliced. */
CHECKED enum error_code frame_pool_take(struct frame_pool *pool, unsigned seat,
                                        const uint32_t *columns, uint32_t column_count,
                                        bool *ret_more, struct error *error);
#endif
