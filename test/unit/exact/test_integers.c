#include "exact/reference.h"

#include "exact/integers.h"

/* One key of 128 bits or more, filled by repeated additions. */
static void add_one_value(uint64_t *sums, enum integer_source source, uint32_t size,
                          const void *value)
{
    integer_sums_add(sums, 1, source, size, 0, value, 1);
}

static void check_text(const uint64_t *sums, unsigned words, const char *want)
{
    char text[120];
    integer_sum_text(sums, 1, words, 0, text, sizeof text);
    assert_string_equal(text, want);
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(integer_words(INTEGER_I64, 0), 2);
    assert_int_equal(integer_words(INTEGER_BOOLEAN, 0), 2);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 1), 2);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 8), 2);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 9), 3);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 16), 3);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 17), 5);
    assert_int_equal(integer_words(INTEGER_BIG_ENDIAN, 32), 5);
}

static void test_limits_of_64_bits(void **state)
{
    (void)state;
    uint64_t sums[2] = {0}, unsigned_sum;
    int64_t lowest = INT64_MIN, minus_one = -1, one = 1, sum;
    add_one_value(sums, INTEGER_I64, 0, &lowest);
    assert_true(integer_sum_i64(sums, 1, 2, 0, &sum));
    assert_true(sum == INT64_MIN);
    assert_false(integer_sum_u64(sums, 1, 2, 0, &unsigned_sum));
    add_one_value(sums, INTEGER_I64, 0, &minus_one);
    assert_false(integer_sum_i64(sums, 1, 2, 0, &sum));
    check_text(sums, 2, "-9223372036854775809");
    add_one_value(sums, INTEGER_I64, 0, &one);
    assert_true(integer_sum_i64(sums, 1, 2, 0, &sum));
    uint64_t most = UINT64_MAX, more[2] = {0};
    add_one_value(more, INTEGER_U64, 0, &most);
    assert_true(integer_sum_u64(more, 1, 2, 0, &unsigned_sum));
    assert_true(unsigned_sum == UINT64_MAX);
    assert_false(integer_sum_i64(more, 1, 2, 0, &sum));
    add_one_value(more, INTEGER_I64, 0, &one);
    assert_false(integer_sum_u64(more, 1, 2, 0, &unsigned_sum));
    check_text(more, 2, "18446744073709551616");
}

/* The loops over every source against 128-bit arithmetic, at odd addresses. */
static void test_loops(void **state)
{
    (void)state;
    enum { keys = 67 };
    uint64_t random = test_seed(9);
    const size_t sizes[] = {4, 4, 8, 8, 1};
    for (int source = INTEGER_I32; source <= INTEGER_BOOLEAN; source++) {
        uint64_t sums[2 * keys] = {0};
        __int128 want[keys] = {0};
        for (int row = 0; row < 50; row++) {
            uint8_t bytes[1 + keys * 8];
            size_t first = random_below(&random, keys), count = keys - first;
            for (size_t i = 0; i < count; i++) {
                uint64_t value = random_u64(&random);
                if (source == INTEGER_BOOLEAN)
                    value &= 1;
                memcpy(bytes + 1 + i * sizes[source], &value, sizes[source]);
                want[first + i] += source == INTEGER_I32   ? (__int128)(int32_t)value
                                   : source == INTEGER_U32 ? (__int128)(uint32_t)value
                                   : source == INTEGER_I64 ? (__int128)(int64_t)value
                                                           : (__int128)value;
            }
            integer_sums_add(sums, keys, source, 0, first, bytes + 1, count);
        }
        for (size_t k = 0; k < keys; k++) {
            assert_int_equal(sums[k], (uint64_t)want[k]);
            assert_int_equal(sums[keys + k], (uint64_t)(want[k] >> 64));
        }
    }
}

static void fill_big_endian(uint8_t *bytes, size_t size, bool negative, bool largest)
{
    memset(bytes, largest != negative ? 0xff : 0, size);
    bytes[0] = negative ? (largest ? 0x80 : 0xff) : (largest ? 0x7f : 0);
    if (!largest)
        bytes[size - 1] = negative ? 0xff : 1;
    if (!largest && negative)
        memset(bytes, 0xff, size);
}

