#include "batch/batch.h"

#include "batch/batch_state.h"
#include "batch/host_pressure.h"
#include "os/os.h"

#define SECOND_NS      UINT64_C(1000000000)
#define HOST_EVERY_NS  SECOND_NS
#define FLUSH_EVERY_NS SECOND_NS
/* Samples of many cells are taken together; ends and output wake the loop at once. */
#define TURN_SPACING_NS UINT64_C(2000000)
#define SYNC_SPACING_NS UINT64_C(5000000)
#define NOTICES_MOST    1000 /* told together: each holds what its attempt wrote */

/* ---- before ---- */

uint32_t batch_refusals(const struct jobs *jobs, const struct admission_pool *pool,
                        batch_refusal *refuse, void *context)
{
    uint32_t refused = 0;
    for (uint32_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        const struct admission_request request = {
            .memory = job->memory, .milli_cpus = job->milli_cpus, .group = ADMISSION_NO_GROUP};
        enum admission_fit fit = admission_could_fit(pool, &request);
        if (fit == ADMISSION_FITS)
            continue;
        refused++;
        if (refuse != NULL)
            refuse(context, job, fit);
    }
    return refused;
}

static enum error_code check_fits(const struct batch_options *options, struct error *error)
{
    uint32_t refused = batch_refusals(options->jobs, &options->pool, NULL, NULL);
    if (refused == 0)
        return ERROR_NONE;
    error_set(error, ERROR_USAGE, "%u of %u jobs can never fit", refused, options->jobs->count);
    error_hint(error, "more memory or processors for the batch, or less for these jobs");
    return ERROR_USAGE;
}

static enum error_code note_passed(struct batch *batch, uint32_t number, struct error *error)
{
    struct notice *notice;
    progress_set_state(batch, number, BATCH_OK);
    batch->passed++;
    return notices_add(batch, BATCH_PASSED, number, &notice, error);
}

static enum error_code register_job(struct batch *batch, uint32_t number, struct error *error)
{
    const struct batch_options *options = &batch->options;
    const struct job *job = &batch->jobs->items[number];
    struct job_state *own = &batch->states[number];
    bool finished = false;
    *own = (struct job_state){
        .ticket = BATCH_NO_TICKET, .awaited = job->after_count, .memory = job->memory};
    TRY(ledger_step(options->ledger, options->setting.run, job->name, job->digest, &own->step,
                    error));
    if (options->resumes)
        TRY(ledger_is_finished(options->ledger, options->setting.run, job->name, job->digest,
                               &finished, error));
    return finished ? note_passed(batch, number, error) : ERROR_NONE;
}

static enum error_code register_jobs(struct batch *batch, struct error *error)
{
    TRY(ledger_begin_batch(batch->options.ledger, error));
    batch->counts[BATCH_WAITING] = batch->jobs->count;
    for (uint32_t i = 0; i < batch->jobs->count; i++)
        TRY(register_job(batch, i, error));
    return ledger_end_batch(batch->options.ledger, error);
}

/* What is finished is awaited by nobody; what then awaits nobody asks. */
static enum error_code ask_first(struct batch *batch, struct error *error)
{
    const struct jobs *jobs = batch->jobs;
    for (uint32_t i = 0; i < jobs->count; i++)
        for (uint32_t k = 0; k < jobs->items[i].after_count; k++)
            batch->states[i].awaited -=
                batch->states[jobs->edges[jobs->items[i].after + k]].state == BATCH_OK;
    for (uint32_t i = 0; i < jobs->count; i++)
        if (batch->states[i].state == BATCH_WAITING)
            TRY(progress_ask(batch, i, error));
    return ERROR_NONE;
}

static void init_buffers(struct batch *batch)
{
    struct mem_buffer *buffers[] = {&batch->tickets, &batch->lanes, &batch->notices, &batch->polls,
                                    &batch->skips};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        mem_buffer_init(buffers[i], batch->account, SIZE_MAX / 2);
}

static enum error_code prepare(struct batch *batch, struct error *error)
{
    void *memory;
    TRY(admission_create(batch->account, &batch->options.pool, 0, &batch->admission, error));
    TRY(mem_alloc_array(batch->account, batch->jobs->count, sizeof *batch->states, &memory, error));
    batch->states = memory;
    TRY(register_jobs(batch, error));
    TRY(ask_first(batch, error));
    notices_tell(batch);
    return ERROR_NONE;
}

