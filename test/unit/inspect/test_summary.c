/*
 * Summaries of columns put together byte by byte, and the numbers and texts they are made of.
 * Whole files of every type are held against pyarrow in test/oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "inspect/summary.h"
#include "inspect/summary_big.h"
#include "inspect/summary_digest.h"
#include "inspect/summary_text.h"
#include "parquet/bytes.h"

static struct bytes file;
static struct mem_account account;
static struct mem_arena arena;
static struct error error;

struct one_column {
    enum column_physical physical;
    int type_length; /* -1: none */
    int converted;   /* -1: none */
    int precision, scale;
    const void *values;
    size_t size;
    int count;
};

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, (size_t)32 << 20);
    mem_arena_init(&arena, &account);
    error_init(&error);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mem_arena_release(&arena);
    assert_int_equal(account.used, 0);
    return 0;
}

static void put_column(const struct one_column *column)
{
    put_i32(&file, 1, (int32_t)column->physical);
    if (column->type_length >= 0)
        put_i32(&file, 2, column->type_length);
    put_i32(&file, 3, 0);
    put_text(&file, 4, "x");
    if (column->converted >= 0)
        put_i32(&file, 6, column->converted);
    put_i32(&file, 7, column->scale);
    put_i32(&file, 8, column->precision);
    put_stop(&file);
}

