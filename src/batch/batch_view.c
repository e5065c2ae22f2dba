#include "batch/batch_state.h"
#include "os/os.h"

static struct admission_wait oldest_wait(const struct batch *batch)
{
    if (batch->asking == 0)
        return (struct admission_wait){.reason = ADMISSION_NOT_WAITING, .ahead = ADMISSION_NOBODY};
    return admission_explain(batch->admission, batch->oldest_ticket);
}

static uint64_t memory_used(const struct batch *batch)
{
    uint64_t used = 0;
    for (size_t i = 0; i < batch_lane_count(batch); i++)
        used += cell_memory_now(attempt_cell(batch_lane(batch, i)->attempt));
    return used;
}

void batch_view(const struct batch *batch, struct batch_view *ret)
{
    struct admission_state state = admission_state(batch->admission);
    *ret = (struct batch_view){
        .jobs = batch->jobs->count,
        .waiting = batch->counts[BATCH_WAITING],
        .running = batch->counts[BATCH_RUNNING],
        .ok = batch->counts[BATCH_OK],
        .failed = batch->counts[BATCH_FAILED],
        .skipped = batch->counts[BATCH_SKIPPED],
        .passed = batch->passed,
        .attempts = batch->attempts,
        .oom = batch->oom,
        .pool = batch->options.pool,
        .memory_granted = state.memory_granted,
        .milli_cpus_granted = state.milli_cpus_granted,
        .memory_used = memory_used(batch),
        .wait = oldest_wait(batch),
        .waits_for_room = batch->asking,
        .paused = batch->paused,
        .cancelled = batch->cancelled,
    };
}

size_t batch_running(const struct batch *batch, struct batch_running *ret, size_t capacity)
{
    uint64_t now_ns = os_now_ns();
    size_t all = batch_lane_count(batch), count = all < capacity ? all : capacity;
    for (size_t i = 0; i < count; i++) {
        const struct lane *lane = batch_lane(batch, i);
        struct cell *cell = attempt_cell(lane->attempt);
        ret[i] = (struct batch_running){
            .job = lane->job,
            .attempt = lane->number,
            .memory = lane->memory,
            .used = cell_memory_now(cell),
            .peak = cell_memory_peak(cell),
            .elapsed_ns = now_ns - lane->started_ns,
            .cell = cell,
        };
    }
    return all;
}
