#include <string.h>

#include "cli/arguments.h"
#include "cli/attempt_document.h"
#include "cli/log_follow.h"
#include "cli/memory_plot.h"
#include "document/document.h"
#include "term/text.h"

#define FILES_MOST 2

/* One run of "weir logs". */
struct logs {
    struct cli_call *call;
    const struct logs_arguments *arguments;
    const char *job;
    int64_t number; /* of the attempt, 0: the last */
    struct attempt_view view;
    struct log_view files[FILES_MOST];
    size_t file_count;
};

/* ---- what was asked for ---- */

static enum error_code refuse_pair(const char *a, const char *b, struct error *error)
{
    error_set(error, ERROR_USAGE, "%s and %s cannot be used together", a, b);
    error_hint(error, "one of them");
    return ERROR_USAGE;
}

static enum error_code check_arguments(const struct logs_arguments *arguments, struct error *error)
{
    const struct {
        bool given;
        const char *name;
    } ways[] = {{arguments->output, "--stdout"},
                {arguments->errors, "--stderr"},
                {arguments->memory, "--memory"},
                {arguments->json, "--json"}};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!ways[i].given)
            continue;
        if (first != NULL)
            return refuse_pair(first, ways[i].name, error);
        first = ways[i].name;
    }
    if (arguments->json && arguments->follow)
        return refuse_pair("--json", "--follow", error);
    return ERROR_NONE;
}

/* ---- the report ---- */

static bool colours_output(const struct cli_call *call)
{
    return call->terminal.colour && call->terminal.stdout_is_tty && !call->no_colour;
}

static void write_lost(const struct logs *logs)
{
    bool colour = colours_output(logs->call);
    printf("%serror:%s lost: weir died while it ran, and nobody saw its end\n",
           colour ? "\033[1;31m" : "", colour ? "\033[0m" : "");
}

static void write_report(struct logs *logs)
{
    struct attempt_view *view = &logs->view;
    struct explain_facts *facts = &view->record.facts;
    const char *verdict = view->found.attempt.verdict;
    if (!view->has_report) {
        if (strcmp(verdict, "lost") == 0)
            write_lost(logs);
        else if (strcmp(verdict, "running") != 0)
            printf("it ended: %s\n", verdict);
        return;
    }
    facts->utf8 = logs->call->terminal.utf8;
    facts->colour = colours_output(logs->call);
    if (view->record.report.verdict == CELL_OK)
        explain_write_summary(stdout, &view->record.report);
    else
        explain_write_failure(stdout, facts, &view->record.report);
}

/* "run 3, job load, attempt 2 of 2" and how it ended. */
static void write_beginning(struct logs *logs)
{
    const struct ledger_view_attempt *found = &logs->view.found;
    char time[32];
    printf("run %lld, job ", (long long)logs->view.run.run);
    text_put(stdout, found->job);
    printf(", attempt %lld of %lld, begun %s\n", (long long)found->attempt.number,
           (long long)found->attempts, ledger_view_time(found->attempt.started, time));
}

/* ---- the logs ---- */

static void add_file(struct logs *logs, const char *title, const char *name, bool harmless)
{
    log_view_init(&logs->files[logs->file_count++], title, logs->view.folder, name, harmless);
}

static void choose_files(struct logs *logs)
{
    const struct logs_arguments *arguments = logs->arguments;
    bool is_tty = logs->call->terminal.stdout_is_tty;
    if (arguments->output) {
        add_file(logs, NULL, "stdout.log", is_tty);
    } else if (arguments->errors) {
        add_file(logs, NULL, "stderr.log", is_tty);
    } else if (arguments->memory) {
        add_file(logs, NULL, "memory.tsv", is_tty);
    } else {
        add_file(logs, "stderr", "stderr.log", is_tty);
        add_file(logs, "stdout", "stdout.log", is_tty);
    }
}

static bool is_told(const struct logs *logs)
{
    const struct logs_arguments *arguments = logs->arguments;
    return !arguments->output && !arguments->errors && !arguments->memory;
}

static enum error_code refuse_folder(const struct logs *logs, struct error *error)
{
    error_set(error, ERROR_INPUT, "what the attempt wrote is gone: its folder is not there");
    error_hint(error,
               "-o DIR, where the folder was moved; the ledger still has its report (--json)");
    error_in_file(error, logs->view.folder);
    return ERROR_INPUT;
}

static enum error_code show_files(struct logs *logs, struct error *error)
{
    if (!logs->view.folder_is_there)
        return refuse_folder(logs, error);
    choose_files(logs);
    for (size_t i = 0; i < logs->file_count; i++) {
        struct log_view *file = &logs->files[i];
        if (file->title != NULL)
            log_view_write_heading(file);
        TRY(log_view_copy(file, error));
        log_view_end(file);
    }
    return ERROR_NONE;
}

/* ---- the memory ---- */