/* Largest, smallest, 1 and -1 of every size. */
static void test_decimals_of_every_size(void **state)
{
    (void)state;
    for (uint32_t size = 1; size <= 32; size++) {
        uint64_t sums[5] = {0};
        unsigned words = integer_words(INTEGER_BIG_ENDIAN, size);
        uint8_t value[32];
        for (int i = 0; i < 4; i++) {
            fill_big_endian(value, size, i % 2 != 0, i / 2 != 0);
            add_one_value(sums, INTEGER_BIG_ENDIAN, size, value);
        }
        /* 1 - 1 + (2^(n-1) - 1) - 2^(n-1) */
        check_text(sums, words, "-1");
        fill_big_endian(value, size, false, false);
        add_one_value(sums, INTEGER_BIG_ENDIAN, size, value);
        check_text(sums, words, "0");
        if (size > 1)
            continue;
        for (int i = 0; i < 1000; i++)
            add_one_value(sums, INTEGER_BIG_ENDIAN, size, &(uint8_t){0x80});
        check_text(sums, words, "-128000");
    }
}

static void test_decimal_overflow(void **state)
{
    (void)state;
    uint64_t sums[3] = {0};
    uint8_t nines[16], out[32], one[16] = {[15] = 1};
    /* 10^38 - 1 = 0x4b3b4ca85a86c47a098a223fffffffff */
    const uint64_t high = UINT64_C(0x4b3b4ca85a86c47a), low = UINT64_C(0x098a223fffffffff);
    for (int i = 0; i < 8; i++) {
        nines[i] = (uint8_t)(high >> (56 - 8 * i));
        nines[8 + i] = (uint8_t)(low >> (56 - 8 * i));
    }
    add_one_value(sums, INTEGER_BIG_ENDIAN, 16, nines);
    assert_true(integer_sum_decimal(sums, 1, 3, 0, 38, 16, out));
    assert_memory_equal(out, nines, 16);
    assert_false(integer_sum_decimal(sums, 1, 3, 0, 37, 16, out));
    add_one_value(sums, INTEGER_BIG_ENDIAN, 16, one);
    assert_false(integer_sum_decimal(sums, 1, 3, 0, 38, 16, out));
    check_text(sums, 3, "100000000000000000000000000000000000000");
    assert_true(integer_sum_decimal(sums, 1, 3, 0, 76, 32, out));
    const uint8_t zeros[16] = {0};
    assert_memory_equal(out, zeros, 16);
    assert_int_equal(out[16], 0x4b);
    /* Never more than the bytes there are, whatever the precision says. */
    add_one_value(sums, INTEGER_BIG_ENDIAN, 16, nines);
    assert_false(integer_sum_decimal(sums, 1, 3, 0, 200, 16, out));
}

static void test_negative_decimal_is_extended(void **state)
{
    (void)state;
    uint64_t sums[2] = {0};
    uint8_t out[32], want[32];
    int64_t value = -2;
    add_one_value(sums, INTEGER_I64, 0, &value);
    assert_true(integer_sum_decimal(sums, 1, 2, 0, 1, 32, out));
    memset(want, 0xff, sizeof want);
    want[31] = 0xfe;
    assert_memory_equal(out, want, 32);
}

static double mean_of(int64_t value, uint64_t count, int32_t scale)
{
    uint64_t sums[2] = {0};
    add_one_value(sums, INTEGER_I64, 0, &value);
    return integer_mean(sums, 1, 2, 0, count, scale);
}

static void test_means(void **state)
{
    (void)state;
    assert_same_double(mean_of(1, 10, 0), 0.1);
    assert_same_double(mean_of(1, 1, 1), 0.1);
    assert_same_double(mean_of(-7, 2, 2), -0.035);
    assert_same_double(mean_of(5, 1, -2), 500.0);
    assert_same_double(mean_of(1, 1, 22), 1e-22);
    assert_same_double(mean_of(1, 1, 76), 1e-76);
    assert_same_double(mean_of(123456789, 1, 40), 123456789e-40);
    assert_same_double(mean_of(1, 1, -300), 1e300);
    assert_same_double(mean_of(9, 1, 320), 9e-320);
    assert_same_double(mean_of(0, 3, 5), 0.0);
    assert_same_double(mean_of(3, 7, INT32_MAX), 0.0);
    assert_same_double(mean_of(3, 7, INT32_MIN), (double)INFINITY);
    assert_same_double(mean_of((INT64_C(1) << 53) + 1, 1, 0), 0x1p53);
    assert_same_double(mean_of(((INT64_C(1) << 53) + 1) * 3 + 1, 3, 0), 0x1p53 + 2);
    assert_int_equal(bits_of(mean_of(3, 0, 0)), UINT64_C(0x7ff8000000000000));
}

