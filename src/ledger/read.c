/* What is in the ledger, row by row. */
#include "ledger/database.h"

static enum error_code required_text(struct ledger *ledger, sqlite3_stmt *query, int column,
                                     const char **ret, struct error *error)
{
    TRY(column_text(ledger, query, column, ret, error));
    if (*ret == NULL)
        *ret = "";
    return ERROR_NONE;
}

static enum error_code count_steps(struct ledger *ledger, struct ledger_run_row *row,
                                   struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    bool found;
    TRY(query_open(ledger, STATEMENT_STEPS_OF_RUN, VALUES(value_integer(row->run)), &query, error));
    TRY(query_next(ledger, query, &found, error));
    row->steps = column_integer(query, 0);
    row->finished = column_integer(query, 1);
    row->failed = column_integer(query, 2);
    return ERROR_NONE;
}

static enum error_code read_run(struct ledger *ledger, sqlite3_stmt *query,
                                struct ledger_run_row *row, struct error *error)
{
    row->run = column_integer(query, 0);
    TRY(required_text(ledger, query, 1, &row->command, error));
    TRY(required_text(ledger, query, 2, &row->status, error));
    row->started = column_integer(query, 3);
    row->ended = column_integer(query, 4);
    return count_steps(ledger, row, error);
}

/* Visits what a question about runs answers with; *ret_count: how many there were. */
static enum error_code visit_runs(struct ledger *ledger, enum statement id, struct value value,
                                  ledger_visit_run *visit, void *context, uint64_t *ret_count,
                                  struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    struct ledger_run_row row;
    bool more;
    *ret_count = 0;
    TRY(query_open(ledger, id, &value, 1, &query, error));
    TRY(query_next(ledger, query, &more, error));
    for (; more; ++*ret_count) {
        TRY(read_run(ledger, query, &row, error));
        if (visit != NULL)
            TRY(visit(context, &row, error));
        TRY(query_next(ledger, query, &more, error));
    }
    return ERROR_NONE;
}

enum error_code ledger_runs(struct ledger *ledger, uint64_t most, ledger_visit_run *visit,
                            void *context, struct error *error)
{
    uint64_t count;
    return visit_runs(ledger, STATEMENT_RUNS, value_size(most), visit, context, &count, error);
}

enum error_code ledger_read_run(struct ledger *ledger, int64_t run, ledger_visit_run *visit,
                                void *context, bool *ret_found, struct error *error)
{
    uint64_t count;
    TRY(visit_runs(ledger, STATEMENT_RUN, value_integer(run), visit, context, &count, error));
    *ret_found = count > 0;
    return ERROR_NONE;
}

/* The columns of an attempt; all null where the step had none. */
static enum error_code read_attempt(struct ledger *ledger, sqlite3_stmt *query,
                                    struct ledger_attempt *attempt, struct error *error)
{
    attempt->number = column_integer(query, 4);
    attempt->figure = column_size(query, 5);
    attempt->peak = column_size(query, 6);
    attempt->wall_ns = column_size(query, 7);
    attempt->cpu_ns = column_size(query, 8);
    attempt->exit_status = sqlite3_column_int(query, 9);
    attempt->signal = sqlite3_column_int(query, 10);
    TRY(required_text(ledger, query, 11, &attempt->verdict, error));
    TRY(column_text(ledger, query, 12, &attempt->report, error));
    TRY(column_text(ledger, query, 13, &attempt->folder, error));
    attempt->started = column_integer(query, 14);
    attempt->ended = column_integer(query, 15);
    return column_text(ledger, query, 18, &attempt->samples, error);
}

static enum error_code read_step(struct ledger *ledger, sqlite3_stmt *query,
                                 struct ledger_step_row *row, struct error *error)
{
    row->run = column_integer(query, 0);
    row->step = column_integer(query, 1);
    TRY(required_text(ledger, query, 2, &row->name, error));
    TRY(required_text(ledger, query, 3, &row->state, error));
    row->attempts = column_integer(query, 16);
    row->peak_most = column_size(query, 17);
    return read_attempt(ledger, query, &row->last, error);
}

/* The same for steps. */
static enum error_code visit_steps(struct ledger *ledger, enum statement id,
                                   const struct value *values, size_t value_count,
                                   ledger_visit_step *visit, void *context, uint64_t *ret_count,
                                   struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    struct ledger_step_row row;
    bool more;
    *ret_count = 0;
    TRY(query_open(ledger, id, values, value_count, &query, error));
    TRY(query_next(ledger, query, &more, error));
    for (; more; ++*ret_count) {
        TRY(read_step(ledger, query, &row, error));
        TRY(visit(context, &row, error));
        TRY(query_next(ledger, query, &more, error));
    }
    return ERROR_NONE;
}

enum error_code ledger_steps(struct ledger *ledger, int64_t run, bool each,
                             ledger_visit_step *visit, void *context, struct error *error)
{
    uint64_t count;
    return visit_steps(ledger, each ? STATEMENT_ATTEMPTS : STATEMENT_STEPS,
                       VALUES(value_integer(run)), visit, context, &count, error);
}

enum error_code ledger_find_step(struct ledger *ledger, int64_t run, const char *name,
                                 int64_t number, ledger_visit_step *visit, void *context,
                                 bool *ret_found, struct error *error)
{
    uint64_t count;
    TRY(visit_steps(ledger, STATEMENT_STEP,
                    VALUES(value_integer(run), value_text(name), value_integer(number)), visit,
                    context, &count, error));
    *ret_found = count > 0;
    return ERROR_NONE;
}
