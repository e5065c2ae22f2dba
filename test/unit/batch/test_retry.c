/* Every verdict under every rule: what is tried again, with which figure, and why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "batch/retry.h"

#define MIB    ((uint64_t)1 << 20)
#define GIB    ((uint64_t)1 << 30)
#define SECOND UINT64_C(1000000000)
#define ALL    (RETRY_OOM | RETRY_TIMEOUT | RETRY_ERROR)

static const struct retry_rule THREE_FOR_ALL = {
    .stop_after_attempt = 3, .on = ALL, .grow_percent = 200};

static void the_default_tries_once(void **state)
{
    (void)state;
    struct retry_rule rule = retry_rule_default();
    assert_int_equal(rule.stop_after_attempt, 1);
    assert_int_equal(rule.on, RETRY_OOM);
    assert_int_equal(rule.grow_percent, 200);
    assert_int_equal(rule.stop_after_ns, 0);
    assert_int_equal(rule.memory_most, 0);
    for (enum cell_verdict verdict = CELL_OK; verdict <= CELL_LOST; verdict++)
        assert_false(retry_decide(&rule, verdict, 1, 0, GIB, 0, 8 * GIB).again);
}

static void each_verdict_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        enum cell_verdict verdict;
        unsigned reason; /* 0: never */
        uint64_t next;
        const char *why; /* where the rule does not name the reason */
    } cases[] = {
        {CELL_OK, 0, GIB, "it ended well"},
        {CELL_ERROR, RETRY_ERROR, GIB, "not tried again after an error"},
        {CELL_OOM_LIMIT, RETRY_OOM, 2 * GIB, "not tried again after it ran out of memory"},
        {CELL_OOM_HOST, RETRY_OOM, GIB, "not tried again after the machine ran out of memory"},
        {CELL_TIMEOUT, RETRY_TIMEOUT, GIB, "not tried again after a timeout"},
        {CELL_CANCELLED, 0, GIB, "it was cancelled"},
        {CELL_SIGNAL, RETRY_ERROR, GIB, "not tried again after a signal"},
        {CELL_LOST, 0, GIB, "weir lost sight of it, so it may still run"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned on = 0; on <= ALL; on++) {
            struct retry_rule rule = THREE_FOR_ALL;
            rule.on = on;
            struct retry_decision decision =
                retry_decide(&rule, cases[i].verdict, 1, SECOND, GIB, 0, 8 * GIB);
            assert_int_equal(decision.again, (cases[i].reason & on) != 0);
            assert_int_equal(decision.memory, decision.again ? cases[i].next : GIB);
            if (decision.again)
                assert_null(decision.why);
            else
                assert_string_equal(decision.why, cases[i].why);
        }
    }
}

static void attempts_and_time_are_bounded(void **state)
{
    (void)state;
    struct retry_rule rule = THREE_FOR_ALL;
    rule.stop_after_ns = 600 * SECOND;
    assert_true(retry_decide(&rule, CELL_ERROR, 2, 599 * SECOND, GIB, 0, GIB).again);
    assert_string_equal(retry_decide(&rule, CELL_ERROR, 3, 0, GIB, 0, GIB).why,
                        "its attempts are used up");
    assert_string_equal(retry_decide(&rule, CELL_ERROR, 4, 0, GIB, 0, GIB).why,
                        "its attempts are used up");
    assert_string_equal(retry_decide(&rule, CELL_ERROR, 2, 600 * SECOND, GIB, 0, GIB).why,
                        "its time for new attempts is over");
    rule.stop_after_ns = 0;
    assert_true(retry_decide(&rule, CELL_ERROR, 2, UINT64_MAX, GIB, 0, GIB).again);
    rule.stop_after_attempt = 1;
    assert_string_equal(retry_decide(&rule, CELL_ERROR, 1, 0, GIB, 0, GIB).why,
                        "no retry was asked for");
    rule.stop_after_attempt = 0;
    assert_false(retry_decide(&rule, CELL_ERROR, 1, 0, GIB, 0, GIB).again);
}