enum error_code batch_create(const struct batch_options *options, struct mem_account *account,
                             struct batch **ret, struct error *error)
{
    void *memory;
    TRY(check_fits(options, error));
    TRY(mem_alloc(account, sizeof(struct batch), &memory, error));
    struct batch *batch = memory;
    batch->options = *options;
    batch->account = account;
    batch->jobs = options->jobs;
    init_buffers(batch);
    enum error_code code = prepare(batch, error);
    if (code != ERROR_NONE) {
        batch_destroy(batch);
        return code;
    }
    *ret = batch;
    return ERROR_NONE;
}

void batch_destroy(struct batch *batch)
{
    if (batch == NULL)
        return;
    notices_drop(batch);
    for (size_t i = 0; i < batch_lane_count(batch); i++)
        attempt_destroy(batch_lane(batch, i)->attempt);
    mem_buffer_release(&batch->tickets);
    mem_buffer_release(&batch->lanes);
    mem_buffer_release(&batch->notices);
    mem_buffer_release(&batch->polls);
    mem_buffer_release(&batch->skips);
    admission_destroy(batch->admission);
    mem_free(batch->states);
    mem_free(batch);
}

/* ---- an attempt that ended ---- */

static bool is_oom(enum cell_verdict verdict)
{
    return verdict == CELL_OOM_LIMIT || verdict == CELL_OOM_HOST;
}

/* A batch that is stopped tries nothing again, and what it stopped waits for a resumption. */
static struct retry_decision decide(const struct batch *batch, const struct notice *notice)
{
    const struct job *job = &batch->jobs->items[notice->event.job];
    const struct job_state *own = &batch->states[notice->event.job];
    const struct cell_report *report = notice->result.report;
    if (batch->cancelled)
        return (struct retry_decision){.memory = own->memory, .why = "the batch was stopped"};
    return retry_decide(&job->retry, report->verdict, own->attempts, os_now_ns() - own->first_ns,
                        notice->event.memory, report->suggestion, batch->options.pool.memory);
}

static enum error_code write_end(struct batch *batch, const struct notice *notice, bool is_last,
                                 struct error *error)
{
    const struct cell_report *report = notice->result.report;
    const struct ledger_attempt attempt = {
        .figure = notice->event.memory,
        .peak = report->peak,
        .wall_ns = report->wall_ns,
        .cpu_ns = report->cpu_ns,
        .exit_status = report->exit_status,
        .signal = report->signal,
        .verdict = cell_verdict_name(report->verdict),
        .report = notice->result.document,
        .samples = notice->result.samples,
        .ended = notice->ended,
    };
    return ledger_end_attempt(batch->options.ledger, notice->row, &attempt, is_last, error);
}

static enum error_code move_on(struct batch *batch, const struct batch_event *event, bool well,
                               bool waits, struct error *error)
{
    if (well) {
        progress_set_state(batch, event->job, BATCH_OK);
        return progress_finish(batch, event->job, error);
    }
    progress_set_state(batch, event->job, waits ? BATCH_WAITING : BATCH_FAILED);
    if (event->retry.again)
        return progress_ask(batch, event->job, error);
    return waits ? ERROR_NONE : progress_fail(batch, event->job, error);
}

static enum error_code settle(struct batch *batch, size_t index, struct error *error)
{
    struct notice *notice = (struct notice *)batch->notices.data + index;
    struct job_state *own = &batch->states[notice->event.job];
    enum cell_verdict verdict = notice->result.report->verdict;
    admission_end(batch->admission, own->ticket);
    own->attempts++;
    batch->attempts++;
    batch->oom += is_oom(verdict);
    notice->event.retry = decide(batch, notice);
    own->memory = notice->event.retry.memory;
    bool stopped = batch->cancelled && verdict == CELL_CANCELLED;
    bool waits = notice->event.retry.again || stopped;
    TRY(write_end(batch, notice, !waits, error));
    /* The notices may move when others are added. */
    const struct batch_event event = notice->event;
    return move_on(batch, &event, verdict == CELL_OK, waits, error);
}

/* ---- a turn ---- */

static enum error_code open_transaction(struct batch *batch, struct error *error)
{
    if (batch->writing)
        return ERROR_NONE;
    TRY(ledger_begin_batch(batch->options.ledger, error));
    batch->writing = true;
    batch->writing_since = os_now_ns();
    return ERROR_NONE;
}

static size_t notice_count(const struct batch *batch)
{
    return batch->notices.size / sizeof(struct notice);
}

static bool is_end(const struct batch *batch, size_t index)
{
    return ((const struct notice *)batch->notices.data)[index].event.kind == BATCH_ENDED;
}

