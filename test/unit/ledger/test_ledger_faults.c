/*
 * One story told again and again, each time with another allocation or system call that fails:
 * what fails is told, all memory comes back, and what was told as finished stays so.
 *
 * Of SQLite's own allocations, thousands, every WEIR_LEDGER_STRIDE-th (29 unless told) has its
 * turn.
 */
#include <errno.h>
#include <sqlite3.h>
#include <sys/syscall.h>

#include "fixture.h"

#define VISIBLE __attribute__((visibility("default")))

/* More tries than any story needs: a failure that does not end it. */
#define TRIES_MOST 20000

/* What fails, counted from 1; 0: nothing. for_ever: everything after it as well. */
struct fault {
    uint64_t made, failing;
    bool for_ever;
};
static struct fault allocations, system_calls;

static bool fails(struct fault *fault)
{
    uint64_t number = ++fault->made;
    return fault->failing != 0 &&
           (number == fault->failing || (fault->for_ever && number > fault->failing));
}

/* These stand in front of the C library's for SQLite as well. */
VISIBLE ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset)
{
    if (!fails(&system_calls))
        return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    errno = ENOSPC;
    return -1;
}

VISIBLE int fdatasync(int descriptor)
{
    if (!fails(&system_calls))
        return (int)syscall(SYS_fdatasync, descriptor);
    errno = EIO;
    return -1;
}

VISIBLE int ftruncate64(int descriptor, off_t size)
{
    if (!fails(&system_calls))
        return (int)syscall(SYS_ftruncate, descriptor, size);
    errno = EIO;
    return -1;
}

VISIBLE ssize_t pread64(int descriptor, void *bytes, size_t size, off_t offset)
{
    if (!fails(&system_calls))
        return syscall(SYS_pread64, descriptor, bytes, size, offset);
    errno = EIO;
    return -1;
}

static sqlite3_mem_methods plain;

static void *failing_allocation(int size)
{
    return fails(&allocations) ? NULL : plain.xMalloc(size);
}

static void *failing_growth(void *memory, int size)
{
    return fails(&allocations) ? NULL : plain.xRealloc(memory, size);
}

static int put_faults_into_sqlite(void **state)
{
    (void)state;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain);
    sqlite3_mem_methods methods = plain;
    methods.xMalloc = failing_allocation;
    methods.xRealloc = failing_growth;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

/* What the story was told as kept. */
struct told {
    int64_t run;
    int finished; /* steps "0", "1", ... */
};

static enum error_code finish_step(struct ledger *ledger, int64_t run, int index)
{
    char name[16];
    int64_t step, attempt;
    struct ledger_attempt result = {
        .verdict = "ok", .report = "{}", .samples = "[]", .folder = "f", .ended = 3000};
    snprintf(name, sizeof name, "%d", index);
    TRY(ledger_step(ledger, run, name, "digest", &step, &error));
    TRY(ledger_begin_attempt(ledger, step, 1, NULL, 2000, &attempt, &error));
    return ledger_end_attempt(ledger, attempt, &result, true, &error);
}

static enum error_code look(void *context, const struct ledger_step_row *row,
                            struct error *visit_error)
{
    (void)visit_error;
    *(size_t *)context += strlen(row->name);
    return ERROR_NONE;
}

static enum error_code look_at_run(void *context, const struct ledger_run_row *row,
                                   struct error *visit_error)
{
    (void)visit_error;
    *(size_t *)context += strlen(row->command);
    return ERROR_NONE;
}

static enum error_code use_batch(struct ledger *ledger, struct told *told)
{
    TRY(ledger_begin_batch(ledger, &error));
    enum error_code first = finish_step(ledger, told->run, 2);
    if (first == ERROR_NONE)
        first = finish_step(ledger, told->run, 3);
    /* The first failure is the one to tell: it may have undone the batch. */
    struct error later;
    enum error_code end = ledger_end_batch(ledger, first == ERROR_NONE ? &error : &later);
    if (first == ERROR_NONE && end == ERROR_NONE)
        told->finished += 2;
    return first != ERROR_NONE ? first : end;
}

