/* The phases of a cell: each step does what is due and says whether another phase has begun. */
#include <signal.h>

#include "cell/cell_state.h"
#include "os/os.h"

#define MILLISECOND 1000000u
/* In a group the slack ends the wait early; without one nothing else bounds what is taken
 * meanwhile. */
#define ANSWER_NS         (2000 * (uint64_t)MILLISECOND)
#define ANSWER_WATCHED_NS (1000 * (uint64_t)MILLISECOND)
/* Of the latter so much is left to a program however fast it takes memory. */
#define ANSWER_LEAST_NS (300 * (uint64_t)MILLISECOND)
/* Helpers of a program, like Python's resource tracker, end by themselves right after it. */
#define LINGER_NS (100 * MILLISECOND)
/* A process that SIGKILL does not end sits in the kernel, usually on a dead file server. */
#define KILL_NS       (10000 * (uint64_t)MILLISECOND)
#define LOOK_LEAST_NS (MILLISECOND / 2)
#define LOOK_MOST_NS  (20 * MILLISECOND)

static void enter(struct cell *cell, enum cell_phase phase, uint64_t within_ns)
{
    uint64_t now = os_now_ns();
    cell->phase = phase;
    cell->phase_until = within_ns > UINT64_MAX - now ? UINT64_MAX : now + within_ns;
    cell->look_at = now;
    cell->look_step = LOOK_LEAST_NS;
}

static void look_later(struct cell *cell)
{
    cell->look_at = os_now_ns() + cell->look_step;
    if (cell->look_step < LOOK_MOST_NS)
        cell->look_step *= 2;
}

static bool is_past(uint64_t moment)
{
    return os_now_ns() >= moment;
}

/* The first reason stays, and what was counted up to it. */
static void note_stop(struct cell *cell, enum cell_stop stop)
{
    if (cell->stop != STOP_NONE)
        return;
    cell->stop = stop;
    cell->at_stop = cell->history.last.memory;
    cell->oom_at_stop = cell->counters.oom;
}

static enum error_code begin_killing(struct cell *cell, struct error *error)
{
    uint64_t count;
    TRY(inside_signal(cell, SIGKILL, &count, error));
    if (cell->phase == LINGERING)
        cell->report.leftovers = count;
    cell->left = count;
    enter(cell, KILLING, KILL_NS);
    return ERROR_NONE;
}

/* A stopped process takes its SIGTERM when it goes on. */
static enum error_code begin_ending(struct cell *cell, enum cell_stop stop, struct error *error)
{
    uint64_t count;
    if (cell->group != NULL && cell->watch != CELL_WATCH_POLL)
        TRY(cgroup_read(cell->group, &cell->counters, error));
    note_stop(cell, stop);
    TRY(inside_signal(cell, cell->cancel_signal != 0 ? cell->cancel_signal : SIGTERM, &count,
                      error));
    TRY(inside_signal(cell, SIGCONT, &count, error));
    enter(cell, ENDING, cell->grace_ns);
    return ERROR_NONE;
}

/* What the group holds is told by its counters: anonymous memory at the moment it waits. */
static enum error_code meet_limit(struct cell *cell, struct error *error)
{
    bool asked = false;
    bool first = cell->phase == RUNNING;
    note_stop(cell, STOP_LIMIT);
    if (first)
        TRY(at_limit_ask(cell, &asked, error));
    if (!asked)
        return begin_killing(cell, error);
    enter(cell, ASKING, cell->watch == CELL_WATCH_POLL ? ANSWER_WATCHED_NS : ANSWER_NS);
    return ERROR_NONE;
}

static bool is_watched(const struct cell *cell)
{
    return cell->phase < KILLING;
}

static enum error_code watch_memory(struct cell *cell, struct error *error)
{
    bool event = cell->watch != CELL_WATCH_POLL && cgroup_event_take(cell->group);
    bool waits = event && cell->watch == CELL_WATCH_V1;
    /* Its slack is used up too: nothing more will be written. What it took of it is no sample. */
    if (cell->phase == ASKING)
        return waits ? begin_killing(cell, error) : ERROR_NONE;
    if (!event && !is_past(cell->next_sample_at))
        return ERROR_NONE;
    TRY(sample_take(cell, event, error));
    return waits || sample_is_over_limit(cell) ? meet_limit(cell, error) : ERROR_NONE;
}

static enum error_code step_running(struct cell *cell, struct error *error)
{
    bool polls = cell->watch == CELL_WATCH_POLL;
    if (cell->pidfd < 0)
        enter(cell, LINGERING, LINGER_NS);
    else if (cell->timeout_ns > 0 && is_past(cell->phase_until))
        return begin_ending(cell, STOP_TIMEOUT, error);
    else if (polls && cell->processes_limit > 0 &&
             cell->history.last.processes > cell->processes_limit) {
        note_stop(cell, STOP_PROCESSES);
        return begin_killing(cell, error);
    }
    return ERROR_NONE;
}

