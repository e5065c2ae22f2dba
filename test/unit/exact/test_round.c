#include "exact/reference.h"

#include "exact/round.h"
#include "exact/superaccumulator.h"

typedef unsigned __int128 u128;

static double rounded(u128 magnitude, int exponent)
{
    return exact_wide_round(exact_wide_of(magnitude, exponent, false));
}

static void test_integers(void **state)
{
    (void)state;
    const uint64_t two_53 = UINT64_C(1) << 53;
    assert_same_double(rounded(0, 100), 0.0);
    assert_same_double(rounded(1, 0), 1.0);
    assert_same_double(rounded(two_53 + 1, 0), 0x1p53);
    assert_same_double(rounded(two_53 + 3, 0), 0x1p53 + 4);
    assert_same_double(rounded((u128)(two_53 + 1) << 64 | 1, -64), 0x1p53 + 2);
    assert_same_double(rounded(~(u128)0, 0), 0x1p128);
    assert_same_double(exact_wide_round(exact_wide_of(3, 1, true)), -6.0);
}

static void test_ends(void **state)
{
    (void)state;
    assert_same_double(rounded(1, -1074), SMALLEST);
    assert_same_double(rounded(1, -1075), 0.0);
    assert_same_double(rounded(3, -1076), SMALLEST);
    assert_same_double(rounded(3, -1075), 2 * SMALLEST);
    assert_same_double(rounded(1, -5000), 0.0);
    assert_same_double(exact_wide_round(exact_wide_of(1, -1076, true)), -0.0);
    assert_same_double(rounded((UINT64_C(1) << 54) - 1, -1076), 0x1p-1022);
    assert_same_double(rounded((UINT64_C(1) << 53) - 1, 971), LARGEST);
    assert_same_double(rounded((UINT64_C(1) << 54) - 1, 970), (double)INFINITY);
    assert_same_double(rounded(1, 1024), (double)INFINITY);
}

static void test_words_keep_a_sticky_bit(void **state)
{
    (void)state;
    uint64_t words[6] = {0, 0, 0, 0, 1, 0};
    words[3] = UINT64_C(1) << 11; /* half a unit of 2^0 relative to bit 256 */
    assert_same_double(exact_wide_round(exact_wide_of_words(words, 6, -256, false)), 1.0);
    for (size_t w = 0; w < 3; w++) {
        uint64_t low[6];
        memcpy(low, words, sizeof low);
        low[w] = 1;
        assert_same_double(exact_wide_round(exact_wide_of_words(low, 6, -256, false)),
                           1.0 + 0x1p-52);
    }
    assert_same_double(exact_wide_round(exact_wide_of_words(words, 3, 0, true)), 0.0);
}

static double quotient(uint64_t dividend, uint64_t divisor)
{
    return exact_wide_round(exact_wide_divide(exact_wide_of(dividend, 0, false), divisor));
}

static void test_quotients(void **state)
{
    (void)state;
    uint64_t random = test_seed(5);
    assert_same_double(quotient(0, 7), 0.0);
    assert_same_double(quotient(1, 3), 1.0 / 3.0);
    for (int i = 0; i < 20000; i++) { /* IEEE division of two exact integers rounds once */
        uint64_t dividend = random_u64(&random) >> (11 + random_below(&random, 50));
        uint64_t divisor = (random_u64(&random) >> (11 + random_below(&random, 50))) + 1;
        assert_same_double(quotient(dividend, divisor), (double)dividend / (double)divisor);
    }
    /* (2^53 + 1) * 3 / 3 is a tie; a little more is not. */
    assert_same_double(quotient(((UINT64_C(1) << 53) + 1) * 3, 3), 0x1p53);
    assert_same_double(quotient(((UINT64_C(1) << 53) + 1) * 3 + 1, 3), 0x1p53 + 2);
    assert_same_double(quotient(1, UINT64_MAX), 0x1p-64);
    /* Only the remainder of all 128 bits decides. */
    u128 tie = ((u128)(UINT64_C(1) << 53) + 1) * 3 << 73;
    struct exact_wide above = exact_wide_of(tie + 1, -73, false);
    assert_same_double(exact_wide_round(exact_wide_divide(above, 3)), 0x1p53 + 2);
    above = exact_wide_of(tie, -73, false);
    assert_same_double(exact_wide_round(exact_wide_divide(above, 3)), 0x1p53);
}

