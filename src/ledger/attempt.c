/* Attempts: a step is running exactly while one of its attempts is. */
#include <string.h>

#include "ledger/database.h"

enum error_code ledger_next_number(struct ledger *ledger, int64_t step, int64_t *ret_number,
                                   struct error *error)
{
    return query_integer(ledger, STATEMENT_NEXT_NUMBER, VALUES(value_integer(step)), 1, ret_number,
                         error);
}

static enum error_code add_attempt(struct ledger *ledger, int64_t step, uint64_t figure,
                                   const char *folder, int64_t now, int64_t *ret_attempt,
                                   struct error *error)
{
    int64_t number;
    TRY(execute_one(ledger, STATEMENT_RUN_STEP, VALUES(value_integer(step)),
                    "an attempt is begun of a step that neither waits nor failed, or whose run "
                    "does not run",
                    error));
    TRY(ledger_next_number(ledger, step, &number, error));
    TRY(execute(ledger, STATEMENT_ADD_ATTEMPT,
                VALUES(value_integer(step), value_integer(number), value_size(figure),
                       value_text(folder), value_integer(now)),
                error));
    *ret_attempt = sqlite3_last_insert_rowid(ledger->database);
    return ERROR_NONE;
}

enum error_code ledger_begin_attempt(struct ledger *ledger, int64_t step, uint64_t figure,
                                     const char *folder, int64_t now, int64_t *ret_attempt,
                                     struct error *error)
{
    int64_t attempt = 0;
    TRY(text_check(folder, LEDGER_NAME_MOST, "the folder of an attempt", error));
    TRY(change_begin(ledger, error));
    enum error_code code = add_attempt(ledger, step, figure, folder, now, &attempt, error);
    TRY(change_end(ledger, code, error));
    *ret_attempt = attempt;
    return ERROR_NONE;
}

static enum error_code check_result(const struct ledger_attempt *result, struct error *error)
{
    if (result->verdict == NULL || strcmp(result->verdict, "running") == 0)
        return error_set(error, ERROR_INTERNAL, "an attempt is ended without a verdict");
    TRY(text_check(result->verdict, LEDGER_NAME_MOST, "a verdict", error));
    TRY(text_check(result->folder, LEDGER_NAME_MOST, "the folder of an attempt", error));
    TRY(text_check(result->report, LEDGER_REPORT_MOST, "the report of an attempt", error));
    return text_check(result->samples, LEDGER_SAMPLES_MOST, "the samples of an attempt", error);
}

static enum error_code end_attempt(struct ledger *ledger, int64_t attempt,
                                   const struct ledger_attempt *result, struct error *error)
{
    return execute_one(ledger, STATEMENT_END_ATTEMPT,
                       VALUES(value_integer(attempt), value_text(result->verdict),
                              value_size(result->figure), value_size(result->peak),
                              value_size(result->wall_ns), value_size(result->cpu_ns),
                              value_integer(result->exit_status), value_integer(result->signal),
                              value_text(result->report), value_text(result->samples),
                              value_text(result->folder), value_integer(result->ended)),
                       "an attempt is ended that is not running", error);
}

static enum error_code end_step(struct ledger *ledger, int64_t attempt, const char *state,
                                struct error *error)
{
    return execute_one(ledger, STATEMENT_END_STEP,
                       VALUES(value_integer(attempt), value_text(state)),
                       "an attempt is ended that has no step", error);
}

enum error_code ledger_end_attempt(struct ledger *ledger, int64_t attempt,
                                   const struct ledger_attempt *result, bool is_last,
                                   struct error *error)
{
    TRY(check_result(result, error));
    const char *state = "waiting";
    if (is_last)
        state = strcmp(result->verdict, "ok") == 0 ? "ok" : "failed";
    TRY(change_begin(ledger, error));
    enum error_code code = end_attempt(ledger, attempt, result, error);
    if (code == ERROR_NONE)
        code = end_step(ledger, attempt, state, error);
    return change_end(ledger, code, error);
}
