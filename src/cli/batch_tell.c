#include "cli/batch_tell.h"

#include <errno.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>

#include "cli/batch_document.h"
#include "document/document.h"
#include "os/os.h"
#include "term/text.h"

/* ---- how much is told ---- */

static enum batch_lines_level level_of(const struct exec_arguments *arguments, bool redraws)
{
    if (arguments->quiet || strcmp(arguments->progress, "never") == 0)
        return BATCH_LINES_FAILURES;
    if (strcmp(arguments->progress, "always") == 0)
        return BATCH_LINES_ALL;
    /* Beside a log of JSON there is no need for lines nobody asked for. */
    return arguments->json && !redraws ? BATCH_LINES_FAILURES : BATCH_LINES_ENDS;
}

void batch_teller_init(struct batch_teller *teller, const struct cli_call *call,
                       struct batch_scene *scene, struct mem_account *account)
{
    const struct exec_arguments *arguments = call->arguments;
    enum batch_lines_level level = level_of(arguments, call->terminal.redraws);
    enum display_mode mode = level == BATCH_LINES_ALL    ? DISPLAY_ALWAYS
                             : level == BATCH_LINES_ENDS ? DISPLAY_AUTO
                                                         : DISPLAY_NEVER;
    *teller = (struct batch_teller){
        .call = call,
        .scene = scene,
        .lines = {.level = level},
        .quiet = arguments->quiet,
        .json = arguments->json,
        .started_ns = os_now_ns(),
    };
    mem_buffer_init(&teller->failures, account, SIZE_MAX / 2);
    batch_display_init(&teller->display, mode, &call->terminal, teller->started_ns);
}

void batch_teller_release(struct batch_teller *teller)
{
    batch_display_erase(&teller->display);
    mem_buffer_release(&teller->failures);
}

/* ---- standard output ---- */

/* What a write that failed has left behind is dropped, so that the program does not end with it. */
static void settle_output(struct batch_teller *teller, bool written)
{
    if (written && fflush(stdout) == 0)
        return;
    teller->output_problem = errno != 0 ? errno : EIO;
    __fpurge(stdout);
    clearerr(stdout);
}

static void send(struct batch_teller *teller, json_t *document)
{
    struct error ignored; /* the reason is in errno */
    error_init(&ignored);
    if (!teller->json || teller->output_problem != 0) {
        json_decref(document);
        return;
    }
    if (teller->call->terminal.stdout_is_tty)
        batch_display_erase(&teller->display);
    errno = 0;
    settle_output(teller, document_write_line(document, stdout, &ignored) == ERROR_NONE);
}

static enum error_code output_error(const struct batch_teller *teller, struct error *error)
{
    if (teller->output_problem == 0 || teller->output_problem == EPIPE)
        return ERROR_NONE;
    return error_set_errno(error, teller->output_problem, "cannot write to standard output");
}

/* ---- while it runs ---- */

static void read_clock(char buffer[static 16])
{
    time_t now = time(NULL);
    struct tm local;
    buffer[0] = '\0';
    if (localtime_r(&now, &local) != NULL)
        strftime(buffer, 16, "%H:%M:%S", &local);
}

/* A list that cannot grow is told shorter than it is; the totals are right all the same. */
static void keep_failure(struct batch_teller *teller, const struct batch_event *event)
{
    struct error ignored;
    enum cell_verdict verdict = event->result->report->verdict;
    bool stopped = teller->scene->stopped_by != 0 && verdict == CELL_CANCELLED;
    if (verdict == CELL_OK || event->retry.again || stopped)
        return;
    const struct batch_failure failure = {event->job, verdict, event->attempt};
    error_init(&ignored);
    if (mem_buffer_append(&teller->failures, &failure, sizeof failure, &ignored) != ERROR_NONE)
        return;
}

void batch_tell_event(void *context, const struct batch_event *event)
{
    struct batch_teller *teller = context;
    char clock[16];
    if (event->kind == BATCH_ENDED) {
        uint64_t peak = event->result->report->peak;
        keep_failure(teller, event);
        teller->used_peak = peak > teller->used_peak ? peak : teller->used_peak;
    }
    if (teller->json)
        send(teller, batch_document_event(teller->scene, event, os_wall_ns()));
    if (batch_lines_shows(&teller->lines, event))
        batch_display_erase(&teller->display);
    read_clock(clock);
    batch_lines_write(&teller->lines, stderr, teller->scene, event, clock);
}

