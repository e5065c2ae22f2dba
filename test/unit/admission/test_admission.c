/* Each rule of admission by itself, misuse, and what happens where there is no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admission/admission.h"

struct fixture {
    struct mem_account account;
    struct error error;
    struct admission *admission;
};

static void begin(struct fixture *fixture, uint64_t memory, uint64_t milli_cpus, uint32_t most)
{
    struct admission_pool pool = {memory, milli_cpus};
    error_init(&fixture->error);
    mem_account_init(&fixture->account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(
        admission_create(&fixture->account, &pool, most, &fixture->admission, &fixture->error),
        ERROR_NONE);
}

static void finish(struct fixture *fixture)
{
    admission_destroy(fixture->admission);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
}

static uint32_t ask_request(struct fixture *fixture, struct admission_request request)
{
    uint32_t ticket;
    assert_int_equal(admission_ask(fixture->admission, &request, &ticket, &fixture->error),
                     ERROR_NONE);
    return ticket;
}

static uint32_t ask(struct fixture *fixture, uint64_t memory)
{
    return ask_request(fixture, (struct admission_request){memory, 0, ADMISSION_NO_GROUP, 0, 0});
}

static uint32_t ask_leaf(struct fixture *fixture, uint64_t memory, uint32_t group, uint64_t reducer)
{
    return ask_request(fixture, (struct admission_request){memory, 0, group, false, reducer});
}

static uint32_t ask_reducer(struct fixture *fixture, uint64_t memory, uint32_t group)
{
    return ask_request(fixture, (struct admission_request){memory, 0, group, true, 0});
}

static void expect_next(struct fixture *fixture, uint32_t expected)
{
    uint32_t ticket = ADMISSION_NOBODY;
    assert_true(admission_next(fixture->admission, &ticket));
    assert_int_equal(ticket, expected);
}

static void expect_none(struct fixture *fixture)
{
    uint32_t ticket = 77;
    assert_false(admission_next(fixture->admission, &ticket));
    assert_int_equal(ticket, 77);
}

static enum admission_reason reason_of(struct fixture *fixture, uint32_t ticket)
{
    return admission_explain(fixture->admission, ticket).reason;
}

static void what_can_never_fit_is_known(void **state)
{
    (void)state;
    struct admission_pool pool = {100, 2000};
    struct admission_request request = {100, 2000, ADMISSION_NO_GROUP, false, 101};
    assert_int_equal(admission_could_fit(&pool, &request), ADMISSION_FITS);
    request.group = 0;
    assert_int_equal(admission_could_fit(&pool, &request), ADMISSION_NEEDS_MEMORY);
    request.is_reducer = true;
    assert_int_equal(admission_could_fit(&pool, &request), ADMISSION_FITS);
    request.milli_cpus = 2001;
    assert_int_equal(admission_could_fit(&pool, &request), ADMISSION_NEEDS_CPUS);
    request.memory = 101;
    assert_int_equal(admission_could_fit(&pool, &request), ADMISSION_NEEDS_MEMORY);
}

static void what_can_never_fit_is_refused_with_the_figure(void **state)
{
    (void)state;
    struct fixture fixture;
    uint32_t ticket = 77;
    begin(&fixture, 4096, 2000, 0);
    struct admission_request too_large = {8192, 0, ADMISSION_NO_GROUP, false, 0};
    assert_int_equal(admission_ask(fixture.admission, &too_large, &ticket, &fixture.error),
                     ERROR_USAGE);
    assert_non_null(strstr(fixture.error.what, "8192 bytes"));
    assert_non_null(strstr(fixture.error.hint, "a pool of at least 8 KiB"));
    struct admission_request reducer = {1, 0, 3, false, 8192};
    assert_int_equal(admission_ask(fixture.admission, &reducer, &ticket, &fixture.error),
                     ERROR_USAGE);
    assert_non_null(strstr(fixture.error.what, "the reducer of the step's group asks for 8 KiB"));
    struct admission_request wide = {1, 2500, ADMISSION_NO_GROUP, false, 0};
    assert_int_equal(admission_ask(fixture.admission, &wide, &ticket, &fixture.error), ERROR_USAGE);
    assert_non_null(strstr(fixture.error.what, "2.5 processors, the pool has 2"));
    assert_int_equal(ticket, 77);
    assert_int_equal(admission_state(fixture.admission).waiting, 0);
    finish(&fixture);
}

static void a_pool_needs_a_limit(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct admission *admission = NULL;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    struct admission_pool memory = {UINT64_MAX, 1}, cpus = {1, UINT64_MAX};
    assert_int_equal(admission_create(&account, &memory, 0, &admission, &error), ERROR_USAGE);
    assert_int_equal(admission_create(&account, &cpus, 0, &admission, &error), ERROR_USAGE);
    assert_null(admission);
    admission_destroy(NULL);
}

static void first_come_first_served(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(ask(&fixture, 20), i);
    for (uint32_t i = 0; i < 5; i++)
        expect_next(&fixture, i);
    uint32_t waits = ask(&fixture, 20);
    expect_none(&fixture);
    struct admission_state now = admission_state(fixture.admission);
    assert_int_equal(now.memory_granted, 100);
    assert_int_equal(now.running, 5);
    assert_int_equal(now.waiting, 1);
    struct admission_wait wait = admission_explain(fixture.admission, waits);
    assert_int_equal(wait.reason, ADMISSION_FOR_MEMORY);
    assert_int_equal(wait.memory_missing, 20);
    assert_int_equal(wait.ahead, ADMISSION_NOBODY);
    assert_true(admission_end(fixture.admission, 2));
    assert_int_equal(reason_of(&fixture, waits), ADMISSION_FOR_ITS_TURN);
    expect_next(&fixture, waits);
    assert_int_equal(reason_of(&fixture, waits), ADMISSION_NOT_WAITING);
    finish(&fixture);
}

static void processors_count_too(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 2000, 0);
    struct admission_request request = {10, 1500, ADMISSION_NO_GROUP, false, 0};
    uint32_t first = ask_request(&fixture, request), second = ask_request(&fixture, request);
    request.milli_cpus = 500;
    uint32_t third = ask_request(&fixture, request);
    expect_next(&fixture, first);
    expect_next(&fixture, third);
    expect_none(&fixture);
    struct admission_wait wait = admission_explain(fixture.admission, second);
    assert_int_equal(wait.reason, ADMISSION_FOR_CPUS);
    assert_int_equal(wait.milli_cpus_missing, 1500);
    assert_int_equal(wait.overtaken, 1);
    assert_int_equal(admission_state(fixture.admission).milli_cpus_granted, 2000);
    finish(&fixture);
}

static void the_largest_that_fits_passes_first(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t runs = ask(&fixture, 50);
    expect_next(&fixture, runs);
    uint32_t large = ask(&fixture, 60), tiny = ask(&fixture, 5), small = ask(&fixture, 20);
    uint32_t alike = ask(&fixture, 20);
    expect_next(&fixture, small);
    expect_next(&fixture, alike);
    expect_next(&fixture, tiny);
    expect_none(&fixture);
    assert_int_equal(admission_explain(fixture.admission, large).overtaken, 3);
    admission_end(fixture.admission, runs);
    expect_none(&fixture);
    admission_end(fixture.admission, small);
    expect_next(&fixture, large);
    finish(&fixture);
}

/* 60 of 100 run for long; a step of 70 waits; a stream of small ones passes it. */
static void overtaking_is_bounded(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 3);
    uint32_t runs = ask(&fixture, 60);
    expect_next(&fixture, runs);
    uint32_t large = ask(&fixture, 70), passing[3];
    for (int i = 0; i < 3; i++) {
        passing[i] = ask(&fixture, 20);
        expect_next(&fixture, passing[i]);
        assert_true(admission_end(fixture.admission, passing[i]));
    }
    uint32_t beside = ask(&fixture, 20), not_beside = ask(&fixture, 15);
    expect_next(&fixture, beside);
    expect_none(&fixture);
    struct admission_wait wait = admission_explain(fixture.admission, not_beside);
    assert_int_equal(wait.reason, ADMISSION_FOR_ANOTHER);
    assert_int_equal(wait.ahead, large);
    wait = admission_explain(fixture.admission, large);
    assert_int_equal(wait.reason, ADMISSION_FOR_MEMORY);
    assert_int_equal(wait.memory_missing, 50);
    assert_int_equal(wait.ahead, ADMISSION_NOBODY);
    assert_int_equal(wait.overtaken, 4);
    uint32_t small = ask(&fixture, 10);
    expect_next(&fixture, small);
    expect_none(&fixture);
    admission_end(fixture.admission, small);
    uint32_t again = ask(&fixture, 10);
    expect_next(&fixture, again);
    admission_end(fixture.admission, runs);
    expect_next(&fixture, large);
    expect_none(&fixture);
    admission_end(fixture.admission, beside);
    expect_next(&fixture, not_beside);
    finish(&fixture);
}

