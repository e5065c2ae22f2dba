/* Opening and closing: the file is looked at before anything in it is changed. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ledger/database.h"
#include "ledger/file_system.h"
#include "ledger/lock.h"
#include "ledger/schema.h"
#include "os/os.h"

/* Longest path that SQLite opens, and what it and the lock put behind it ("-journal"). */
#define PATH_MOST ((size_t)504)

/* A path that SQLite takes for nothing else: "file:x" would be a URI and ":memory:" no file. */
static enum error_code keep_path(struct ledger *ledger, const char *path, struct error *error)
{
    TRY(text_check(path, PATH_MOST, "the path of the ledger", error));
    if (path[0] == '\0')
        return error_set(error, ERROR_USAGE, "the path of the ledger is empty");
    size_t length = strlen(path);
    void *memory;
    TRY(mem_alloc(ledger->account, length + 3, &memory, error));
    ledger->path = memory;
    size_t prefix = path[0] == '/' ? 0 : 2;
    memcpy(ledger->path, "./", prefix);
    memcpy(ledger->path + prefix, path, length);
    return ERROR_NONE;
}

/*
 * SQLite allocates for itself, under a limit of the whole process: it rises with each ledger by
 * what is charged for that ledger. The block charged is never touched, so it takes no memory.
 */
static enum error_code reserve_memory(struct ledger *ledger, struct error *error)
{
    TRY(mem_alloc(ledger->account, LEDGER_MEMORY, &ledger->reserve, error));
    int64_t limit = sqlite3_hard_heap_limit64(-1);
    if (limit >= 0) {
        limit = sqlite3_hard_heap_limit64(limit + (int64_t)LEDGER_MEMORY) + (int64_t)LEDGER_MEMORY;
        /* From here on the page cache takes back its own pages instead of new memory. */
        sqlite3_soft_heap_limit64(limit - limit / 4);
        return ERROR_NONE;
    }
    mem_free(ledger->reserve);
    ledger->reserve = NULL;
    return ledger_fail(ledger, SQLITE_NOMEM, "opened", error);
}

static void give_memory_back(struct ledger *ledger)
{
    if (ledger->reserve == NULL)
        return;
    int64_t limit = sqlite3_hard_heap_limit64(-1) - (int64_t)LEDGER_MEMORY;
    sqlite3_hard_heap_limit64(limit);
    sqlite3_soft_heap_limit64(limit - limit / 4);
    mem_free(ledger->reserve);
}

static enum error_code connect(struct ledger *ledger, struct error *error)
{
    int flags =
        ledger->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int result = sqlite3_open_v2(ledger->path, &ledger->database,
                                 flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (result != SQLITE_OK)
        return ledger_fail(ledger, result, "opened", error);
    sqlite3_busy_timeout(ledger->database, DATABASE_BUSY_MS);
    /* A damaged or hostile file: no text in it runs with rights, no row is larger than those kept.
     */
    sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(ledger->database, SQLITE_LIMIT_LENGTH, (int)(LEDGER_MEMORY / 4));
    sqlite3_limit(ledger->database, SQLITE_LIMIT_WORKER_THREADS, 0);
    return ERROR_NONE;
}

/* Two processes that make the same ledger at once can meet where SQLite itself does not wait. */
static enum error_code set_option(struct ledger *ledger, const char *text, struct error *error)
{
    uint64_t until = os_now_ns() + (uint64_t)DATABASE_BUSY_MS * 1000000;
    for (;;) {
        errno = 0;
        int result = sqlite3_exec(ledger->database, text, NULL, NULL, NULL);
        if (result == SQLITE_OK)
            return ERROR_NONE;
        bool is_busy = (result & 0xff) == SQLITE_BUSY && os_now_ns() < until;
        if (!is_busy)
            return ledger_fail(ledger, result, "opened", error);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static enum error_code check_journal(struct ledger *ledger, struct error *error)
{
    sqlite3_stmt *query = NULL;
    int result = sqlite3_prepare_v2(ledger->database,
                                    "SELECT 1 FROM pragma_journal_mode WHERE journal_mode = 'wal'",
                                    -1, &query, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(query);
    sqlite3_finalize(query);
    if (result == SQLITE_ROW)
        return ERROR_NONE;
    if (result != SQLITE_DONE)
        return ledger_fail(ledger, result, "opened", error);
    error_set(error, ERROR_UNSUPPORTED, "the file system has no memory shared between processes");
    error_hint(error, "a path on a disk of this machine");
    error_in_file(error, ledger->path);
    return ERROR_UNSUPPORTED;
}

static enum error_code prepare_to_write(struct ledger *ledger, struct error *error)
{
    TRY(set_option(ledger, "PRAGMA journal_mode = WAL", error));
    TRY(check_journal(ledger, error));
    TRY(set_option(ledger, "PRAGMA synchronous = FULL", error));
    TRY(set_option(ledger, "PRAGMA wal_autocheckpoint = 1000", error));
    TRY(set_option(ledger, "PRAGMA journal_size_limit = 8388608", error));
    return set_option(ledger, "PRAGMA foreign_keys = ON", error);
}

static enum error_code refuse_empty(const struct ledger *ledger, struct error *error)
{
    error_set(error, ERROR_INPUT, "the file holds nothing yet: no run was kept in it");
    error_hint(error, "a run that writes it, or another path");
    error_in_file(error, ledger->path);
    return ERROR_INPUT;
}

static enum error_code open_database(struct ledger *ledger, struct error *error)
{
    bool is_empty;
    TRY(connect(ledger, error));
    TRY(set_option(ledger, "PRAGMA cache_size = -1024; PRAGMA cell_size_check = ON", error));
    TRY(schema_inspect(ledger, &is_empty, error));
    if (ledger->read_only)
        return is_empty ? refuse_empty(ledger, error) : ERROR_NONE;
    TRY(prepare_to_write(ledger, error));
    return is_empty ? schema_create(ledger, error) : ERROR_NONE;
}

static enum error_code open_file(struct ledger *ledger, const char *path, struct error *error)
{
    TRY(keep_path(ledger, path, error));
    TRY(file_system_check(ledger->path, ledger->read_only, error));
    TRY(reserve_memory(ledger, error));
    return open_database(ledger, error);
}

enum error_code ledger_open(const char *path, bool read_only, struct mem_account *account,
                            struct ledger **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct ledger), &memory, error));
    struct ledger *ledger = memory;
    ledger->account = account;
    ledger->read_only = read_only;
    ledger->lock_descriptor = -1;
    enum error_code code = open_file(ledger, path, error);
    if (code == ERROR_NONE)
        *ret = ledger;
    else
        ledger_close(ledger);
    return code;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    transaction_undo(ledger);
    ledger->in_batch = false;
    lock_release(ledger);
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(ledger->statements[i]);
    sqlite3_close(ledger->database);
    give_memory_back(ledger);
    mem_free(ledger->path);
    mem_free(ledger);
}
