/* Values are compared as what they mean: numbers by distance, everything else for equality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "diff/value.h"

static const struct column_type int32 = {.physical = COLUMN_INT32};
static const struct column_type int64 = {.physical = COLUMN_INT64};
static const struct column_type uint64 = {
    .physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64};
static const struct column_type single = {.physical = COLUMN_FLOAT};
static const struct column_type number = {.physical = COLUMN_DOUBLE};
static const struct column_type half = {
    .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
static const struct column_type text = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
static const struct column_type binary = {.physical = COLUMN_BYTE_ARRAY};
static const struct column_type boolean = {.physical = COLUMN_BOOLEAN};
static const struct column_type nothing = {.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN};
static const struct column_type milliseconds = {
    .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS};
static const struct column_type microseconds = {
    .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MICROSECONDS};
static const struct column_type cents = {
    .physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 18, .scale = 2};
static const struct column_type cents32 = {
    .physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .precision = 9, .scale = 2};
static const struct column_type wide_cents = {.physical = COLUMN_FIXED,
                                              .logical = COLUMN_DECIMAL,
                                              .type_length = 16,
                                              .precision = 38,
                                              .scale = 2};
static const struct column_type byte_tenths = {
    .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 76, .scale = 1};

static struct diff_value_result compare(const struct column_type *left,
                                        const struct column_type *right, const void *a,
                                        const void *b)
{
    struct diff_value_pair pair, turned;
    assert_true(diff_value_pair_of(left, right, &pair));
    assert_true(diff_value_pair_of(right, left, &turned));
    struct diff_value_result result = diff_value_compare(&pair, a, b);
    struct diff_value_result back = diff_value_compare(&turned, b, a);
    assert_int_equal(result.identical, back.identical);
    assert_true(result.difference == back.difference);
    return result;
}

static void expect(const struct column_type *left, const struct column_type *right, const void *a,
                   const void *b, bool identical, double difference)
{
    struct diff_value_result result = compare(left, right, a, b);
    assert_int_equal(result.identical, identical);
    if (result.difference != difference)
        fail_msg("%.17g instead of %.17g", result.difference, difference);
}

#define EXPECT(left, right, a, b, identical, difference)                                           \
    expect(&(left), &(right), &(a), &(b), identical, difference)

static const double infinity = __builtin_inf();

static void integers_are_exact(void **state)
{
    (void)state;
    int64_t least = INT64_MIN, most = INT64_MAX, big = (1ll << 53) + 1, bigger = (1ll << 53) + 2;
    uint64_t greatest = UINT64_MAX;
    int32_t five = 5, minus = -7;
    int64_t wide_five = 5;
    EXPECT(int64, int64, least, most, false, 18446744073709551615.0);
    EXPECT(int64, int64, big, bigger, false, 1.0);
    EXPECT(int64, int64, big, big, true, 0.0);
    EXPECT(uint64, int64, greatest, least, false, 27670116110564327423.0);
    EXPECT(int32, int64, five, wide_five, true, 0.0);
    EXPECT(int32, int32, five, minus, false, 12.0);
}

static void floats(void **state)
{
    (void)state;
    double zero = 0.0, minus_zero = -0.0, one = 1.0, nan = __builtin_nan(""), minus = -infinity;
    double other_nan = -__builtin_nan("77"), most = 1.7976931348623157e308, least = -most;
    float quarter = 0.25f;
    uint16_t half_quarter = 0x3400, half_tiny = 0x8001, half_nan = 0x7e01, half_most = 0x7bff;
    EXPECT(number, number, zero, minus_zero, false, 0.0);
    EXPECT(number, number, one, one, true, 0.0);
    EXPECT(number, number, nan, nan, true, 0.0);
    EXPECT(number, number, nan, other_nan, false, 0.0);
    EXPECT(number, number, nan, infinity, false, infinity);
    EXPECT(number, number, infinity, infinity, true, 0.0);
    EXPECT(number, number, infinity, minus, false, infinity);
    EXPECT(number, number, most, least, false, infinity);
    EXPECT(number, single, one, quarter, false, 0.75);
    EXPECT(single, half, quarter, half_quarter, false, 0.0);
    EXPECT(number, half, zero, half_tiny, false, 5.9604644775390625e-08);
    EXPECT(number, half, nan, half_nan, false, 0.0);
    EXPECT(number, half, zero, half_most, false, 65504.0);
}

static void integers_against_floats(void **state)
{
    (void)state;
    int64_t odd = (1ll << 53) + 1;
    uint64_t greatest = UINT64_MAX;
    double even = 9007199254740992.0, two64 = 18446744073709551616.0;
    EXPECT(int64, number, odd, even, false, 1.0);
    EXPECT(uint64, number, greatest, two64, false, 1.0);
}

static struct column_bytes bytes_of(const char *bytes, uint32_t size)
{
    return (struct column_bytes){(const uint8_t *)bytes, size};
}

static void decimals(void **state)
{
    (void)state;
    int64_t a = 123, b = 124, minus = -1;
    int32_t c = 123, zero = 0;
    double nearest = 1.23, off = 1.24;
    uint8_t wide[16] = {[15] = 123}, wide_minus[16];
    memset(wide_minus, 255, sizeof wide_minus);
    struct column_bytes empty = bytes_of("", 0), tenths = bytes_of("\x0c", 1);
    struct column_bytes padded = bytes_of("\0\0\x0c", 3), tenths_minus = bytes_of("\xff\xf6", 2);
    EXPECT(cents, cents, a, b, false, 0.01);
    EXPECT(cents, cents32, a, c, true, 0.0);
    EXPECT(cents, wide_cents, a, wide, true, 0.0);
    EXPECT(cents, wide_cents, minus, wide_minus, true, 0.0);
    EXPECT(wide_cents, cents, wide_minus, a, false, 1.24);
    EXPECT(byte_tenths, cents, tenths, a, false, 0.03);
    EXPECT(byte_tenths, byte_tenths, tenths, padded, true, 0.0);
    EXPECT(byte_tenths, int32, empty, zero, false, 0.0);
    EXPECT(byte_tenths, cents, tenths_minus, minus, false, 0.99);
    EXPECT(cents, number, a, nearest, false, 0.0);
    EXPECT(cents, number, a, off, false, off - nearest);
    EXPECT(cents, int64, a, b, false, 122.77);
}

/* 10^75 and its neighbour: nothing of less than 250 bits sees the difference. */
static void decimals_of_76_digits(void **state)
{
    (void)state;
    uint8_t large[32] = {0x02, 0x35, 0xfa, 0xdd}, next[32], negative[33];
    memcpy(next, large, sizeof large);
    next[31] = 1;
    memset(negative, 255, sizeof negative);
    struct column_bytes a = {large, 32}, b = {next, 32}, minus_one = {negative, 33};
    EXPECT(byte_tenths, byte_tenths, a, b, false, 0.1);
    EXPECT(byte_tenths, wide_cents, minus_one, negative, false, 0.09);
}

