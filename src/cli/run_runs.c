#include <string.h>

#include "base/utf8.h"
#include "cli/arguments.h"
#include "cli/history_document.h"
#include "cli/json_pieces.h"
#include "cli/table.h"
#include "term/text.h"

#define COMMAND_SHOWN ((size_t)500) /* bytes, where there is no terminal */
#define OTHER_COLUMNS 76
#define NARROWEST     24
#define MEMORY        ((size_t)1 << 30)

static const struct table_column columns[] = {
    {"run", true},    {"started", false}, {"status", false}, {"ok", true},
    {"failed", true}, {"jobs", true},     {"took", true},    {"command", false},
};

/* One run of "weir runs". All are read before any is told, so that a ledger that cannot be read to
 * its end leaves no half of a document. */
struct runs {
    struct cli_call *call;
    struct mem_account account;
    struct mem_arena arena;
    struct ledger_view view;
    struct mem_buffer rows; /* struct ledger_view_run */
    struct table table;
    size_t command_most; /* bytes of a command that are shown */
};

static size_t count_rows(const struct runs *runs)
{
    return runs->rows.size / sizeof(struct ledger_view_run);
}

static const struct ledger_view_run *row_at(const struct runs *runs, size_t index)
{
    return &((const struct ledger_view_run *)(const void *)runs->rows.data)[index];
}

static enum error_code take_run(void *context, const struct ledger_run_row *row,
                                struct error *error)
{
    struct runs *runs = context;
    struct ledger_view_run run;
    TRY(ledger_view_copy_run(&runs->view, row, &runs->arena, &run, error));
    return mem_buffer_append(&runs->rows, &run, sizeof run, error);
}

static enum error_code add_number(struct runs *runs, int64_t number, struct error *error)
{
    char text[32];
    return table_add(&runs->table, text_count((uint64_t)number, text), error);
}

/* A dash where nobody saw the end. */
static enum error_code add_took(struct runs *runs, const struct ledger_view_run *run,
                                struct error *error)
{
    char text[32];
    bool running = strcmp(run->status, "running") == 0;
    uint64_t took_ns = ledger_view_took(run->started, run->ended, running);
    return table_add(&runs->table, took_ns > 0 ? text_duration(took_ns, text) : "-", error);
}

static enum error_code add_command(struct runs *runs, const char *command, struct error *error)
{
    char text[COMMAND_SHOWN + 4];
    return table_add(&runs->table, utf8_shorten(command, runs->command_most, text), error);
}

static enum error_code add_row(struct runs *runs, const struct ledger_view_run *run,
                               struct error *error)
{
    char number[32], time[32];
    snprintf(number, sizeof number, "%lld", (long long)run->run);
    TRY(table_add(&runs->table, number, error));
    TRY(table_add(&runs->table, ledger_view_time(run->started, time), error));
    TRY(table_add(&runs->table, run->status, error));
    TRY(add_number(runs, run->finished, error));
    TRY(add_number(runs, run->failed, error));
    TRY(add_number(runs, run->steps, error));
    TRY(add_took(runs, run, error));
    return add_command(runs, run->command, error);
}

static enum error_code write_document(struct runs *runs, struct error *error)
{
    struct json_pieces pieces;
    json_pieces_begin(&pieces, stdout);
    json_pieces_begin_list(&pieces, "runs");
    for (size_t i = 0; i < count_rows(runs); i++)
        TRY(json_pieces_item(&pieces, history_run_document(row_at(runs, i)), error));
    json_pieces_end_list(&pieces);
    return json_pieces_end(&pieces, error);
}

static enum error_code write_table(struct runs *runs, struct error *error)
{
    if (count_rows(runs) == 0) {
        fputs("weir: no run is in ", stderr);
        text_put(stderr, runs->view.path);
        fputs(" yet\n", stderr);
        return ERROR_NONE;
    }
    table_init(&runs->table, &runs->arena, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count_rows(runs); i++)
        TRY(add_row(runs, row_at(runs, i), error));
    return table_write(&runs->table, stdout, error);
}

static size_t command_most(const struct terminal *terminal)
{
    unsigned width = terminal->stdout_is_tty ? terminal_width() : 0;
    if (width == 0)
        return COMMAND_SHOWN;
    size_t left = width > OTHER_COLUMNS + NARROWEST ? width - OTHER_COLUMNS : NARROWEST;
    return left < COMMAND_SHOWN ? left : COMMAND_SHOWN;
}

static enum error_code run_steps(struct runs *runs, struct error *error)
{
    const struct runs_arguments *arguments = runs->call->arguments;
    uint64_t most = arguments->limit > 0 ? arguments->limit : UINT64_MAX;
    TRY(ledger_view_open(arguments->output_dir, &runs->call->account, &runs->view, error));
    TRY(ledger_runs(runs->view.ledger, most, take_run, runs, error));
    return arguments->json ? write_document(runs, error) : write_table(runs, error);
}

enum error_code cli_run_runs(struct cli_call *call, struct error *error)
{
    struct runs runs = {.call = call, .command_most = command_most(&call->terminal)};
    mem_account_init(&runs.account, "list of runs", NULL, MEMORY);
    mem_arena_init(&runs.arena, &runs.account);
    mem_buffer_init(&runs.rows, &runs.account, MEMORY);
    enum error_code code = run_steps(&runs, error);
    ledger_view_close(&runs.view);
    mem_buffer_release(&runs.rows);
    mem_arena_release(&runs.arena);
    return code;
}
