#include "exact/any.h"

#include "os/os.h"

#define PIECE 4000

static const struct exact_grids start_grids[] = {{10, 2}, {22, 2}, {-100, 2},
                                                 {60, 3}, {10, 6}, {0, EXACT_GRIDS_SUPER}};
#define STARTS (sizeof start_grids / sizeof *start_grids)

static void add_random(struct any_fixture *fixture, uint64_t *random, size_t key_count,
                       unsigned wild)
{
    static uint32_t keys[PIECE];
    static double values[PIECE];
    size_t count = random_below(random, PIECE);
    for (size_t i = 0; i < count; i++) {
        keys[i] = (uint32_t)random_below(random, key_count);
        values[i] = any_value(random, wild);
    }
    any_add(fixture, keys, values, count);
}

static void test_random_keys(void **state)
{
    (void)state;
    uint64_t random = test_seed(21);
    const unsigned wild[] = {0, 1, 20, 1000};
    const size_t key_counts[] = {1, 7, 2500, ANY_KEYS};
    for (size_t s = 0; s < STARTS; s++)
        for (size_t w = 0; w < 4; w++) {
            struct any_fixture fixture;
            size_t keys = key_counts[(s + w) % 4];
            any_ready(&fixture, keys, start_grids[s]);
            for (int round = 0; round < 5; round++)
                add_random(&fixture, &random, keys, wild[w]);
            any_check(&fixture, keys);
            any_done(&fixture);
        }
}

/* A reference that shares nothing with the code under test. */
static void test_against_digits(void **state)
{
    (void)state;
    enum { keys = 5, count = 2000 };
    uint64_t random = test_seed(22);
    static struct reference reference[keys];
    static uint32_t at[count];
    static double values[count];
    struct any_fixture fixture;
    any_ready(&fixture, keys, (struct exact_grids){3, 2});
    for (size_t i = 0; i < count; i++) {
        at[i] = (uint32_t)random_below(&random, keys);
        do
            values[i] = any_value(&random, 50);
        while (!isfinite(values[i]));
        reference_add(&reference[at[i]], values[i]);
    }
    tile_add_at(&fixture, at, values, count);
    for (uint32_t k = 0; k < keys; k++) {
        double sum;
        exact_tile_sums_at(fixture.tile, &k, 1, &sum);
        assert_same_double(sum, reference_round(&reference[k]));
    }
    any_done(&fixture);
}

/* count additions of a value, all to one key or to two by turns: a product, rounded once. */
static void check_repeated(struct exact_grids grids, double value, size_t count)
{
    const double want = value * (double)count;
    static uint32_t keys[PIECE];
    static double values[PIECE];
    for (unsigned turns = 1; turns <= 2; turns++) {
        struct any_fixture fixture;
        any_ready(&fixture, 10, grids);
        for (size_t i = 0; i < PIECE; i++) {
            keys[i] = i % turns == 0 ? 3 : 7;
            values[i] = value;
        }
        for (size_t done = 0; done < count * turns; done += PIECE)
            tile_add_at(&fixture, keys, values, PIECE);
        const uint32_t asked[] = {3, 7, 4};
        double sums[3];
        exact_tile_sums_at(fixture.tile, asked, 3, sums);
        assert_same_double(sums[0], want);
        assert_same_double(sums[1], turns == 2 ? want : 0.0);
        assert_same_double(sums[2], 0.0);
        assert_int_equal(fixture.tile->grids.count, grids.count);
        any_done(&fixture);
    }
}

static void test_a_million_additions_to_one_key(void **state)
{
    (void)state;
    const size_t count = 1000000;
    const double most = 0x1.fffffffffffffp9, busy = 0x1.ff123456789abp9;
    check_repeated((struct exact_grids){10, 2}, busy, count);
    check_repeated((struct exact_grids){10, 3}, -busy, count);
    check_repeated((struct exact_grids){10, 2}, most, count);
    check_repeated((struct exact_grids){10, 2}, -most, count);
    check_repeated((struct exact_grids){10, 5}, 0x1p-100, count);
    check_repeated((struct exact_grids){-80, 2}, 0x1.8p-81, count);
    check_repeated((struct exact_grids){0, EXACT_GRIDS_SUPER}, 0.1, 4000);
}

