#include "exact/reference.h"

#include "exact/add_kernels.h"
#include "exact/tile.h"
#include "os/os.h"

#define STRIDE 1024

static void fill_split(struct exact_split *split, struct exact_grids grids)
{
    split->bound = ldexp(1.0, grids.exponent);
    for (int g = 0; g < grids.count; g++)
        split->constant[g] = ldexp(1.5, 52 + exact_unit(grids, g));
}

/* Values of which some do not fit grids of exponent 10. */
static double mixed_value(uint64_t *random)
{
    static const double odd[] = {0x1p10, -0x1p10, 0x1p-80, 1e300, -0.0, 0.0, 0x1.8p9, 0x1p-73};
    uint64_t draw = random_u64(random);
    if (draw % 64 == 0)
        return odd[draw >> 32 & 7];
    if (draw % 128 == 1)
        return draw & 256 ? (double)NAN : (double)-INFINITY;
    return ldexp((double)(int64_t)draw, -54);
}

/* Two kernels, the same pieces of unaligned values: sums and failures must be the same. */
static void compare_kernels(exact_add_kernel *left, exact_add_kernel *right, int grids,
                            uint64_t *random)
{
    static _Alignas(64) double sums[2][EXACT_GRIDS_MOST * STRIDE];
    static uint8_t bytes[EXACT_BLOCK * sizeof(double) + 8];
    uint16_t failed[2][EXACT_BLOCK];
    struct exact_split split;
    fill_split(&split, (struct exact_grids){10, grids});
    memset(sums, 0, sizeof sums);
    for (int round = 0; round < 300; round++) {
        size_t first = random_below(random, STRIDE), past = random_below(random, 8);
        size_t most = STRIDE - first < EXACT_BLOCK ? STRIDE - first : EXACT_BLOCK;
        size_t count = random_below(random, most + 1);
        for (size_t i = 0; i < count; i++) {
            double value = mixed_value(random);
            memcpy(bytes + past + i * sizeof value, &value, sizeof value);
        }
        size_t n = left(&split, sums[0] + first, STRIDE, bytes + past, count, failed[0]);
        assert_int_equal(right(&split, sums[1] + first, STRIDE, bytes + past, count, failed[1]), n);
        assert_memory_equal(failed[0], failed[1], n * sizeof **failed);
        assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
    }
}

static void test_kernels_agree(void **state)
{
    (void)state;
    uint64_t random = test_seed(11);
    for (int grids = 2; grids <= EXACT_GRIDS_MOST; grids++) {
        exact_add_kernel *scalar = exact_kernels_scalar.add[grids];
        compare_kernels(scalar, scalar, grids, &random);
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2"))
            compare_kernels(scalar, exact_kernels_avx2.add[grids], grids, &random);
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
            compare_kernels(scalar, exact_kernels_avx512.add[grids], grids, &random);
#endif
    }
}

static void test_what_takes_part(void **state)
{
    (void)state;
    struct exact_split split;
    struct exact_grids grids = {10, 2};
    fill_split(&split, grids);
    double finest = ldexp(1.0, exact_unit(grids, 1));
    const double values[] = {1.0,    0x1p10,     -0x1p10, 0x1.fffffffffffffp9,
                             finest, finest / 2, -1e300,  (double)NAN,
                             1023.5, 0.0};
    uint16_t failed[EXACT_BLOCK];
    double sums[2 * 16] = {0};
    size_t count = exact_kernels_scalar.add[2](&split, sums, 16, values, 10, failed);
    const uint16_t want[] = {1, 2, 5, 6, 7};
    assert_int_equal(count, 5);
    assert_memory_equal(failed, want, sizeof want);
    for (int i = 0; i < 10; i++)
        if (i != 1 && i != 2 && (i < 5 || i > 7))
            assert_same_double(sums[i] + sums[16 + i], values[i]);
        else
            assert_true(sums[i] == 0 && sums[16 + i] == 0);
}

static void test_chosen_kernels(void **state)
{
    (void)state;
    const struct exact_kernels *chosen = exact_kernels_chosen();
#ifdef __x86_64__
    const struct exact_kernels *by_set[] = {&exact_kernels_scalar, &exact_kernels_avx2,
                                            &exact_kernels_avx512};
    assert_ptr_equal(chosen, by_set[os_instruction_set()]);
#else
    assert_ptr_equal(chosen, &exact_kernels_scalar);
#endif
}