static void a_hold_ends_with_a_withdrawal(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 1);
    uint32_t runs = ask(&fixture, 60);
    expect_next(&fixture, runs);
    uint32_t large = ask(&fixture, 100), passing = ask(&fixture, 10), small = ask(&fixture, 10);
    expect_next(&fixture, passing);
    expect_none(&fixture);
    assert_int_equal(reason_of(&fixture, small), ADMISSION_FOR_ANOTHER);
    assert_true(admission_withdraw(fixture.admission, large));
    assert_int_equal(reason_of(&fixture, large), ADMISSION_NOT_WAITING);
    expect_next(&fixture, small);
    finish(&fixture);
}

static void reducers_pass_before_others(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t leaf = ask_leaf(&fixture, 40, 9, 10), runs = ask(&fixture, 40);
    expect_next(&fixture, leaf);
    expect_next(&fixture, runs);
    uint32_t large = ask(&fixture, 90), other = ask(&fixture, 60);
    admission_end(fixture.admission, leaf);
    uint32_t reducer = ask_reducer(&fixture, 10, 9);
    expect_next(&fixture, reducer);
    expect_none(&fixture);
    admission_end(fixture.admission, runs);
    expect_next(&fixture, large);
    assert_int_equal(admission_explain(fixture.admission, other).overtaken, 1);
    finish(&fixture);
}