static void test_regrid_and_back(void **state)
{
    (void)state;
    uint64_t random = test_seed(23);
    const struct exact_grids way[] = {
        {0, EXACT_GRIDS_SUPER}, {10, 2}, {500, 2},  {-500, 3}, {40, 6},
        {0, EXACT_GRIDS_SUPER}, {22, 2}, {-990, 2}, {960, 4},  {10, 2}};
    for (unsigned wild = 0; wild <= 500; wild += 250) {
        struct any_fixture fixture;
        any_ready(&fixture, 500, (struct exact_grids){10, 2});
        for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
            add_random(&fixture, &random, 500, wild);
            assert_int_equal(exact_tile_regrid(fixture.tile, way[i], &fixture.error), 0);
            any_check(&fixture, 500);
        }
        any_done(&fixture);
    }
}

/* So much for key 0 that it carries, where the grids are for values of this size. */
static void add_full(struct any_fixture *fixture)
{
    static uint32_t keys[PIECE];
    static double values[PIECE];
    for (size_t i = 0; i < PIECE; i++)
        values[i] = 0x1.ff123456789abp9;
    any_add(fixture, keys, values, PIECE);
}

static void test_growth(void **state)
{
    (void)state;
    uint64_t random = test_seed(24);
    for (size_t s = 0; s < STARTS; s++) {
        struct any_fixture fixture;
        any_ready(&fixture, 0, start_grids[s]);
        for (size_t keys = 1; keys <= ANY_KEYS; keys += keys / 3 + 7) {
            assert_int_equal(exact_tile_grow(fixture.tile, keys, &fixture.error), 0);
            any_check(&fixture, keys);
            add_full(&fixture);
            add_random(&fixture, &random, keys, s % 2 ? 300 : 0);
            any_check(&fixture, keys);
        }
        assert_int_equal(exact_tile_grow(fixture.tile, 1, &fixture.error), 0);
        assert_int_equal(exact_tile_grow(fixture.tile, SIZE_MAX, &fixture.error), ERROR_MEMORY);
        any_done(&fixture);
    }
}

static void test_clear(void **state)
{
    (void)state;
    uint64_t random = test_seed(25);
    struct any_fixture fixture;
    any_ready(&fixture, 900, (struct exact_grids){10, 2});
    for (int round = 0; round < 4; round++) {
        add_random(&fixture, &random, 900, round % 2 ? 30 : 0);
        exact_tile_clear(fixture.tile);
        memset(fixture.counts, 0, sizeof fixture.counts);
        struct exact_grids super = {0, EXACT_GRIDS_SUPER};
        assert_int_equal(exact_tile_begin(fixture.model, ANY_KEYS, super, &fixture.error), 0);
        any_check(&fixture, 900);
        add_random(&fixture, &random, 900, 100);
        any_check(&fixture, 900);
    }
    any_done(&fixture);
}

/* Few keys can all have an entry outside the grids, but each of their values would be slow. */
static void test_values_outside_ask_for_grids(void **state)
{
    (void)state;
    static uint32_t keys[PIECE];
    static double values[PIECE];
    struct any_fixture fixture;
    any_ready(&fixture, 3, (struct exact_grids){10, 2});
    for (size_t i = 0; i < PIECE; i++) {
        keys[i] = (uint32_t)(i % 3);
        values[i] = i % 2 ? 0x1p-90 : 1.0;
    }
    for (int round = 0; round < 10; round++)
        any_add(&fixture, keys, values, PIECE);
    assert_int_equal(fixture.tile->grids.count, 3);
    /* A range that no grids hold stays in entries. */
    for (size_t i = 0; i < PIECE; i++)
        values[i] = i % 2 ? 0x1p-1000 : i % 4 ? 1.0 : 0x1p900;
    for (int round = 0; round < 10; round++)
        any_add(&fixture, keys, values, PIECE);
    assert_true(fixture.tile->patient);
    any_check(&fixture, 3);
    any_done(&fixture);
}

