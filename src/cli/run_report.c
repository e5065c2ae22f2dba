#include <string.h>

#include "base/utf8.h"
#include "cli/arguments.h"
#include "cli/figures.h"
#include "cli/history_document.h"
#include "cli/json_pieces.h"
#include "cli/table.h"
#include "document/document.h"
#include "explain/explain_document_read.h"
#include "explain/memory_history.h"
#include "term/text.h"

#define HOUR          3600.0
#define GIB           1073741824.0
#define NAME_SHOWN    ((size_t)60) /* bytes */
#define COMMAND_SHOWN ((size_t)500)
#define MEMORY        ((size_t)1 << 30) /* of which eight bytes a job are used, and the lists */

static const struct table_column job_columns[] = {
    {"job", false}, {"attempts", true}, {"figure", true}, {"peak", true},
    {"use", true},  {"verdict", false}, {"took", true},
};
static const struct table_column advice_columns[] = {
    {"job", false}, {"figure", true}, {"peak", true}, {"try", true}, {"because", false}};

/* One run of "weir report". */
struct report {
    struct cli_call *call;
    const struct report_arguments *arguments;
    struct ledger_view view;
    struct ledger_view_run run;
    struct mem_account account;
    struct mem_arena arena; /* of the tables */
    struct figures figures;
    struct memory_history history; /* of the attempt that is looked at */
    int64_t step;                  /* of the job that attempts come for */
    double median, ninety;
    bool has_use;
};

/* ---- reading ---- */

/* What cannot be read of an old report is not known. */
static uint64_t suggestion_of(struct report *report, const struct ledger_attempt *attempt)
{
    struct explain_record record;
    struct mem_arena arena;
    struct error ignored;
    if (attempt->report == NULL || strcmp(attempt->verdict, "oom-limit") != 0)
        return 0;
    mem_arena_init(&arena, &report->call->account);
    enum error_code code =
        explain_document_read(attempt->report, strlen(attempt->report), &arena, &record, &ignored);
    mem_arena_release(&arena);
    return code == ERROR_NONE ? record.report.suggestion : 0;
}

/* Byte-seconds; negative where there are no samples that can be read. */
static double used_of(struct report *report, const struct ledger_attempt *attempt)
{
    struct error ignored;
    memory_history_clear(&report->history);
    if (attempt->samples == NULL ||
        memory_history_read_pairs(&report->history, attempt->samples, &ignored) != ERROR_NONE ||
        memory_history_count(&report->history) == 0)
        return -1;
    return memory_history_integral(&report->history, attempt->wall_ns);
}

static enum error_code take_attempt(void *context, const struct ledger_step_row *row,
                                    struct error *error)
{
    struct report *report = context;
    const struct ledger_attempt *attempt = &row->last;
    if (row->step != report->step)
        TRY(figures_begin_job(&report->figures, row->name, error));
    report->step = row->step;
    if (attempt->number == 0)
        return ERROR_NONE;
    const struct figures_attempt taken = {
        .verdict = ledger_view_word(&report->view, attempt->verdict),
        .figure = attempt->figure,
        .peak = attempt->peak,
        .wall_ns = attempt->wall_ns,
        .used = used_of(report, attempt),
        .suggestion = suggestion_of(report, attempt),
    };
    figures_add_attempt(&report->figures, &taken);
    return ERROR_NONE;
}

static enum error_code read_run(struct report *report, struct error *error)
{
    struct cli_call *call = report->call;
    const char *name = call->operand_count > 0 ? call->operands[0] : LEDGER_VIEW_LAST;
    TRY(ledger_view_open(report->arguments->output_dir, &call->account, &report->view, error));
    TRY(ledger_view_find_run(&report->view, name, &call->arena, &report->run, error));
    TRY(ledger_steps(report->view.ledger, report->run.run, true, take_attempt, report, error));
    TRY(figures_end(&report->figures, error));
    report->has_use = figures_median(&report->figures, &report->median) &&
                      figures_use(&report->figures, 0.9, &report->ninety);
    return ERROR_NONE;
}

/* ---- as text ---- */

static enum error_code add_size(struct table *table, uint64_t bytes, struct error *error)
{
    char text[24];
    return table_add(table, bytes > 0 ? mem_format_size(bytes, text) : "-", error);
}

static enum error_code add_name(struct table *table, const char *name, struct error *error)
{
    char text[NAME_SHOWN + 4];
    return table_add(table, utf8_shorten(name, NAME_SHOWN, text), error);
}

