#include "ledger/schema.h"

#include <errno.h>
#include <string.h>

/*
 * holder: who has the lock, at most one. A column of kind ANY holds text, or a blob where the bytes
 * are no UTF-8. Long texts stand last in their rows, so that what stands before them is read
 * without them. That a step is running exactly while one of its attempts is, is kept by the
 * changes. No list after IN has more than two entries: SQLite makes a table of a longer one, each
 * time it is asked.
 */
static const char *const tables[] = {
    "CREATE TABLE holder ("
    " slot INTEGER PRIMARY KEY CHECK (slot = 1),"
    " process INTEGER NOT NULL,"
    " start_time INTEGER NOT NULL,"
    " boot TEXT NOT NULL,"
    " command ANY NOT NULL CHECK (typeof(command) IN ('text', 'blob')),"
    " since INTEGER NOT NULL"
    ") STRICT",

    "CREATE TABLE run ("
    " run INTEGER PRIMARY KEY,"
    " status TEXT NOT NULL"
    " CHECK (status = 'running' OR status = 'ok' OR status = 'failed' OR status = 'cancelled'"
    " OR status = 'lost'),"
    " started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL DEFAULT 0,"
    " identity ANY NOT NULL CHECK (typeof(identity) IN ('text', 'blob')),"
    " command ANY NOT NULL CHECK (typeof(command) IN ('text', 'blob'))"
    ") STRICT",

    "CREATE INDEX run_identity ON run (identity)",

    "CREATE TABLE step ("
    " step INTEGER PRIMARY KEY,"
    " run INTEGER NOT NULL REFERENCES run,"
    " state TEXT NOT NULL"
    " CHECK (state = 'waiting' OR state = 'running' OR state = 'ok' OR state = 'failed'),"
    " name ANY NOT NULL CHECK (typeof(name) IN ('text', 'blob')),"
    " digest ANY NOT NULL CHECK (typeof(digest) IN ('text', 'blob')),"
    " UNIQUE (run, name)"
    ") STRICT",

    "CREATE INDEX step_run ON step (run)",

    "CREATE TABLE attempt ("
    " attempt INTEGER PRIMARY KEY,"
    " step INTEGER NOT NULL REFERENCES step,"
    " number INTEGER NOT NULL CHECK (number >= 1),"
    " verdict ANY NOT NULL DEFAULT 'running' CHECK (typeof(verdict) IN ('text', 'blob')),"
    " figure INTEGER NOT NULL CHECK (figure >= 0),"
    " peak INTEGER NOT NULL DEFAULT 0 CHECK (peak >= 0),"
    " wall_ns INTEGER NOT NULL DEFAULT 0 CHECK (wall_ns >= 0),"
    " cpu_ns INTEGER NOT NULL DEFAULT 0 CHECK (cpu_ns >= 0),"
    " exit_status INTEGER NOT NULL DEFAULT 0,"
    " signal INTEGER NOT NULL DEFAULT 0,"
    " started INTEGER NOT NULL,"
    " ended INTEGER NOT NULL DEFAULT 0,"
    " folder ANY CHECK (folder IS NULL OR typeof(folder) IN ('text', 'blob')),"
    " report ANY CHECK (report IS NULL OR typeof(report) IN ('text', 'blob')),"
    " samples ANY CHECK (samples IS NULL OR typeof(samples) IN ('text', 'blob')),"
    " UNIQUE (step, number)"
    ") STRICT",

    "CREATE INDEX attempt_running ON attempt (step) WHERE verdict = 'running'",
};

#define TABLE_COUNT  (sizeof tables / sizeof tables[0])
#define STRINGIFY(x) #x
#define TEXT_OF(x)   STRINGIFY(x)

static void finalize(sqlite3_stmt **query)
{
    sqlite3_finalize(*query);
}

