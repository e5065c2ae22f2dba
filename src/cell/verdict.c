#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cell/plain_text.h"
#include "cell/verdict.h"

#define SIZE(bytes) mem_format_size((bytes), (char[24]){0})

const char *cell_verdict_name(enum cell_verdict verdict)
{
    static const char *const NAMES[] = {
        [CELL_OK] = "ok",
        [CELL_ERROR] = "error",
        [CELL_OOM_LIMIT] = "oom-limit",
        [CELL_OOM_HOST] = "oom-host",
        [CELL_TIMEOUT] = "timeout",
        [CELL_CANCELLED] = "cancelled",
        [CELL_SIGNAL] = "signal",
        [CELL_LOST] = "lost",
    };
    return NAMES[verdict];
}

uint64_t verdict_nice_size(uint64_t bytes)
{
    uint64_t step = 1;
    while (bytes / step >= 8)
        step *= 2;
    uint64_t rounded = bytes / step * step;
    return rounded == bytes || rounded > UINT64_MAX - step ? rounded : rounded + step;
}

PRINTF_LIKE(3, 4)
static void decide(struct verdict *ret, enum cell_verdict verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    ret->verdict = verdict;
    vsnprintf(ret->evidence, sizeof ret->evidence, format, arguments);
    va_end(arguments);
}

