/*
 * The ledger's connection: kept statements, values bound to them, one transaction for each change.
 *
 * All that touches SQLite goes through here, so every failure becomes an error in one place
 * (ledger_fail) and no statement is left open. Values are always bound, never put into the text.
 */
#ifndef WEIR_LEDGER_DATABASE_H
#define WEIR_LEDGER_DATABASE_H

#include <sqlite3.h>

#include "ledger/ledger.h"
#include "ledger/statement.h"

struct ledger {
    struct mem_account *account;
    char *path;    /* as SQLite gets it: absolute, or beginning with "./" */
    void *reserve; /* stands for SQLite's memory in the account; never touched */
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared on first use */
    int lock_descriptor;                       /* -1: not open */
    bool read_only;
    bool is_locked; /* by this ledger */
    bool in_batch;
};

/* How long SQLite waits for others that have the file locked. */
#define DATABASE_BUSY_MS 10000

/* The error for a result code of SQLite: its words, the file, and what to try. doing: "read". */
enum error_code ledger_fail(const struct ledger *ledger, int result, const char *doing,
                            struct error *error);

/* A value to bind. Text that is valid UTF-8 is kept as text, other bytes as a blob: the same bytes
 * always as the same kind, so that they are found again, and other tools can read the file. */
struct value {
    enum { VALUE_INTEGER, VALUE_TEXT } kind;
    int64_t integer;
    const char *text; /* NULL is allowed */
    size_t size;
};
struct value value_integer(int64_t integer);
/* What is above INT64_MAX becomes INT64_MAX. */
struct value value_size(uint64_t size);
struct value value_text(const char *text);

#define VALUES(...)                                                                                \
    (const struct value[]){__VA_ARGS__},                                                           \
        sizeof((struct value[]){__VA_ARGS__}) / sizeof(struct value)
#define NO_VALUES NULL, 0

/* Text that can be kept: ERROR_UNSUPPORTED, naming what it is, when longer than most bytes. */
CHECKED enum error_code text_check(const char *text, size_t most, const char *what,
                                   struct error *error);

/* A kept statement with its values bound, ready for its first row. Close it with query_close. */
CHECKED enum error_code query_open(struct ledger *ledger, enum statement id,
                                   const struct value *values, size_t count, sqlite3_stmt **ret,
                                   struct error *error);
/* Goes to the next row; *ret false: there is none. */
CHECKED enum error_code query_next(struct ledger *ledger, sqlite3_stmt *query, bool *ret,
                                   struct error *error);
/* For AUTO as well. */
void query_close(sqlite3_stmt **query);

/* Columns of a row. Texts live until the next row. */
int64_t column_integer(sqlite3_stmt *query, int column);
uint64_t column_size(sqlite3_stmt *query, int column); /* INT64_MAX becomes UINT64_MAX */
CHECKED enum error_code column_text(struct ledger *ledger, sqlite3_stmt *query, int column,
                                    const char **ret, struct error *error); /* NULL: null */

/* Runs a statement to its end. */
CHECKED enum error_code execute(struct ledger *ledger, enum statement id,
                                const struct value *values, size_t count, struct error *error);
/* The same for one that must change exactly one row: ERROR_INTERNAL with refusal otherwise. */
CHECKED enum error_code execute_one(struct ledger *ledger, enum statement id,
                                    const struct value *values, size_t count, const char *refusal,
                                    struct error *error);
/* The first column of the first row, or otherwise where there is no row. */
CHECKED enum error_code query_integer(struct ledger *ledger, enum statement id,
                                      const struct value *values, size_t count, int64_t otherwise,
                                      int64_t *ret, struct error *error);

/* A transaction, whoever holds the ledger's lock; code is what became of the change: anything but
 * ERROR_NONE undoes it and is returned. */
CHECKED enum error_code transaction_begin(struct ledger *ledger, struct error *error);
CHECKED enum error_code transaction_end(struct ledger *ledger, enum error_code code,
                                        struct error *error);

/* A change by the holder of the lock: a transaction, or a part of the batch under way. */
CHECKED enum error_code change_begin(struct ledger *ledger, struct error *error);
CHECKED enum error_code change_end(struct ledger *ledger, enum error_code code,
                                   struct error *error);

/* Undoes the transaction under way, if there is one. */
void transaction_undo(struct ledger *ledger);

#endif
