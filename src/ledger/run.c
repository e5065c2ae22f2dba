/* Runs and steps. */
#include <string.h>

#include "ledger/database.h"

static enum error_code add_run(struct ledger *ledger, const char *command, const char *identity,
                               int64_t now, int64_t *ret_run, struct error *error)
{
    struct value cut = {
        .kind = VALUE_TEXT, .text = command, .size = strnlen(command, LEDGER_COMMAND_MOST)};
    TRY(execute(ledger, STATEMENT_ADD_RUN, VALUES(value_integer(now), value_text(identity), cut),
                error));
    *ret_run = sqlite3_last_insert_rowid(ledger->database);
    return ERROR_NONE;
}

enum error_code ledger_begin_run(struct ledger *ledger, const char *command, const char *identity,
                                 int64_t now, int64_t *ret_run, struct error *error)
{
    int64_t run = 0;
    TRY(text_check(identity, LEDGER_NAME_MOST, "the identity of a run", error));
    TRY(change_begin(ledger, error));
    TRY(change_end(ledger, add_run(ledger, command, identity, now, &run, error), error));
    *ret_run = run;
    return ERROR_NONE;
}

enum error_code ledger_end_run(struct ledger *ledger, int64_t run, const char *status, int64_t now,
                               struct error *error)
{
    TRY(change_begin(ledger, error));
    enum error_code code =
        execute_one(ledger, STATEMENT_END_RUN,
                    VALUES(value_integer(run), value_text(status), value_integer(now)),
                    "a run is ended that is not running", error);
    return change_end(ledger, code, error);
}

enum error_code ledger_resume_run(struct ledger *ledger, int64_t run, struct error *error)
{
    TRY(change_begin(ledger, error));
    enum error_code code = execute_one(ledger, STATEMENT_RESUME_RUN, VALUES(value_integer(run)),
                                       "a run is resumed that is not in the ledger", error);
    return change_end(ledger, code, error);
}

enum error_code ledger_find_run(struct ledger *ledger, const char *identity, int64_t *ret_run,
                                struct error *error)
{
    if (identity == NULL)
        return query_integer(ledger, STATEMENT_FIND_ANY_RUN, NO_VALUES, 0, ret_run, error);
    return query_integer(ledger, STATEMENT_FIND_RUN, VALUES(value_text(identity)), 0, ret_run,
                         error);
}

/* What is to be known of a step before it is used. */
struct known_step {
    int64_t step; /* 0: not there */
    bool same_digest;
};

static enum error_code find_step(struct ledger *ledger, const struct value *key, size_t count,
                                 struct known_step *ret, struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    bool found;
    *ret = (struct known_step){0};
    TRY(query_open(ledger, STATEMENT_FIND_STEP, key, count, &query, error));
    TRY(query_next(ledger, query, &found, error));
    if (found)
        *ret = (struct known_step){column_integer(query, 0), column_integer(query, 1) != 0};
    return ERROR_NONE;
}

static enum error_code use_step(struct ledger *ledger, const struct value *key, size_t count,
                                int64_t *ret_step, struct error *error)
{
    struct known_step known;
    TRY(find_step(ledger, key, count, &known, error));
    if (known.step == 0) {
        TRY(execute(ledger, STATEMENT_ADD_STEP, key, count, error));
        known.step = sqlite3_last_insert_rowid(ledger->database);
    } else if (!known.same_digest) {
        TRY(execute_one(ledger, STATEMENT_RENEW_STEP, VALUES(value_integer(known.step), key[2]),
                        "a step is given another digest while it runs", error));
    }
    *ret_step = known.step;
    return ERROR_NONE;
}

static enum error_code check_step(const char *name, const char *digest, struct error *error)
{
    TRY(text_check(name, LEDGER_NAME_MOST, "the name of a step", error));
    return text_check(digest, LEDGER_NAME_MOST, "the digest of a step", error);
}

enum error_code ledger_step(struct ledger *ledger, int64_t run, const char *name,
                            const char *digest, int64_t *ret_step, struct error *error)
{
    const struct value key[] = {value_integer(run), value_text(name), value_text(digest)};
    int64_t step = 0;
    TRY(check_step(name, digest, error));
    TRY(change_begin(ledger, error));
    TRY(change_end(ledger, use_step(ledger, key, 3, &step, error), error));
    *ret_step = step;
    return ERROR_NONE;
}

enum error_code ledger_is_finished(struct ledger *ledger, int64_t run, const char *name,
                                   const char *digest, bool *ret, struct error *error)
{
    int64_t found;
    TRY(query_integer(ledger, STATEMENT_IS_FINISHED,
                      VALUES(value_integer(run), value_text(name), value_text(digest)), 0, &found,
                      error));
    *ret = found != 0;
    return ERROR_NONE;
}