static uint64_t rise(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

static bool ended_badly(const struct verdict_evidence *evidence)
{
    return evidence->exit_status != 0;
}

/* "exit status 1" or "signal 9 (Killed)". */
static const char *how_it_ended(const struct verdict_evidence *evidence, char ret[static 64])
{
    if (evidence->signal > 0)
        snprintf(ret, 64, "signal %d (%s)", evidence->signal, strsignal(evidence->signal));
    else
        snprintf(ret, 64, "exit status %d", evidence->exit_status);
    return ret;
}

#define END(evidence) how_it_ended((evidence), (char[64]){0})

/* ---- the rules, first to last: true when a rule holds ------------------------------------- */

static bool never_seen(const struct verdict_evidence *evidence, struct verdict *ret)
{
    if (!evidence->started)
        decide(ret, CELL_ERROR, "%s", evidence->not_started);
    else if (evidence->lost)
        decide(ret, CELL_LOST, "%s", evidence->lost_reason);
    return !evidence->started || evidence->lost;
}

static const char *watch_name(enum cell_watch watch)
{
    return watch == CELL_WATCH_V1   ? "the kernel reported memory.oom_control under_oom"
           : watch == CELL_WATCH_V2 ? "its group passed memory.high with no page cache left to drop"
                                    : "found by looking at its processes";
}

static bool stopped_at_limit(const struct verdict_evidence *evidence, struct verdict *ret)
{
    if (evidence->stop != STOP_LIMIT)
        return false;
    decide(ret, CELL_OOM_LIMIT, "ended by weir at its limit: %s of %s in use (%s%s%s)",
           SIZE(evidence->at_stop), SIZE(evidence->limit), watch_name(evidence->watch),
           evidence->group == NULL ? "" : "; group ",
           evidence->group == NULL ? "" : evidence->group);
    return true;
}

/* The group's own counter; what rose after weir had begun to end it is a consequence. */
static bool counted_own(const struct verdict_evidence *evidence, struct verdict *ret)
{
    uint64_t last = evidence->stop == STOP_NONE ? evidence->after.oom : evidence->oom_at_stop;
    uint64_t kills = rise(evidence->before.oom_kills, evidence->after.oom_kills);
    if (!evidence->after.has_oom || rise(evidence->before.oom, last) == 0)
        return false;
    if (kills == 0 && !ended_badly(evidence))
        return false;
    decide(ret, CELL_OOM_LIMIT,
           "killed by the kernel at its limit: %s oom %" PRIu64 " → %" PRIu64 ", oom_kill %" PRIu64
           " → %" PRIu64 " in group %s",
           evidence->watch == CELL_WATCH_V2 ? "memory.events.local" : "memory.oom_control",
           evidence->before.oom, last, evidence->before.oom_kills, evidence->after.oom_kills,
           evidence->group);
    return true;
}

/* Its use has come up to its limit. Kernels from 6.14 on no longer count in v1 how often. */
static bool was_at_limit(const struct verdict_evidence *evidence)
{
    return evidence->limit > 0 && evidence->after.memory_peak + (64 << 10) >= evidence->limit;
}

/* Where a group cannot count its own: it was at its limit, and the kernel killed inside. */
static bool killed_at_limit(const struct verdict_evidence *evidence, struct verdict *ret)
{
    uint64_t kills = rise(evidence->before.oom_kills, evidence->after.oom_kills);
    if (evidence->after.has_oom || kills == 0 || !was_at_limit(evidence))
        return false;
    decide(ret, CELL_OOM_LIMIT,
           "killed by the kernel: oom_kill rose by %" PRIu64 " in group %s, which had come up to"
           " its limit of %s",
           kills, evidence->group, SIZE(evidence->limit));
    return true;
}

static bool killed_for_host(const struct verdict_evidence *evidence, struct verdict *ret)
{
    uint64_t kills = rise(evidence->before.oom_kills, evidence->after.oom_kills);
    if (evidence->after.has_oom_kills) {
        if (kills == 0)
            return false;
        decide(ret, CELL_OOM_HOST,
               "killed by the kernel, not at its own limit: oom_kill rose by %" PRIu64
               " in group %s, its own oom count did not",
               kills, evidence->group);
        return true;
    }
    if (evidence->signal != SIGKILL || evidence->stop != STOP_NONE || evidence->host_kills == 0)
        return false;
    decide(ret, CELL_OOM_HOST,
           "killed by signal 9 while the kernel's out-of-memory killer ended %" PRIu64
           " processes on this machine (/proc/vmstat oom_kill)",
           evidence->host_kills);
    return true;
}

static bool stopped_otherwise(const struct verdict_evidence *evidence, struct verdict *ret)
{
    if (evidence->stop == STOP_TIMEOUT)
        decide(ret, CELL_TIMEOUT, "ended by weir: its time of %.3g s was over; it left with %s",
               (double)evidence->timeout_ns / 1e9, END(evidence));
    else if (evidence->stop == STOP_CANCEL)
        decide(ret, CELL_CANCELLED, "ended by weir on request; it left with %s", END(evidence));
    else if (evidence->stop == STOP_PROCESSES)
        decide(ret, CELL_ERROR, "ended by weir: it had more than its %u processes",
               evidence->processes);
    return evidence->stop != STOP_NONE;
}

/* bad_alloc and Rust abort; the rest exit. A SIGKILL says nothing, so nothing said before it
 * counts. */
static bool said_so(const struct verdict_evidence *evidence, struct verdict *ret)
{
    bool by_itself =
        evidence->exit_status > 0 || evidence->signal == SIGABRT || evidence->signal == SIGTRAP;
    if (!evidence->said.out_of_memory || !by_itself)
        return false;
    decide(ret, CELL_OOM_LIMIT, "the program said so: \"%s\"; it left with %s", evidence->said.line,
           END(evidence));
    return true;
}

/* v1 refuses memory in system calls (writing to tmpfs) with an error instead of holding. What then
 * ends without a word, with its limit full of memory that nobody could drop, ended for that. */
static bool refused_at_limit(const struct verdict_evidence *evidence, struct verdict *ret)
{
    bool by_itself = evidence->exit_status > 0 || evidence->signal == SIGBUS;
    bool silent = evidence->said.last[0] == '\0';
    bool full = was_at_limit(evidence) && evidence->peak >= evidence->limit - evidence->limit / 16;
    if (evidence->watch != CELL_WATCH_V1 || !by_itself || !silent || !full)
        return false;
    decide(ret, CELL_OOM_LIMIT,
           "it left with %s and without a word when its group was at its limit"
           " (memory.max_usage_in_bytes), %s of %s of it no page cache",
           END(evidence), SIZE(evidence->peak), SIZE(evidence->limit));
    return true;
}

static void describe_kill(const struct verdict_evidence *evidence, struct verdict *ret)
{
    const char *host = !evidence->host_kills_known ? "host-wide OOM count unknown"
                       : evidence->host_kills == 0 ? "host-wide OOM count unchanged"
                                                   : "the kernel's OOM kills were elsewhere";
    decide(ret, CELL_SIGNAL, "killed by signal 9, not by its memory limit: sender unknown; %s",
           host);
}

static bool ended_by_itself(const struct verdict_evidence *evidence, struct verdict *ret)
{
    if (evidence->signal == SIGKILL)
        describe_kill(evidence, ret);
    else if (evidence->signal > 0)
        decide(ret, CELL_SIGNAL, "ended by %s", END(evidence));
    else if (evidence->exit_status != 0)
        decide(ret, CELL_ERROR, "ended by itself with %s", END(evidence));
    else
        decide(ret, CELL_OK, "ended by itself with exit status 0");
    return true;
}

/* ---- why, and what to try ----------------------------------------------------------------- */

static void explain_growth(const struct verdict_evidence *evidence, struct verdict *ret)
{
    double seconds = (double)evidence->wall_ns / 1e9;
    uint64_t asked = evidence->said.out_of_memory ? evidence->said.requested : 0;
    if (asked > 0 && evidence->stop != STOP_LIMIT)
        snprintf(ret->why, sizeof ret->why, "it asked for %s more when it had %s%s", SIZE(asked),
                 SIZE(evidence->peak),
                 evidence->machine > 0 && asked > evidence->machine
                     ? ", which is more than this machine has"
                     : "");
    else if (evidence->growth > 0 && seconds >= 1)
        snprintf(ret->why, sizeof ret->why, "it grew by %s/s until the end, and used %s at most",
                 SIZE(evidence->growth), SIZE(evidence->peak));
    else
        snprintf(ret->why, sizeof ret->why, "it used %s at most, reached in %.2g s",
                 SIZE(evidence->peak), seconds);
}

/* Half as much again as it had; where it named what it wanted, that too. There is no figure to
 * raise without a limit, and none that helps where the machine has less. */
static void suggest(const struct verdict_evidence *evidence, struct verdict *ret)
{
    uint64_t base = evidence->peak > evidence->limit ? evidence->peak : evidence->limit;
    uint64_t more = base / 2, asked = evidence->said.requested;
    if (evidence->limit == 0 || base > UINT64_MAX / 4 || asked > UINT64_MAX / 4)
        return;
    if (asked > more)
        more = asked + asked / 8;
    if (asked == 0 || evidence->machine == 0 || base + asked <= evidence->machine)
        ret->suggestion = verdict_nice_size(base + more);
}

/* Of the input at least a 20th must have been read, or the line is too short to be drawn on. */
static bool tells_share(const struct cell_progress *progress)
{
    return progress->has_read && progress->read > 0 && progress->read < progress->of &&
           progress->read >= progress->of / 20;
}

/* What it had read says more than how fast it grew: memory in a straight line to the end of the
 * input, with an eighth more. */
static void draw_on(const struct verdict_evidence *evidence, struct verdict *ret)
{
    const struct cell_progress *progress = &evidence->progress;
    if (!tells_share(progress))
        return;
    double whole = (double)evidence->peak * (double)progress->of / (double)progress->read;
    uint64_t figure = whole < 0x1p62 ? (uint64_t)whole : UINT64_C(1) << 62;
    snprintf(ret->why, sizeof ret->why,
             "it had read %.0f %% of its input when it used %s; in a straight line all of it takes "
             "%s",
             (double)progress->read * 100 / (double)progress->of, SIZE(evidence->peak),
             SIZE(figure));
    figure = verdict_nice_size(figure + figure / 8);
    if (ret->suggestion > 0 && figure > ret->suggestion)
        ret->suggestion = figure;
}

static void explain(const struct verdict_evidence *evidence, struct verdict *ret)
{
    if (ret->verdict == CELL_OOM_LIMIT) {
        explain_growth(evidence, ret);
        suggest(evidence, ret);
        draw_on(evidence, ret);
    } else if (ret->verdict == CELL_OOM_HOST) {
        snprintf(ret->why, sizeof ret->why,
                 "the machine, or a group above, had no memory left; it had used %s",
                 SIZE(evidence->peak));
    } else if (evidence->started && (ret->verdict == CELL_ERROR || ret->verdict == CELL_SIGNAL)) {
        snprintf(ret->why, sizeof ret->why, "%s", evidence->said.last);
    }
}

void verdict_reach(const struct verdict_evidence *evidence, struct verdict *ret)
{
    typedef bool (*rule)(const struct verdict_evidence *, struct verdict *);
    static const rule RULES[] = {never_seen,      stopped_at_limit, counted_own,
                                 killed_at_limit, killed_for_host,  stopped_otherwise,
                                 said_so,         refused_at_limit, ended_by_itself};
    *ret = (struct verdict){.suggestion = 0};
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
        if (RULES[i](evidence, ret))
            break;
    explain(evidence, ret);
    plain_text(ret->evidence);
    plain_text(ret->why);
}