static void check_means(const double *values, size_t rows, uint64_t count, double want)
{
    const struct exact_grids grids[] = {{10, 2}, {60, 2}, {10, 3}, {0, EXACT_GRIDS_SUPER}};
    for (size_t g = 0; g < 4; g++) {
        struct tile_fixture fixture;
        double mean;
        tile_ready(&fixture);
        tile_begin(&fixture, 1, grids[g]);
        for (size_t i = 0; i < rows; i++)
            tile_add(&fixture, 0, &values[i], 1);
        exact_tile_means(fixture.tile, 0, 1, &count, &mean);
        assert_same_double(mean, want);
        tile_done(&fixture);
    }
}

static void test_means(void **state)
{
    (void)state;
    const double plus = (double)INFINITY, nan = exact_nan();
    check_means((double[]){1.0, 2.0}, 2, 2, 1.5);
    check_means((double[]){1.0}, 1, 3, 1.0 / 3.0);
    check_means((double[]){-1.0}, 1, 3, -1.0 / 3.0);
    check_means((double[]){1.0, -1.0}, 2, 2, 0.0);
    check_means((double[]){1.0}, 1, 0, nan);
    check_means((double[]){plus}, 1, 0, nan);
    check_means((double[]){plus, 1.0}, 2, 2, plus);
    check_means((double[]){plus, -plus}, 2, 2, nan);
    check_means((double[]){LARGEST, LARGEST}, 2, 2, LARGEST);
    check_means((double[]){LARGEST, LARGEST, LARGEST}, 3, 1, plus);
    check_means((double[]){SMALLEST}, 1, 2, 0.0);
    check_means((double[]){3 * SMALLEST}, 1, 2, 2 * SMALLEST);
    /* 2^53 + 1 over 1 after 2^-60: the sum must not be rounded before the division. */
    check_means((double[]){0x1p53, 1.0, 0x1p-60}, 3, 2, 0x1p52 + 1);
    check_means((double[]){0x1p53, 1.0}, 2, 2, 0x1p52);
    /* 3 * (1 + 2^-53) + 2^-100: rounding the sum first loses what decides. */
    check_means((double[]){3.0, 0x1.8p-52, 0x1p-100}, 3, 3, 1.0 + 0x1p-52);
    check_means((double[]){3.0, 0x1.8p-52, -0x1p-100}, 3, 3, 1.0);
}

static void test_superaccumulator(void **state)
{
    (void)state;
    uint64_t limbs[SUPER_LIMBS] = {0}, zero[SUPER_LIMBS] = {0};
    for (int i = 0; i < 100; i++)
        superaccumulator_add_double(limbs, LARGEST);
    superaccumulator_add(limbs, UINT64_MAX, 961, false); /* as carries do */
    superaccumulator_add_double(limbs, -SMALLEST);
    superaccumulator_add(limbs, UINT64_MAX, 961, true);
    for (int i = 0; i < 100; i++)
        superaccumulator_add_double(limbs, -LARGEST);
    assert_true(limbs_make_positive(limbs, SUPER_LIMBS));
    assert_int_equal(limbs[0], 1);
    assert_false(limbs_make_positive(limbs, SUPER_LIMBS));
    superaccumulator_add_double(limbs, -SMALLEST);
    assert_memory_equal(limbs, zero, sizeof limbs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_words_keep_a_sticky_bit),
        cmocka_unit_test(test_quotients),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_superaccumulator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