void batch_tell_note(struct batch_teller *teller, const char *format, ...)
{
    va_list list;
    if (teller->quiet)
        return;
    batch_display_erase(&teller->display);
    fputs("weir: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void batch_tell_run(struct batch_teller *teller, const struct batch_past *past, bool resumes,
                    uint32_t running_most)
{
    char clock[16], count[48], memory[24], cpus[32];
    const struct batch_scene *scene = teller->scene;
    if (teller->json)
        send(teller, batch_document_run(scene, past, resumes, running_most, os_wall_ns()));
    if (teller->lines.level == BATCH_LINES_FAILURES)
        return;
    batch_display_erase(&teller->display);
    read_clock(clock);
    fprintf(stderr, "%s  Running %s as run %lld: %s, %s processors, %u at once at most\n", clock,
            text_plural(scene->jobs->count, "job", count, sizeof count), (long long)scene->run,
            mem_format_size(scene->pool.memory, memory), batch_cpus(scene->pool.milli_cpus, cpus),
            running_most);
    if (!resumes)
        return;
    fprintf(stderr, "%s  Resuming ", clock);
    batch_past_write(stderr, scene, past);
    fputc('\n', stderr);
}

void batch_tell_stop(struct batch_teller *teller, const struct batch *batch, bool is_first,
                     uint64_t grace_ns)
{
    struct batch_view view;
    char attempts[48], grace[32];
    const char *name = sigabbrev_np(teller->scene->stopped_by);
    batch_view(batch, &view);
    text_plural(view.running, "attempt", attempts, sizeof attempts);
    if (is_first)
        batch_tell_note(teller,
                        "SIG%s: nothing new is started; asked %s to end, killed after %s "
                        "or by another signal",
                        name != NULL ? name : "?", attempts, text_duration(grace_ns, grace));
    else
        batch_tell_note(teller, "another signal: %s killed", attempts);
}

static void note_peaks(struct batch_teller *teller, const struct batch_view *view)
{
    if (view->memory_used > teller->used_peak)
        teller->used_peak = view->memory_used;
    if (view->memory_granted > teller->granted_peak)
        teller->granted_peak = view->memory_granted;
}

void batch_tell_moment(struct batch_teller *teller, const struct batch *batch)
{
    struct batch_view view;
    struct batch_running running[BATCH_DISPLAY_ATTEMPTS];
    uint64_t now_ns = os_now_ns();
    batch_view(batch, &view);
    note_peaks(teller, &view);
    if (now_ns < batch_display_wake_at(&teller->display))
        return;
    size_t count = batch_running(batch, running, BATCH_DISPLAY_ATTEMPTS);
    const struct batch_picture picture = {
        .view = &view,
        .running = running,
        .running_count = count < BATCH_DISPLAY_ATTEMPTS ? count : BATCH_DISPLAY_ATTEMPTS,
        .elapsed_ns = now_ns - teller->started_ns,
    };
    batch_display_draw(&teller->display, teller->scene, &picture, now_ns);
}

uint64_t batch_tell_wake_at(const struct batch_teller *teller)
{
    return batch_display_wake_at(&teller->display);
}

/* ---- when it is over ---- */

struct batch_totals batch_tell_totals(struct batch_teller *teller, const struct batch *batch)
{
    struct batch_totals totals = {
        .wall_ns = os_now_ns() - teller->started_ns,
        .used_peak = teller->used_peak,
        .granted_peak = teller->granted_peak,
        .failures = (const struct batch_failure *)teller->failures.data,
        .failure_count = teller->failures.size / sizeof(struct batch_failure),
    };
    batch_view(batch, &totals.view);
    return totals;
}

enum error_code batch_tell_end(struct batch_teller *teller, const struct batch_totals *totals,
                               struct error *error)
{
    batch_display_erase(&teller->display);
    if (teller->json) {
        send(teller, batch_document_end(teller->scene, totals, os_wall_ns()));
    } else if (!teller->quiet) {
        errno = 0;
        batch_summary_write(stdout, teller->scene, totals);
        settle_output(teller, !ferror(stdout));
    }
    return output_error(teller, error);
}

/* ---- before anything runs ---- */

void batch_tell_complaint(struct batch_teller *teller, uint32_t line, const char *what,
                          const char *hint)
{
    if (teller->json)
        send(teller, batch_document_complaint(teller->scene->path, line, what, hint));
    fputs("weir: ", stderr);
    text_put(stderr, teller->scene->path);
    fprintf(stderr, ":%u: ", line);
    text_put(stderr, what);
    if (hint != NULL && hint[0] != '\0') {
        fputs(". Try: ", stderr);
        text_put(stderr, hint);
    }
    fputc('\n', stderr);
}

void batch_tell_refusal(struct batch_teller *teller, const struct job *job, enum admission_fit fit)
{
    if (teller->json)
        send(teller, batch_document_refusal(teller->scene, job, fit));
    fputs("weir: ", stderr);
    batch_refusal_write(stderr, teller->scene, job, fit);
    fputc('\n', stderr);
}

enum error_code batch_tell_plan(struct batch_teller *teller, const struct batch_plan *plan,
                                const struct batch_past *past, struct error *error)
{
    if (teller->json) {
        send(teller, batch_document_plan(teller->scene, plan, past));
    } else {
        errno = 0;
        batch_plan_write(stdout, teller->scene, plan, past);
        settle_output(teller, !ferror(stdout));
    }
    return output_error(teller, error);
}
