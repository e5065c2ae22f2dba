/* A long life in few samples, and the growth of its last second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cell/history.h"

#define MILLISECOND ((uint64_t)1000000)
#define MEBIBYTE    ((uint64_t)1 << 20)

static void add(struct history *history, uint64_t at_ns, uint64_t memory)
{
    struct error error;
    bool recorded;
    assert_int_equal(
        history_add(history, (struct cell_sample){at_ns, memory, 1}, false, &recorded, &error),
        ERROR_NONE);
}

static struct mem_account account;

static void a_day_fits(void **state)
{
    (void)state;
    struct history history;
    history_init(&history, 100 * MILLISECOND, &account);
    for (uint64_t i = 0; i < 864000; i++)
        add(&history, i * 100 * MILLISECOND, i == 400001 ? 77 : 5);
    size_t count = history_count(&history);
    assert_true(count > CELL_SAMPLES / 4 && count <= CELL_SAMPLES);
    for (size_t i = 1; i < count; i++)
        assert_true(history_at(&history, i)->at_ns > history_at(&history, i - 1)->at_ns);
    assert_true(history_at(&history, 0)->at_ns < 1000000 * MILLISECOND);
    assert_int_equal(history.peak, 77); /* whatever was thinned out */
    history_release(&history);
}

static void growth_is_that_of_the_last_second(void **state)
{
    (void)state;
    struct history history;
    history_init(&history, 100 * MILLISECOND, &account);
    for (uint64_t i = 0; i < 1000; i++)
        add(&history, i * 10 * MILLISECOND, i < 500 ? 0 : (i - 500) * MEBIBYTE);
    uint64_t growth = history_growth(&history);
    assert_true(growth > 95 * MEBIBYTE && growth < 105 * MEBIBYTE);
    add(&history, 20000 * MILLISECOND, 0);
    assert_int_equal(history_growth(&history), 0);
    history_release(&history);
}

static void a_short_life_grows_from_nothing(void **state)
{
    (void)state;
    struct history history;
    history_init(&history, 100 * MILLISECOND, &account);
    assert_int_equal(history_growth(&history), 0);
    add(&history, 500 * MILLISECOND, 50 * MEBIBYTE);
    assert_int_equal(history_growth(&history), 100 * MEBIBYTE);
    history_release(&history);
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_fits),
        cmocka_unit_test(growth_is_that_of_the_last_second),
        cmocka_unit_test(a_short_life_grows_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
