/*
 * The lock is the kernel's (flock(2) on a file beside the ledger), so it ends with its holder
 * whatever the holder's death and whoever has its number afterwards, also across PID namespaces.
 * The row in the ledger tells who it is. Both must be free: if the file beside was removed, the row
 * still tells a living holder. The file beside is never removed, since a lock on a removed file
 * would keep nobody out.
 */
#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "ledger/process.h"
#include "os/os.h"

#define POLL_NS ((uint64_t)50 * 1000000)
/* Who has the kernel's lock and no row is about to write one, or to go: worth this wait. */
#define SETTLE_NS ((uint64_t)1000 * 1000000)

/* The row of the holder. */
struct holder {
    bool found;
    struct process_identity identity;
    struct ledger_holder told;
};

/* One try at the lock. */
struct
try {
    bool done;
    bool taken_over;
    bool named;
    struct ledger_holder holder; /* if named: a living one */
};

static int64_t unix_time_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum error_code fail_lock(const struct ledger *ledger, struct error *error)
{
    enum error_code code = error_set_errno(
        error, errno, "the ledger's lock, the same path with -lock, cannot be used");
    error_in_file(error, ledger->path);
    return code;
}

static enum error_code open_lock(struct ledger *ledger, struct error *error)
{
    char path[1024];
    if (ledger->lock_descriptor >= 0)
        return ERROR_NONE;
    snprintf(path, sizeof path, "%s-lock", ledger->path);
    /* Nothing is ever written to it; reading rights are enough for a lock. */
    ledger->lock_descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    return ledger->lock_descriptor >= 0 ? ERROR_NONE : fail_lock(ledger, error);
}

static enum error_code read_holder(struct ledger *ledger, struct holder *ret, struct error *error)
{
    AUTO(query_close) sqlite3_stmt *query = NULL;
    const char *boot, *command;
    memset(ret, 0, sizeof *ret);
    TRY(query_open(ledger, STATEMENT_READ_HOLDER, NO_VALUES, &query, error));
    TRY(query_next(ledger, query, &ret->found, error));
    if (!ret->found)
        return ERROR_NONE;
    TRY(column_text(ledger, query, 2, &boot, error));
    TRY(column_text(ledger, query, 3, &command, error));
    ret->identity.process = ret->told.process = column_integer(query, 0);
    ret->identity.start_time = column_integer(query, 1);
    ret->told.since = column_integer(query, 4);
    snprintf(ret->identity.boot, sizeof ret->identity.boot, "%s", boot == NULL ? "" : boot);
    snprintf(ret->told.command, sizeof ret->told.command, "%s", command == NULL ? "" : command);
    return ERROR_NONE;
}

static void name_holder(const struct holder *holder, struct try *try)
{
    try->named = holder->found && process_identity_lives(&holder->identity);
    if (try->named)
        try->holder = holder->told;
}

static enum error_code write_holder(struct ledger *ledger, const struct process_identity *self,
                                    int64_t now, struct error *error)
{
    char command[128];
    process_command(command, sizeof command);
    return execute(ledger, STATEMENT_WRITE_HOLDER,
                   VALUES(value_integer(self->process), value_integer(self->start_time),
                          value_text(self->boot), value_text(command),
                          value_integer(now / 1000000000)),
                   error);
}

/* Steps first: they are found by their running attempts. */
static enum error_code lose_running(struct ledger *ledger, int64_t now, struct error *error)
{
    TRY(execute(ledger, STATEMENT_LOSE_STEPS, NO_VALUES, error));
    TRY(execute(ledger, STATEMENT_LOSE_ATTEMPTS, VALUES(value_integer(now)), error));
    return execute(ledger, STATEMENT_LOSE_RUNS, VALUES(value_integer(now)), error);
}

/* With the kernel's lock: the row. What is left of a handle of this very process is dead as well.
 */
static enum error_code take_row(struct ledger *ledger, struct try *try, struct error *error)
{
    struct holder before;
    struct process_identity self = process_identity_self();
    int64_t now = unix_time_ns(), running;
    TRY(read_holder(ledger, &before, error));
    name_holder(&before, try);
    if (try->named && !process_identity_equal(&self, &before.identity))
        return ERROR_NONE;
    TRY(query_integer(ledger, STATEMENT_COUNT_RUNNING, NO_VALUES, 0, &running, error));
    TRY(lose_running(ledger, now, error));
    TRY(write_holder(ledger, &self, now, error));
    try->taken_over = before.found || running > 0;
    try->done = true;
    return ERROR_NONE;
}