static void leaves_wait_for_room_for_their_reducer(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t a = ask_leaf(&fixture, 10, 1, 70);
    expect_next(&fixture, a);
    uint32_t b = ask_leaf(&fixture, 10, 2, 50);
    uint32_t c = ask_leaf(&fixture, 10, 3, 30), again = ask_leaf(&fixture, 10, 1, 70);
    expect_next(&fixture, c);
    expect_next(&fixture, again);
    expect_none(&fixture);
    struct admission_wait wait = admission_explain(fixture.admission, b);
    assert_int_equal(wait.reason, ADMISSION_FOR_REDUCER);
    assert_int_equal(wait.memory_missing, 50);
    admission_end(fixture.admission, a);
    admission_end(fixture.admission, again);
    expect_none(&fixture);
    uint32_t reducer = ask_reducer(&fixture, 70, 1);
    expect_next(&fixture, reducer);
    expect_next(&fixture, b);
    finish(&fixture);
}

/* Of those that asked before it was asked who may start; alike, the first has the turn. */
static void the_smallest_reducer_has_the_turn(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t large = ask_leaf(&fixture, 10, 1, 90), small = ask_leaf(&fixture, 10, 2, 30);
    uint32_t alike = ask_leaf(&fixture, 10, 3, 30), middle = ask_leaf(&fixture, 10, 4, 60);
    expect_next(&fixture, small);
    expect_next(&fixture, alike);
    expect_none(&fixture);
    assert_int_equal(reason_of(&fixture, large), ADMISSION_FOR_REDUCER);
    assert_int_equal(admission_explain(fixture.admission, middle).memory_missing, 20);
    admission_close_group(fixture.admission, 2);
    expect_next(&fixture, middle);
    admission_close_group(fixture.admission, 3);
    expect_none(&fixture);
    admission_close_group(fixture.admission, 4);
    expect_next(&fixture, large);
    finish(&fixture);
}