static enum error_code add_job(struct table *table, const struct figures_job *job,
                               struct error *error)
{
    char text[32];
    TRY(add_name(table, job->name, error));
    TRY(table_add(table, text_count((uint64_t)job->attempts, text), error));
    TRY(add_size(table, job->figure, error));
    TRY(add_size(table, job->peak, error));
    snprintf(text, sizeof text, "%.0f %%", figures_use_of(job) * 100);
    TRY(table_add(table, job->judged > 0 && job->figure > 0 ? text : "-", error));
    TRY(table_add(table, job->attempts > 0 ? job->verdict : "waiting", error));
    return table_add(table, job->judged > 0 ? text_duration(job->wall_ns, text) : "-", error);
}

static void write_more(const struct figures_list *list)
{
    char text[48];
    if (list->offered > list->count)
        printf("  and %s more, which --limit 0 lists\n",
               text_plural(list->offered - list->count, "job", text, sizeof text));
}

static enum error_code write_jobs(struct report *report, struct error *error)
{
    const struct figures_list *list = &report->figures.listed;
    struct table table;
    table_init(&table, &report->arena, job_columns, sizeof job_columns / sizeof job_columns[0]);
    for (size_t i = 0; i < list->count; i++)
        TRY(add_job(&table, &list->jobs[i], error));
    TRY(table_write(&table, stdout, error));
    write_more(list);
    return ERROR_NONE;
}

static void write_run(const struct report *report)
{
    const struct ledger_view_run *run = &report->run;
    char time[32], took[32], command[COMMAND_SHOWN + 4];
    uint64_t took_ns =
        ledger_view_took(run->started, run->ended, strcmp(run->status, "running") == 0);
    printf("run %lld, %s, begun %s", (long long)run->run, run->status,
           ledger_view_time(run->started, time));
    if (took_ns > 0)
        printf(", took %s", text_duration(took_ns, took));
    fputs(": ", stdout);
    text_put(stdout, utf8_shorten(run->command, COMMAND_SHOWN, command));
    fputs("\n\n", stdout);
}

/* figures: 95 of 100 jobs stayed within theirs, 3 ran out of memory, 2 told nothing */
static void write_counts(const struct figures *figures)
{
    char jobs[48], count[32];
    printf("\nfigures: %s of %s stayed within theirs", text_count(figures->within, count),
           text_plural(figures->jobs, "job", jobs, sizeof jobs));
    printf(", %s ran out of memory", text_count(figures->too_small, count));
    if (figures->unknown > 0)
        printf(", of %s nothing is known", text_count(figures->unknown, count));
    if (figures->host > 0)
        printf(", %s ended as the machine had no memory left",
               text_plural(figures->host, "attempt", jobs, sizeof jobs));
    putchar('\n');
}

static void write_hours(const struct figures *figures)
{
    double granted = figures->granted / GIB / HOUR, used = figures->used / GIB / HOUR;
    printf("memory over time: %.3g GiB-hours granted, %.3g used", granted, used);
    if (granted > 0)
        printf(" (%.0f %%)", used / granted * 100);
    putchar('\n');
}

static void write_summary(const struct report *report)
{
    write_counts(&report->figures);
    if (report->has_use)
        printf("use: median %.0f %% of the figure, 90 %% of the jobs up to %.0f %%\n",
               report->median * 100, report->ninety * 100);
    write_hours(&report->figures);
}

static enum error_code add_advice(struct table *table, const struct figures_job *job,
                                  struct error *error)
{
    char text[32];
    bool is_small = job->kind == FIGURES_TOO_SMALL;
    TRY(add_name(table, job->name, error));
    TRY(add_size(table, is_small ? job->too_small : job->figure, error));
    TRY(add_size(table, job->peak_most, error));
    TRY(table_add(table, explain_size_option(job->to_try, text, sizeof text), error));
    return table_add(table, is_small ? "it ran out of memory" : "more than twice its peak", error);
}

/* Those that are too small come first: they cost the most. */
static enum error_code write_advice(struct report *report, struct error *error)
{
    const struct figures_list *const lists[] = {&report->figures.small, &report->figures.large};
    struct table table;
    if (lists[0]->count + lists[1]->count == 0)
        return ERROR_NONE;
    fputs("\nfigures to try:\n", stdout);
    table_init(&table, &report->arena, advice_columns,
               sizeof advice_columns / sizeof advice_columns[0]);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            TRY(add_advice(&table, &lists[i]->jobs[j], error));
    TRY(table_write(&table, stdout, error));
    for (size_t i = 0; i < 2; i++)
        write_more(lists[i]);
    return ERROR_NONE;
}

