/*
 * A wave: threads work on consecutive tiles, each over the same files in the same order, and a tile
 * may work on a file only after the tile before has left it.
 *
 * So the position at which a tile begins in a file is always known in time, and neighbouring
 * ranges of a file are read at about the same moment. A tile whose beginnings are known anyway need
 * not wait, and may be taken before the tiles in front of it: then each thread must know what it
 * waits for will be taken, so at most one such tile is under way at once, and never the only
 * thread's.
 */
#ifndef WEIR_SUM_WAVE_H
#define WEIR_SUM_WAVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* How many tiles earlier than its turn a tile may be taken, for each thread. */
#define WAVE_EARLY_MOST 3
#define WAVE_LANES_MOST (64 * (1 + WAVE_EARLY_MOST))

struct wave_lane {
    _Alignas(64) atomic_uint_fast64_t reached; /* tile * (files + 1) + files left behind */
    atomic_uint_fast64_t awaited;              /* what somebody waits for, or UINT64_MAX */
    pthread_mutex_t mutex;
    pthread_cond_t moved;
};

struct wave {
    uint64_t file_count;
    uint64_t margin;     /* files to let pass before a waiting thread goes on */
    unsigned lane_count; /* tiles that may be under way at once, by their distance */
    atomic_bool *stop;
    atomic_uint_fast64_t next_tile;
    struct wave_lane lanes[WAVE_LANES_MOST];
};

void wave_init(struct wave *wave, uint64_t file_count, unsigned threads, atomic_bool *stop);
/* The next turn, counted from 0; lanes are handed out by tile number. */
uint64_t wave_take(struct wave *wave);
/* Waits until tile - 1 has left the file; false: a stop was asked for. */
bool wave_wait(struct wave *wave, uint64_t tile, uint64_t file);
/* Whether tile - 1 has left the file already. */
bool wave_passed(const struct wave *wave, uint64_t tile, uint64_t file);
/* Says that the tile has left the file for good. */
void wave_leave(struct wave *wave, uint64_t tile, uint64_t file);
/* Says that the tile's results are written: the next one may write, and its lane is free. */
void wave_finish(struct wave *wave, uint64_t tile);
/* Waits until tile - 1 is finished; false: a stop was asked for. */
bool wave_wait_finished(struct wave *wave, uint64_t tile);
/* Wakes everybody who waits; to be called after stop was set. */
void wave_wake(struct wave *wave);
#endif