static void a_group_is_passed_over_a_bounded_number_of_times(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 2);
    uint32_t a = ask_leaf(&fixture, 1, 1, 50);
    expect_next(&fixture, a);
    uint32_t large = ask_leaf(&fixture, 1, 2, 60);
    uint32_t c = ask_leaf(&fixture, 1, 3, 10), d = ask_leaf(&fixture, 1, 4, 10);
    uint32_t e = ask_leaf(&fixture, 1, 5, 10);
    expect_next(&fixture, c);
    expect_next(&fixture, d);
    expect_none(&fixture);
    assert_int_equal(reason_of(&fixture, e), ADMISSION_FOR_REDUCER);
    admission_close_group(fixture.admission, 3);
    admission_close_group(fixture.admission, 1);
    expect_next(&fixture, large);
    expect_next(&fixture, e);
    finish(&fixture);
}

static void groups_without_an_end_stop_nobody_for_good(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    for (uint32_t group = 0; group < 50; group++) {
        uint32_t leaf = ask_leaf(&fixture, 10, group, 100);
        expect_next(&fixture, leaf);
        expect_none(&fixture);
        assert_true(admission_end(fixture.admission, leaf));
    }
    finish(&fixture);
}

/* A turn given out of need takes no more room for its reducer than there is. */
static void a_forced_turn_lets_no_others_in(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t a = ask_leaf(&fixture, 10, 1, 60), b = ask_leaf(&fixture, 10, 2, 60);
    uint32_t c = ask_leaf(&fixture, 10, 3, 60);
    expect_next(&fixture, a);
    admission_end(fixture.admission, a);
    expect_next(&fixture, b);
    expect_none(&fixture);
    assert_int_equal(reason_of(&fixture, c), ADMISSION_FOR_REDUCER);
    assert_int_equal(admission_explain(fixture.admission, c).memory_missing, 60);
    admission_close_group(fixture.admission, 1);
    expect_next(&fixture, c);
    finish(&fixture);
}

static void a_group_whose_leaves_are_withdrawn_keeps_no_room(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    uint32_t runs = ask(&fixture, 95), a = ask_leaf(&fixture, 10, 1, 100);
    expect_next(&fixture, runs);
    uint32_t b = ask_leaf(&fixture, 1, 2, 100), c = ask_leaf(&fixture, 1, 3, 100);
    expect_none(&fixture);
    assert_true(admission_withdraw(fixture.admission, b));
    assert_true(admission_withdraw(fixture.admission, a));
    expect_next(&fixture, c);
    finish(&fixture);
}

static void nothing_is_granted_during_a_pause(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    admission_pause(fixture.admission, true);
    uint32_t step = ask(&fixture, 10);
    expect_none(&fixture);
    assert_true(admission_state(fixture.admission).paused);
    assert_int_equal(reason_of(&fixture, step), ADMISSION_FOR_HOST);
    admission_pause(fixture.admission, false);
    expect_next(&fixture, step);
    finish(&fixture);
}

static void misuse_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    assert_false(admission_end(fixture.admission, 0));
    assert_false(admission_withdraw(fixture.admission, ADMISSION_NOBODY));
    admission_close_group(fixture.admission, 5);
    admission_close_group(fixture.admission, ADMISSION_NO_GROUP);
    assert_int_equal(reason_of(&fixture, 0), ADMISSION_NOT_WAITING);
    uint32_t step = ask(&fixture, 60);
    assert_false(admission_end(fixture.admission, step));
    expect_next(&fixture, step);
    assert_false(admission_withdraw(fixture.admission, step));
    assert_true(admission_end(fixture.admission, step));
    assert_false(admission_end(fixture.admission, step));
    assert_int_equal(admission_state(fixture.admission).memory_granted, 0);
    admission_close_group(fixture.admission, 5);
    expect_none(&fixture);
    finish(&fixture);
}

