#include "ledger/database.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

struct value value_integer(int64_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

struct value value_size(uint64_t size)
{
    return value_integer(size > INT64_MAX ? INT64_MAX : (int64_t)size);
}

struct value value_text(const char *text)
{
    return (struct value){
        .kind = VALUE_TEXT, .text = text, .size = text == NULL ? 0 : strlen(text)};
}

enum error_code text_check(const char *text, size_t most, const char *what, struct error *error)
{
    if (text == NULL || strnlen(text, most + 1) <= most)
        return ERROR_NONE;
    return error_set(error, ERROR_UNSUPPORTED, "%s is longer than the %zu bytes a ledger keeps",
                     what, most);
}

static int bind(sqlite3_stmt *query, int at, const struct value *value)
{
    if (value->kind == VALUE_INTEGER)
        return sqlite3_bind_int64(query, at, value->integer);
    if (value->text == NULL)
        return sqlite3_bind_null(query, at);
    /* Static: what is bound lives until query_close. */
    if (utf8_is_valid(value->text, value->size))
        return sqlite3_bind_text64(query, at, value->text, value->size, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(query, at, value->text, value->size, SQLITE_STATIC);
}

static enum error_code prepare(struct ledger *ledger, enum statement id, struct error *error)
{
    if (ledger->statements[id] != NULL)
        return ERROR_NONE;
    int result = sqlite3_prepare_v3(ledger->database, statement_text(id), -1,
                                    SQLITE_PREPARE_PERSISTENT, &ledger->statements[id], NULL);
    return result == SQLITE_OK ? ERROR_NONE : ledger_fail(ledger, result, "read", error);
}

enum error_code query_open(struct ledger *ledger, enum statement id, const struct value *values,
                           size_t count, sqlite3_stmt **ret, struct error *error)
{
    TRY(prepare(ledger, id, error));
    sqlite3_stmt *query = ledger->statements[id];
    if (sqlite3_stmt_busy(query))
        return error_set(error, ERROR_INTERNAL, "the ledger is asked from within its own answer");
    for (size_t i = 0; i < count; i++) {
        int result = bind(query, (int)i + 1, &values[i]);
        if (result != SQLITE_OK) {
            query_close(&query);
            return ledger_fail(ledger, result, "written", error);
        }
    }
    *ret = query;
    return ERROR_NONE;
}

enum error_code query_next(struct ledger *ledger, sqlite3_stmt *query, bool *ret,
                           struct error *error)
{
    /* A COMMIT counts as one that only reads. */
    bool is_read = sqlite3_stmt_readonly(query) && sqlite3_get_autocommit(ledger->database);
    errno = 0;
    int result = sqlite3_step(query);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return ledger_fail(ledger, sqlite3_extended_errcode(ledger->database),
                           is_read ? "read" : "written", error);
    *ret = result == SQLITE_ROW;
    return ERROR_NONE;
}

void query_close(sqlite3_stmt **query)
{
    if (*query == NULL)
        return;
    sqlite3_reset(*query);
    sqlite3_clear_bindings(*query);
    *query = NULL;
}

int64_t column_integer(sqlite3_stmt *query, int column)
{
    return sqlite3_column_int64(query, column);
}

uint64_t column_size(sqlite3_stmt *query, int column)
{
    int64_t size = sqlite3_column_int64(query, column);
    if (size == INT64_MAX)
        return UINT64_MAX;
    return size < 0 ? 0 : (uint64_t)size;
}

enum error_code column_text(struct ledger *ledger, sqlite3_stmt *query, int column,
                            const char **ret, struct error *error)
{
    bool is_null = sqlite3_column_type(query, column) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(query, column);
    if (text == NULL && !is_null) {
        int result = sqlite3_extended_errcode(ledger->database);
        return ledger_fail(ledger, result, "read", error);
    }
    *ret = (const char *)text;
    return ERROR_NONE;
}

enum error_code execute(struct ledger *ledger, enum statement id, const struct value *values,
                        size_t count, struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    bool more = true;
    TRY(query_open(ledger, id, values, count, &query, error));
    while (more)
        TRY(query_next(ledger, query, &more, error));
    return ERROR_NONE;
}

enum error_code execute_one(struct ledger *ledger, enum statement id, const struct value *values,
                            size_t count, const char *refusal, struct error *error)
{
    TRY(execute(ledger, id, values, count, error));
    if (sqlite3_changes(ledger->database) == 1)
        return ERROR_NONE;
    enum error_code code = error_set(error, ERROR_INTERNAL, "%s", refusal);
    error_in_file(error, ledger->path);
    return code;
}

enum error_code query_integer(struct ledger *ledger, enum statement id, const struct value *values,
                              size_t count, int64_t otherwise, int64_t *ret, struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    bool found;
    TRY(query_open(ledger, id, values, count, &query, error));
    TRY(query_next(ledger, query, &found, error));
    *ret = found ? column_integer(query, 0) : otherwise;
    return ERROR_NONE;
}

void transaction_undo(struct ledger *ledger)
{
    struct error ignored;
    /* A full disk or lack of memory may have undone it already. */
    if (ledger->database == NULL || sqlite3_get_autocommit(ledger->database))
        return;
    if (execute(ledger, STATEMENT_UNDO, NO_VALUES, &ignored) != ERROR_NONE)
        sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
}

/* What is written to a file that nobody can find is not kept. */
static enum error_code check_place(const struct ledger *ledger, struct error *error)
{
    int has_moved = 0;
    int result = sqlite3_file_control(ledger->database, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    if (result != SQLITE_OK || !has_moved)
        return ERROR_NONE;
    error_set(error, ERROR_IO, "the ledger was removed or replaced while it was in use");
    error_hint(error, "put its folder back and resume, or begin anew");
    error_in_file(error, ledger->path);
    return ERROR_IO;
}

enum error_code transaction_begin(struct ledger *ledger, struct error *error)
{
    TRY(check_place(ledger, error));
    /* Prepared before it is needed: an undo must not ask for memory. */
    TRY(prepare(ledger, STATEMENT_UNDO, error));
    TRY(prepare(ledger, STATEMENT_COMMIT, error));
    return execute(ledger, STATEMENT_BEGIN, NO_VALUES, error);
}

enum error_code transaction_end(struct ledger *ledger, enum error_code code, struct error *error)
{
    if (code == ERROR_NONE)
        code = execute(ledger, STATEMENT_COMMIT, NO_VALUES, error);
    if (code != ERROR_NONE)
        transaction_undo(ledger);
    return code;
}