static enum error_code write_plot(struct logs *logs, const struct memory_history *history)
{
    const struct ledger_attempt *attempt = &logs->view.found.attempt;
    const struct memory_plot plot = {
        .limit = attempt->figure,
        .peak = attempt->peak,
        .wall_ns = attempt->wall_ns,
        .width = terminal_width(),
        .utf8 = logs->call->terminal.utf8,
    };
    write_beginning(logs);
    memory_plot_write(stdout, &plot, history);
    return ERROR_NONE;
}

/* How many processes there were the ledger does not keep. */
static enum error_code write_lines(const struct memory_history *history)
{
    fputs(CELL_SAMPLE_COLUMNS, stdout);
    for (size_t i = 0; i < memory_history_count(history); i++) {
        const struct memory_point *point = memory_history_at(history, i);
        printf("%llu\t%llu\t\n", (unsigned long long)point->at_ms,
               (unsigned long long)point->memory);
    }
    return ERROR_NONE;
}

static enum error_code show_memory(struct logs *logs, struct error *error)
{
    bool is_tty = logs->call->terminal.stdout_is_tty;
    struct memory_history history;
    choose_files(logs);
    if (!is_tty && log_view_size(&logs->files[0]) > 0)
        return log_view_copy(&logs->files[0], error);
    memory_history_init(&history, &logs->call->account);
    enum error_code code = attempt_view_memory(&logs->view, &history, error);
    if (code == ERROR_NONE)
        code = is_tty ? write_plot(logs, &history) : write_lines(&history);
    memory_history_release(&history);
    return code;
}

/* ---- following ---- */

static enum error_code look(struct logs *logs, struct error *error)
{
    bool samples = logs->arguments->memory || logs->arguments->json;
    return attempt_view_look(&logs->view, logs->job, logs->number, samples, &logs->call->arena,
                             error);
}

static struct log_follow follow_of(struct logs *logs)
{
    return (struct log_follow){
        .view = &logs->view,
        .job = logs->job,
        .number = logs->number,
        .files = logs->files,
        .file_count = logs->file_count,
        .account = &logs->call->account,
    };
}

static enum error_code wait_for_beginning(struct logs *logs, struct error *error)
{
    const struct log_follow waiting = follow_of(logs);
    if (logs->view.found.attempt.number > 0)
        return ERROR_NONE;
    TRY(log_follow_wait(&waiting, error));
    return look(logs, error);
}

/* The attempt that was there at first, however many there are at the end. */
static enum error_code follow(struct logs *logs, struct error *error)
{
    logs->number = logs->view.found.attempt.number;
    choose_files(logs);
    const struct log_follow running = follow_of(logs);
    fflush(stdout);
    TRY(log_follow_run(&running, error));
    TRY(look(logs, error));
    if (is_told(logs))
        write_report(logs);
    return ERROR_NONE;
}

/* ---- all of it ---- */

static enum error_code write_document(struct logs *logs, struct error *error)
{
    struct memory_history history;
    memory_history_init(&history, &logs->call->account);
    enum error_code code = attempt_view_memory(&logs->view, &history, error);
    if (code == ERROR_NONE)
        code = document_write(attempt_document(&logs->view, &history), stdout, error);
    memory_history_release(&history);
    return code;
}

static enum error_code refuse_waiting(const struct logs *logs, struct error *error)
{
    char name[128];
    error_set(error, ERROR_INPUT, "job \"%s\" has no attempt yet: it is %s",
              text_escape(logs->job, name, sizeof name), logs->view.found.state);
    error_hint(error, "the same with --follow, which waits until it begins");
    return ERROR_INPUT;
}

static enum error_code show(struct logs *logs, struct error *error)
{
    const struct logs_arguments *arguments = logs->arguments;
    if (logs->view.found.attempt.number == 0)
        return refuse_waiting(logs, error);
    if (arguments->json)
        return write_document(logs, error);
    if (is_told(logs))
        write_beginning(logs);
    if (arguments->follow && attempt_view_is_awaited(&logs->view))
        return follow(logs, error);
    if (arguments->memory)
        return show_memory(logs, error);
    if (is_told(logs))
        write_report(logs);
    return show_files(logs, error);
}

static enum error_code run_steps(struct logs *logs, struct error *error)
{
    struct cli_call *call = logs->call;
    TRY(check_arguments(logs->arguments, error));
    TRY(ledger_view_open(logs->arguments->output_dir, &call->account, &logs->view.ledger, error));
    TRY(ledger_view_find_run(&logs->view.ledger, call->operands[0], &call->arena, &logs->view.run,
                             error));
    call->leaves = "the job itself is not touched";
    TRY(look(logs, error));
    if (logs->arguments->follow)
        TRY(wait_for_beginning(logs, error));
    return show(logs, error);
}

enum error_code cli_run_logs(struct cli_call *call, struct error *error)
{
    struct logs logs = {.call = call, .arguments = call->arguments};
    logs.job = call->operand_count > 1 ? call->operands[1] : NULL;
    logs.number = (int64_t)logs.arguments->attempt;
    enum error_code code = run_steps(&logs, error);
    for (size_t i = 0; i < logs.file_count; i++)
        log_view_close(&logs.files[i]);
    ledger_view_close(&logs.view.ledger);
    return code;
}