static void nothing_asked_for_is_granted(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 0, 0, 0);
    uint32_t step = ask(&fixture, 0);
    expect_next(&fixture, step);
    finish(&fixture);
    begin(&fixture, UINT64_MAX - 1, UINT64_MAX - 1, 0);
    struct admission_request all = {UINT64_MAX - 1, UINT64_MAX - 1, 1, false, UINT64_MAX - 1};
    uint32_t first = ask_request(&fixture, all), second = ask_request(&fixture, all);
    expect_next(&fixture, first);
    expect_none(&fixture);
    admission_end(fixture.admission, first);
    expect_next(&fixture, second);
    finish(&fixture);
}

/* Memory follows the steps at hand, not all that ever were. */
static void tickets_come_and_go(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 100, 0, 0);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t step = i % 4 == 0 ? ask_leaf(&fixture, 30, i, 1) : ask(&fixture, i % 90);
        assert_int_equal(step, i);
        expect_next(&fixture, step);
        admission_end(fixture.admission, step);
        if (i % 4 == 0)
            admission_close_group(fixture.admission, i);
    }
    assert_true(atomic_load(&fixture.account.peak) < 256 * 1024);
    finish(&fixture);
}

/* Asks again until no allocation fails any more; every failure leaves everything as it was. */
static void no_memory_is_an_ordinary_error(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 1000000, 0, 0);
    uint32_t failures = 0, ticket;
    for (uint32_t i = 0; i < 300; i++) {
        struct admission_request request = {i * 1000, 0, i, false, 5};
        for (uint64_t n = 1;; n++) {
            mem_fail_allocation(n);
            enum error_code code =
                admission_ask(fixture.admission, &request, &ticket, &fixture.error);
            mem_fail_allocation(0);
            if (code == ERROR_NONE)
                break;
            assert_int_equal(code, ERROR_MEMORY);
            assert_int_equal(admission_state(fixture.admission).waiting, i);
            failures++;
        }
        assert_int_equal(ticket, i);
    }
    assert_true(failures > 50);
    for (uint32_t i = 0, done = 0; i < 300; i++) {
        while (!admission_next(fixture.admission, &ticket))
            assert_true(admission_end(fixture.admission, done++) || done < 300);
    }
    assert_int_equal(admission_state(fixture.admission).waiting, 0);
    finish(&fixture);
}

static void creation_without_memory_fails(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct admission *admission;
    struct admission_pool pool = {1, 1};
    mem_account_init(&account, "test", NULL, 16);
    assert_int_equal(admission_create(&account, &pool, 0, &admission, &error), ERROR_MEMORY);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_never_fit_is_known),
        cmocka_unit_test(what_can_never_fit_is_refused_with_the_figure),
        cmocka_unit_test(a_pool_needs_a_limit),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(processors_count_too),
        cmocka_unit_test(the_largest_that_fits_passes_first),
        cmocka_unit_test(overtaking_is_bounded),
        cmocka_unit_test(a_hold_ends_with_a_withdrawal),
        cmocka_unit_test(reducers_pass_before_others),
        cmocka_unit_test(leaves_wait_for_room_for_their_reducer),
        cmocka_unit_test(the_smallest_reducer_has_the_turn),
        cmocka_unit_test(a_group_is_passed_over_a_bounded_number_of_times),
        cmocka_unit_test(groups_without_an_end_stop_nobody_for_good),
        cmocka_unit_test(a_forced_turn_lets_no_others_in),
        cmocka_unit_test(a_group_whose_leaves_are_withdrawn_keeps_no_room),
        cmocka_unit_test(nothing_is_granted_during_a_pause),
        cmocka_unit_test(misuse_changes_nothing),
        cmocka_unit_test(nothing_asked_for_is_granted),
        cmocka_unit_test(tickets_come_and_go),
        cmocka_unit_test(no_memory_is_an_ordinary_error),
        cmocka_unit_test(creation_without_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
