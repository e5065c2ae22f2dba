#include "sum/wave.h"

#define LOOKS 2000

static inline void processor_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

void wave_init(struct wave *wave, uint64_t file_count, unsigned threads, atomic_bool *stop)
{
    wave->file_count = file_count;
    wave->lane_count = threads * (1 + WAVE_EARLY_MOST);
    wave->stop = stop;
    uint64_t margin = file_count / (4 * (uint64_t)threads);
    wave->margin = margin < 1 ? 1 : margin > 8 ? 8 : margin;
    atomic_init(&wave->next_tile, 0);
    for (unsigned i = 0; i < WAVE_LANES_MOST; i++) {
        atomic_init(&wave->lanes[i].reached, 0);
        atomic_init(&wave->lanes[i].awaited, UINT64_MAX);
        pthread_mutex_init(&wave->lanes[i].mutex, NULL);
        pthread_cond_init(&wave->lanes[i].moved, NULL);
    }
}

uint64_t wave_take(struct wave *wave)
{
    return atomic_fetch_add(&wave->next_tile, 1);
}

/* Steps of a tile: one a file, and one for its end. Lane l does tiles l, l + lanes, ... in order.
 */
static uint64_t step(const struct wave *wave, uint64_t tile, uint64_t files)
{
    return tile / wave->lane_count * (wave->file_count + 1) + files;
}

static struct wave_lane *lane_of(struct wave *wave, uint64_t tile)
{
    return &wave->lanes[tile % wave->lane_count];
}

/* Looks a while before sleeping: waking up takes as long as adding a small file. */
static bool look(struct wave_lane *lane, uint64_t least)
{
    for (unsigned i = 0; i < LOOKS; i++) {
        if (atomic_load(&lane->reached) >= least)
            return true;
        processor_pause();
    }
    return false;
}

static bool wait_for(struct wave *wave, uint64_t tile, uint64_t least, uint64_t wished)
{
    struct wave_lane *lane = lane_of(wave, tile);
    if (look(lane, least))
        return !atomic_load(wave->stop);
    pthread_mutex_lock(&lane->mutex);
    atomic_store(&lane->awaited, wished);
    while (atomic_load(&lane->reached) < wished && !atomic_load(wave->stop))
        pthread_cond_wait(&lane->moved, &lane->mutex);
    atomic_store(&lane->awaited, UINT64_MAX);
    pthread_mutex_unlock(&lane->mutex);
    return !atomic_load(wave->stop);
}

static void advance(struct wave *wave, uint64_t tile, uint64_t reached)
{
    struct wave_lane *lane = lane_of(wave, tile);
    atomic_store(&lane->reached, reached);
    if (atomic_load(&lane->awaited) <= reached) {
        pthread_mutex_lock(&lane->mutex);
        pthread_cond_broadcast(&lane->moved);
        pthread_mutex_unlock(&lane->mutex);
    }
}

bool wave_wait(struct wave *wave, uint64_t tile, uint64_t file)
{
    if (tile == 0)
        return !atomic_load(wave->stop);
    uint64_t wished = file + wave->margin;
    if (wished > wave->file_count)
        wished = wave->file_count;
    return wait_for(wave, tile - 1, step(wave, tile - 1, file + 1), step(wave, tile - 1, wished));
}

bool wave_passed(const struct wave *wave, uint64_t tile, uint64_t file)
{
    if (tile == 0)
        return true;
    const struct wave_lane *lane = &wave->lanes[(tile - 1) % wave->lane_count];
    return atomic_load(&lane->reached) >= step(wave, tile - 1, file + 1);
}

void wave_leave(struct wave *wave, uint64_t tile, uint64_t file)
{
    uint64_t reached = step(wave, tile, file + 1);
    if (reached > atomic_load(&lane_of(wave, tile)->reached))
        advance(wave, tile, reached);
}

void wave_finish(struct wave *wave, uint64_t tile)
{
    advance(wave, tile, step(wave, tile, wave->file_count + 1));
}

bool wave_wait_finished(struct wave *wave, uint64_t tile)
{
    if (tile == 0)
        return !atomic_load(wave->stop);
    uint64_t end = step(wave, tile - 1, wave->file_count + 1);
    return wait_for(wave, tile - 1, end, end);
}

void wave_wake(struct wave *wave)
{
    for (unsigned i = 0; i < wave->lane_count; i++) {
        pthread_mutex_lock(&wave->lanes[i].mutex);
        pthread_cond_broadcast(&wave->lanes[i].moved);
        pthread_mutex_unlock(&wave->lanes[i].mutex);
    }
}
