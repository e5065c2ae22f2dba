#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cell/cell.h"
#include "cell/guardian.h"
#include "cell/strays.h"
#include "cell/temporary_folder.h"
#include "cell/variables.h"
#include "cli/arguments.h"
#include "cli/batch_setting.h"
#include "cli/exec_display.h"
#include "cli/run_batch.h"
#include "cli/stop_signals.h"
#include "document/document.h"
#include "explain/explain.h"
#include "os/os.h"
#include "store/output.h"

#define CELL_MEMORY    ((size_t)16 << 20)
#define PROCESSES_MOST UINT64_C(4194304) /* the kernel's own limit of process numbers */

/* One run of "weir exec". */
struct exec_run {
    struct cli_call *call;
    const struct exec_arguments *arguments;
    struct explain_facts facts;
    const char *const *environment;
    struct temporary_folder folder;
    struct output report; /* open while the command runs, so that it can be written at the end */
    FILE *samples;
    struct exec_display display;
    struct mem_account account;
    struct cgroup_place place;
    struct companion guardian;
    struct strays strays;
    struct pid_namespace space;
    struct cell *cell;
    struct stop_signals signals;
    uint64_t started_ns;
};

/* ---- what was asked for ---- */

static enum error_code check_arguments(const struct exec_arguments *arguments, struct error *error)
{
    TRY(exec_check_cpus(arguments, error));
    if (arguments->processes > PROCESSES_MOST)
        return error_set(error, ERROR_USAGE, "--processes: there can be %llu at most",
                         (unsigned long long)PROCESSES_MOST);
    return batch_check_arguments(arguments, error);
}

static enum error_code make_environment(struct exec_run *run, struct error *error)
{
    const struct cli_list *pass = &run->arguments->environment;
    TRY(cell_environment(&run->call->arena, environ, pass->items, pass->count,
                         run->arguments->environment_all, run->folder.path, &run->environment,
                         error));
    run->facts.variables_withheld = variables_count_withheld(run->environment, environ);
    return ERROR_NONE;
}

static void take_stops(struct exec_run *run)
{
    for (int number; (number = stop_signals_next(&run->signals)) != 0;) {
        if (run->facts.stopped_by == 0)
            run->facts.stopped_by = number;
        cell_cancel(run->cell, number);
    }
}

/* ---- the run ---- */

static enum display_mode mode_of(const struct exec_run *run)
{
    const struct exec_arguments *arguments = run->arguments;
    if (arguments->quiet || strcmp(arguments->progress, "never") == 0)
        return DISPLAY_NEVER;
    if (strcmp(arguments->progress, "always") == 0)
        return DISPLAY_ALWAYS;
    /* In a log of JSON there is no place for lines nobody asked for. */
    return arguments->json && !run->call->terminal.redraws ? DISPLAY_NEVER : DISPLAY_AUTO;
}

static void update_display(struct exec_run *run)
{
    uint64_t now_ns = os_now_ns();
    if (now_ns < exec_display_wake_at(&run->display))
        return;
    struct cell_sample last = {0};
    cell_samples(run->cell, &last, 1);
    struct exec_moment moment = {
        .elapsed_ns = now_ns - run->started_ns,
        .memory = cell_memory_now(run->cell),
        .peak = cell_memory_peak(run->cell),
        .limit = run->arguments->memory,
        .processes = last.processes,
    };
    exec_display_update(&run->display, &moment, now_ns);
}

/* Waits until there is something to do; returns how many descriptors of the cell are ready. */
static int wait_for_events(struct exec_run *run)
{
    struct pollfd fds[CELL_DESCRIPTORS + 1];
    size_t count = cell_poll_fill(run->cell, fds);
    fds[count] = (struct pollfd){.fd = run->signals.descriptor, .events = POLLIN};
    uint64_t cell_ns = cell_wake_at(run->cell), display_ns = exec_display_wake_at(&run->display);
    struct timespec wait = os_time_until(cell_ns < display_ns ? cell_ns : display_ns);
    int ready = ppoll(fds, (nfds_t)count + 1, &wait, NULL);
    if (ready > 0 && fds[count].revents != 0) {
        take_stops(run);
        ready--;
    }
    return ready > 0 ? ready : 0;
}

static enum error_code run_until_over(struct exec_run *run, struct error *error)
{
    while (!cell_is_over(run->cell)) {
        if (wait_for_events(run) > 0) /* perhaps output, which goes where the line stands */
            exec_display_erase(&run->display);
        TRY(cell_advance(run->cell, error));
        update_display(run);
    }
    return ERROR_NONE;
}

static enum error_code start(struct exec_run *run, struct error *error)
{
    const struct exec_arguments *arguments = run->arguments;
    struct cell_options options = {
        .name = "exec",
        .arguments = run->facts.arguments,
        .environment = run->environment,
        .temporary = run->folder.path,
        .memory = arguments->memory,
        .milli_cpus = (uint32_t)lround(arguments->cpus * 1000),
        .processes = (uint32_t)arguments->processes,
        .timeout_ns = arguments->timeout_ns,
        .grace_ns = arguments->grace_ns,
        .input = STDIN_FILENO,
        .output = STDOUT_FILENO,
        .errors = STDERR_FILENO,
        .samples = run->samples,
        .space = arguments->pid_namespace ? &run->space : NULL,
    };
    run->started_ns = os_now_ns();
    exec_display_init(&run->display, mode_of(run), &run->call->terminal, run->started_ns);
    TRY(cell_start(&run->place, &options, &run->account, &run->cell, error));
    enum error_code code = run_until_over(run, error);
    exec_display_erase(&run->display);
    return code;
}

/* ---- what is told ---- */