/* From the first that is not settled yet. */
static enum error_code settle_ends(struct batch *batch, struct error *error)
{
    for (; batch->settled < notice_count(batch); batch->settled++)
        if (is_end(batch, batch->settled)) {
            TRY(open_transaction(batch, error));
            TRY(settle(batch, batch->settled, error));
        }
    return ERROR_NONE;
}

/* What could not be started has ended, which may make room for others. */
static enum error_code start_granted(struct batch *batch, struct error *error)
{
    uint32_t job;
    while (progress_next(batch, &job)) {
        TRY(open_transaction(batch, error));
        TRY(lanes_start(batch, job, error));
        TRY(settle_ends(batch, error));
    }
    return ERROR_NONE;
}

static void look_at_host(struct batch *batch, uint64_t now_ns)
{
    if (now_ns < batch->host_at)
        return;
    struct host_reading reading = host_pressure_read();
    batch->paused = host_pressure_pauses(&reading, batch->paused);
    admission_pause(batch->admission, batch->paused);
    batch->host_at = now_ns + HOST_EVERY_NS;
}

static void flush_logs(struct batch *batch, uint64_t now_ns)
{
    if (now_ns < batch->flush_at)
        return;
    for (size_t i = 0; i < batch_lane_count(batch); i++)
        attempt_flush(batch_lane(batch, i)->attempt);
    batch->flush_at = now_ns + FLUSH_EVERY_NS;
}

/* A sync costs as much as a short job: while others run, what happens within some milliseconds goes
 * to the disk together. */
static enum error_code sync_and_tell(struct batch *batch, struct error *error)
{
    bool wait = batch_lane_count(batch) > 0 && notice_count(batch) < NOTICES_MOST &&
                os_now_ns() < batch->writing_since + SYNC_SPACING_NS;
    if (batch->writing && wait)
        return ERROR_NONE;
    if (batch->writing)
        TRY(ledger_end_batch(batch->options.ledger, error));
    batch->writing = false;
    notices_tell(batch);
    batch->settled = 0;
    return ERROR_NONE;
}

enum error_code batch_turn(struct batch *batch, struct error *error)
{
    batch->turned_at = os_now_ns();
    TRY(lanes_advance(batch, error));
    look_at_host(batch, batch->turned_at);
    flush_logs(batch, batch->turned_at);
    TRY(settle_ends(batch, error));
    TRY(start_granted(batch, error));
    return sync_and_tell(batch, error);
}

/* ---- between turns ---- */

static void fill_lane(struct lane *lane, struct pollfd *polls, size_t *used)
{
    lane->first_poll = *used;
    lane->poll_count = cell_poll_fill(attempt_cell(lane->attempt), polls + *used);
    *used += lane->poll_count;
}

static uint64_t wake_at(const struct batch *batch)
{
    uint64_t wake = batch_lane_count(batch) > 0 ? batch->flush_at : UINT64_MAX;
    for (size_t i = 0; i < batch_lane_count(batch); i++) {
        uint64_t due = cell_wake_at(attempt_cell(batch_lane(batch, i)->attempt));
        wake = due < wake ? due : wake;
    }
    if (wake < batch->turned_at + TURN_SPACING_NS)
        wake = batch->turned_at + TURN_SPACING_NS;
    if (batch->writing && wake > batch->writing_since + SYNC_SPACING_NS)
        wake = batch->writing_since + SYNC_SPACING_NS;
    return progress_may_start(batch) && batch->host_at < wake ? batch->host_at : wake;
}

enum error_code batch_fill(struct batch *batch, size_t extra, struct pollfd **ret,
                           size_t *ret_count, uint64_t *ret_wake_ns, struct error *error)
{
    size_t most = batch_lane_count(batch) * CELL_DESCRIPTORS + extra;
    TRY(mem_buffer_reserve(&batch->polls, most * sizeof(struct pollfd), error));
    struct pollfd *polls = (struct pollfd *)batch->polls.data;
    size_t used = 0;
    for (size_t i = 0; i < batch_lane_count(batch); i++)
        fill_lane(batch_lane(batch, i), polls, &used);
    *ret = polls;
    *ret_count = used;
    *ret_wake_ns = wake_at(batch);
    return ERROR_NONE;
}

void batch_cancel(struct batch *batch, int signal)
{
    batch->cancelled = true;
    for (size_t i = 0; i < batch_lane_count(batch); i++)
        attempt_cancel(batch_lane(batch, i)->attempt, signal);
}

bool batch_is_over(const struct batch *batch)
{
    if (batch_lane_count(batch) > 0 || batch->writing)
        return false;
    bool halted = batch->options.fail_fast && batch->counts[BATCH_FAILED] > 0;
    return batch->cancelled || halted || batch->asking == 0;
}
