/* weir's own exit status after the end of a command. */
#include "ends.h"

/* An end, and the status that it gives. */
struct end {
    enum cell_verdict verdict;
    int exit_status, signal;
    bool ended_by_weir;
    uint64_t kernel_kills;
    int status;
};

static void assert_status(const struct explain_facts *told, const struct end *end)
{
    struct cell_report report = ended(end->exit_status);
    report.verdict = end->verdict;
    report.signal = end->signal;
    report.ended_by_weir = end->ended_by_weir;
    report.before.oom_kills = 5; /* only the rise counts */
    report.after.oom_kills = 5 + end->kernel_kills;
    int status = explain_status(told, &report);
    if (status != end->status)
        fail_msg("%s, exit status %d, signal %d: %d, not %d", cell_verdict_name(end->verdict),
                 end->exit_status, end->signal, status, end->status);
}

static void statuses_of_every_verdict(void **state)
{
    (void)state;
    static const struct end ends[] = {
        {CELL_OK, 0, 0, false, 0, 0},
        {CELL_ERROR, 7, 0, false, 0, 7},
        {CELL_ERROR, 137, 0, false, 0, 137},
        {CELL_ERROR, -1, SIGTERM, true, 0, 143},
        {CELL_OOM_HOST, -1, SIGKILL, false, 1, 137},
        {CELL_TIMEOUT, -1, SIGTERM, true, 0, 124},
        {CELL_TIMEOUT, 0, 0, true, 0, 124},
        {CELL_CANCELLED, -1, SIGTERM, true, 0, 143},
        {CELL_SIGNAL, -1, SIGSEGV, false, 0, 139},
        {CELL_SIGNAL, -1, SIGKILL, false, 0, 137},
        {CELL_LOST, -1, 0, false, 0, 125},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        assert_status(&facts, &ends[i]);
    struct explain_facts stopped = facts;
    stopped.stopped_by = SIGINT;
    assert_status(&stopped, &(struct end){CELL_CANCELLED, -1, SIGTERM, true, 0, 130});
}

/* Who ended it decides, not what its status looks like. */
static void statuses_around_memory(void **state)
{
    (void)state;
    static const struct end ends[] = {
        {CELL_OOM_LIMIT, -1, SIGKILL, true, 0, 137},
        {CELL_OOM_LIMIT, -1, SIGKILL, false, 1, 137},
        {CELL_OOM_LIMIT, 1, 0, false, 0, 1},          /* a MemoryError */
        {CELL_OOM_LIMIT, -1, SIGABRT, false, 0, 134}, /* a bad_alloc */
        {CELL_OOM_LIMIT, 134, 0, false, 0, 134},      /* a bad_alloc of a shell's child */
        {CELL_OOM_LIMIT, -1, SIGBUS, false, 0, 135},  /* no room left in shared memory */
        {CELL_OOM_LIMIT, 1, 0, false, 1, 137},        /* the kernel killed a child of it */
        {CELL_OOM_LIMIT, 1, 0, true, 0, 137},         /* weir did, and it ended by itself then */
        {CELL_OOM_LIMIT, 0, 0, true, 0, 137},         /* it did not notice what became of it */
        {CELL_OOM_LIMIT, 0, 0, false, 1, 137},
        {CELL_OOM_LIMIT, 0, 0, false, 0, 137}, /* 0 would hide it, whoever it was */
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        assert_status(&facts, &ends[i]);
}

/* More processes than allowed: a program that says 0 after that was ended all the same. */
static void an_end_by_weir_is_no_success(void **state)
{
    (void)state;
    assert_status(&facts, &(struct end){CELL_ERROR, 0, 0, true, 0, 137});
    assert_status(&facts, &(struct end){CELL_ERROR, 3, 0, true, 0, 137});
}

static void what_could_not_be_started(void **state)
{
    (void)state;
    const struct cell_report report = {.verdict = CELL_ERROR, .exit_status = -1};
    struct explain_facts told = facts;
    assert_int_equal(explain_status(&told, &report), 126);
    told.found = false;
    assert_int_equal(explain_status(&told, &report), 127);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_of_every_verdict),
        cmocka_unit_test(statuses_around_memory),
        cmocka_unit_test(an_end_by_weir_is_no_success),
        cmocka_unit_test(what_could_not_be_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
