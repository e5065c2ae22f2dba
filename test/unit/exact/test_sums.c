#include "exact/reference.h"

static const struct exact_grids some_grids[] = {{10, 2},
                                                {60, 2},
                                                {-30, 2},
                                                {10, 3},
                                                {10, 4},
                                                {10, 5},
                                                {10, 6},
                                                {960, 2},
                                                {960, 6},
                                                {-2000, 2},
                                                {-991, 2},
                                                {-900, 6},
                                                {0, EXACT_GRIDS_SUPER}};
#define SOME_GRIDS (sizeof some_grids / sizeof *some_grids)

/* All grids give the same bits for the same values. */
static void check(double want, const double *values, size_t count)
{
    for (size_t g = 0; g < SOME_GRIDS; g++)
        assert_same_double(sum_of(some_grids[g], values, count), want);
}

#define CHECK(want, ...)                                                                           \
    do {                                                                                           \
        const double values_[] = {__VA_ARGS__};                                                    \
        assert_same_double(reference_sum(values_, sizeof values_ / sizeof *values_, 1), want);     \
        check(want, values_, sizeof values_ / sizeof *values_);                                    \
    } while (0)

static void test_simple(void **state)
{
    (void)state;
    CHECK(6.0, 1.0, 2.0, 3.0);
    CHECK(0.1, 0.1);
    CHECK(0x1.3333333333333p-1, 0.1, 0.2, 0.3);
    CHECK(-1.5, -2.0, 0.5);
    CHECK(SMALLEST, SMALLEST);
    CHECK(LARGEST, LARGEST);
    CHECK(-LARGEST, -LARGEST);
}

static void test_zero_is_positive(void **state)
{
    (void)state;
    CHECK(0.0, -0.0);
    CHECK(0.0, -0.0, -0.0);
    CHECK(0.0, 1.5, -1.5);
    CHECK(0.0, -LARGEST, LARGEST);
    CHECK(0.0, -SMALLEST, SMALLEST);
    for (size_t g = 0; g < SOME_GRIDS; g++)
        assert_same_double(sum_of(some_grids[g], NULL, 0), 0.0);
}

static void test_cancellation(void **state)
{
    (void)state;
    CHECK(1.0, 1e300, 1.0, -1e300);
    CHECK(1e308, 1e308, 1e308, -1e308);
    CHECK(1e-300, 1e300, 1e-300, -1e300);
    CHECK(SMALLEST, LARGEST, SMALLEST, -LARGEST);
    CHECK(-SMALLEST, 1.0, -SMALLEST, -1.0);
    CHECK(0x1p-52, 1.0 + 0x1p-52, -1.0);
    CHECK(3.0, 1e16, 1.0, 1.0, 1.0, -1e16);
}

static void test_overflow(void **state)
{
    (void)state;
    const double infinite = (double)INFINITY;
    CHECK(infinite, LARGEST, LARGEST);
    CHECK(-infinite, -LARGEST, -LARGEST);
    CHECK(LARGEST, LARGEST, LARGEST, -LARGEST);
    /* Half a unit above the largest is a tie to even: infinity; less is not. */
    CHECK(infinite, LARGEST, 0x1p970);
    CHECK(LARGEST, LARGEST, 0x1p970, -SMALLEST);
    CHECK(LARGEST, LARGEST, 0x1.fffffffffffffp969);
}

static void test_ties(void **state)
{
    (void)state;
    CHECK(1.0, 1.0, 0x1p-53);
    CHECK(1.0 + 0x1p-51, 1.0 + 0x1p-52, 0x1p-53);
    CHECK(-1.0, -1.0, -0x1p-53);
    CHECK(1.0 + 0x1p-52, 1.0, 0x1p-53, SMALLEST);
    CHECK(1.0, 1.0, 0x1p-53, -SMALLEST);
    CHECK(1.0, 1.0, 0x1p-53, 0x1p-200, -0x1p-200);
    CHECK(2.0, 2.0 - 0x1p-52, 0x1p-53);
    CHECK(2.0 - 0x1p-52, 2.0 - 0x1p-52, 0x1p-53, -0x1p-120);
}

/* Adding in double, in any order, rounds twice here. */
static void test_double_rounding(void **state)
{
    (void)state;
    CHECK(1.0 + 0x1p-52, 1.0, 0x1p-53, 0x1p-106);
    CHECK(1.0 + 0x1p-52, 1.0, 0x1p-54, 0x1p-54, 0x1p-110);
    CHECK(1.0, 1.0, 0x1p-54, 0x1p-54, -0x1p-110);
    CHECK(1.0 + 0x1p-51, 1.0 + 0x1p-52, 0x1p-53, 0x1p-150);
    CHECK(0x1p53 + 2, 0x1p53, 1.0, 0x1p-60);
    CHECK(0x1p53, 0x1p53, 1.0, -0x1p-60);
    CHECK(0x1p80 + 0x1p28, 0x1p80, 0x1p27, 0x1p-1, 0x1p-30, 0x1p-77);
}