static void others_are_equal_or_not(void **state)
{
    (void)state;
    struct column_bytes a = bytes_of("abc", 3), b = bytes_of("abcd", 3), c = bytes_of("abd", 3);
    uint8_t yes = 1, no = 0;
    int64_t second = 1000, same = 1000000, later = 1000001;
    EXPECT(text, text, a, b, true, 0.0);
    EXPECT(text, text, a, c, false, infinity);
    EXPECT(text, binary, a, b, true, 0.0);
    EXPECT(boolean, boolean, yes, no, false, infinity);
    EXPECT(milliseconds, microseconds, second, same, false, 0.0);
    EXPECT(milliseconds, microseconds, second, later, false, infinity);
}

static void nulls(void **state)
{
    (void)state;
    int64_t zero = 0;
    expect(&int64, &int64, NULL, NULL, true, 0.0);
    expect(&int64, &int64, NULL, &zero, false, infinity);
    expect(&int64, &nothing, &zero, NULL, false, infinity);
    expect(&text, &nothing, NULL, NULL, true, 0.0);
}

static void some_types_do_not_go_together(void **state)
{
    (void)state;
    struct diff_value_pair pair;
    assert_false(diff_value_pair_of(&text, &int64, &pair));
    assert_false(diff_value_pair_of(&number, &boolean, &pair));
    assert_false(diff_value_pair_of(&milliseconds, &int64, &pair));
    assert_false(diff_value_pair_of(&text, &boolean, &pair));
    assert_true(diff_is_float_or_decimal(&cents));
    assert_true(diff_is_float_or_decimal(&half));
    assert_false(diff_is_float_or_decimal(&int64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(floats),
        cmocka_unit_test(integers_against_floats),
        cmocka_unit_test(decimals),
        cmocka_unit_test(decimals_of_76_digits),
        cmocka_unit_test(others_are_equal_or_not),
        cmocka_unit_test(nulls),
        cmocka_unit_test(some_types_do_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