static bool ends_within_line(const struct cell_text *text)
{
    const char *bytes = text->end_size > 0 ? text->end : text->start;
    size_t size = text->end_size > 0 ? text->end_size : text->start_size;
    return size > 0 && bytes[size - 1] != '\n';
}

/* weir's own lines do not begin in the middle of the command's. */
static void finish_line(const struct exec_run *run, const struct cell_report *report)
{
    bool same_terminal = run->call->terminal.stdout_is_tty && run->call->terminal.stderr_is_tty;
    if (ends_within_line(&report->errors) || (same_terminal && ends_within_line(&report->output)))
        fputc('\n', stderr);
}

static enum error_code put_text(void *context, const char *text, size_t size, struct error *error)
{
    return output_write(context, text, size, error);
}

static enum error_code write_report_file(struct exec_run *run, const struct cell_report *report,
                                         struct error *error)
{
    TRY(document_dump(explain_document(&run->facts, report), true, put_text, &run->report, error));
    TRY(output_write(&run->report, "\n", 1, error));
    return output_commit(&run->report, error);
}

static enum error_code tell(struct exec_run *run, struct error *error)
{
    const struct exec_arguments *arguments = run->arguments;
    const struct cell_report *report = cell_report(run->cell);
    bool well = report->verdict == CELL_OK;
    run->call->status = explain_status(&run->facts, report);
    if (arguments->report != NULL)
        TRY(write_report_file(run, report, error));
    if (arguments->json || !well || !arguments->quiet)
        finish_line(run, report);
    if (arguments->json)
        return document_write_line(explain_document(&run->facts, report), stderr, error);
    if (!well)
        explain_write_failure(stderr, &run->facts, report);
    else if (!arguments->quiet)
        explain_write_summary(stderr, report);
    return ERROR_NONE;
}

/* ---- before and after ---- */

static enum error_code open_files(struct exec_run *run, struct error *error)
{
    const struct exec_arguments *arguments = run->arguments;
    if (arguments->report != NULL)
        TRY(output_open(&run->report, arguments->report, true, &run->account, error));
    if (arguments->samples == NULL)
        return ERROR_NONE;
    run->samples = fopen(arguments->samples, "we");
    if (run->samples != NULL)
        return ERROR_NONE;
    error_set_errno(error, errno, "cannot write the samples");
    error_in_file(error, arguments->samples);
    return error->code;
}

static enum error_code close_samples(struct exec_run *run, struct error *error)
{
    FILE *samples = run->samples;
    run->samples = NULL;
    if (samples == NULL || fclose(samples) == 0)
        return ERROR_NONE;
    error_set_errno(error, errno, "cannot write the samples");
    error_in_file(error, run->arguments->samples);
    return error->code;
}

/* A limit that is asked for and not kept must not go unnoticed. */
static void warn_of_cpus(struct exec_run *run)
{
    run->facts.cpus_not_kept = run->arguments->cpus > 0 && !run->place.limits_cpu;
    if (run->facts.cpus_not_kept && !run->arguments->json)
        fputs("weir: warning: --cpus is not kept on this machine; weir doctor tells why\n", stderr);
}

/* Before there is anything that they would have to end. */
static enum error_code start_companions(struct exec_run *run, struct error *error)
{
    struct error met;
    char text[512];
    TRY(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &run->place, error));
    if (guardian_start(&run->place, &run->guardian, &met) != ERROR_NONE && !run->arguments->json)
        fprintf(stderr, "weir: warning: %s\n", error_render(&met, text, sizeof text));
    if (!run->arguments->pid_namespace)
        return ERROR_NONE;
    return pid_namespace_open(&run->place, &run->space, error);
}

static enum error_code prepare(struct exec_run *run, struct error *error)
{
    TRY(check_arguments(run->arguments, error));
    TRY(start_companions(run, error));
    TRY(strays_note(&run->account, &run->strays, error));
    TRY(open_files(run, error));
    cgroup_sweep(&run->place);
    cell_sweep();
    temporary_folder_sweep();
    warn_of_cpus(run);
    TRY(temporary_folder_make(&run->folder, error));
    TRY(make_environment(run, error));
    return stop_signals_take(&run->signals, error);
}

static enum error_code run_steps(struct exec_run *run, struct error *error)
{
    TRY(prepare(run, error));
    TRY(start(run, error));
    TRY(close_samples(run, error));
    return tell(run, error);
}

static void release(struct exec_run *run)
{
    cell_destroy(run->cell);
    strays_end(&run->strays);
    strays_release(&run->strays);
    temporary_folder_remove(&run->folder);
    output_abort(&run->report);
    if (run->samples != NULL)
        fclose(run->samples);
    pid_namespace_close(&run->space);
    companion_end(&run->guardian);
    stop_signals_release(&run->signals);
}

enum error_code cli_run_exec(struct cli_call *call, struct error *error)
{
    struct exec_run run = {
        .call = call,
        .arguments = call->arguments,
        .folder.descriptor = -1,
        .report.descriptor = -1,
        .signals.descriptor = -1,
    };
    if (run.arguments->batch != NULL)
        return cli_run_batch(call, error);
    const char *const *command = (const char *const *)call->operands; /* NULL stands behind */
    run.facts = (struct explain_facts){
        .arguments = command,
        .memory_option = "--memory",
        .timeout_option = "--timeout",
        .timeout_ns = run.arguments->timeout_ns,
        .found = variables_find_program((const char *const *)environ, NULL, command[0]),
        .utf8 = call->terminal.utf8,
        .colour = call->terminal.colour && !call->no_colour,
    };
    mem_account_init(&run.account, "exec", NULL, CELL_MEMORY);
    call->json = run.arguments->json ? stderr : NULL;
    enum error_code code = run_steps(&run, error);
    release(&run);
    return code;
}