/* count times the same value for keys 0 and 700, once for all others. */
static void check_repeated(struct exact_grids grids, double value, size_t count, double want)
{
    enum { keys = 1200 };
    static double once[keys], sums[keys];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    tile_begin(&fixture, keys, grids);
    for (size_t i = 1; i < count; i++) {
        tile_add(&fixture, 0, &value, 1);
        tile_add(&fixture, 700, &value, 1);
    }
    for (size_t k = 0; k < keys; k++)
        once[k] = value;
    tile_add(&fixture, 0, once, keys);
    exact_tile_sums(fixture.tile, 0, keys, sums);
    for (size_t k = 0; k < keys; k++)
        assert_same_double(sums[k], k == 0 || k == 700 ? want : value);
    tile_done(&fixture);
}

static void test_carries(void **state)
{
    (void)state;
    const size_t counts[] = {4090, 4091, 4096, 4097, 8181, 20000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int grids = 2; grids <= EXACT_GRIDS_MOST; grids++) {
            size_t count = counts[i];
            double largest = 0x1.fffffffffffffp9;
            /* count * (2^10 - 2^-43): below 2^53 units of 2^-43 only in two steps. */
            struct reference reference = {{0}};
            for (int bit = 0; bit < 63; bit++)
                if (count >> bit & 1)
                    reference_add(&reference, ldexp(largest, bit));
            double want = reference_round(&reference);
            check_repeated((struct exact_grids){10, grids}, largest, count, want);
            check_repeated((struct exact_grids){10, grids}, -largest, count, -want);
            check_repeated((struct exact_grids){10, grids}, 0.5, count, 0.5 * (double)count);
        }
}

/* An odd number of units, as large as a part can be: accumulators that are not carried lose bits.
 */
static void test_carries_of_each_grid(void **state)
{
    (void)state;
    const uint64_t odd = (UINT64_C(1) << (EXACT_GRID_BITS - 1)) - 1;
    for (int count = 2; count <= EXACT_GRIDS_MOST; count++)
        for (int g = 0; g < count; g++) {
            const struct exact_grids grids = {10, count};
            double value = ldexp((double)odd, exact_unit(grids, g));
            /* 20,000 of them are some 2^55 units: the conversion rounds once. */
            double want = ldexp((double)(odd * 20000), exact_unit(grids, g));
            check_repeated(grids, value, 20000, want);
            check_repeated(grids, -value, 20000, -want);
        }
}

/* Near both ends of what grids can hold. */
static void test_carries_at_the_ends(void **state)
{
    (void)state;
    enum { count = 9000 };
    static double values[count];
    for (size_t i = 0; i < count; i++)
        values[i] = 0x1.fffffffffffffp959;
    double want = ldexp((double)count, 960) - ldexp((double)count, 907);
    assert_same_double(sum_of((struct exact_grids){960, 2}, values, count), want);
    for (size_t i = 0; i < count; i++)
        values[i] = i % 2 ? 3 * SMALLEST : SMALLEST;
    assert_same_double(sum_of((struct exact_grids){-2000, 2}, values, count), 2 * count * SMALLEST);
    assert_same_double(sum_of((struct exact_grids){-2000, 6}, values, count), 2 * count * SMALLEST);
}

static void test_floats(void **state)
{
    (void)state;
    enum { keys = 1100 };
    static float floats[keys + 1];
    static double doubles[keys], want[keys], got[keys];
    uint64_t random = test_seed(3);
    struct tile_fixture fixture;
    tile_ready(&fixture);
    for (size_t k = 0; k < keys; k++) {
        floats[k] =
            ldexpf((float)(int32_t)random_u64(&random), (int)random_below(&random, 40) - 40);
        doubles[k] = (double)floats[k];
    }
    floats[5] = 3e38f, doubles[5] = (double)3e38f;
    floats[6] = -INFINITY, doubles[6] = (double)-INFINITY;
    uint8_t bytes[sizeof floats];
    memcpy(bytes + 1, floats, keys * sizeof *floats);
    tile_begin(&fixture, keys, (struct exact_grids){10, 2});
    for (int row = 0; row < 3; row++)
        tile_add(&fixture, 0, doubles, keys);
    exact_tile_sums(fixture.tile, 0, keys, want);
    tile_begin(&fixture, keys, (struct exact_grids){10, 2});
    for (int row = 0; row < 3; row++) {
        assert_int_equal(exact_tile_add_floats(fixture.tile, 0, bytes + 1, 600), EXACT_DONE);
        assert_int_equal(exact_tile_add_floats(fixture.tile, 600, bytes + 1 + 2400, keys - 600),
                         EXACT_DONE);
    }
    exact_tile_sums(fixture.tile, 0, keys, got);
    assert_memory_equal(got, want, sizeof got);
    tile_done(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_agree),
        cmocka_unit_test(test_what_takes_part),
        cmocka_unit_test(test_chosen_kernels),
        cmocka_unit_test(test_carries),
        cmocka_unit_test(test_carries_of_each_grid),
        cmocka_unit_test(test_carries_at_the_ends),
        cmocka_unit_test(test_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
