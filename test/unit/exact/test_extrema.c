#include "exact/reference.h"

#include "exact/extrema.h"

#define UPDATE(kind, greatest, best, seen, value)                                                  \
    extrema_update(kind, sizeof(value), greatest, &(best), &(seen), 0, &(value), 1)

/* The extremum of values in the order given and in the opposite one. */
#define CHECK(kind, type, greatest, want, ...)                                                     \
    do {                                                                                           \
        const type values_[] = {__VA_ARGS__}, want_ = want;                                        \
        const size_t count_ = sizeof values_ / sizeof *values_;                                    \
        type best_ = 0, back_ = 0;                                                                 \
        uint8_t seen_ = 0, seen_back_ = 0;                                                         \
        for (size_t i_ = 0; i_ < count_; i_++) {                                                   \
            UPDATE(kind, greatest, best_, seen_, values_[i_]);                                     \
            UPDATE(kind, greatest, back_, seen_back_, values_[count_ - 1 - i_]);                   \
        }                                                                                          \
        assert_int_equal(seen_, 1);                                                                \
        assert_memory_equal(&best_, &want_, sizeof best_);                                         \
        assert_memory_equal(&back_, &want_, sizeof back_);                                         \
    } while (0)

static void test_integers(void **state)
{
    (void)state;
    CHECK(EXTREMA_U8, uint8_t, true, 200, 3, 200, 7);
    CHECK(EXTREMA_U8, uint8_t, false, 3, 200, 3, 7);
    CHECK(EXTREMA_I32, int32_t, false, INT32_MIN, 0, INT32_MIN, INT32_MAX);
    CHECK(EXTREMA_I32, int32_t, true, -1, -5, -1, -9);
    CHECK(EXTREMA_U32, uint32_t, true, UINT32_MAX, 1, UINT32_MAX, 2);
    CHECK(EXTREMA_U32, uint32_t, false, 1, 1, UINT32_MAX, 2);
    CHECK(EXTREMA_I64, int64_t, false, INT64_MIN, 0, INT64_MIN, INT64_MAX);
    CHECK(EXTREMA_I64, int64_t, true, INT64_MAX, 0, INT64_MIN, INT64_MAX);
    CHECK(EXTREMA_U64, uint64_t, true, UINT64_MAX, 1, UINT64_MAX, 2);
    CHECK(EXTREMA_U64, uint64_t, false, 1, 1, UINT64_MAX, 2);
}

static void test_doubles(void **state)
{
    (void)state;
    const double plus = (double)INFINITY, nan = of_bits(UINT64_C(0x7ff8000000000000));
    const double odd = of_bits(UINT64_C(0xfff0000000000001)), other = -(double)NAN;
    CHECK(EXTREMA_DOUBLE, double, false, -3.0, 1.0, -3.0, 2.0, -1.0);
    CHECK(EXTREMA_DOUBLE, double, true, -1.0, -2.0, -3.0, -1.0);
    CHECK(EXTREMA_DOUBLE, double, false, -0.0, 0.0, -0.0, 1.0);
    CHECK(EXTREMA_DOUBLE, double, true, 0.0, -0.0, 0.0, -1.0);
    CHECK(EXTREMA_DOUBLE, double, false, -plus, plus, -plus, odd);
    CHECK(EXTREMA_DOUBLE, double, true, nan, plus, odd, 3.0, other);
    CHECK(EXTREMA_DOUBLE, double, false, 3.0, other, 3.0, odd);
    CHECK(EXTREMA_DOUBLE, double, false, nan, odd, other);
    CHECK(EXTREMA_DOUBLE, double, false, SMALLEST, SMALLEST, 2 * SMALLEST);
}

static void test_floats(void **state)
{
    (void)state;
    CHECK(EXTREMA_FLOAT, float, false, -3.0f, 1.0f, -3.0f, (float)INFINITY);
    CHECK(EXTREMA_FLOAT, float, true, (float)NAN, 1.0f, -(float)NAN, (float)INFINITY);
    CHECK(EXTREMA_FLOAT, float, false, -0.0f, 0.0f, -0.0f);
    /* 1.0, -2.0, +0, -0, +infinity, NaN with a sign */
    CHECK(EXTREMA_FLOAT16, uint16_t, false, 0xc000, 0x3c00, 0xc000, 0x0000, 0x8000);
    CHECK(EXTREMA_FLOAT16, uint16_t, true, 0x7c00, 0x3c00, 0x7c00, 0xc000);
    CHECK(EXTREMA_FLOAT16, uint16_t, true, 0x7e00, 0x3c00, 0x7c00, 0xfc01);
    CHECK(EXTREMA_FLOAT16, uint16_t, false, 0x8000, 0x0000, 0x8000);
}

