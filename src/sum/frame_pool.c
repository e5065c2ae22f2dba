#include "sum/frame_pool.h"

#include "mem/mem.h"

/* Batches together keep to this part of the limit; the rest is for what slices take, and for one
 * that is larger. */
#define TOGETHER_SHARE 2
/* A dictionary beside the message it came in, with the places of its texts. */
#define DICTIONARY_RATE 4

enum error_code frame_pool_open(struct frame_pool *ret, struct mem_account *account,
                                struct arrow_stream *stream, unsigned seat_count,
                                struct error *error)
{
    void *memory;
    *ret = (struct frame_pool){.stream = stream};
    pthread_mutex_init(&ret->turn, NULL);
    pthread_mutex_init(&ret->mutex, NULL);
    pthread_cond_init(&ret->returned, NULL);
    TRY(mem_alloc_array(account, seat_count, sizeof *ret->seats, &memory, error));
    ret->seats = memory;
    ret->seat_count = seat_count;
    for (unsigned i = 0; i < seat_count; i++)
        TRY(arrow_batch_open(stream, &ret->seats[i].batch, error));
    return ERROR_NONE;
}

void frame_pool_close(struct frame_pool *pool)
{
    for (unsigned i = 0; i < pool->seat_count; i++)
        arrow_batch_close(pool->seats[i].batch);
    mem_free(pool->seats);
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->mutex);
    pthread_mutex_destroy(&pool->turn);
}

void frame_pool_return(struct frame_pool *pool, unsigned seat)
{
    pthread_mutex_lock(&pool->mutex);
    pool->seats[seat].is_used = false;
    pthread_cond_signal(&pool->returned); /* one at most waits: who has the turn */
    pthread_mutex_unlock(&pool->mutex);
}

void frame_pool_begin(struct frame_pool *pool)
{
    pthread_mutex_lock(&pool->turn);
}

void frame_pool_end(struct frame_pool *pool)
{
    pthread_mutex_unlock(&pool->turn);
}

/* ---- with the turn ---- */

/* Under the mutex. */
static bool is_anyone_working(const struct frame_pool *pool)
{
    for (unsigned i = 0; i < pool->seat_count; i++)
        if (pool->seats[i].is_used)
            return true;
    return false;
}

void frame_pool_wait(struct frame_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (is_anyone_working(pool))
        pthread_cond_wait(&pool->returned, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

/* Under the mutex: what all batches have and may still take. */
static uint64_t bytes_held(const struct frame_pool *pool)
{
    uint64_t bytes = arrow_stream_shared_bytes(pool->stream);
    for (unsigned i = 0; i < pool->seat_count; i++) {
        const struct frame_seat *seat = &pool->seats[i];
        uint64_t now = arrow_batch_bytes(seat->batch);
        bytes += seat->is_used && seat->promised > now ? seat->promised : now;
    }
    return bytes;
}

/* Whether so many bytes more are too much. A sum that does not fit 64 bits is. */
static bool is_crowded(struct frame_pool *pool, uint64_t more)
{
    uint64_t all;
    pthread_mutex_lock(&pool->mutex);
    bool crowded = __builtin_add_overflow(bytes_held(pool), more, &all) ||
                   all > arrow_stream_limit(pool->stream) / TOGETHER_SHARE;
    pthread_mutex_unlock(&pool->mutex);
    return crowded;
}

/* What seats kept for their next batch is given back, but for one of them. */
static void clear_seats(struct frame_pool *pool, unsigned but)
{
    for (unsigned i = 0; i < pool->seat_count; i++)
        if (i != but)
            arrow_batch_clear(pool->seats[i].batch);
}

/* Room for so many bytes: where it is not there, for all that there is. */
static void make_room(struct frame_pool *pool, uint64_t bytes, unsigned but)
{
    if (!is_crowded(pool, bytes))
        return;
    frame_pool_wait(pool);
    clear_seats(pool, but);
}

static enum error_code take_dictionary(struct frame_pool *pool, uint64_t size, struct error *error)
{
    frame_pool_wait(pool);
    make_room(pool, size < UINT64_MAX / DICTIONARY_RATE ? size * DICTIONARY_RATE : UINT64_MAX,
              pool->seat_count);
    return arrow_stream_take_dictionary(pool->stream, error);
}

static enum error_code take_batch(struct frame_pool *pool, unsigned index, uint64_t size,
                                  const uint32_t *columns, uint32_t column_count,
                                  struct error *error)
{
    struct frame_seat *seat = &pool->seats[index];
    uint64_t unpacked;
    make_room(pool, size, pool->seat_count);
    TRY(arrow_stream_take(pool->stream, seat->batch, error));
    TRY(arrow_batch_unpacked_bytes(seat->batch, columns, column_count, &unpacked, error));
    if (unpacked > 0)
        make_room(pool, unpacked, index);
    pthread_mutex_lock(&pool->mutex);
    seat->promised = arrow_batch_bytes(seat->batch) + unpacked;
    seat->is_used = true;
    pthread_mutex_unlock(&pool->mutex);
    return ERROR_NONE;
}

enum error_code frame_pool_take(struct frame_pool *pool, unsigned seat, const uint32_t *columns,
                                uint32_t column_count, bool *ret_more, struct error *error)
{
    for (;;) {
        enum arrow_step step;
        uint64_t size;
        TRY(arrow_stream_next(pool->stream, &step, &size, error));
        *ret_more = step != ARROW_STEP_END;
        if (step == ARROW_STEP_BATCH)
            return take_batch(pool, seat, size, columns, column_count, error);
        if (step == ARROW_STEP_END) {
            frame_pool_wait(pool);
            return ERROR_NONE;
        }
        TRY(take_dictionary(pool, size, error));
    }
}
