#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cell/cell_state.h"
#include "cell/spawn.h"
#include "os/os.h"

#define SAMPLE_NS       100000000u
#define FIRST_SAMPLE_NS 2000000u
#define WEIGHT_MOST     10000u

/* Where processors are short, cells share them as they asked for them: one processor is the usual
 * weight. */
static uint32_t weight_of(uint32_t milli_cpus)
{
    uint32_t weight = milli_cpus / 10;
    return weight > WEIGHT_MOST ? WEIGHT_MOST : milli_cpus > 0 && weight == 0 ? 1 : weight;
}

/* v2 slows a cell at its limit, so that it can be looked at, and kills it a little above. v1 holds
 * it there instead. */
static enum error_code make_group(struct cell *cell, const struct cgroup_place *place,
                                  const struct cell_options *options, struct error *error)
{
    if (place->kind == CGROUP_NONE)
        return ERROR_NONE;
    struct cgroup_limits limits = {.memory = options->memory,
                                   .milli_cpus = options->milli_cpus,
                                   .cpu_weight = weight_of(options->milli_cpus),
                                   .processes = options->processes};
    if (cell->watch == CELL_WATCH_V2 && options->memory > 0) {
        limits.memory_high = options->memory;
        limits.memory += at_limit_slack(options->memory);
    }
    TRY(cgroup_create(place, options->name, &limits, cell->account, &cell->group, error));
    snprintf(cell->group_name, sizeof cell->group_name, "%s", cgroup_name(cell->group));
    if (cell->watch == CELL_WATCH_V1 && options->memory > 0 && place->counts_own_oom)
        return cgroup_hold_at_limit(cell->group, true, error);
    return ERROR_NONE;
}

static enum cell_watch choose_watch(const struct cgroup_place *place)
{
    if (place->kind == CGROUP_NONE || !place->limits_memory)
        return CELL_WATCH_POLL;
    return place->kind == CGROUP_V2 ? CELL_WATCH_V2 : CELL_WATCH_V1;
}

static enum error_code take_options(struct cell *cell, const struct cell_options *options,
                                    struct error *error)
{
    cell->limit = options->memory;
    cell->processes_limit = options->processes;
    cell->timeout_ns = options->timeout_ns;
    cell->grace_ns = options->grace_ns;
    cell->sample_ns = options->sample_ns > 0 ? options->sample_ns : SAMPLE_NS;
    cell->sample_step = FIRST_SAMPLE_NS < cell->sample_ns ? FIRST_SAMPLE_NS : cell->sample_ns;
    cell->receiver = options->receiver;
    cell->samples = options->receiver == NULL ? options->samples : NULL;
    if (options->directory != NULL)
        TRY(mem_copy_string(cell->account, options->directory, &cell->directory, error));
    if (options->temporary != NULL)
        TRY(mem_copy_string(cell->account, options->temporary, &cell->temporary, error));
    return ERROR_NONE;
}

static void init_parts(struct cell *cell, const struct cell_options *options)
{
    char marker[PROCESS_TREE_MARKER];
    process_tree_marker(options->name, marker);
    process_tree_init(&cell->tree, marker, cell->account);
    if (options->space != NULL)
        cell->tree.adopter = options->space->first.pid;
    history_init(&cell->history, cell->sample_ns, cell->account);
    cell->report.watch = cell->watch;
    cell->report.limit = cell->limit;
    cell->report.exit_status = -1;
    cell->pidfd = cell->output.pipe = cell->errors.pipe = -1;
}

static const char *step_name(enum spawn_step step)
{
    return step == SPAWN_DIRECTORY ? "cannot change to its directory"
           : step == SPAWN_PROGRAM ? "cannot be run"
                                   : "cannot be started";
}

/* A group that cannot be entered is weir's failure; a program that is not there its user's. */
static enum error_code take_spawned(struct cell *cell, const struct cell_options *options,
                                    const struct spawn_result *spawned, struct error *error)
{
    cell->next_sample_at = os_now_ns() + cell->sample_step;
    if (spawned->failed_at == SPAWN_GROUP)
        return error_set_errno(error, spawned->reason, "a process cannot enter its control group");
    if (spawned->failed_at == SPAWN_MOUNTS)
        return error_set_errno(error, spawned->reason,
                               "a process cannot enter the mounts of the PID namespace");
    if (spawned->failed_at != SPAWN_DONE) {
        char what[300];
        snprintf(what, sizeof what, "%.160s %s: %s", options->arguments[0],
                 step_name(spawned->failed_at), strerror(spawned->reason));
        report_not_started(cell, what);
        cell->phase = OVER;
        return ERROR_NONE;
    }
    cell->report.started = true;
    cell->pid = cell->tree.root = spawned->pid;
    cell->pidfd = spawned->pidfd;
    cell->phase_until = cell->timeout_ns == 0 || cell->timeout_ns > UINT64_MAX - cell->started_at
                            ? UINT64_MAX
                            : cell->started_at + cell->timeout_ns;
    return ERROR_NONE;
}