static void test_subnormal_results(void **state)
{
    (void)state;
    CHECK(3 * SMALLEST, SMALLEST, SMALLEST, SMALLEST);
    CHECK(0x1p-1022, 0x1p-1022 - SMALLEST, SMALLEST);
    CHECK(0x1p-1022 - SMALLEST, 0x1p-1022, -SMALLEST);
    CHECK(7 * SMALLEST, 1.0, 7 * SMALLEST, -1.0);
}

static double nasty(uint64_t *state, unsigned shape)
{
    static const double constants[] = {1e300,    -1e300,  1.0,    -1.0,     1e308,   -1e308,
                                       SMALLEST, 0x1p-53, 0x1p53, -0x1p-53, LARGEST, -LARGEST,
                                       -0.0,     0.1,     1.5,    -SMALLEST};
    uint64_t bits = random_u64(state);
    switch (shape) {
    case 0: /* like measurements */
        return (double)(int64_t)random_below(state, 2000000) / 100.0 - 5000.0;
    case 1: /* any finite bits */
        while (!isfinite(of_bits(bits)))
            bits = random_u64(state);
        return of_bits(bits);
    case 2:
        return constants[bits % 16];
    case 3: /* a few bits, near each other: ties */
        return ldexp((double)(int64_t)(bits % 7) - 3, (int)(bits >> 32 & 63) - 30);
    case 4: /* subnormals */
        return of_bits((bits & ((UINT64_C(1) << 53) - 1)) | (bits >> 63 << 63));
    default: /* exponents over some 200 powers of two */
        return ldexp((double)(int64_t)bits, (int)random_below(state, 200) - 160);
    }
}

/* Adds rows x keys values in pieces, begins again as advised, and returns how often. */
static int sum_in_pieces(struct tile_fixture *fixture, struct exact_grids grids,
                         const double *values, size_t rows, size_t keys, size_t piece, double *ret)
{
    for (int begun = 1;; begun++) {
        bool crowded = false;
        tile_begin(fixture, keys, grids);
        for (size_t row = 0; row < rows && !crowded; row++)
            for (size_t k = 0; k < keys && !crowded; k += piece) {
                size_t count = keys - k < piece ? keys - k : piece;
                crowded = exact_tile_add(fixture->tile, k, values + row * keys + k, count) ==
                          EXACT_CROWDED;
            }
        if (!crowded) {
            exact_tile_sums(fixture->tile, 0, keys, ret);
            return begun;
        }
        struct exact_grids advice = exact_tile_advice(fixture->tile);
        assert_false(advice.count == grids.count && advice.exponent == grids.exponent);
        assert_true(begun < 10);
        grids = advice;
    }
}

#define ROWS 7
#define KEYS 150

static void test_property(void **state)
{
    (void)state;
    uint64_t random = test_seed(20240501);
    static double values[ROWS * KEYS], turned[ROWS * KEYS], want[KEYS], got[KEYS];
    struct tile_fixture fixture;
    tile_ready(&fixture);
    for (unsigned round = 0; round < 24; round++) {
        for (size_t i = 0; i < ROWS * KEYS; i++)
            values[i] = nasty(&random, round % 6);
        for (size_t k = 0; k < KEYS; k++)
            want[k] = reference_sum(values + k, ROWS, KEYS);
        for (size_t row = 0; row < ROWS; row++)
            memcpy(turned + (ROWS - 1 - row) * KEYS, values + row * KEYS, KEYS * sizeof *values);
        for (size_t g = 0; g < SOME_GRIDS; g++) {
            size_t piece = 1 + random_below(&random, KEYS);
            const double *order = g % 2 != 0 ? values : turned;
            sum_in_pieces(&fixture, some_grids[g], order, ROWS, KEYS, piece, got);
            for (size_t k = 0; k < KEYS; k++)
                assert_same_double(got[k], want[k]);
        }
    }
    tile_done(&fixture);
}

/* Enough keys that values out of range crowd the tile. */
static void test_crowded_tiles_converge(void **state)
{
    (void)state;
    enum { rows = 4, keys = 3000 };
    static double values[rows * keys], want[keys], got[keys];
    uint64_t random = test_seed(7);
    struct tile_fixture fixture;
    tile_ready(&fixture);
    for (unsigned shape = 0; shape < 6; shape++) {
        for (size_t i = 0; i < rows * keys; i++)
            values[i] = nasty(&random, shape);
        int most = 0;
        sum_in_pieces(&fixture, (struct exact_grids){0, EXACT_GRIDS_SUPER}, values, rows, keys, 999,
                      want);
        for (size_t g = 0; g < SOME_GRIDS; g++) {
            int begun = sum_in_pieces(&fixture, some_grids[g], values, rows, keys, 1000, got);
            most = begun > most ? begun : most;
            assert_memory_equal(got, want, sizeof got);
        }
        assert_true(most > 1);
        for (size_t k = 0; k < keys; k += 100)
            assert_same_double(want[k], reference_sum(values + k, rows, keys));
    }
    tile_done(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_zero_is_positive),
        cmocka_unit_test(test_cancellation),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_double_rounding),
        cmocka_unit_test(test_subnormal_results),
        cmocka_unit_test(test_property),
        cmocka_unit_test(test_crowded_tiles_converge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