static enum error_code use_ledger(struct ledger *ledger, struct told *told)
{
    struct ledger_holder holder;
    bool taken_over;
    size_t seen = 0;
    TRY(ledger_lock(ledger, 0, &taken_over, &holder, &error));
    TRY(ledger_begin_run(ledger, "command", "identity", 1000, &told->run, &error));
    TRY(finish_step(ledger, told->run, 0));
    told->finished++;
    TRY(finish_step(ledger, told->run, 1));
    told->finished++;
    TRY(use_batch(ledger, told));
    TRY(ledger_steps(ledger, told->run, true, look, &seen, &error));
    TRY(ledger_runs(ledger, 10, look_at_run, &seen, &error));
    TRY(ledger_check(ledger, &error));
    return ledger_end_run(ledger, told->run, "ok", 4000, &error);
}

static enum error_code story(struct told *told)
{
    struct ledger *ledger = NULL;
    *told = (struct told){0};
    error_init(&error);
    TRY(ledger_open(path, false, &account, &ledger, &error));
    enum error_code code = use_ledger(ledger, told);
    ledger_close(ledger);
    return code;
}

static void check_told(const struct told *told)
{
    struct ledger *ledger = lock_ledger(NULL);
    assert_ok(ledger_check(ledger, &error));
    for (int i = 0; i < told->finished; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        assert_true(is_finished(ledger, told->run, name));
    }
    ledger_close(ledger);
}

static void remove_ledger(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[160];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* A failure that the story does not notice (in closing, or where SQLite goes another way) is none
 * of its concern; what it does notice has its code and words. */
static void tell_with(struct fault *fault, uint64_t stride, bool for_ever, enum error_code expected)
{
    for (uint64_t n = 1; n < TRIES_MOST; n += stride) {
        struct told told;
        remove_ledger();
        *fault = (struct fault){.failing = n, .for_ever = for_ever};
        enum error_code code = story(&told);
        uint64_t made = fault->made;
        *fault = (struct fault){0};
        assert_int_equal(atomic_load(&account.used), 0);
        assert_true(code != ERROR_NONE || told.finished == 4);
        assert_true(code == ERROR_NONE || error.what[0] != '\0');
        if (code != ERROR_NONE && code != expected)
            fail_msg("try %d: %s", (int)n, error.what);
        check_told(&told);
        if (made < n)
            return;
    }
    fail_msg("the story does not end");
}

static void sqlite_without_memory(void **state)
{
    (void)state;
    tell_with(&allocations, number_of("WEIR_LEDGER_STRIDE", 29), false, ERROR_MEMORY);
}

static void sqlite_without_any_memory_from_then_on(void **state)
{
    (void)state;
    tell_with(&allocations, number_of("WEIR_LEDGER_STRIDE", 29), true, ERROR_MEMORY);
}

static void a_system_call_that_fails(void **state)
{
    (void)state;
    tell_with(&system_calls, 1, false, ERROR_IO);
}

static void system_calls_that_fail_from_then_on(void **state)
{
    (void)state;
    tell_with(&system_calls, 1, true, ERROR_IO);
}

static void allocations_of_its_own(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct told told;
        remove_ledger();
        mem_fail_allocation(n);
        enum error_code code = story(&told);
        if (mem_fail_allocation(0) < n)
            break;
        assert_int_equal(code, ERROR_MEMORY);
        assert_int_equal(atomic_load(&account.used), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_IN_MEMORY(allocations_of_its_own),
        TEST_IN_MEMORY(sqlite_without_memory),
        TEST_IN_MEMORY(sqlite_without_any_memory_from_then_on),
        TEST_IN_MEMORY(a_system_call_that_fails),
        TEST_IN_MEMORY(system_calls_that_fail_from_then_on),
    };
    return cmocka_run_group_tests(tests, put_faults_into_sqlite, NULL);
}
