/* What SQLite's result codes (https://sqlite.org/rescode.html) mean for a ledger. */
#include <errno.h>
#include <string.h>

#include "ledger/database.h"
#include "ledger/file_system.h"

struct failure {
    int result; /* primary result code */
    enum error_code code;
    const char *what; /* follows "the ledger could not be read: "; NULL: SQLite's words alone */
    const char *hint;
};

static const struct failure failures[] = {
    {SQLITE_FULL, ERROR_IO, "no space is left on the device",
     "free some space and resume: what the ledger was told as done is kept"},
    {SQLITE_CORRUPT, ERROR_INPUT, "it is damaged",
     "restore it from a copy, or remove it with its -wal and -shm files to begin anew"},
    {SQLITE_NOTADB, ERROR_INPUT, "it is not a database of SQLite",
     "name another file, or remove this one"},
    {SQLITE_READONLY, ERROR_IO, "it or its folder may not be written",
     "check the permissions of the file and its folder"},
    {SQLITE_CANTOPEN, ERROR_IO, "it or a file beside it cannot be opened",
     "check that its folder is there and may be written, also for -wal and -shm files"},
    {SQLITE_PERM, ERROR_IO, "access is denied", "check the permissions of the file"},
    {SQLITE_BUSY, ERROR_IO, "another program has it locked",
     "close other programs that have the ledger open"},
    {SQLITE_LOCKED, ERROR_IO, "another program has it locked",
     "close other programs that have the ledger open"},
    {SQLITE_PROTOCOL, ERROR_IO, "another program has it locked",
     "close other programs that have the ledger open"},
    {SQLITE_NOMEM, ERROR_MEMORY, "memory ran out", "a higher --memory"},
    {SQLITE_TOOBIG, ERROR_UNSUPPORTED, "a text is too long", "shorter names and reports"},
    {SQLITE_IOERR, ERROR_IO, "input or output failed", "check the device and the system's log"},
    {SQLITE_CONSTRAINT, ERROR_INTERNAL, "a change breaks its rules", ""},
    {SQLITE_MISUSE, ERROR_INTERNAL, "it was used wrongly", ""},
    {SQLITE_ERROR, ERROR_INPUT, "its tables are not those that weir makes",
     "restore it from a copy, or remove it to begin anew"},
};

static const struct failure other = {0, ERROR_IO, "SQLite refused", ""};

static const struct failure *failure_of(int result)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].result == (result & 0xff))
            return &failures[i];
    return &other;
}

/* What the system answered: 0 if it does not matter. A failing COMMIT does not keep it, then it is
 * the errno of the call. */
static int system_reason(const struct ledger *ledger, int result, int last)
{
    int primary = result & 0xff;
    if (ledger->database == NULL || (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN))
        return 0;
    int kept = sqlite3_system_errno(ledger->database);
    /* A file that cannot be made is then looked for, and that answer is kept. */
    if (kept == ENOENT)
        return file_system_refusal(ledger->path);
    return kept != 0 || primary == SQLITE_CANTOPEN ? kept : last;
}

static void add_system_reason(int reason, struct error *error)
{
    struct error with_reason;
    error_set_errno(&with_reason, reason, "%s", error->what);
    memcpy(error->what, with_reason.what, sizeof error->what);
    if (reason == EFBIG)
        error_hint(error, "raise the limit on the size of files (ulimit -f)");
    else if (with_reason.hint[0] != '\0')
        error_hint(error, "%s", with_reason.hint);
}

enum error_code ledger_fail(const struct ledger *ledger, int result, const char *doing,
                            struct error *error)
{
    int last = errno;
    int reason = system_reason(ledger, result, last);
    /* SQLite calls it damage when the device cannot read. */
    bool is_device = (result & 0xff) == SQLITE_CORRUPT && last == EIO;
    if (is_device)
        reason = last;
    const struct failure *failure = failure_of(is_device ? SQLITE_IOERR : result);
    const char *words = sqlite3_errstr(result);
    if (ledger->database != NULL && sqlite3_extended_errcode(ledger->database) == result)
        words = sqlite3_errmsg(ledger->database);
    error_set(error, failure->code, "the ledger could not be %s: %s (SQLite %d: %s)", doing,
              failure->what, result, words);
    error_hint(error, "%s", failure->hint);
    if (reason != 0)
        add_system_reason(reason, error);
    error_in_file(error, ledger->path);
    return failure->code;
}