/* The first number that a question asked once answers with. */
static enum error_code ask(struct ledger *ledger, const char *text, int64_t *ret,
                           struct error *error)
{
    AUTO(finalize) sqlite3_stmt *query = NULL;
    errno = 0;
    int result = sqlite3_prepare_v2(ledger->database, text, -1, &query, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(query);
    if (result != SQLITE_ROW)
        return ledger_fail(ledger, sqlite3_extended_errcode(ledger->database), "read", error);
    *ret = sqlite3_column_int64(query, 0);
    return ERROR_NONE;
}

static enum error_code foreign(const struct ledger *ledger, const char *what, struct error *error)
{
    error_set(error, ERROR_INPUT, "%s", what);
    error_hint(error, "name another file, or restore this one from a copy");
    error_in_file(error, ledger->path);
    return ERROR_INPUT;
}

static enum error_code newer(const struct ledger *ledger, int64_t version, struct error *error)
{
    error_set(error, ERROR_UNSUPPORTED,
              "the ledger was made by a newer weir: version %lld of its tables, %d is known here",
              (long long)version, SCHEMA_VERSION);
    error_hint(error, "the newer weir, or another file");
    error_in_file(error, ledger->path);
    return ERROR_UNSUPPORTED;
}

/*
 * A file that has the right number and other tables (or views, or triggers) is not used: what its
 * statements would do is not known.
 */
static enum error_code compare_tables(struct ledger *ledger, struct error *error)
{
    AUTO(finalize) sqlite3_stmt *query = NULL;
    size_t count = 0;
    errno = 0;
    int result = sqlite3_prepare_v2(ledger->database,
                                    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
                                    " ORDER BY rowid",
                                    -1, &query, NULL);
    while (result == SQLITE_OK && (result = sqlite3_step(query)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(query, 0);
        if (text == NULL || count == TABLE_COUNT || strcmp(text, tables[count]) != 0)
            return foreign(ledger, "the ledger's tables are not those that weir makes", error);
        count++;
        result = SQLITE_OK;
    }
    if (result != SQLITE_DONE)
        return ledger_fail(ledger, sqlite3_extended_errcode(ledger->database), "read", error);
    if (count != TABLE_COUNT)
        return foreign(ledger, "the ledger's tables are not those that weir makes", error);
    return ERROR_NONE;
}

enum error_code schema_inspect(struct ledger *ledger, bool *ret_empty, struct error *error)
{
    int64_t application, version, entries;
    TRY(ask(ledger, "PRAGMA application_id", &application, error));
    TRY(ask(ledger, "PRAGMA user_version", &version, error));
    TRY(ask(ledger, "SELECT count(*) FROM sqlite_schema", &entries, error));
    *ret_empty = application == 0 && version == 0 && entries == 0;
    if (*ret_empty)
        return ERROR_NONE;
    if (application != SCHEMA_APPLICATION)
        return foreign(ledger, "the file is a database of another program, not a ledger", error);
    if (version > SCHEMA_VERSION)
        return newer(ledger, version, error);
    return compare_tables(ledger, error);
}

static enum error_code run_text(struct ledger *ledger, const char *text, struct error *error)
{
    errno = 0;
    int result = sqlite3_exec(ledger->database, text, NULL, NULL, NULL);
    return result == SQLITE_OK ? ERROR_NONE : ledger_fail(ledger, result, "made", error);
}

static enum error_code make_tables(struct ledger *ledger, struct error *error)
{
    bool is_empty;
    TRY(schema_inspect(ledger, &is_empty, error));
    if (!is_empty)
        return ERROR_NONE;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        TRY(run_text(ledger, tables[i], error));
    TRY(run_text(ledger, "PRAGMA application_id = " TEXT_OF(SCHEMA_APPLICATION), error));
    return run_text(ledger, "PRAGMA user_version = " TEXT_OF(SCHEMA_VERSION), error);
}

enum error_code schema_create(struct ledger *ledger, struct error *error)
{
    TRY(transaction_begin(ledger, error));
    return transaction_end(ledger, make_tables(ledger, error), error);
}