static void check_bytes(enum extrema_kind kind, uint32_t size, const void *low, const void *high)
{
    for (int greatest = 0; greatest < 2; greatest++)
        for (int swap = 0; swap < 2; swap++) {
            uint8_t best[2 * 16] = {0}, seen[2] = {0};
            extrema_update(kind, size, greatest, best, seen, 1, swap ? high : low, 1);
            extrema_update(kind, size, greatest, best, seen, 1, swap ? low : high, 1);
            assert_memory_equal(best + size, greatest ? high : low, size);
            assert_int_equal(seen[0], 0);
            assert_int_equal(seen[1], 1);
        }
}

static void test_bytes(void **state)
{
    (void)state;
    check_bytes(EXTREMA_BYTES, 4, "\x01\x02\x03\x04", "\x80\x02\x03\x04");
    check_bytes(EXTREMA_BYTES, 16, "0123456789abcdef", "0123456789abcdeg");
    check_bytes(EXTREMA_DECIMAL_BYTES, 4, "\x80\x02\x03\x04", "\x01\x02\x03\x04");
    check_bytes(EXTREMA_DECIMAL_BYTES, 3, "\xff\xff\xfe", "\xff\xff\xff");
    check_bytes(EXTREMA_DECIMAL_BYTES, 3, "\x00\x00\x01", "\x00\x01\x00");
    /* Day 1 at the last nanosecond comes before day 2 at the first. */
    check_bytes(EXTREMA_INT96, 12, "\xff\xff\x00\x00\x00\x00\x00\x00\x01\x00\x00",
                "\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00");
    check_bytes(EXTREMA_INT96, 12, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00",
                "\x00\x01\x00\x00\x00\x00\x00\x00\x01\x00\x00");
}

/* Many keys at once, values at an odd address. */
static void test_ranges(void **state)
{
    (void)state;
    enum { keys = 101 };
    uint64_t random = test_seed(17);
    double best[keys] = {0}, want[keys];
    uint8_t seen[keys] = {0}, bytes[1 + keys * sizeof(double)];
    for (size_t k = 0; k < keys; k++)
        want[k] = (double)INFINITY;
    for (int row = 0; row < 30; row++) {
        size_t first = random_below(&random, keys), count = random_below(&random, keys - first);
        for (size_t i = 0; i < count; i++) {
            double value = (double)(int64_t)random_u64(&random);
            memcpy(bytes + 1 + i * sizeof value, &value, sizeof value);
            want[first + i] = fmin(want[first + i], value);
        }
        extrema_update(EXTREMA_DOUBLE, 8, false, best, seen, first, bytes + 1, count);
    }
    for (size_t k = 0; k < keys; k++) {
        assert_int_equal(seen[k], want[k] < (double)INFINITY);
        if (seen[k])
            assert_same_double(best[k], want[k]);
    }
}

/* Keys in any order against one value at a time; at times all of a piece have one key. */
static void check_any_order(enum extrema_kind kind, uint32_t size, bool greatest, uint64_t *random)
{
    enum { keys = 11, count = 700 };
    static uint8_t bytes[1 + count * 16], best[keys * 16], want[keys * 16];
    uint8_t seen[keys] = {0}, seen_want[keys] = {0};
    uint32_t at[count];
    memset(best, 0, sizeof best);
    memset(want, 0, sizeof want);
    for (size_t i = 0; i < count * size; i++)
        bytes[1 + i] = (uint8_t)random_u64(random) | (random_below(random, 3) ? 0 : 0x7f);
    for (size_t i = 0; i < count; i++) {
        at[i] = i < 300 ? 7 : (uint32_t)random_below(random, keys - 1);
        extrema_update(kind, size, greatest, want, seen_want, at[i], bytes + 1 + i * size, 1);
    }
    extrema_update_at(kind, size, greatest, best, seen, at, bytes + 1, count);
    assert_memory_equal(best, want, sizeof best);
    assert_memory_equal(seen, seen_want, sizeof seen);
    assert_int_equal(seen[keys - 1], 0);
}

static void test_keys_in_any_order(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 4, 4, 8, 8, 4, 8, 2, 5, 9, 12};
    uint64_t random = test_seed(18);
    for (int kind = EXTREMA_U8; kind <= EXTREMA_INT96; kind++) {
        check_any_order(kind, sizes[kind], false, &random);
        check_any_order(kind, sizes[kind], true, &random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers), cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_floats),   cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_ranges),   cmocka_unit_test(test_keys_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