static void put_file(const struct one_column *column)
{
    struct chunk_text chunk = {
        .name = "x", .type = (int)column->physical, .values = column->count, .offset = 4};
    file.size = 0;
    put(&file, "PAR1", 4);
    put_page_v1(&file, column->size, column->size, column->count, PARQUET_PLAIN);
    put(&file, column->values, column->size);
    chunk.length = (int64_t)file.size - chunk.offset;
    size_t start = file.size;
    put_i32(&file, 1, 1);
    put_list(&file, 2, THRIFT_STRUCT, 2);
    put_root(&file, 1);
    put_column(column);
    put_i64(&file, 3, column->count);
    put_list(&file, 4, THRIFT_STRUCT, 1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_chunk(&file, &chunk);
    put_i64(&file, 2, chunk.length);
    put_i64(&file, 3, column->count);
    put_stop(&file);
    put_stop(&file);
    put_ending(&file, start);
}

static enum error_code summarize(const struct one_column *column, struct column_summary *ret)
{
    struct parquet_metadata metadata;
    put_file(column);
    struct memory_object memory = memory_object_over(&file);
    error_init(&error);
    enum error_code code = parquet_metadata_read(&memory.object, &account, &metadata, &error);
    if (code != ERROR_NONE)
        return code;
    code = summarize_column(&memory.object, &metadata, 0, true, &account, &arena, ret, &error);
    parquet_metadata_release(&metadata);
    return code;
}

static void expect(const struct one_column *column, const char *sum, const char *minimum,
                   const char *maximum)
{
    struct column_summary summary;
    if (summarize(column, &summary) != ERROR_NONE)
        fail_msg("%s", error.what);
    assert_int_equal(summary.count, column->count);
    assert_int_equal(summary.nulls, 0);
    if (sum != NULL)
        assert_string_equal(summary.sum.exact, sum);
    else
        assert_null(summary.sum.exact);
    assert_string_equal(summary.minimum.exact, minimum);
    assert_string_equal(summary.maximum.exact, maximum);
}

#define COLUMN(type, length, annotation, array)                                                    \
    &(struct one_column)                                                                           \
    {                                                                                              \
        .physical = type, .type_length = length, .converted = annotation, .values = array,         \
        .size = sizeof(array), .count = sizeof(array) / sizeof((array)[0])                         \
    }

static void integers_are_summed_beyond_their_width(void **state)
{
    (void)state;
    static const int64_t wide[] = {INT64_MAX, INT64_MAX, INT64_MIN, 1};
    static const uint64_t unsigned_wide[] = {UINT64_MAX, UINT64_MAX, 3};
    static const int32_t narrow[] = {INT32_MIN, INT32_MIN, 7};
    expect(COLUMN(COLUMN_INT64, -1, -1, wide), "9223372036854775807", "-9223372036854775808",
           "9223372036854775807");
    expect(COLUMN(COLUMN_INT64, -1, 14, unsigned_wide), "36893488147419103233", "3",
           "18446744073709551615");
    expect(COLUMN(COLUMN_INT32, -1, -1, narrow), "-4294967289", "-2147483648", "7");
}

/* Bits above the type's width are none of the value's. */
static void narrow_integers_keep_their_width(void **state)
{
    (void)state;
    static const int32_t values[] = {-1, 0, 255, 0x12345680};
    expect(COLUMN(COLUMN_INT32, -1, 11, values), "638", "0", "255");   /* UINT_8 */
    expect(COLUMN(COLUMN_INT32, -1, 15, values), "-130", "-128", "0"); /* INT_8 */
    expect(COLUMN(COLUMN_INT32, -1, 12, values), "87934", "0", "65535");
    expect(COLUMN(COLUMN_INT32, -1, 16, values), "22398", "-1", "22144");
}

static void floats_are_summed_exactly(void **state)
{
    (void)state;
    static const double values[] = {1e300, 1.0, -1e300, __builtin_nan(""), __builtin_inf()};
    static const double over[] = {1e308, 1e308};
    struct column_summary summary;
    assert_int_equal(summarize(COLUMN(COLUMN_DOUBLE, -1, -1, values), &summary), ERROR_NONE);
    assert_string_equal(summary.sum.exact, "1.0");
    assert_string_equal(summary.sum.shown, "1");
    assert_string_equal(summary.minimum.exact, "-1e+300");
    assert_string_equal(summary.maximum.exact, "inf");
    assert_int_equal(summary.count, 5);
    assert_int_equal(summary.nans, 1);
    assert_int_equal(summary.infinities, 1);
    assert_int_equal(summary.negative_infinities, 0);
    expect(COLUMN(COLUMN_DOUBLE, -1, -1, over), NULL, "1e+308", "1e+308");
}

/* Equal values are added at once: the same sums must come out. */
static void equal_values_are_counted(void **state)
{
    (void)state;
    static int64_t numbers[1000];
    static uint64_t unsigned_numbers[1000];
    static double halves[1000], huge[1000];
    static uint8_t fixed[1000][20], narrow[1000][16];
    for (size_t i = 0; i < 1000; i++) {
        numbers[i] = INT64_MIN;
        unsigned_numbers[i] = UINT64_MAX;
        halves[i] = -0.1;
        huge[i] = 1.7976931348623157e308;
        memset(fixed[i], 0xff, sizeof fixed[i]);
        fixed[i][1] = 0x80;
        narrow[i][0] = 0x80;
    }
    expect(COLUMN(COLUMN_INT64, -1, -1, numbers), "-9223372036854775808000", "-9223372036854775808",
           "-9223372036854775808");
    expect(COLUMN(COLUMN_INT64, -1, 14, unsigned_numbers), "18446744073709551615000",
           "18446744073709551615", "18446744073709551615");
    expect(COLUMN(COLUMN_DOUBLE, -1, -1, halves), "-100.0", "-0.1", "-0.1");
    expect(COLUMN(COLUMN_DOUBLE, -1, -1, huge), NULL, "1.7976931348623157e+308",
           "1.7976931348623157e+308");
    struct one_column decimals = *COLUMN(COLUMN_FIXED, 20, 5, fixed);
    decimals.precision = 40;
    expect(&decimals, "-2832194640213389138975036220626341911259512833000",
           "-2832194640213389138975036220626341911259512833",
           "-2832194640213389138975036220626341911259512833");
    decimals = *COLUMN(COLUMN_FIXED, 16, 5, narrow);
    decimals.precision = 38;
    expect(&decimals, "-170141183460469231731687303715884105728000",
           "-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728");
}

/* A long run of one long text would take hours to hash. */
static void digests_have_a_bound(void **state)
{
    (void)state;
    static uint8_t values[4096 * 8];
    struct column_summary summary;
    struct one_column column = *COLUMN(COLUMN_INT64, -1, -1, values);
    column.count = sizeof values / 8;
    assert_int_equal(summarize(&column, &summary), ERROR_NONE);
    assert_int_equal(strlen(summary.digest), 64);
    struct summary_digest digest;
    digest_init(&digest, 10000);
    for (int i = 0; digest_goes_on(&digest); i++) {
        assert_true(i < 20000);
        digest_hex(&digest, values, 1);
    }
}

static void int96_counts_nanoseconds(void **state)
{
    (void)state;
    static const uint8_t values[2][12] = {
        {1, 0, 0, 0, 0, 0, 0, 0, 0x8c, 0x3d, 0x25, 0}, /* 1970-01-01 and 1 ns */
        {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f},
    };
    expect(COLUMN(COLUMN_INT96, -1, -1, values), "185331720297600000000001", "1",
           "185331720297600000000000");
}

#define DECIMAL(type, length, digits, places, array)                                               \
    &(struct one_column)                                                                           \
    {                                                                                              \
        .physical = type, .type_length = length, .converted = 5, .precision = digits,              \
        .scale = places, .values = array, .size = sizeof(array), .count = 2                        \
    }

static void decimals_keep_their_scale(void **state)
{
    (void)state;
    static const int32_t narrow[] = {-5, 1234};
    static const uint8_t fixed[2][3] = {{0xff, 0xff, 0xff}, {0x01, 0x00, 0x00}};
    static const uint8_t arrays[] = "\1\0\0\0\x80"
                                    "\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1";
    struct one_column long_ones = *DECIMAL(COLUMN_BYTE_ARRAY, -1, 40, 0, arrays);
    long_ones.size--;
    expect(DECIMAL(COLUMN_INT32, -1, 9, 2, narrow), "12.29", "-0.05", "12.34");
    expect(DECIMAL(COLUMN_FIXED, 3, 6, 6, fixed), "0.065535", "-0.000001", "0.065536");
    expect(&long_ones, "-127", "-128", "1");
}

static void a_decimal_far_beyond_its_precision_is_damage(void **state)
{
    (void)state;
    uint8_t arrays[2 * 24] = {20, 0, 0, 0, 0x7f};
    struct column_summary summary;
    arrays[24] = 20;
    assert_int_equal(summarize(DECIMAL(COLUMN_BYTE_ARRAY, -1, 38, 0, arrays), &summary),
                     ERROR_INPUT);
    assert_non_null(strstr(error.what, "digits"));
    assert_int_equal(summarize(DECIMAL(COLUMN_BYTE_ARRAY, -1, 39, 0, arrays), &summary),
                     ERROR_NONE);
}

static void a_scale_that_would_fill_memory_is_refused(void **state)
{
    (void)state;
    static const uint8_t arrays[] = {0, 0, 0, 0, 0, 0, 0, 0};
    struct column_summary summary;
    enum error_code code =
        summarize(DECIMAL(COLUMN_BYTE_ARRAY, -1, INT32_MAX, INT32_MAX, arrays), &summary);
    assert_int_equal(code, ERROR_UNSUPPORTED);
}

/* Interim releases of parquet-cpp marked columns of nulls with a number of their own. */
static void a_column_of_type_null_has_no_values(void **state)
{
    (void)state;
    static const int32_t values[] = {1, 2, 3};
    struct column_summary summary;
    assert_int_equal(summarize(COLUMN(COLUMN_INT32, -1, 24, values), &summary), ERROR_NONE);
    assert_int_equal(summary.kind, SUMMARY_NULL);
    assert_int_equal(summary.count, 0);
    assert_int_equal(summary.nulls, 3);
    assert_null(summary.sum.exact);
    /* sha256sum of "~\n~\n~\n" */
    assert_string_equal(summary.digest,
                        "db6e67a1e636b5b9ace69727954befc698d3aaec45553d7b814d8714e2580dab");
}

static void text_is_told_by_its_beginning(void **state)
{
    (void)state;
    static const uint8_t arrays[] = "\x22\0\0\0"
                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"
                                    "\2\0\0\0\0z";
    struct one_column column = {.physical = COLUMN_BYTE_ARRAY,
                                .type_length = -1,
                                .converted = 0,
                                .values = arrays,
                                .size = sizeof arrays - 1,
                                .count = 2};
    struct column_summary summary;
    assert_int_equal(summarize(&column, &summary), ERROR_NONE);
    assert_null(summary.sum.exact);
    assert_string_equal(summary.minimum.exact, "007a");
    assert_string_equal(summary.minimum.shown, "007a");
    assert_string_equal(summary.maximum.shown, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...");
}

static void days_have_no_sum_for_people(void **state)
{
    (void)state;
    static const int32_t days[] = {0, 59};
    struct column_summary summary;
    assert_int_equal(summarize(COLUMN(COLUMN_INT32, -1, 6, days), &summary), ERROR_NONE);
    assert_string_equal(summary.sum.exact, "59");
    assert_null(summary.sum.shown);
    assert_string_equal(summary.maximum.shown, "1970-03-01");
}

static void damage_is_an_error(void **state)
{
    (void)state;
    static const int64_t values[] = {1, 2};
    struct one_column column = *COLUMN(COLUMN_INT64, -1, -1, values);
    struct column_summary summary;
    column.count = 3;
    assert_int_equal(summarize(&column, &summary), ERROR_INPUT);
    assert_string_equal(error.column, "x");
}

static void expect_digits(__int128 value, const char *digits)
{
    char text[INTEGER_TEXT], big_text[BIG_INTEGER_TEXT];
    struct big_integer big;
    assert_int_equal(summary_integer_text(value, text), strlen(digits));
    assert_string_equal(text, digits);
    big_integer_from_integer(value, &big);
    assert_int_equal(big_integer_text(&big, big_text), strlen(digits));
    assert_string_equal(big_text, digits);
}

static void integers_as_digits(void **state)
{
    (void)state;
    const __int128 group = INT64_C(1000000000000000000) * (__int128)10;
    const __int128 most = (__int128)(~(unsigned __int128)0 >> 1);
    expect_digits(0, "0");
    expect_digits(9, "9");
    expect_digits(-10, "-10");
    expect_digits(100, "100");
    expect_digits(INT64_MIN, "-9223372036854775808");
    expect_digits(group - 1, "9999999999999999999");
    expect_digits(group, "10000000000000000000");
    expect_digits(group * 2, "20000000000000000000");
    expect_digits(group * group / 10 * 10, "100000000000000000000000000000000000000");
    expect_digits(most, "170141183460469231731687303715884105727");
    expect_digits(-most - 1, "-170141183460469231731687303715884105728");
}

/* Powers of two of every length, up and down. */
static void big_integers_add_and_compare(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit + 1 < BIG_INTEGER_MOST_BYTES * 8; bit += 61) {
        uint8_t bytes[BIG_INTEGER_MOST_BYTES] = {0}, minus[BIG_INTEGER_MOST_BYTES];
        struct big_integer power, opposite, sum;
        size_t at = sizeof bytes - 1 - bit / 8;
        bytes[at] = (uint8_t)(1u << bit % 8);
        memset(minus, 0xff, at);
        memset(minus + at + 1, 0, sizeof minus - at - 1);
        minus[at] = (uint8_t)(0u - (1u << bit % 8));
        assert_true(big_integer_from_bytes(bytes, sizeof bytes, &power));
        assert_true(big_integer_from_bytes(minus, sizeof minus, &opposite));
        assert_true(big_integer_compare(&power, &opposite) > 0);
        assert_true(big_integer_compare(&opposite, &power) < 0);
        big_integer_copy(&sum, &power);
        big_integer_add(&sum, &power);
        assert_true(big_integer_compare(&sum, &power) > 0);
        big_integer_add(&sum, &opposite);
        assert_int_equal(big_integer_compare(&sum, &power), 0);
        big_integer_add(&sum, &opposite);
        big_integer_add(&sum, &opposite);
        assert_int_equal(big_integer_compare(&sum, &opposite), 0);
    }
}

static void big_integers_end_somewhere(void **state)
{
    (void)state;
    uint8_t bytes[BIG_INTEGER_MOST_BYTES + 100];
    char text[BIG_INTEGER_TEXT];
    struct big_integer number;
    memset(bytes, 0xff, sizeof bytes);
    assert_true(big_integer_from_bytes(bytes, sizeof bytes, &number));
    big_integer_text(&number, text);
    assert_string_equal(text, "-1");
    bytes[0] = 0;
    assert_false(big_integer_from_bytes(bytes, sizeof bytes, &number));
    bytes[0] = 0x7f;
    assert_false(big_integer_from_bytes(bytes, BIG_INTEGER_MOST_BYTES + 1, &number));
    assert_true(big_integer_from_bytes(bytes, BIG_INTEGER_MOST_BYTES, &number));
    assert_int_equal(big_integer_text(&number, text), 2447);
    assert_true(big_integer_from_bytes(bytes, 0, &number));
    big_integer_text(&number, text);
    assert_string_equal(text, "0");
}

static void floats_as_scripts_have_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.0, "1.0"},
        {-1.5, "-1.5"},
        {100.0, "100.0"},
        {0.1, "0.1"},
        {0.0001, "0.0001"},
        {0.00001234, "1.234e-05"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {12345678901234567.0, "1.2345678901234568e+16"},
        {1234567890123456.7, "1234567890123456.8"},
        {9007199254740993.0, "9007199254740992.0"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5e-324, "5e-324"},
        {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[FLOAT_TEXT];
        summary_float_text(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void expect_scaled(const char *digits, int32_t scale, const char *expected)
{
    const char *text;
    assert_int_equal(summary_scale(&arena, digits, scale, &text, &error), ERROR_NONE);
    assert_string_equal(text, expected);
}

static void points_are_moved(void **state)
{
    (void)state;
    expect_scaled("-1230", 2, "-12.30");
    expect_scaled("1230", 0, "1230");
    expect_scaled("-1230", 4, "-0.1230");
    expect_scaled("1", 3, "0.001");
    expect_scaled("-1230", -2, "-123000");
    expect_scaled("0", -2, "0");
    expect_scaled("0", 1, "0.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers_are_summed_beyond_their_width, setup, teardown),
        cmocka_unit_test_setup_teardown(narrow_integers_keep_their_width, setup, teardown),
        cmocka_unit_test_setup_teardown(floats_are_summed_exactly, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_values_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(digests_have_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(int96_counts_nanoseconds, setup, teardown),
        cmocka_unit_test_setup_teardown(decimals_keep_their_scale, setup, teardown),
        cmocka_unit_test_setup_teardown(a_decimal_far_beyond_its_precision_is_damage, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_scale_that_would_fill_memory_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_column_of_type_null_has_no_values, setup, teardown),
        cmocka_unit_test_setup_teardown(text_is_told_by_its_beginning, setup, teardown),
        cmocka_unit_test_setup_teardown(days_have_no_sum_for_people, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(points_are_moved, setup, teardown),
        cmocka_unit_test(integers_as_digits),
        cmocka_unit_test(big_integers_add_and_compare),
        cmocka_unit_test(big_integers_end_somewhere),
        cmocka_unit_test(floats_as_scripts_have_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