/* ((2^53 + 1) * 10^22 + more) / 10^22: a tie, unless the very last bit counts. */
static void test_mean_of_wide_ties(void **state)
{
    (void)state;
    const unsigned __int128 ten_to_22 = (unsigned __int128)UINT64_C(10000000000) * 1000000000000;
    for (unsigned more = 0; more < 2; more++) {
        unsigned __int128 sum = ten_to_22 * ((UINT64_C(1) << 53) + 1) + more;
        const uint64_t sums[3] = {(uint64_t)sum, (uint64_t)(sum >> 64), 0};
        assert_same_double(integer_mean(sums, 1, 3, 0, 1, 22), more ? 0x1p53 + 2 : 0x1p53);
    }
}

/* The quick way with a one-word divisor and the long one must meet. */
static void test_means_by_both_ways(void **state)
{
    (void)state;
    uint64_t random = test_seed(21);
    for (int i = 0; i < 2000; i++) {
        int64_t value = (int64_t)random_u64(&random) >> random_below(&random, 60);
        uint64_t count = random_below(&random, 1000) + 1;
        int32_t scale = (int32_t)random_below(&random, 12);
        double quick = mean_of(value, count, scale);
        /* 10^19 above and below the line. */
        uint64_t scaled[3] = {0};
        unsigned __int128 size = (unsigned __int128)(value < 0 ? -(__int128)value : value);
        size *= UINT64_C(10000000000000000000);
        scaled[0] = (uint64_t)size, scaled[1] = (uint64_t)(size >> 64);
        double slow = integer_mean(scaled, 1, 3, 0, count, scale + 19);
        assert_same_double(value < 0 ? -slow : slow, quick);
    }
}

static void test_text(void **state)
{
    (void)state;
    uint64_t sums[5] = {0, 0, 0, 0, UINT64_C(1) << 63};
    char small[4];
    check_text(sums, 5,
               "-10679935179604550411975108530847760573013522611783263849735"
               "20803911109862890320275011481043468288");
    integer_sum_text(sums, 1, 5, 0, small, sizeof small);
    assert_string_equal(small, "-10");
}

/* Keys in any order against one value at a time; at times all of a piece have one key. */
static void test_keys_in_any_order(void **state)
{
    (void)state;
    enum { keys = 13, count = 900 };
    uint64_t random = test_seed(10);
    static uint8_t bytes[1 + count * 32];
    uint32_t at[count];
    for (int source = INTEGER_I32; source <= INTEGER_BIG_ENDIAN; source++)
        for (uint32_t size = 1; size <= 32; size++) {
            const size_t sizes[] = {4, 4, 8, 8, 1, size};
            unsigned words = integer_words(source, size);
            uint64_t sums[5 * keys] = {0}, want[5 * keys] = {0}, merged[5 * keys] = {0};
            for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)random_u64(&random);
            for (size_t i = 0; i < count; i++) {
                at[i] = i < 500 && size % 2 ? 5 : (uint32_t)random_below(&random, keys);
                integer_sums_add(want, keys, source, size, at[i], bytes + 1 + i * sizes[source], 1);
            }
            integer_sums_add_at(sums, source, size, at, bytes + 1, count);
            for (uint32_t k = 0; k < keys; k++) {
                integer_sums_merge(merged, words, k, want + k, keys);
                for (unsigned w = 0; w < words; w++)
                    assert_int_equal(sums[k * words + w], want[w * keys + k]);
            }
            assert_memory_equal(merged, sums, sizeof sums);
            if (source != INTEGER_BIG_ENDIAN)
                break;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_limits_of_64_bits),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_decimals_of_every_size),
        cmocka_unit_test(test_decimal_overflow),
        cmocka_unit_test(test_negative_decimal_is_extended),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_mean_of_wide_ties),
        cmocka_unit_test(test_means_by_both_ways),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_keys_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
