#include <string.h>

#include "cli/report.h"
#include "cli/request.h"
#include "cli/sum_document.h"
#include "document/document.h"
#include "os/os.h"
#include "term/display.h"
#include "term/hold.h"

/* One run of "weir sum". */
struct sum_run {
    struct cli_call *call;
    const struct sum_arguments *arguments;
    struct sum_options options;
    struct sum_progress progress;
    const struct sum_plan *plan; /* NULL until it is made */
    struct sum_report report;
    uint64_t started_ns;
};

static const char *const phase_names[] = {
    [SUM_PHASE_LISTING] = "listing", [SUM_PHASE_PROVING] = "proving", [SUM_PHASE_ADDING] = "adding",
    [SUM_PHASE_WRITING] = "writing", [SUM_PHASE_DONE] = "done",
};

/* Rows move on evenly while values are added; before that, files do. */
static void sample_progress(const void *context, struct progress_sample *ret)
{
    const struct sum_run *run = context;
    const struct sum_progress *progress = &run->progress;
    enum sum_phase phase = atomic_load(&progress->phase);
    bool adding = phase == SUM_PHASE_ADDING;
    ret->phase = phase_names[phase];
    ret->unit = adding ? "rows" : "files";
    ret->rows = atomic_load(&progress->rows_done);
    ret->done = adding ? ret->rows : atomic_load(&progress->files_done);
    ret->total = atomic_load(adding ? &progress->rows_total : &progress->files_total);
    ret->bytes_done = atomic_load(&progress->bytes_done);
    ret->bytes_total = atomic_load(&progress->bytes_total);
    ret->ceiling = run->plan != NULL ? run->plan->ceiling : run->arguments->memory;
}

static bool rows_on_stdout(const struct sum_run *run)
{
    const char *output = run->arguments->output;
    return output == NULL || strcmp(output, "-") == 0;
}

/* Rows that stream onto the same terminal and a live display would spoil each other. */
static bool streams_to_terminal(const struct sum_run *run)
{
    return run->options.output != NULL && rows_on_stdout(run) && run->call->terminal.stdout_is_tty;
}

static enum display_mode mode_of(const struct sum_run *run)
{
    const char *when = run->arguments->progress;
    if (run->arguments->quiet || streams_to_terminal(run) || strcmp(when, "never") == 0)
        return DISPLAY_NEVER;
    if (strcmp(when, "always") == 0)
        return DISPLAY_ALWAYS;
    /* In a log of JSON there is no place for lines nobody asked for. */
    return run->arguments->json && !run->call->terminal.redraws ? DISPLAY_NEVER : DISPLAY_AUTO;
}

static void start_display(const struct sum_run *run, struct display *display)
{
    struct display_options options = {
        .mode = mode_of(run),
        .terminal = run->call->terminal,
        .sample = sample_progress,
        .context = run,
        .told = getenv("WEIR_PROGRESS"),
    };
    display_start(display, &options);
}

static enum error_code make_plan(struct sum_run *run, struct sum **ret, struct error *error)
{
    struct display display;
    const struct sum_plan *plan = NULL;
    start_display(run, &display);
    enum error_code code = sum_create(&run->options, &run->progress, ret, error);
    if (code == ERROR_NONE)
        code = sum_plan(*ret, &plan, error);
    display_stop(&display);
    run->plan = plan;
    return code;
}

static enum error_code carry_out(struct sum_run *run, struct sum *sum, struct error *error)
{
    struct display display;
    struct hold hold = {-1, -1};
    bool shares_terminal = run->options.output == NULL && run->call->terminal.stdout_is_tty &&
                           mode_of(run) != DISPLAY_NEVER;
    if (run->options.output != NULL && rows_on_stdout(run))
        run->call->leaves = "what went to standard output is incomplete";
    if (shares_terminal)
        hold_begin(&hold);
    start_display(run, &display);
    enum error_code code = sum_run(sum, &run->report, error);
    display_stop(&display);
    hold_end(&hold);
    fflush(stdout);
    return code;
}

static enum error_code write_document(const struct sum_run *run, bool with_report,
                                      struct error *error)
{
    json_t *document = json_object();
    json_object_set_new(document, "plan", sum_document_plan(run->plan));
    if (with_report)
        json_object_set_new(document, "report", sum_document_report(&run->report));
    return document_write(document, run->call->json, error);
}

static enum error_code tell_plan(const struct sum_run *run, struct error *error)
{
    const struct sum_arguments *arguments = run->arguments;
    if (arguments->dry_run && arguments->json)
        return write_document(run, false, error);
    if (arguments->dry_run)
        report_write_plan(stdout, run->plan);
    else if (arguments->explain)
        report_write_plan(stderr, run->plan);
    return ERROR_NONE;
}

static enum error_code tell_report(const struct sum_run *run, struct error *error)
{
    const struct sum_arguments *arguments = run->arguments;
    if (arguments->explain)
        report_write_report(stderr, &run->report);
    if (arguments->json)
        return write_document(run, true, error);
    if (!arguments->quiet)
        report_write_summary(stderr, run->options.output, run->plan, &run->report,
                             os_now_ns() - run->started_ns);
    return ERROR_NONE;
}

static enum error_code run_steps(struct sum_run *run, struct sum **sum, struct error *error)
{
    TRY(make_plan(run, sum, error));
    TRY(tell_plan(run, error));
    if (run->arguments->dry_run)
        return ERROR_NONE;
    TRY(carry_out(run, *sum, error));
    return tell_report(run, error);
}

enum error_code cli_run_sum(struct cli_call *call, struct error *error)
{
    struct sum_run run = {
        .call = call,
        .arguments = call->arguments,
        .started_ns = os_now_ns(),
    };
    struct sum *sum = NULL;
    bool prints_rows = rows_on_stdout(&run) && !run.arguments->dry_run;
    call->json = !run.arguments->json ? NULL : prints_rows ? stderr : stdout;
    TRY(request_build(call, &run.options, error));
    enum error_code code = run_steps(&run, &sum, error);
    sum_destroy(sum);
    return code;
}