/* One value in 2,000 is 1e300, and statistics say so: the others get the grids they need. */
static void test_a_few_far_values_do_not_decide(void **state)
{
    (void)state;
    uint64_t random = test_seed(30);
    static uint32_t keys[PIECE];
    static double values[PIECE];
    struct any_fixture fixture;
    any_ready(&fixture, ANY_KEYS, exact_grids_for(1e300));
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < PIECE; i++) {
            keys[i] = (uint32_t)random_below(&random, ANY_KEYS);
            values[i] = i % 2000 == 0 ? 1e300 : any_value(&random, 0);
        }
        any_add(&fixture, keys, values, PIECE);
    }
    assert_in_range(fixture.tile->grids.count, 2, 3);
    assert_in_range(fixture.tile->sparse.count, 15, 20);
    any_check(&fixture, ANY_KEYS);
    any_done(&fixture);
}

static void test_memory_is_what_is_said(void **state)
{
    (void)state;
    uint64_t random = test_seed(26);
    struct any_fixture fixture;
    any_ready(&fixture, ANY_KEYS, (struct exact_grids){10, 2});
    size_t model = exact_tile_size(ANY_KEYS, EXACT_GRIDS_SUPER);
    size_t alone = exact_tile_size_any(ANY_KEYS, 2);
    assert_int_equal(atomic_load(&fixture.account.used), model + alone);
    for (int round = 0; round < 60; round++)
        add_random(&fixture, &random, 20, 300);
    assert_int_equal(fixture.tile->grids.count, 2);
    size_t used = atomic_load(&fixture.account.used);
    assert_in_range(used, model + alone + 1, model + alone + exact_tile_spare_any(ANY_KEYS));
    assert_int_equal(exact_tile_size_any(SIZE_MAX, 2), SIZE_MAX);
    any_done(&fixture);
}

/* Bytes that tiles may hold are those given at creation. */
static void test_limit(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct exact_tile *tile;
    struct exact_grids grids = {10, 2};
    mem_account_init(&account, "tile", NULL, MEM_NO_LIMIT);
    error_init(&error);
    size_t limit = exact_tile_size_any(20000, 2);
    assert_int_equal(exact_tile_create(&account, limit, &tile, &error), 0);
    assert_int_equal(exact_tile_begin_any(tile, 30000, grids, &error), ERROR_MEMORY);
    assert_int_equal(exact_tile_begin_any(tile, 20000, grids, &error), 0);
    const uint32_t keys[] = {1, 2, 3};
    const double values[] = {1.0, (double)NAN, 1.0};
    assert_int_equal(exact_tile_add_at(tile, keys, values, 3), 1);
    assert_int_equal(exact_tile_make_room(tile, &error), ERROR_MEMORY);
    assert_int_equal(exact_tile_add_at(tile, keys, values, 3), 0);
    grids.count = 1;
    assert_int_equal(exact_tile_begin_any(tile, 1, grids, &error), ERROR_INTERNAL);
    assert_int_equal(exact_tile_regrid(tile, grids, &error), ERROR_INTERNAL);
    /* The same tile for keys in order, and back. */
    grids.count = 2;
    double one = 1.0, sum;
    assert_int_equal(exact_tile_begin(tile, 10, grids, &error), 0);
    assert_int_equal(exact_tile_add(tile, 4, &one, 1), EXACT_DONE);
    exact_tile_sums(tile, 4, 1, &sum);
    assert_same_double(sum, 1.0);
    assert_int_equal(exact_tile_begin_any(tile, 100, grids, &error), 0);
    exact_tile_sums_at(tile, keys, 1, &sum);
    assert_same_double(sum, 0.0);
    exact_tile_destroy(tile);
    assert_int_equal(atomic_load(&account.used), 0);
}

/* Whichever allocation is refused, sums stay what they were and what was asked for works later. */
static void test_refused_memory(void **state)
{
    (void)state;
    enum { keys = 200, count = 3000 };
    uint64_t random = test_seed(27);
    static uint32_t at[count];
    static double values[count];
    for (size_t i = 0; i < count; i++) {
        at[i] = (uint32_t)random_below(&random, keys);
        values[i] = any_value(&random, 10);
    }
    for (uint64_t failing = 1, met = failing; met >= failing; failing++) {
        struct any_fixture fixture;
        any_ready(&fixture, keys / 2, (struct exact_grids){10, 2});
        mem_fail_allocation(failing);
        if (exact_tile_grow(fixture.tile, keys, &fixture.error) != ERROR_NONE)
            assert_int_equal(exact_tile_grow(fixture.tile, keys, &fixture.error), 0);
        for (size_t done = 0; done < count;) {
            done += exact_tile_add_at(fixture.tile, at + done, values + done, count - done);
            if (done < count && exact_tile_make_room(fixture.tile, &fixture.error) != ERROR_NONE)
                assert_int_equal(fixture.error.code, ERROR_MEMORY);
        }
        struct exact_grids super = {0, EXACT_GRIDS_SUPER};
        if (exact_tile_regrid(fixture.tile, super, &fixture.error) != ERROR_NONE)
            assert_true(fixture.tile->grids.count != EXACT_GRIDS_SUPER);
        met = mem_fail_allocation(0);
        model_add(&fixture, at, values, count);
        any_check(&fixture, keys);
        any_done(&fixture);
    }
}

