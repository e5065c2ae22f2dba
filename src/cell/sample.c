#include <time.h>

#include "cell/cell_state.h"
#include "os/os.h"

#define MILLISECOND 1000000u
/* Without a group: often enough that little is taken between two looks. */
#define WATCH_MOST_NS  (20 * MILLISECOND)
#define WATCH_LEAST_NS (2 * MILLISECOND)
/* Looking costs at most 0.5 % of a core, and 5 % while the limit is about to be reached. */
#define USUAL_REST   200
#define HURRIED_REST 20
/* But nothing is left alone for longer. */
#define REST_MOST_NS (1000 * (uint64_t)MILLISECOND)
/* Faster than programs take memory, a byte a nanosecond being 0.93 GiB/s: what is further than this
 * from its limit need not be looked at yet. */
#define FILL_BYTES_A_NS 8
#define ORPHANS_NS      (200 * MILLISECOND)
/* v2: what stands at memory.high without cache for so long cannot be helped by reclaim. */
#define FULL_FOR_NS (10 * MILLISECOND)
#define ROUNDING    ((uint64_t)256 << 10)

/* What looking costs the machine. On a busy one it also waits for its turn, which is no reason to
 * look less. */
static uint64_t spent_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t rest_after(uint64_t cost)
{
    return smaller(cost * USUAL_REST, REST_MOST_NS);
}

static enum error_code look_at_group(struct cell *cell, struct cell_sample *ret, uint64_t *ret_cost,
                                     struct error *error)
{
    uint64_t before = spent_ns();
    TRY(cgroup_look(cell->group, &cell->counters, error));
    cell->cache_most = larger(cell->cache_most, cell->counters.cache);
    ret->memory = cell->counters.anonymous;
    ret->processes = cell->counters.processes;
    *ret_cost = spent_ns() - before;
    return ERROR_NONE;
}

/* The meter rests by itself: it may be dear, and the next look must not wait for that. */
static enum error_code look_at_tree(struct cell *cell, struct cell_sample *ret, uint64_t *ret_cost,
                                    struct error *error)
{
    uint64_t before = spent_ns(), now = os_now_ns();
    bool orphans = now >= cell->orphans_at;
    TRY(process_tree_look(&cell->tree, orphans, error));
    *ret_cost = spent_ns() - before;
    if (orphans)
        cell->orphans_at = now + larger(ORPHANS_NS, rest_after(*ret_cost));
    ret->memory = meter_read(&cell->meter, &cell->tree, cell->limit);
    ret->processes = process_tree_count(&cell->tree);
    return ERROR_NONE;
}

/* A quarter of the time in which it would reach its limit at the pace of the last samples. */
static uint64_t time_to_limit(const struct cell *cell)
{
    uint64_t growth = history_growth(&cell->history);
    uint64_t now = cell->history.last.memory;
    if (growth == 0 || now >= cell->limit)
        return UINT64_MAX;
    double seconds = (double)(cell->limit - now) / (double)growth;
    return seconds > 1 ? UINT64_MAX : (uint64_t)(seconds * 1e9 / 4);
}

/* Without a group: before it can have reached its limit in one burst, but not without rest; sooner
 * where it is on its way there. */
static uint64_t watch_step(const struct cell *cell, uint64_t step, uint64_t cost)
{
    uint64_t now = cell->history.last.memory;
    uint64_t room = cell->limit > now ? cell->limit - now : 0;
    uint64_t burst = larger(room / FILL_BYTES_A_NS, WATCH_MOST_NS);
    uint64_t usual = larger(smaller(step, burst), rest_after(cost));
    uint64_t hurried = larger(larger(time_to_limit(cell), WATCH_LEAST_NS), cost * HURRIED_REST);
    return smaller(usual, hurried);
}

/* The first samples come soon, so that a short life has some too. */
static void plan_next(struct cell *cell, uint64_t now, uint64_t cost)
{
    uint64_t step = cell->sample_step;
    cell->sample_step = smaller(step * 2, cell->sample_ns);
    bool limited = cell->limit > 0 || cell->processes_limit > 0;
    if (cell->watch == CELL_WATCH_POLL && limited)
        step = watch_step(cell, step, cost);
    else if (cell->full_since > 0)
        step = smaller(step, FULL_FOR_NS);
    else
        step = larger(step, rest_after(cost));
    cell->next_sample_at = now + step;
}

/* memory.high is only a wish for the kernel while there is cache to drop. */
static void note_full(struct cell *cell, uint64_t now)
{
    const struct cgroup_counters *counters = &cell->counters;
    bool full = cell->watch == CELL_WATCH_V2 && cell->limit > 0 && counters->high_hits > 0 &&
                counters->memory + ROUNDING >= cell->limit &&
                counters->cache <= larger(cell->limit / 64, (uint64_t)1 << 20);
    if (!full)
        cell->full_since = 0;
    else if (cell->full_since == 0)
        cell->full_since = now;
}

static void tell(struct cell *cell, const struct cell_sample *sample)
{
    const struct cell_receiver *receiver = cell->receiver;
    if (receiver != NULL && receiver->sample != NULL)
        receiver->sample(receiver->context, sample);
    if (cell->samples == NULL)
        return;
    history_write(cell->samples, sample, !cell->samples_begun);
    cell->samples_begun = true;
}

enum error_code sample_take(struct cell *cell, bool always, struct error *error)
{
    struct cell_sample sample = {.at_ns = os_now_ns() - cell->started_at};
    uint64_t cost;
    if (cell->watch == CELL_WATCH_POLL)
        TRY(look_at_tree(cell, &sample, &cost, error));
    else
        TRY(look_at_group(cell, &sample, &cost, error));
    bool recorded;
    TRY(history_add(&cell->history, sample, always, &recorded, error));
    if (recorded)
        tell(cell, &sample);
    uint64_t now = os_now_ns();
    note_full(cell, now);
    plan_next(cell, now, cost);
    return ERROR_NONE;
}

enum error_code sample_of_end(struct cell *cell, uint64_t peak, struct error *error)
{
    const struct cell_sample sample = {os_now_ns() - cell->started_at, peak, 1};
    bool recorded;
    if (history_count(&cell->history) > 0)
        return ERROR_NONE;
    TRY(history_add(&cell->history, sample, true, &recorded, error));
    tell(cell, &sample);
    return ERROR_NONE;
}

bool sample_is_over_limit(struct cell *cell)
{
    if (cell->limit == 0)
        return false;
    if (cell->watch == CELL_WATCH_POLL)
        return cell->history.last.memory > cell->limit;
    if (cell->watch == CELL_WATCH_V1)
        return cell->counters.under_oom;
    return cell->full_since > 0 && os_now_ns() >= cell->full_since + FULL_FOR_NS;
}

/* A quarter of the limit and what a group would have as slack. */
static uint64_t far_over(uint64_t limit)
{
    return limit + limit / 4 + ((uint64_t)16 << 20);
}

enum error_code sample_is_far_over_limit(struct cell *cell, bool *ret, struct error *error)
{
    *ret = false;
    if (cell->watch != CELL_WATCH_POLL || cell->limit == 0)
        return ERROR_NONE;
    TRY(process_tree_look(&cell->tree, false, error));
    *ret = meter_read(&cell->meter, &cell->tree, cell->limit) > far_over(cell->limit);
    return ERROR_NONE;
}