static enum error_code try_row(struct ledger *ledger, struct try *try, struct error *error)
{
    TRY(transaction_begin(ledger, error));
    return transaction_end(ledger, take_row(ledger, try, error), error);
}

static enum error_code try_lock(struct ledger *ledger, struct try *try, struct error *error)
{
    struct holder holder;
    *try = (struct try){0};
    if (flock(ledger->lock_descriptor, LOCK_EX | LOCK_NB) == 0) {
        enum error_code code = try_row(ledger, try, error);
        if (code != ERROR_NONE || !try->done)
            flock(ledger->lock_descriptor, LOCK_UN);
        return code;
    }
    if (errno != EWOULDBLOCK && errno != EINTR)
        return fail_lock(ledger, error);
    TRY(read_holder(ledger, &holder, error));
    name_holder(&holder, try);
    return ERROR_NONE;
}

static enum error_code refuse(const struct ledger *ledger, const struct try *try,
                              struct error *error)
{
    char since[32];
    struct tm broken_down;
    time_t seconds = (time_t)try->holder.since;
    if (gmtime_r(&seconds, &broken_down) == NULL ||
        strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S UTC", &broken_down) == 0)
        snprintf(since, sizeof since, "an unknown time");
    if (try->named)
        error_set(error, ERROR_EXISTS, "the ledger is in use by process %lld (%s) since %s",
                  (long long)try->holder.process, try->holder.command, since);
    else
        error_set(error, ERROR_EXISTS, "the ledger is in use by a process that left no name");
    error_hint(error, "wait until it has ended, or use another ledger");
    error_in_file(error, ledger->path);
    return ERROR_EXISTS;
}

/* Waits a moment, or ends the wait. */
static enum error_code wait_more(const struct ledger *ledger, const struct try *try, uint64_t start,
                                 uint64_t wait_ns, struct error *error)
{
    uint64_t most = try->named || wait_ns > SETTLE_NS ? wait_ns : SETTLE_NS;
    uint64_t waited = os_now_ns() - start;
    if (waited >= most)
        return refuse(ledger, try, error);
    TRY(os_check_stop(error));
    uint64_t nap = most - waited < POLL_NS ? most - waited : POLL_NS;
    nanosleep(&(struct timespec){.tv_nsec = (long)nap}, NULL);
    return ERROR_NONE;
}

static enum error_code take_lock(struct ledger *ledger, uint64_t wait_ns, struct try *try,
                                 struct error *error)
{
    uint64_t start = os_now_ns();
    TRY(open_lock(ledger, error));
    for (;;) {
        TRY(try_lock(ledger, try, error));
        if (try->done)
            return ERROR_NONE;
        TRY(wait_more(ledger, try, start, wait_ns, error));
    }
}

enum error_code ledger_lock(struct ledger *ledger, uint64_t wait_ns, bool *ret_taken_over,
                            struct ledger_holder *ret_holder, struct error *error)
{
    struct try try = {0};
    if (ledger->read_only)
        return error_set(error, ERROR_INTERNAL, "a ledger opened to read is locked");
    if (!ledger->is_locked) {
        enum error_code code = take_lock(ledger, wait_ns, &try, error);
        if (code == ERROR_EXISTS)
            *ret_holder = try.holder;
        TRY(code);
    }
    ledger->is_locked = true;
    *ret_taken_over = try.taken_over;
    return ERROR_NONE;
}

static enum error_code leave_row(struct ledger *ledger, struct error *error)
{
    TRY(lose_running(ledger, unix_time_ns(), error));
    return execute(ledger, STATEMENT_DROP_HOLDER, NO_VALUES, error);
}

void lock_release(struct ledger *ledger)
{
    struct error ignored;
    if (ledger->is_locked && transaction_begin(ledger, &ignored) == ERROR_NONE) {
        enum error_code code = leave_row(ledger, &ignored);
        code = transaction_end(ledger, code, &ignored);
        (void)code;
    }
    ledger->is_locked = false;
    if (ledger->lock_descriptor < 0)
        return;
    /* Said aloud, since a child between fork and exec may hold the descriptor as well. */
    flock(ledger->lock_descriptor, LOCK_UN);
    close(ledger->lock_descriptor);
    ledger->lock_descriptor = -1;
}
