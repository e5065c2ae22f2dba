#include "exact/reference.h"

#define QUIET_NAN UINT64_C(0x7ff8000000000000)

static void test_size_is_what_is_charged(void **state)
{
    (void)state;
    const size_t keys[] = {0, 1, 7, 511, 513, 20000, 100001};
    const int grids[] = {2, 3, 6, EXACT_GRIDS_SUPER};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t g = 0; g < sizeof grids / sizeof *grids; g++) {
            struct tile_fixture fixture;
            tile_ready(&fixture);
            tile_begin(&fixture, keys[i], (struct exact_grids){10, grids[g]});
            assert_int_equal(atomic_load(&fixture.account.used),
                             exact_tile_size(keys[i], grids[g]));
            tile_done(&fixture);
        }
    assert_int_equal(exact_tile_size(SIZE_MAX, 2), SIZE_MAX);
}

static void test_key_limit(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct exact_tile *tile;
    mem_account_init(&account, "tile", NULL, MEM_NO_LIMIT);
    error_init(&error);
    assert_int_equal(exact_tile_create(&account, 500000, &tile, &error), ERROR_NONE);
    size_t limit = exact_tile_key_limit(tile, 2);
    assert_in_range(exact_tile_size(limit, 2), 1, 500000);
    assert_true(exact_tile_size(limit + 1, 2) > 500000);
    assert_true(exact_tile_key_limit(tile, EXACT_GRIDS_SUPER) < exact_tile_key_limit(tile, 6));
    struct exact_grids grids = {10, 2};
    assert_int_equal(exact_tile_begin(tile, limit + 1, grids, &error), ERROR_MEMORY);
    assert_int_equal(exact_tile_begin(tile, limit, grids, &error), ERROR_NONE);
    assert_in_range(atomic_load(&account.used), 1, 500000);
    grids.count = 1;
    assert_int_equal(exact_tile_begin(tile, 1, grids, &error), ERROR_INTERNAL);
    exact_tile_destroy(tile);
    assert_int_equal(exact_tile_create(&account, 100, &tile, &error), ERROR_NONE);
    assert_int_equal(exact_tile_key_limit(tile, 2), 0);
    exact_tile_destroy(tile);
    exact_tile_destroy(NULL);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void test_refused_memory(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct exact_tile *tile;
    double sum, one = 1.0;
    mem_account_init(&account, "tile", NULL, 100000);
    error_init(&error);
    mem_fail_allocation(1);
    assert_int_equal(exact_tile_create(&account, 1 << 30, &tile, &error), ERROR_MEMORY);
    mem_fail_allocation(0);
    assert_int_equal(exact_tile_create(&account, 1 << 30, &tile, &error), ERROR_NONE);
    struct exact_grids grids = {10, 2};
    assert_int_equal(exact_tile_begin(tile, 100000, grids, &error), ERROR_MEMORY);
    assert_int_equal(exact_tile_begin(tile, 10, grids, &error), ERROR_NONE);
    assert_int_equal(exact_tile_begin(tile, 100000, grids, &error), ERROR_MEMORY);
    assert_int_equal(exact_tile_begin(tile, 1, grids, &error), ERROR_NONE);
    assert_int_equal(exact_tile_add(tile, 0, &one, 1), EXACT_DONE);
    exact_tile_sums(tile, 0, 1, &sum);
    assert_same_double(sum, 1.0);
    exact_tile_destroy(tile);
    assert_int_equal(atomic_load(&account.used), 0);
}

/* Whatever was in the block before, with other grids and other keys, a begun tile is empty. */
static void test_begin_cleans(void **state)
{
    (void)state;
    const struct exact_grids grids[] = {{10, 2}, {20, 3}, {0, EXACT_GRIDS_SUPER}, {10, 6}, {5, 2}};
    const double dirt[] = {1.0, 1e300, (double)NAN, (double)INFINITY, -0x1p-90, 3.0};
    enum { keys = 2000 };
    static double values[keys], sums[keys];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    tile_begin(&fixture, keys, grids[2]);
    for (unsigned round = 0; round < 25; round++) {
        size_t count = round % 2 ? keys : 700;
        tile_begin(&fixture, count, grids[round % 5]);
        exact_tile_sums(fixture.tile, 0, count, sums);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(bits_of(sums[k]), 0);
        for (size_t k = 0; k < count; k++)
            values[k] = dirt[k * 7 / 4 % 6];
        enum exact_outcome outcome = exact_tile_add(fixture.tile, 0, values, count);
        for (unsigned i = 0; outcome == EXACT_DONE && i < 4100; i++)
            outcome = exact_tile_add(fixture.tile, 300, values, 3);
        if (outcome == EXACT_DONE) {
            exact_tile_sums(fixture.tile, 0, 300, sums);
            for (size_t k = 0; k < 300; k++)
                assert_int_equal(bits_of(sums[k]),
                                 isnan(values[k]) ? QUIET_NAN : bits_of(values[k]));
        }
    }
    tile_done(&fixture);
}

static void check_special(const double *values, size_t count, uint64_t want)
{
    const struct exact_grids grids[] = {{10, 2}, {10, 4}, {0, EXACT_GRIDS_SUPER}};
    for (size_t g = 0; g < 3; g++)
        assert_int_equal(bits_of(sum_of(grids[g], values, count)), want);
}

static void test_specials(void **state)
{
    (void)state;
    const double plus = (double)INFINITY, odd_nan = of_bits(UINT64_C(0xfff0000000000123));
    const double one_nan[] = {1.0, odd_nan, plus}, both[] = {plus, 2.0, -plus};
    const double up[] = {plus, -LARGEST, plus}, down[] = {-plus, LARGEST, LARGEST};
    check_special(one_nan, 3, QUIET_NAN);
    check_special(&odd_nan, 1, QUIET_NAN);
    check_special(both, 3, QUIET_NAN);
    check_special(up, 3, bits_of(plus));
    check_special(down, 3, bits_of(-plus));
}

/* NaN and infinities in every key are no reason to begin again. */
static void test_specials_do_not_crowd(void **state)
{
    (void)state;
    enum { keys = 5000 };
    static double values[keys], sums[keys];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    tile_begin(&fixture, keys, (struct exact_grids){10, 2});
    for (size_t k = 0; k < keys; k++)
        values[k] = k % 2 ? (double)NAN : (double)INFINITY;
    tile_add(&fixture, 0, values, keys);
    exact_tile_sums(fixture.tile, 0, keys, sums);
    for (size_t k = 0; k < keys; k++)
        assert_int_equal(bits_of(sums[k]), k % 2 ? QUIET_NAN : bits_of((double)INFINITY));
    tile_done(&fixture);
}

static void test_crowded_and_advice(void **state)
{
    (void)state;
    enum { keys = 3000 };
    static double values[keys], sums[keys];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    struct exact_grids grids = {10, 2};
    tile_begin(&fixture, keys, grids);
    for (size_t k = 0; k < keys; k++)
        values[k] = 0x1p-80;
    assert_int_equal(exact_tile_add(fixture.tile, 0, values, 1000), EXACT_DONE);
    assert_int_equal(exact_tile_add(fixture.tile, 1000, values, 1000), EXACT_CROWDED);
    assert_int_equal(exact_tile_add(fixture.tile, 0, values, 1), EXACT_CROWDED);
    grids = exact_tile_advice(fixture.tile);
    assert_int_equal(grids.count, 2);
    tile_begin(&fixture, keys, grids);
    tile_add(&fixture, 0, values, keys);
    exact_tile_sums(fixture.tile, 0, keys, sums);
    assert_memory_equal(sums, values, sizeof sums);
    /* A tile that is content has advice too, and other advice. */
    struct exact_grids other = exact_tile_advice(fixture.tile);
    assert_true(other.count != grids.count || other.exponent != grids.exponent);
    tile_done(&fixture);
}

/* What cancels leaves nothing in the grids, so that advice must not go round in circles. */
static void test_advice_ends(void **state)
{
    (void)state;
    enum { keys = 2500 };
    static double high[keys], low[keys], sums[keys];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    struct exact_grids grids = {10, 2};
    bool crowded = true;
    int begun = 0;
    for (; crowded; begun++) {
        assert_true(begun < 10);
        tile_begin(&fixture, keys, grids);
        crowded = false;
        for (int step = 0; step < 4 && !crowded; step++) {
            for (size_t k = 0; k < keys; k++) {
                high[k] = step % 2 ? -3.0 : 3.0;
                low[k] = step % 2 ? -0x1p-180 : 0x1p-180;
            }
            crowded = exact_tile_add(fixture.tile, 0, step < 2 ? high : low, keys) != EXACT_DONE;
        }
        grids = exact_tile_advice(fixture.tile);
    }
    exact_tile_sums(fixture.tile, 0, keys, sums);
    for (size_t k = 0; k < keys; k++)
        assert_int_equal(bits_of(sums[k]), 0);
    tile_done(&fixture);
}

static void test_grids_for(void **state)
{
    (void)state;
    const double magnitudes[] = {1.0,     -123456.0, 1e-300,           SMALLEST,
                                 LARGEST, 0.0,       (double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof magnitudes / sizeof *magnitudes; i++) {
        struct exact_grids grids = exact_grids_for(magnitudes[i]);
        assert_int_equal(grids.count, 2);
        assert_in_range(grids.exponent + 2000, 2000 - 991, 2000 + 960);
        if (isfinite(magnitudes[i]) && grids.exponent < 960)
            assert_true(fabs(magnitudes[i]) < ldexp(1.0, grids.exponent));
    }
    assert_true(exact_grids_for(1.0).exponent < 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_is_what_is_charged),
        cmocka_unit_test(test_key_limit),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_begin_cleans),
        cmocka_unit_test(test_specials),
        cmocka_unit_test(test_specials_do_not_crowd),
        cmocka_unit_test(test_crowded_and_advice),
        cmocka_unit_test(test_advice_ends),
        cmocka_unit_test(test_grids_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
