#include "batch/batch_state.h"

void progress_set_state(struct batch *batch, uint32_t job, enum batch_state state)
{
    struct job_state *own = &batch->states[job];
    batch->counts[own->state]--;
    batch->counts[state]++;
    own->state = state;
}

/* What the reducer that takes up a leaf's result will ask for. */
static uint64_t reducer_memory(const struct batch *batch, const struct job *job)
{
    if (job->group == JOBS_NO_GROUP || job->is_reducer || job->before_count == 0)
        return 0;
    return batch->states[batch->jobs->edges[job->before]].memory;
}

enum error_code progress_ask(struct batch *batch, uint32_t number, struct error *error)
{
    const struct job *job = &batch->jobs->items[number];
    struct job_state *own = &batch->states[number];
    if (own->awaited > 0)
        return ERROR_NONE;
    const struct admission_request request = {
        .memory = own->memory,
        .milli_cpus = job->milli_cpus,
        .group = job->group == JOBS_NO_GROUP ? ADMISSION_NO_GROUP : job->group,
        .is_reducer = job->is_reducer,
        .reducer_memory = reducer_memory(batch, job),
    };
    TRY(mem_buffer_reserve(&batch->tickets, batch->tickets.size + sizeof number, error));
    TRY(admission_ask(batch->admission, &request, &own->ticket, error));
    own->asks = true;
    batch->asking++;
    return mem_buffer_append(&batch->tickets, &number, sizeof number, error);
}

enum error_code progress_finish(struct batch *batch, uint32_t number, struct error *error)
{
    const struct job *job = &batch->jobs->items[number];
    for (uint32_t i = 0; i < job->before_count; i++) {
        uint32_t next = batch->jobs->edges[job->before + i];
        batch->states[next].awaited--;
        if (batch->states[next].state == BATCH_WAITING)
            TRY(progress_ask(batch, next, error));
    }
    return ERROR_NONE;
}

static void close_group(struct batch *batch, const struct job *job)
{
    if (job->group != JOBS_NO_GROUP)
        admission_close_group(batch->admission, job->group);
}

static enum error_code leave_out(struct batch *batch, uint32_t number, uint32_t cause,
                                 struct error *error)
{
    struct notice *notice;
    TRY(notices_add(batch, BATCH_LEFT_OUT, number, &notice, error));
    notice->event.cause = cause;
    progress_set_state(batch, number, BATCH_SKIPPED);
    close_group(batch, &batch->jobs->items[number]);
    return mem_buffer_append(&batch->skips, &number, sizeof number, error);
}

/* Those behind it one by one, from a list: chains may be longer than any stack. */
enum error_code progress_fail(struct batch *batch, uint32_t number, struct error *error)
{
    close_group(batch, &batch->jobs->items[number]);
    batch->skips.size = 0;
    TRY(mem_buffer_append(&batch->skips, &number, sizeof number, error));
    while (batch->skips.size > 0) {
        batch->skips.size -= sizeof number;
        uint32_t from = *(const uint32_t *)(batch->skips.data + batch->skips.size);
        const struct job *job = &batch->jobs->items[from];
        for (uint32_t i = 0; i < job->before_count; i++) {
            uint32_t next = batch->jobs->edges[job->before + i];
            if (batch->states[next].state == BATCH_WAITING)
                TRY(leave_out(batch, next, number, error));
        }
    }
    return ERROR_NONE;
}

bool progress_may_start(const struct batch *batch)
{
    if (batch->cancelled || batch->asking == 0)
        return false;
    if (batch->options.fail_fast && batch->counts[BATCH_FAILED] > 0)
        return false;
    return batch_lane_count(batch) < batch->options.running_most;
}

static uint32_t job_of(const struct batch *batch, uint32_t ticket)
{
    return ((const uint32_t *)batch->tickets.data)[ticket];
}

/* Past the tickets that wait no longer. */
static void move_oldest(struct batch *batch)
{
    uint32_t count = (uint32_t)(batch->tickets.size / sizeof(uint32_t));
    for (; batch->oldest_ticket < count; batch->oldest_ticket++) {
        const struct job_state *own = &batch->states[job_of(batch, batch->oldest_ticket)];
        if (own->asks && own->ticket == batch->oldest_ticket)
            return;
    }
}

bool progress_next(struct batch *batch, uint32_t *ret_job)
{
    uint32_t ticket;
    if (!progress_may_start(batch) || !admission_next(batch->admission, &ticket))
        return false;
    uint32_t job = job_of(batch, ticket);
    batch->states[job].asks = false;
    batch->asking--;
    move_oldest(batch);
    *ret_job = job;
    return true;
}
