/* Tiles cover all rows, keep page borders, and let no large dictionary be cut where memory allows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "sum/sum_int.h"

static void begin(struct sum *sum, uint64_t rows)
{
    memset(sum, 0, sizeof *sum);
    mem_account_init(&sum->account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&sum->arena, &sum->account);
    mem_buffer_init(&sum->facts.borders, &sum->account, SIZE_MAX / 2);
    sum->first.row_count = rows;
}

static void add_page(struct sum *sum, uint64_t row, bool dictionary, bool fresh, bool divisible)
{
    struct error error;
    struct page_border border = {row, dictionary, fresh, divisible};
    assert_int_equal(mem_buffer_append(&sum->facts.borders, &border, sizeof border, &error),
                     ERROR_NONE);
}

static void plan(struct sum *sum, uint64_t rows, uint64_t most)
{
    struct error error;
    assert_int_equal(sum_plan_tiles(sum, rows, most, &error), ERROR_NONE);
    for (uint64_t i = 0; i < sum->plan.tile_count; i++) {
        assert_true(sum->tile_starts[i] < sum->tile_starts[i + 1]);
        assert_true(sum->tile_starts[i + 1] - sum->tile_starts[i] <= most);
    }
    assert_int_equal(sum->tile_starts[sum->plan.tile_count], sum->first.row_count);
}

static void end(struct sum *sum)
{
    mem_buffer_release(&sum->facts.borders);
    mem_arena_release(&sum->arena);
    assert_int_equal(atomic_load(&sum->account.used), 0);
}

static void test_page_borders(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 1000);
    for (uint64_t row = 0; row < 1000; row += 100)
        add_page(&sum, row, false, row == 0, false);
    plan(&sum, 350, 350);
    assert_int_equal(sum.plan.tile_count, 4);
    assert_int_equal(sum.tile_starts[1], 300);
    assert_int_equal(sum.tile_starts[3], 900);
    end(&sum);
}

static void test_a_dictionary_stays_whole(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 2000);
    for (uint64_t row = 0; row < 2000; row += 100)
        add_page(&sum, row, row % 1000 < 700, row % 1000 == 0, false);
    plan(&sum, 300, 700);
    assert_int_equal(sum.tile_starts[0], 0);
    assert_int_equal(sum.tile_starts[1], 700);
    assert_int_equal(sum.tile_starts[2], 1000);
    assert_int_equal(sum.tile_starts[3], 1700);
    end(&sum);
}

static void test_one_long_page_is_divided(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 1005);
    add_page(&sum, 0, false, true, true);
    plan(&sum, 100, 100);
    assert_int_equal(sum.plan.tile_count, 11);
    end(&sum);
}

static void test_nothing_known(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 250);
    plan(&sum, 100, 100);
    assert_int_equal(sum.plan.tile_count, 3);
    end(&sum);
    begin(&sum, 0);
    plan(&sum, 100, 100);
    assert_int_equal(sum.plan.tile_count, 0);
    end(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_borders),
        cmocka_unit_test(test_a_dictionary_stays_whole),
        cmocka_unit_test(test_one_long_page_is_divided),
        cmocka_unit_test(test_nothing_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