static enum error_code write_text(struct report *report, struct error *error)
{
    write_run(report);
    if (report->figures.jobs > 0)
        TRY(write_jobs(report, error));
    write_summary(report);
    return write_advice(report, error);
}

/* ---- as JSON ---- */

static json_t *job_document(const struct figures_job *job)
{
    bool has_use = job->judged > 0 && job->figure > 0;
    json_t *object = json_object();
    document_set_text(object, "job", job->name);
    json_object_set_new(object, "attempts", json_integer(job->attempts));
    document_set_positive(object, "figure_bytes", job->figure);
    document_set_count(object, "peak_bytes", job->peak);
    json_object_set_new(object, "use", has_use ? json_real(figures_use_of(job)) : json_null());
    document_set_filled(object, "verdict", job->verdict);
    document_set_count(object, "wall_ns", job->wall_ns);
    document_set_text(object, "figure_is", figures_class_name(job->kind));
    json_object_set_new(object, "granted_byte_seconds", json_real(job->granted));
    json_object_set_new(object, "used_byte_seconds", json_real(job->used));
    document_set_positive(object, "too_small_bytes", job->out_of_memory ? job->too_small : 0);
    document_set_count(object, "peak_most_bytes", job->peak_most);
    document_set_positive(object, "try_bytes", job->to_try);
    return object;
}

static json_t *summary_document(const struct report *report)
{
    const struct figures *figures = &report->figures;
    json_t *object = json_object();
    document_set_count(object, "jobs", figures->jobs);
    document_set_count(object, "within", figures->within);
    document_set_count(object, "too_small", figures->too_small);
    document_set_count(object, "too_large", figures->too_large);
    document_set_count(object, "unknown", figures->unknown);
    document_set_count(object, "oom_limit_attempts", figures->out_of_memory);
    document_set_count(object, "oom_host_attempts", figures->host);
    json_object_set_new(object, "use_median",
                        report->has_use ? json_real(report->median) : json_null());
    json_object_set_new(object, "use_90",
                        report->has_use ? json_real(report->ninety) : json_null());
    json_object_set_new(object, "granted_gib_hours", json_real(figures->granted / GIB / HOUR));
    json_object_set_new(object, "used_gib_hours", json_real(figures->used / GIB / HOUR));
    return object;
}

static enum error_code write_list(struct json_pieces *pieces, const char *name,
                                  const struct figures_list *list, struct error *error)
{
    json_pieces_begin_list(pieces, name);
    for (size_t i = 0; i < list->count; i++)
        TRY(json_pieces_item(pieces, job_document(&list->jobs[i]), error));
    json_pieces_end_list(pieces);
    return ERROR_NONE;
}

static enum error_code write_document(const struct report *report, struct error *error)
{
    struct json_pieces pieces;
    json_pieces_begin(&pieces, stdout);
    TRY(json_pieces_member(&pieces, "run", history_run_document(&report->run), error));
    TRY(json_pieces_member(&pieces, "summary", summary_document(report), error));
    TRY(write_list(&pieces, "jobs", &report->figures.listed, error));
    TRY(write_list(&pieces, "too_small", &report->figures.small, error));
    TRY(write_list(&pieces, "too_large", &report->figures.large, error));
    return json_pieces_end(&pieces, error);
}

/* ---- all of it ---- */

static enum figures_order order_of(const char *name)
{
    static const char *const names[] = {"peak", "figure", "waste", "time"}; /* as the enum */
    size_t order = 0;
    while (order + 1 < sizeof names / sizeof names[0] && strcmp(name, names[order]) != 0)
        order++;
    return (enum figures_order)order;
}

enum error_code cli_run_report(struct cli_call *call, struct error *error)
{
    struct report report = {.call = call, .arguments = call->arguments};
    uint64_t limit = report.arguments->limit;
    size_t most = limit == 0 ? SIZE_MAX : (size_t)limit;
    mem_account_init(&report.account, "report", NULL, MEMORY);
    mem_arena_init(&report.arena, &report.account);
    memory_history_init(&report.history, &report.account);
    figures_init(&report.figures, order_of(report.arguments->sort), most, &report.account);
    enum error_code code = read_run(&report, error);
    if (code == ERROR_NONE)
        code = report.arguments->json ? write_document(&report, error) : write_text(&report, error);
    figures_release(&report.figures);
    memory_history_release(&report.history);
    mem_arena_release(&report.arena);
    ledger_view_close(&report.view);
    return code;
}