static void test_floats(void **state)
{
    (void)state;
    enum { keys = 40, count = 3000 };
    uint64_t random = test_seed(28);
    static float floats[count];
    static double values[count];
    static uint32_t at[count];
    struct any_fixture fixture;
    any_ready(&fixture, keys, (struct exact_grids){10, 2});
    for (size_t i = 0; i < count; i++) {
        at[i] = (uint32_t)random_below(&random, keys);
        floats[i] = (float)any_value(&random, 30);
        values[i] = (double)floats[i];
    }
    for (size_t done = 0; done < count;) {
        done += exact_tile_add_floats_at(fixture.tile, at + done, floats + done, count - done);
        if (done < count)
            assert_int_equal(exact_tile_make_room(fixture.tile, &fixture.error), 0);
    }
    model_add(&fixture, at, values, count);
    any_check(&fixture, keys);
    any_done(&fixture);
}

static void compare_kernels(const struct exact_scatter_kernels *left,
                            const struct exact_scatter_kernels *right, int grids, uint64_t *random)
{
    static _Alignas(64) double parts[2][EXACT_GRIDS_MOST * EXACT_PIECE];
    static _Alignas(64) double sums[2][50 * EXACT_GRIDS_MOST];
    static uint8_t bytes[EXACT_PIECE * sizeof(double) + 8];
    uint16_t failed[2][EXACT_PIECE];
    uint32_t keys[EXACT_PIECE];
    struct exact_tile tile = {.grids = {10, grids}};
    exact_tile_choose(&tile);
    memset(sums, 0, sizeof sums);
    for (int round = 0; round < 200; round++) {
        size_t past = random_below(random, 8), count = 1 + random_below(random, EXACT_PIECE);
        for (size_t i = 0; i < count; i++) {
            double value = any_value(random, 20);
            memcpy(bytes + past + i * sizeof value, &value, sizeof value);
            keys[i] = (uint32_t)random_below(random, 50);
        }
        size_t n = left->split[grids](&tile.split, bytes + past, count, parts[0], failed[0]);
        assert_int_equal(right->split[grids](&tile.split, bytes + past, count, parts[1], failed[1]),
                         n);
        assert_memory_equal(failed[0], failed[1], n * sizeof **failed);
        for (int g = 0; g < grids; g++)
            assert_memory_equal(parts[0] + g * EXACT_PIECE, parts[1] + g * EXACT_PIECE,
                                count * sizeof **parts);
        exact_scatter_kernel *add = round % 2 ? left->scatter[grids] : left->gather[grids];
        exact_scatter_kernel *same = round % 2 ? right->scatter[grids] : right->gather[grids];
        bool over = add(&tile.split, sums[0], keys, parts[0], count);
        assert_int_equal(same(&tile.split, sums[1], keys, parts[1], count), over);
        assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
    }
}

static void test_kernels_agree(void **state)
{
    (void)state;
    uint64_t random = test_seed(29);
    for (int grids = 2; grids <= EXACT_GRIDS_MOST; grids++) {
        compare_kernels(&exact_scatter_scalar, exact_scatter_chosen(), grids, &random);
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2"))
            compare_kernels(&exact_scatter_scalar, &exact_scatter_avx2, grids, &random);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_keys),
        cmocka_unit_test(test_against_digits),
        cmocka_unit_test(test_a_million_additions_to_one_key),
        cmocka_unit_test(test_regrid_and_back),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_values_outside_ask_for_grids),
        cmocka_unit_test(test_a_few_far_values_do_not_decide),
        cmocka_unit_test(test_memory_is_what_is_said),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_kernels_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
