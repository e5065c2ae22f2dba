#include "cell/cell_state.h"
#include "os/os.h"

#define MILLISECOND 1000000u
/* Without a group: often enough that little is taken between two looks. */
#define WATCH_MOST_NS  (20 * MILLISECOND)
#define WATCH_LEAST_NS (2 * MILLISECOND)
#define REST_OF_COST   100 /* looking costs at most 1 % of a core */
#define ORPHANS_NS     (200 * MILLISECOND)
/* v2: what stands at memory.high without cache for so long cannot be helped by reclaim. */
#define FULL_FOR_NS (10 * MILLISECOND)
#define ROUNDING    ((uint64_t)256 << 10)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static enum error_code look_at_group(struct cell *cell, struct cell_sample *ret, uint64_t *ret_cost,
                                     struct error *error)
{
    uint64_t before = os_now_ns();
    TRY(cgroup_read(cell->group, &cell->counters, error));
    cell->cache_most = larger(cell->cache_most, cell->counters.cache);
    ret->memory = cell->counters.anonymous;
    ret->processes = cell->counters.processes;
    *ret_cost = os_now_ns() - before;
    return ERROR_NONE;
}

/* The meter rests by itself: it may be dear, and the next look must not wait for that. */
static enum error_code look_at_tree(struct cell *cell, struct cell_sample *ret, uint64_t *ret_cost,
                                    struct error *error)
{
    uint64_t before = os_now_ns();
    bool orphans = before >= cell->orphans_at;
    TRY(process_tree_look(&cell->tree, orphans, error));
    uint64_t after = os_now_ns();
    if (orphans)
        cell->orphans_at = after + larger(ORPHANS_NS, (after - before) * REST_OF_COST);
    *ret_cost = after - before;
    ret->memory = meter_read(&cell->meter, &cell->tree, cell->limit);
    ret->processes = process_tree_count(&cell->tree);
    return ERROR_NONE;
}

/* In a quarter of the time in which it would reach its limit at the pace of the last samples. */
static uint64_t time_to_limit(const struct cell *cell)
{
    uint64_t growth = history_growth(&cell->history);
    uint64_t now = cell->history.last.memory;
    if (growth == 0 || now >= cell->limit)
        return WATCH_MOST_NS;
    double seconds = (double)(cell->limit - now) / (double)growth;
    return seconds > 1 ? WATCH_MOST_NS : (uint64_t)(seconds * 1e9 / 4);
}

/* The first samples come soon, so that a short life has some too. */
static void plan_next(struct cell *cell, uint64_t now, uint64_t cost)
{
    uint64_t step = cell->sample_step;
    cell->sample_step = smaller(step * 2, cell->sample_ns);
    if (cell->watch == CELL_WATCH_POLL && cell->limit > 0)
        step = larger(smaller(step, smaller(WATCH_MOST_NS, time_to_limit(cell))), WATCH_LEAST_NS);
    if (cell->full_since > 0)
        step = smaller(step, FULL_FOR_NS);
    cell->next_sample_at = now + larger(step, cost * REST_OF_COST);
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

enum error_code sample_take(struct cell *cell, bool always, struct error *error)
{
    struct cell_sample sample = {.at_ns = os_now_ns() - cell->started_at};
    uint64_t cost;
    if (cell->watch == CELL_WATCH_POLL)
        TRY(look_at_tree(cell, &sample, &cost, error));
    else
        TRY(look_at_group(cell, &sample, &cost, error));
    TRY(history_add(&cell->history, sample, always, cell->samples, error));
    uint64_t now = os_now_ns();
    note_full(cell, now);
    plan_next(cell, now, cost);
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
