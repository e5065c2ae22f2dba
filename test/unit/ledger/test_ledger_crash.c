/*
 * Sudden death: a child writes attempts and tells each number once it is on disk; it is killed at
 * any moment. Nothing told may be missing afterwards, and the numbers have no gaps.
 *
 * WEIR_LEDGER_KILLS: how often (60 unless told); WEIR_LEDGER_SEED: for another series. The ledger
 * lies in memory where it can, since a kill loses nothing that was written: WEIR_LEDGER_DISK=1 has
 * it on the disk.
 */
#include "child.h"

#include <time.h>

/* Steps that the child works on in turn; every seventh attempt ends its step for good. */
#define STEPS 5

static unsigned round_number;

static int64_t use_step(struct ledger *ledger, int64_t run, int64_t index)
{
    char name[32];
    snprintf(name, sizeof name, "%u-%lld", round_number, (long long)index);
    return make_step(ledger, run, name);
}

/* What is told: (step * 2^20 + number of the attempt) * 2 + whether the step is finished. */
static int64_t message(int64_t step, int64_t number, bool finished)
{
    return (step << 21) + (number << 1) + finished;
}

static int64_t one_attempt(struct ledger *ledger, int64_t step, int64_t index, const char *report)
{
    int64_t number;
    bool is_last = index % 7 == 0;
    struct ledger_attempt result = {.verdict = is_last ? "ok" : "error", .report = report};
    child_ok(ledger_next_number(ledger, step, &number, &error));
    child_ok(ledger_end_attempt(ledger, begin_attempt(ledger, step), &result, is_last, &error));
    return message(step, number, is_last);
}

/* Every third round in batches: told only when the batch is kept. */
static void write_attempts(int tell, int wait)
{
    static char report[3000];
    struct ledger *ledger = NULL;
    struct ledger_holder holder;
    bool taken_over;
    (void)wait;
    memset(report, 'r', sizeof report - 1);
    child_ok(ledger_open(path, false, &account, &ledger, &error));
    child_ok(ledger_lock(ledger, 0, &taken_over, &holder, &error));
    child_tell(tell, -1);
    int64_t run = begin_run(ledger);
    for (int64_t index = 1;; index++) {
        int64_t told[STEPS];
        bool in_batch = round_number % 3 == 0;
        if (in_batch)
            child_ok(ledger_begin_batch(ledger, &error));
        for (int i = 0; i < STEPS; i++) {
            int64_t step = use_step(ledger, run, index / 7 * STEPS + i);
            told[i] = one_attempt(ledger, step, index % 7 + 1, report);
            if (!in_batch)
                child_tell(tell, told[i]);
        }
        if (in_batch)
            child_ok(ledger_end_batch(ledger, &error));
        for (int i = 0; i < STEPS && in_batch; i++)
            child_tell(tell, told[i]);
    }
}

/* Everything that was ever told, in all rounds. */
struct told {
    struct ledger *ledger;
    int64_t *messages;
    size_t count, capacity;
    size_t found, running;
};

static void remember(struct told *told, int64_t message_told)
{
    if (told->count == told->capacity) {
        told->capacity = told->capacity * 2 + 1024;
        told->messages = realloc(told->messages, told->capacity * sizeof *told->messages);
        assert_non_null(told->messages);
    }
    told->messages[told->count++] = message_told;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static enum error_code look_up(void *context, const struct ledger_step_row *row,
                               struct error *visit_error)
{
    struct told *told = context;
    (void)visit_error;
    bool finished = strcmp(row->last.verdict, "ok") == 0;
    int64_t key = message(row->step, row->last.number, finished);
    told->running += strcmp(row->last.verdict, "running") == 0;
    bool found =
        bsearch(&key, told->messages, told->count, sizeof *told->messages, compare) != NULL;
    if (found && finished)
        assert_string_equal(row->state, "ok");
    told->found += found;
    return ERROR_NONE;
}

static enum error_code look_up_run(void *context, const struct ledger_run_row *row,
                                   struct error *visit_error)
{
    struct told *told = context;
    (void)visit_error;
    assert_string_not_equal(row->status, "running");
    assert_ok(ledger_steps(told->ledger, row->run, true, look_up, told, &error));
    return ERROR_NONE;
}

static void check_everything(struct told *told)
{
    bool taken_over = false;
    struct ledger *ledger = lock_ledger(&taken_over);
    assert_true(taken_over);
    assert_ok(ledger_check(ledger, &error));
    qsort(told->messages, told->count, sizeof *told->messages, compare);
    told->ledger = ledger;
    told->found = told->running = 0;
    assert_ok(ledger_runs(ledger, 1000000, look_up_run, told, &error));
    assert_int_equal(told->found, told->count);
    assert_int_equal(told->running, 0);
    ledger_close(ledger);
}

/* Killed after some messages and some more microseconds: wherever it is then. */
static void one_round(struct told *told, unsigned *seed)
{
    int64_t first;
    struct child child = child_start(write_attempts);
    assert_true(child_told(&child, &first));
    assert_int_equal(first, -1);
    int patience = rand_r(seed) % 40;
    int64_t message_told;
    for (int i = 0; i < patience && child_told(&child, &message_told); i++)
        remember(told, message_told);
    nanosleep(&(struct timespec){.tv_nsec = rand_r(seed) % 4000000}, NULL);
    kill(child.process, SIGKILL);
    while (child_told(&child, &message_told))
        remember(told, message_told);
    int status = child_end(&child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void what_was_told_is_there_after_any_death(void **state)
{
    (void)state;
    struct told told = {0};
    unsigned kills = number_of("WEIR_LEDGER_KILLS", 60);
    unsigned seed = number_of("WEIR_LEDGER_SEED", 1);
    for (round_number = 0; round_number < kills; round_number++) {
        one_round(&told, &seed);
        check_everything(&told);
    }
    print_message("%u kills, %zu attempts told\n", kills, told.count);
    assert_true(told.count > 0);
    free(told.messages);
}

/* Killed while the ledger is being made: the next who opens it has a whole one. */
static void make_ledger(int tell, int wait)
{
    struct ledger *ledger = NULL;
    (void)wait;
    child_tell(tell, 1);
    child_ok(ledger_open(path, false, &account, &ledger, &error));
    child_tell(tell, 2);
    child_wait(wait);
}

static void a_ledger_half_made_is_made_whole(void **state)
{
    (void)state;
    unsigned seed = number_of("WEIR_LEDGER_SEED", 1);
    for (unsigned i = 0; i < 20; i++) {
        int64_t told;
        struct child child = child_start(make_ledger);
        assert_true(child_told(&child, &told));
        nanosleep(&(struct timespec){.tv_nsec = rand_r(&seed) % 6000000}, NULL);
        kill(child.process, SIGKILL);
        child_end(&child);
        struct ledger *ledger = lock_ledger(NULL);
        begin_run(ledger);
        assert_ok(ledger_check(ledger, &error));
        ledger_close(ledger);
        assert_int_equal(unlink(path), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_IN_MEMORY(what_was_told_is_there_after_any_death),
        TEST_IN_MEMORY(a_ledger_half_made_is_made_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
