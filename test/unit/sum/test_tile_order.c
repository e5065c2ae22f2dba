/* Slow tiles are taken early, every tile once, and never so that all threads wait for a tile that
 * nobody has taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "sum/sum_int.h"
#include "sum/wave.h"

#define GROUPS_MOST 12
#define TILES_MOST  (GROUPS_MOST * 40)

/* Row groups of one dictionary tile of 200 rows and plain ones of 100. */
static void begin(struct sum *sum, unsigned threads, unsigned groups, unsigned plain_tiles)
{
    struct error error;
    uint64_t group_rows = 200 + 100 * (uint64_t)plain_tiles;
    memset(sum, 0, sizeof *sum);
    mem_account_init(&sum->account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&sum->arena, &sum->account);
    mem_buffer_init(&sum->facts.borders, &sum->account, SIZE_MAX / 2);
    sum->first.row_count = groups * group_rows;
    for (unsigned group = 0; group < groups; group++) {
        for (unsigned page = 0; page <= plain_tiles; page++) {
            uint64_t row = group * group_rows + (page == 0 ? 0 : 100 * ((uint64_t)page + 1));
            struct page_border border = {row, page == 0, page == 0, false};
            assert_int_equal(mem_buffer_append(&sum->facts.borders, &border, sizeof border, &error),
                             ERROR_NONE);
        }
    }
    sum->plan.threads = threads;
    sum->plan.tile_rows = 100;
    sum->tile_rows_most = 200;
    assert_int_equal(sum_plan_tiles(sum, 100, 200, &error), ERROR_NONE);
    assert_int_equal(sum->plan.tile_count, groups * (1 + plain_tiles));
}

static void order(struct sum *sum)
{
    struct error error;
    assert_int_equal(sum_order_tiles(sum, &error), ERROR_NONE);
    assert_null(sum->facts.borders.data);
}

static void end(struct sum *sum)
{
    mem_arena_release(&sum->arena);
    assert_int_equal(atomic_load(&sum->account.used), 0);
}

/* Threads take turns and finish tiles in their order; somebody must always hold the lowest. */
static void assert_never_stuck(const struct sum *sum)
{
    bool taken[TILES_MOST + 1] = {false};
    uint64_t count = sum->plan.tile_count, finished = 0, held = 0;
    for (uint64_t turn = 0; turn < count; turn++) {
        uint64_t tile = sum->tile_turns[turn];
        assert_true(tile < count && !taken[tile]);
        taken[tile] = true;
        held++;
        assert_true(tile < finished + sum->plan.threads * (1 + WAVE_EARLY_MOST));
        if (held < sum->plan.threads)
            continue;
        /* All threads are busy: the lowest tile that is not finished must be among theirs. */
        assert_true(taken[finished]);
        while (finished < count && taken[finished]) {
            finished++;
            held--;
        }
    }
}

static void test_every_tile_once_and_never_stuck(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 9; threads++) {
        for (unsigned plain_tiles = 0; plain_tiles < 20; plain_tiles++) {
            struct sum sum;
            begin(&sum, threads, GROUPS_MOST, plain_tiles);
            order(&sum);
            assert_never_stuck(&sum);
            end(&sum);
        }
    }
}

static void test_slow_tiles_come_early(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 2, 3, 15);
    order(&sum);
    assert_false(sum.tile_early[0]);
    assert_true(sum.tile_early[16]);
    assert_int_equal(sum.tile_turns[12], 16);
    assert_int_equal(sum.tile_turns[13], 12);
    assert_int_equal(sum.tile_turns[16], 15);
    assert_int_equal(sum.tile_turns[17], 17);
    end(&sum);
}

static void assert_in_order(struct sum *sum)
{
    order(sum);
    for (uint64_t tile = 0; tile < sum->plan.tile_count; tile++) {
        assert_int_equal(sum->tile_turns[tile], tile);
        assert_false(sum->tile_early[tile]);
    }
    end(sum);
}

static void test_one_thread_or_mixed_files_keep_the_order(void **state)
{
    (void)state;
    struct sum sum;
    begin(&sum, 1, 3, 15);
    assert_in_order(&sum);
    begin(&sum, 4, 3, 15);
    sum.facts.mixed_layouts = true;
    assert_in_order(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_tile_once_and_never_stuck),
        cmocka_unit_test(test_slow_tiles_come_early),
        cmocka_unit_test(test_one_thread_or_mixed_files_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