static void the_figure_grows_after_its_own_limit(void **state)
{
    (void)state;
    static const char STUCK[] = "its figure cannot grow any more";
    static const struct {
        uint32_t percent;
        uint64_t most, figure, suggestion, pool, next;
        const char *why;
    } cases[] = {
        {200, 0, GIB, 0, 8 * GIB, 2 * GIB, NULL},
        {150, 0, GIB, 0, 8 * GIB, 1536 * MIB, NULL},
        {150, 0, 3 * MIB, 0, GIB, 5 * MIB, NULL},                   /* 4.5, rounded up */
        {110, 0, MIB, 0, GIB, 2 * MIB, NULL},                       /* 1.1, rounded up */
        {200, 0, GIB, 3 * GIB, 8 * GIB, 3 * GIB, NULL},             /* the report knows more */
        {200, 0, GIB, GIB + 1, 8 * GIB, 2 * GIB, NULL},             /* or less */
        {100, 0, GIB, 0, 8 * GIB, GIB, NULL},                       /* x1 asks for the same */
        {100, 0, GIB, GIB / 2, 8 * GIB, GIB, NULL},                 /* it never shrinks */
        {100, 0, GIB, GIB + 1, 8 * GIB, GIB + MIB, NULL},           /* suggestions count for x1 */
        {200, 0, 3 * GIB, 0, 4 * GIB, 4 * GIB, NULL},               /* cut to the pool */
        {200, 3 * GIB, 2 * GIB, 0, 8 * GIB, 3 * GIB, NULL},         /* cut to max_memory */
        {200, 16 * GIB, 2 * GIB, 9 * GIB, 8 * GIB, 8 * GIB, NULL},  /* the pool is less */
        {200, 3 * GIB + 5, 2 * GIB, 0, 8 * GIB, 3 * GIB + 5, NULL}, /* no whole MiB */
        {200, 0, 4 * GIB, 0, 4 * GIB, 4 * GIB, STUCK},
        {200, 2 * GIB, 2 * GIB, 0, 8 * GIB, 2 * GIB, STUCK},
        {200, GIB, 2 * GIB, 0, 8 * GIB, 2 * GIB, STUCK}, /* a preset above max_memory */
        {10000, 0, UINT64_MAX / 2, 0, UINT64_MAX - 1, UINT64_MAX - 1, NULL},
        {10000, 0, UINT64_MAX - 1, 0, UINT64_MAX - 1, UINT64_MAX - 1, STUCK},
        {200, 0, GIB, UINT64_MAX, UINT64_MAX, UINT64_MAX, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct retry_rule rule = {.stop_after_attempt = 9,
                                        .on = RETRY_OOM,
                                        .grow_percent = cases[i].percent,
                                        .memory_most = cases[i].most};
        struct retry_decision decision = retry_decide(&rule, CELL_OOM_LIMIT, 1, 0, cases[i].figure,
                                                      cases[i].suggestion, cases[i].pool);
        if (decision.memory != cases[i].next || decision.again != (cases[i].why == NULL))
            fail_msg("case %zu: %llu", i, (unsigned long long)decision.memory);
        if (cases[i].why != NULL)
            assert_string_equal(decision.why, cases[i].why);
    }
}

/* Whatever the rule: a figure never shrinks, never passes its bounds, and comes to an end. */
static void attempts_come_to_an_end(void **state)
{
    (void)state;
    for (uint32_t percent = 101; percent <= 10000; percent += 97) {
        const struct retry_rule rule = {.stop_after_attempt = 1000000,
                                        .on = RETRY_OOM,
                                        .grow_percent = percent,
                                        .memory_most = 5 * GIB};
        uint64_t figure = 64 * MIB;
        uint32_t attempts = 1;
        for (struct retry_decision decision = {.again = true}; decision.again; attempts++) {
            decision = retry_decide(&rule, CELL_OOM_LIMIT, attempts, 0, figure, 0, 4 * GIB);
            assert_true(decision.memory <= 4 * GIB && decision.memory >= figure);
            assert_true(!decision.again || decision.memory > figure);
            figure = decision.memory;
        }
        assert_int_equal(figure, 4 * GIB);
        assert_true(attempts < 4096);
    }
}

static void other_ends_leave_the_figure(void **state)
{
    (void)state;
    static const enum cell_verdict others[] = {CELL_ERROR, CELL_OOM_HOST, CELL_TIMEOUT,
                                               CELL_SIGNAL};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct retry_decision decision =
            retry_decide(&THREE_FOR_ALL, others[i], 1, 0, 4 * GIB, 6 * GIB, 4 * GIB);
        assert_true(decision.again);
        assert_int_equal(decision.memory, 4 * GIB);
    }
}

static void factors_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t percent; /* 0: refused */
    } cases[] = {
        {"x1", 100},
        {"x1.5", 150},
        {"x2", 200},
        {"x1.25", 125},
        {"x1.0", 100},
        {"x1.05", 105},
        {"x10", 1000},
        {"x100", 10000},
        {"x100.00", 10000},
        {"x01.5", 150},
        {"", 0},
        {"x", 0},
        {"2", 0},
        {"1.5x", 0},
        {"x0", 0},
        {"x0.99", 0},
        {"x100.01", 0},
        {"x101", 0},
        {"x1.", 0},
        {"x.5", 0},
        {"x1.255", 0},
        {"x1,5", 0},
        {"X2", 0},
        {"x2 ", 0},
        {" x2", 0},
        {"x-2", 0},
        {"x+2", 0},
        {"x2x", 0},
        {"x1e1", 0},
        {"x1.5.5", 0},
        {"x4294967297", 0},
        {"x99999999999999999999", 0},
        {"xinf", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t percent = 0;
        bool good = retry_parse_factor(cases[i].text, &percent);
        if (good != (cases[i].percent != 0) || percent != cases[i].percent)
            fail_msg("%s: %u", cases[i].text, percent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_tries_once),
        cmocka_unit_test(each_verdict_has_its_reason),
        cmocka_unit_test(attempts_and_time_are_bounded),
        cmocka_unit_test(the_figure_grows_after_its_own_limit),
        cmocka_unit_test(attempts_come_to_an_end),
        cmocka_unit_test(other_ends_leave_the_figure),
        cmocka_unit_test(factors_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
