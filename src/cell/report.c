#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cell/cell_state.h"
#include "cell/progress_file.h"
#include "cell/python_line.h"
#include "os/os.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t rise(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

/* The group's counter holds cache too. Where there was none worth naming it is the peak; where it
 * was held at its limit the last sample was the most; else samples tell, and the counter less the
 * cache that is left is a lower bound. */
static void find_peak(struct cell *cell, struct cell_report *report)
{
    const struct cgroup_counters *after = &report->after;
    report->peak = cell->history.peak;
    report->peak_is_sampled = true;
    if (cell->watch == CELL_WATCH_POLL)
        return;
    if (cell->stop == STOP_LIMIT && report->peak > 0) {
        report->peak_is_sampled = false;
    } else if (larger(cell->cache_most, after->cache) <= after->memory_peak / 64) {
        report->peak_is_sampled = false;
        report->peak = larger(report->peak, after->memory_peak);
    } else {
        report->peak = larger(report->peak, rise(after->cache, after->memory_peak));
    }
}

/* Counters of a new group begin at 0. */
static enum error_code read_counters(struct cell *cell, struct error *error)
{
    struct cell_report *report = &cell->report;
    report->after = cell->counters;
    if (cell->group != NULL)
        TRY(cgroup_read(cell->group, &report->after, error));
    report->before.has_oom = report->after.has_oom;
    report->before.has_oom_kills = report->after.has_oom_kills;
    if (report->after.cpu_ns > 0)
        report->cpu_ns = report->after.cpu_ns;
    return ERROR_NONE;
}

/* Reading the file costs the kernel something, so only where a kill is to be explained. */
static void read_host_kills(struct cell *cell, bool *ret_known)
{
    struct cell_report *report = &cell->report;
    uint64_t after;
    *ret_known = report->signal == SIGKILL && cell->host_kills_known && process_host_kills(&after);
    if (!*ret_known)
        return;
    uint64_t all = rise(cell->host_kills_before, after);
    report->host_kills = rise(rise(report->before.oom_kills, report->after.oom_kills), all);
}

static void read_errors(struct cell *cell, struct said *said)
{
    size_t size;
    const char *tail = capture_tail(&cell->report.errors, &size);
    *said = (struct said){.out_of_memory = false};
    if (cell->report.exit_status != 0)
        said_read(tail, size, said);
    if (cell->asked > 0)
        python_line_find(tail, size, cell->directory, &cell->report.line);
}

static void judge(struct cell *cell, const struct said *said, bool host_kills_known)
{
    struct cell_report *report = &cell->report;
    const struct verdict_evidence evidence = {
        .started = true,
        .lost = cell->lost_reason != NULL,
        .lost_reason = cell->lost_reason,
        .exit_status = report->exit_status,
        .signal = report->signal,
        .stop = cell->stop,
        .at_stop = cell->at_stop,
        .watch = cell->watch,
        .group = cell->group == NULL ? NULL : cell->group_name,
        .limit = cell->limit,
        .peak = report->peak,
        .growth = report->growth,
        .wall_ns = report->wall_ns,
        .timeout_ns = cell->timeout_ns,
        .processes = cell->processes_limit,
        .machine = said->requested > 0 ? os_memory_available() : 0,
        .before = report->before,
        .after = report->after,
        .oom_at_stop = cell->oom_at_stop,
        .host_kills_known = host_kills_known,
        .host_kills = report->host_kills,
        .said = *said,
        .progress = report->progress,
    };
    struct verdict verdict;
    verdict_reach(&evidence, &verdict);
    report->verdict = verdict.verdict;
    report->suggestion = verdict.suggestion;
    memcpy(report->evidence, verdict.evidence, sizeof report->evidence);
    memcpy(report->why, verdict.why, sizeof report->why);
}

enum error_code report_fill(struct cell *cell, struct error *error)
{
    struct cell_report *report = &cell->report;
    bool host_kills_known;
    struct said said;
    if (cell->pidfd >= 0)
        report->wall_ns = os_now_ns() - cell->started_at;
    report->ended_by_weir = cell->stop != STOP_NONE;
    TRY(read_counters(cell, error));
    find_peak(cell, report);
    report->growth = history_growth(&cell->history);
    TRY(sample_of_end(cell, report->peak, error));
    report->processes_most = larger(cell->history.processes_most, 1);
    report->output = capture_text(&cell->output);
    report->errors = capture_text(&cell->errors);
    read_host_kills(cell, &host_kills_known);
    read_errors(cell, &said);
    if (cell->temporary != NULL)
        progress_file_read(cell->temporary, &report->progress);
    judge(cell, &said, host_kills_known);
    if (cell->watch != CELL_WATCH_POLL)
        TRY(process_tree_reap(&cell->tree, error));
    cgroup_destroy(cell->group);
    cell->group = NULL;
    return ERROR_NONE;
}

void report_not_started(struct cell *cell, const char *what)
{
    struct verdict verdict;
    verdict_reach(&(struct verdict_evidence){.not_started = what, .exit_status = -1}, &verdict);
    cell->report.verdict = verdict.verdict;
    cell->report.started = false;
    memcpy(cell->report.evidence, verdict.evidence, sizeof cell->report.evidence);
    snprintf(cell->report.why, sizeof cell->report.why, "%s", verdict.evidence);
}
