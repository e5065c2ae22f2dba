/* The whole file, looked through: by SQLite, and by what only a ledger knows. */
#include <stdio.h>
#include <string.h>

#include "ledger/database.h"

static enum error_code damaged(const struct ledger *ledger, const char *words, struct error *error)
{
    error_set(error, ERROR_INPUT, "the ledger is damaged: %s", words);
    error_hint(error, "restore it from a copy, or remove it with its -wal and -shm files to begin "
                      "anew");
    error_in_file(error, ledger->path);
    return ERROR_INPUT;
}

/* SQLite answers with one row "ok", or with one for each thing it found. */
static enum error_code check_file(struct ledger *ledger, struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    char words[512] = "";
    const char *line;
    bool more;
    TRY(query_open(ledger, STATEMENT_CHECK, NO_VALUES, &query, error));
    TRY(query_next(ledger, query, &more, error));
    while (more) {
        TRY(column_text(ledger, query, 0, &line, error));
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%s", used > 0 ? "; " : "",
                 line == NULL ? "" : line);
        TRY(query_next(ledger, query, &more, error));
    }
    return strcmp(words, "ok") == 0 ? ERROR_NONE : damaged(ledger, words, error);
}

static enum error_code check_none(struct ledger *ledger, enum statement id, const char *words,
                                  struct error *error)
{
    int64_t found;
    TRY(query_integer(ledger, id, NO_VALUES, 0, &found, error));
    return found == 0 ? ERROR_NONE : damaged(ledger, words, error);
}

enum error_code ledger_check(struct ledger *ledger, struct error *error)
{
    TRY(check_file(ledger, error));
    TRY(check_none(ledger, STATEMENT_CHECK_KEYS, "rows refer to others that are not there", error));
    return check_none(ledger, STATEMENT_CHECK_NUMBERS, "attempts are missing from their steps",
                      error);
}
