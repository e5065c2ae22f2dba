/* Changes by the holder of the lock: each a transaction, or a part of the batch under way. */
#include "ledger/database.h"

static enum error_code refuse(const struct ledger *ledger, const char *what, struct error *error)
{
    enum error_code code = error_set(error, ERROR_INTERNAL, "%s", what);
    error_in_file(error, ledger->path);
    return code;
}

/* A failure undoes the whole transaction, and with it the batch. */
static enum error_code check_batch(const struct ledger *ledger, struct error *error)
{
    if (!sqlite3_get_autocommit(ledger->database))
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_IO, "an earlier failure undid the changes of this batch");
    error_in_file(error, ledger->path);
    return code;
}

enum error_code change_begin(struct ledger *ledger, struct error *error)
{
    if (!ledger->is_locked)
        return refuse(ledger, "the ledger is changed without its lock", error);
    if (!ledger->in_batch)
        return transaction_begin(ledger, error);
    return check_batch(ledger, error);
}

/*
 * In a batch, what is refused has changed nothing: each change asks first, or is one statement.
 * Anything else can come between two statements, and takes the batch with it. Savepoints would keep
 * the rest, at twice the cost of a change.
 */
enum error_code change_end(struct ledger *ledger, enum error_code code, struct error *error)
{
    if (!ledger->in_batch)
        return transaction_end(ledger, code, error);
    if (code != ERROR_NONE && code != ERROR_INTERNAL)
        transaction_undo(ledger);
    return code;
}

enum error_code ledger_begin_batch(struct ledger *ledger, struct error *error)
{
    if (ledger->in_batch)
        return refuse(ledger, "a batch of the ledger is begun within another", error);
    TRY(change_begin(ledger, error));
    ledger->in_batch = true;
    return ERROR_NONE;
}

enum error_code ledger_end_batch(struct ledger *ledger, struct error *error)
{
    if (!ledger->in_batch)
        return refuse(ledger, "a batch of the ledger is ended that was not begun", error);
    ledger->in_batch = false;
    return transaction_end(ledger, check_batch(ledger, error), error);
}
