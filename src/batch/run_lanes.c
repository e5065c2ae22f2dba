#include <stdio.h>

#include "batch/batch_state.h"
#include "os/os.h"

/* ---- what weir itself could not do ---- */

/* An end without a cell: the report says what weir met. */
static enum error_code note_own_failure(struct batch *batch, struct notice *notice,
                                        enum cell_verdict verdict, const struct error *met,
                                        struct error *error)
{
    void *memory;
    TRY(mem_alloc(batch->account, sizeof *notice->report, &memory, error));
    notice->report = memory;
    notice->report->verdict = verdict;
    notice->report->exit_status = -1;
    notice->report->limit = notice->event.memory;
    error_render(met, notice->report->why, sizeof notice->report->why);
    notice->result.report = notice->report;
    return ERROR_NONE;
}

/* ---- attempts that run ---- */

static void remove_lane(struct batch *batch, size_t index)
{
    struct lane *lanes = (struct lane *)batch->lanes.data;
    size_t count = batch_lane_count(batch);
    for (size_t i = index; i + 1 < count; i++)
        lanes[i] = lanes[i + 1];
    batch->lanes.size -= sizeof *lanes;
}

/* The clock of dates may have jumped meanwhile. */
static int64_t end_of(const struct lane *lane)
{
    return lane->started + (int64_t)(os_now_ns() - lane->started_ns);
}

/* The attempt is the notice's from now on. */
static enum error_code end_lane(struct batch *batch, size_t index, const struct error *lost,
                                struct error *error)
{
    struct lane lane = *batch_lane(batch, index);
    struct notice *notice;
    struct error met;
    TRY(notices_add(batch, BATCH_ENDED, lane.job, &notice, error));
    notice->event.attempt = lane.number;
    notice->event.memory = lane.memory;
    notice->attempt = lane.attempt;
    notice->event.folder = attempt_folder(lane.attempt);
    notice->row = lane.row;
    notice->ended = end_of(&lane);
    remove_lane(batch, index);
    if (lost == NULL && attempt_end(lane.attempt, &notice->result, &met) == ERROR_NONE)
        return ERROR_NONE;
    return note_own_failure(batch, notice, CELL_LOST, lost != NULL ? lost : &met, error);
}

static bool is_due(const struct batch *batch, const struct lane *lane, uint64_t now_ns)
{
    const struct pollfd *polls = (const struct pollfd *)batch->polls.data;
    for (size_t i = 0; i < lane->poll_count; i++)
        if (polls[lane->first_poll + i].revents != 0)
            return true;
    return cell_wake_at(attempt_cell(lane->attempt)) <= now_ns;
}

static enum error_code advance_lane(struct batch *batch, size_t index, bool *ret_ended,
                                    struct error *error)
{
    struct cell *cell = attempt_cell(batch_lane(batch, index)->attempt);
    struct error lost;
    bool well = cell_advance(cell, &lost) == ERROR_NONE;
    *ret_ended = !well || cell_is_over(cell);
    return *ret_ended ? end_lane(batch, index, well ? NULL : &lost, error) : ERROR_NONE;
}

enum error_code lanes_advance(struct batch *batch, struct error *error)
{
    uint64_t now_ns = os_now_ns();
    for (size_t i = 0; i < batch_lane_count(batch);) {
        bool ended = false;
        if (is_due(batch, batch_lane(batch, i), now_ns))
            TRY(advance_lane(batch, i, &ended, error));
        i += !ended;
    }
    return ERROR_NONE;
}

/* ---- attempts that begin ---- */

static enum error_code note_unstarted(struct batch *batch, const struct lane *lane,
                                      const struct error *met, struct error *error)
{
    struct notice *notice;
    TRY(notices_add(batch, BATCH_ENDED, lane->job, &notice, error));
    notice->event.attempt = lane->number;
    notice->event.memory = lane->memory;
    notice->row = lane->row;
    notice->ended = end_of(lane);
    return note_own_failure(batch, notice, CELL_ERROR, met, error);
}

static enum error_code note_started(struct batch *batch, const struct lane *lane,
                                    struct error *error)
{
    struct notice *notice;
    TRY(notices_add(batch, BATCH_STARTED, lane->job, &notice, error));
    notice->event.attempt = lane->number;
    notice->event.memory = lane->memory;
    notice->event.folder = attempt_folder(lane->attempt);
    return ERROR_NONE;
}

static enum error_code begin_attempt(struct batch *batch, struct lane *lane, struct error *error)
{
    char path[WORK_FOLDER_PATH];
    const struct batch_options *options = &batch->options;
    const char *name = batch->jobs->items[lane->job].name;
    int64_t step = batch->states[lane->job].step;
    TRY(ledger_next_number(options->ledger, step, &lane->number, error));
    TRY(work_folder_path(options->setting.folder, options->setting.run, name, lane->number, path,
                         error));
    lane->started = os_wall_ns();
    return ledger_begin_attempt(options->ledger, step, lane->memory, path, lane->started,
                                &lane->row, error);
}

enum error_code lanes_start(struct batch *batch, uint32_t number, struct error *error)
{
    const struct job *job = &batch->jobs->items[number];
    struct job_state *own = &batch->states[number];
    struct lane lane = {.job = number, .memory = own->memory, .started_ns = os_now_ns()};
    char name[64];
    struct error met;
    TRY(mem_buffer_reserve(&batch->lanes, batch->lanes.size + sizeof lane, error));
    TRY(begin_attempt(batch, &lane, error));
    own->first_ns = own->first_ns != 0 ? own->first_ns : lane.started_ns;
    snprintf(name, sizeof name, "%lld-%u-%lld", (long long)batch->options.setting.run, number,
             (long long)lane.number);
    progress_set_state(batch, number, BATCH_RUNNING);
    if (attempt_start(&batch->options.setting, job, lane.number, name, lane.memory, batch->account,
                      &lane.attempt, &met) != ERROR_NONE)
        return note_unstarted(batch, &lane, &met, error);
    TRY(mem_buffer_append(&batch->lanes, &lane, sizeof lane, error));
    return note_started(batch, &lane, error);
}