static void close_if_open(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

static enum error_code spawn_program(struct cell *cell, const struct cell_options *options,
                                     struct error *error)
{
    struct spawn_request request = {.arguments = options->arguments,
                                    .environment = options->environment,
                                    .marker = cell->tree.marker,
                                    .directory = options->directory,
                                    .group = cell->group,
                                    .space = options->space,
                                    .input = options->input,
                                    .output = -1,
                                    .errors = -1};
    struct spawn_result spawned;
    cell->started_at = os_now_ns();
    enum error_code code = capture_open(&cell->output, options->output, options->output_most,
                                        cell->account, &request.output, error);
    if (code == ERROR_NONE)
        code = capture_open(&cell->errors, options->errors, options->output_most, cell->account,
                            &request.errors, error);
    if (code == ERROR_NONE && options->receiver != NULL) {
        capture_give(&cell->output, options->receiver, false);
        capture_give(&cell->errors, options->receiver, true);
    }
    if (code == ERROR_NONE)
        code = spawn_run(&request, cell->account, &spawned, error);
    close_if_open(request.output);
    close_if_open(request.errors);
    return code == ERROR_NONE ? take_spawned(cell, options, &spawned, error) : code;
}

static enum error_code start(struct cell *cell, const struct cgroup_place *place,
                             const struct cell_options *options, struct error *error)
{
    TRY(take_options(cell, options, error));
    init_parts(cell, options);
    if (cell->watch == CELL_WATCH_POLL && options->space == NULL)
        TRY(process_tree_adopt_orphans(error));
    TRY(make_group(cell, place, options, error));
    cell->host_kills_known = process_host_kills(&cell->host_kills_before);
    return spawn_program(cell, options, error);
}

enum error_code cell_start(const struct cgroup_place *place, const struct cell_options *options,
                           struct mem_account *account, struct cell **ret, struct error *error)
{
    if (options->arguments == NULL || options->arguments[0] == NULL)
        return error_set(error, ERROR_USAGE, "a cell needs a program");
    void *memory;
    TRY(mem_alloc(account, sizeof(struct cell), &memory, error));
    struct cell *cell = memory;
    cell->account = account;
    cell->watch = choose_watch(place);
    cell->pidfd = cell->output.pipe = cell->errors.pipe = -1;
    enum error_code code = start(cell, place, options, error);
    if (code != ERROR_NONE)
        cell_destroy(cell);
    else
        *ret = cell;
    return code;
}

void cell_destroy(struct cell *cell)
{
    if (cell == NULL)
        return;
    if (cell->pid > 0 && cell->phase != OVER)
        inside_end(cell);
    close_if_open(cell->pidfd);
    cgroup_destroy(cell->group);
    capture_close(&cell->output);
    capture_close(&cell->errors);
    history_release(&cell->history);
    process_tree_release(&cell->tree);
    mem_free(cell->directory);
    mem_free(cell->temporary);
    mem_free(cell);
}

size_t cell_poll_fill(const struct cell *cell, struct pollfd fds[static CELL_DESCRIPTORS])
{
    size_t count = 0;
    if (cell->phase == OVER)
        return 0;
    if (cell->pidfd >= 0)
        fds[count++] = (struct pollfd){cell->pidfd, POLLIN, 0};
    count += capture_poll(&cell->output, &fds[count]);
    count += capture_poll(&cell->errors, &fds[count]);
    short events;
    int event = cell->group == NULL ? -1 : cgroup_event_descriptor(cell->group, &events);
    if (event >= 0 && cell->phase < KILLING)
        fds[count++] = (struct pollfd){event, events, 0};
    return count;
}

uint64_t cell_wake_at(const struct cell *cell)
{
    if (cell->phase == OVER)
        return 0;
    uint64_t next = cell->phase == RUNNING ? cell->phase_until : cell->look_at;
    bool samples = cell->phase < KILLING && cell->phase != ASKING;
    return samples && cell->next_sample_at < next ? cell->next_sample_at : next;
}

enum error_code cell_advance(struct cell *cell, struct error *error)
{
    return cell->phase == OVER ? ERROR_NONE : life_advance(cell, error);
}

/* Where not even the processes can be listed the program at least is ended. */
void cell_cancel(struct cell *cell, int number)
{
    struct error ignored;
    cell->cancel_signal = number;
    if (life_cancel(cell, &ignored) != ERROR_NONE && cell->pidfd >= 0)
        kill(cell->pid, SIGKILL);
}

bool cell_is_over(const struct cell *cell)
{
    return cell->phase == OVER;
}

const struct cell_report *cell_report(const struct cell *cell)
{
    return &cell->report;
}

size_t cell_samples(const struct cell *cell, struct cell_sample *ret, size_t capacity)
{
    size_t all = history_count(&cell->history);
    size_t count = all < capacity ? all : capacity;
    if (count > 0)
        memcpy(ret, history_at(&cell->history, all - count), count * sizeof *ret);
    return count;
}

uint64_t cell_memory_now(const struct cell *cell)
{
    return cell->phase == OVER ? 0 : cell->history.last.memory;
}

uint64_t cell_memory_peak(const struct cell *cell)
{
    return cell->phase == OVER ? cell->report.peak : cell->history.peak;
}