static enum error_code step_asking(struct cell *cell, struct error *error)
{
    bool far = false;
    if (is_past(cell->phase_until - (ANSWER_WATCHED_NS - ANSWER_LEAST_NS)))
        TRY(sample_is_far_over_limit(cell, &far, error));
    if (far || at_limit_answered(cell) || is_past(cell->phase_until))
        return begin_killing(cell, error);
    look_later(cell);
    return ERROR_NONE;
}

static enum error_code step_ending(struct cell *cell, struct error *error)
{
    uint64_t left;
    TRY(inside_count(cell, &left, error));
    if (left == 0 && cell->pidfd < 0)
        enter(cell, DRAINING, 0);
    else if (is_past(cell->phase_until))
        return begin_killing(cell, error);
    else
        look_later(cell);
    return ERROR_NONE;
}

static enum error_code step_lingering(struct cell *cell, struct error *error)
{
    uint64_t left;
    TRY(inside_count(cell, &left, error));
    if (left == 0) {
        enter(cell, DRAINING, 0);
    } else if (is_past(cell->phase_until)) {
        return begin_killing(cell, error);
    } else {
        look_later(cell);
    }
    return ERROR_NONE;
}

/* Where there are more than before they are born faster than they are killed: no pause then. */
static enum error_code step_killing(struct cell *cell, struct error *error)
{
    uint64_t left;
    TRY(inside_signal(cell, SIGKILL, &left, error));
    if (left > cell->left)
        cell->look_step = LOOK_LEAST_NS;
    cell->left = left;
    if (left == 0 && cell->pidfd < 0) {
        enter(cell, DRAINING, 0);
    } else if (is_past(cell->phase_until)) {
        if (cell->pidfd >= 0)
            cell->lost_reason = "SIGKILL did not end it within 10 s";
        enter(cell, DRAINING, 0);
    } else {
        look_later(cell);
    }
    return ERROR_NONE;
}

static enum error_code step_draining(struct cell *cell, struct error *error)
{
    bool output_done, errors_done;
    TRY(capture_drain(&cell->output, &output_done, error));
    TRY(capture_drain(&cell->errors, &errors_done, error));
    if (!output_done || !errors_done) {
        /* Only the receivers are waited for. */
        cell->look_at = cell->output.waiting.size + cell->errors.waiting.size > 0 ? UINT64_MAX : 0;
        return ERROR_NONE;
    }
    TRY(report_fill(cell, error));
    cell->phase = OVER;
    return ERROR_NONE;
}

static enum error_code step(struct cell *cell, struct error *error)
{
    typedef enum error_code (*step_function)(struct cell *, struct error *);
    static const step_function STEPS[] = {
        [RUNNING] = step_running,     [ASKING] = step_asking,   [ENDING] = step_ending,
        [LINGERING] = step_lingering, [KILLING] = step_killing, [DRAINING] = step_draining,
    };
    /* Without this a phase would look each time a byte is written. */
    bool waits = cell->phase != RUNNING && cell->phase != DRAINING && !is_past(cell->look_at);
    return waits ? ERROR_NONE : STEPS[cell->phase](cell, error);
}

static enum error_code pump(struct cell *cell, struct error *error)
{
    bool idle;
    TRY(capture_pump(&cell->output, &idle, error));
    return capture_pump(&cell->errors, &idle, error);
}

enum error_code life_advance(struct cell *cell, struct error *error)
{
    enum cell_phase before;
    TRY(pump(cell, error));
    inside_reap(cell);
    if (is_watched(cell))
        TRY(watch_memory(cell, error));
    do {
        before = cell->phase;
        TRY(step(cell, error));
    } while (cell->phase != before && cell->phase != OVER);
    return ERROR_NONE;
}

/* A program that has ended has its verdict: only what it left is hurried. */
enum error_code life_cancel(struct cell *cell, struct error *error)
{
    inside_reap(cell);
    if (cell->phase == RUNNING && cell->pidfd >= 0)
        return begin_ending(cell, STOP_CANCEL, error);
    if (cell->phase == RUNNING)
        enter(cell, LINGERING, 0);
    if (cell->phase == DRAINING) {
        cell->output.sink = cell->errors.sink = -1;
        cell->output.waiting.size = cell->errors.waiting.size = 0;
        cell->look_at = 0;
        return ERROR_NONE;
    }
    return cell->phase == OVER ? ERROR_NONE : begin_killing(cell, error);
}
