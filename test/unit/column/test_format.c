#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "column/column.h"

static char text[512];

static const char *format(struct column_type type, const void *value)
{
    size_t length = column_value_format(&type, value, text, sizeof text);
    assert_int_equal(length, strlen(text));
    return text;
}

static const char *format_double(double value)
{
    return format((struct column_type){.physical = COLUMN_DOUBLE}, &value);
}

static const char *format_float(float value)
{
    return format((struct column_type){.physical = COLUMN_FLOAT}, &value);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    uint64_t x = *state ^ *state >> 29;
    return x * 0xbf58476d1ce4e5b9u ^ x >> 32;
}

/* The definition: the first of %.15g, %.16g and %.17g that reads back. */
static void check_double(double value)
{
    char expected[64];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(expected, sizeof expected, "%.*g", digits, value);
        if (strtod(expected, NULL) == value)
            break;
    }
    assert_string_equal(format_double(value), expected);
}

static void doubles_are_as_printf_has_them(void **state)
{
    (void)state;
    static const double values[] = {0.1,
                                    0.3,
                                    1.0 / 3,
                                    2.5,
                                    1e15,
                                    1e16,
                                    999999999999999.0,
                                    1e-4,
                                    1e-5,
                                    9.5e-5,
                                    123456.789,
                                    1e22,
                                    1e23,
                                    1.7976931348623157e308,
                                    0x1p52,
                                    0x1p53,
                                    0x1p-33,
                                    0x1p-20,
                                    0x1p40,
                                    1e-10,
                                    9.999999999999999e-11,
                                    12.34,
                                    100,
                                    0.1 + 0.2,
                                    1e14,
                                    -2.5,
                                    -1e300,
                                    4503599627370497.5,
                                    1.5e15,
                                    0x1p-9,
                                    0x1p-1022,
                                    0x1.fffffffffffffp0,
                                    99999999999999.98,
                                    1234567890123456.0};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        check_double(values[i]);
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (value == value && value - value == 0)
            check_double(value);
        check_double((double)(int64_t)bits * 0x1p-50);
        check_double((double)(int64_t)(bits % 1000000) / 100);
        check_double((double)(bits >> 20) * 0x1p-70);
    }
}

static void powers_of_two_read_back(void **state)
{
    (void)state;
    double value = 0x1p-60;
    for (int i = 0; i < 120; i++, value *= 2)
        check_double(value);
}

static void floats_read_back(void **state)
{
    (void)state;
    assert_string_equal(format_float(0.1f), "0.1");
    assert_string_equal(format_float(16777216.0f), "16777216");
    assert_string_equal(format_float(1234567.0f), "1234567");
    assert_string_equal(format_float(3.4028235e38f), "3.4028235e+38");
    assert_string_equal(format_float(1e-45f), "1e-45");
    uint64_t random = 2;
    for (int i = 0; i < 50000; i++) {
        uint32_t bits = (uint32_t)next_random(&random);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (value == value && value - value == 0)
            assert_true(strtof(format_float(value), NULL) == value);
    }
}

static void special_floats_have_names(void **state)
{
    (void)state;
    assert_string_equal(format_double(__builtin_nan("")), "nan");
    assert_string_equal(format_double(-__builtin_nan("")), "nan");
    assert_string_equal(format_double(__builtin_inf()), "inf");
    assert_string_equal(format_double(-__builtin_inf()), "-inf");
    assert_string_equal(format_double(0.0), "0");
    assert_string_equal(format_double(-0.0), "-0");
}

static const char *format_half(uint16_t bits)
{
    struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    return format(type, &bits);
}

static void subnormal_numbers_have_few_digits(void **state)
{
    (void)state;
    assert_string_equal(format_double(5e-324), "5e-324");
    assert_string_equal(format_double(-1e-323), "-1e-323");
    assert_string_equal(format_double(2.2250738585072009e-308), "2.225073858507201e-308");
    assert_string_equal(format_double(2.2250738585072014e-308), "2.2250738585072014e-308");
    assert_string_equal(format_float(1.1754942e-38f), "1.1754942e-38");
}

static void halves_are_short(void **state)
{
    (void)state;
    assert_string_equal(format_half(0x3c00), "1");
    assert_string_equal(format_half(0x3555), "0.3333");
    assert_string_equal(format_half(0x7bff), "65504");
    assert_string_equal(format_half(0x0001), "6e-08");
    assert_string_equal(format_half(0xfc00), "-inf");
    assert_string_equal(format_half(0x7e00), "nan");
    assert_string_equal(format_half(0xc248), "-3.14");
}

static const char *format_timestamp(int64_t value, enum column_unit unit, bool utc)
{
    struct column_type type = {
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = unit, .utc_adjusted = utc};
    return format(type, &value);
}

static void timestamps_cover_the_whole_range(void **state)
{
    (void)state;
    assert_string_equal(format_timestamp(0, COLUMN_MICROSECONDS, false), "1970-01-01T00:00:00");
    assert_string_equal(format_timestamp(-1, COLUMN_MICROSECONDS, true),
                        "1969-12-31T23:59:59.999999Z");
    assert_string_equal(format_timestamp(1709210096789, COLUMN_MILLISECONDS, false),
                        "2024-02-29T12:34:56.789");
    assert_string_equal(format_timestamp(INT64_MAX, COLUMN_NANOSECONDS, false),
                        "2262-04-11T23:47:16.854775807");
    assert_string_equal(format_timestamp(INT64_MIN, COLUMN_NANOSECONDS, false),
                        "1677-09-21T00:12:43.145224192");
    assert_string_equal(format_timestamp(INT64_MAX, COLUMN_MILLISECONDS, false),
                        "+292278994-08-17T07:12:55.807");
    assert_string_equal(format_timestamp(INT64_MIN, COLUMN_MILLISECONDS, false),
                        "-292275055-05-16T16:47:04.192");
    assert_string_equal(format_timestamp(253402300800, COLUMN_SECONDS, false),
                        "+10000-01-01T00:00:00");
    assert_string_equal(format_timestamp(INT64_MAX, COLUMN_SECONDS, false),
                        "+292277026596-12-04T15:30:07");
}

static const char *format_date(int32_t days)
{
    struct column_type type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    return format(type, &days);
}

static void dates_cover_the_whole_range(void **state)
{
    (void)state;
    assert_string_equal(format_date(0), "1970-01-01");
    assert_string_equal(format_date(11016), "2000-02-29");
    assert_string_equal(format_date(-25508), "1900-03-01");
    assert_string_equal(format_date(-25509), "1900-02-28");
    assert_string_equal(format_date(2932896), "9999-12-31");
    assert_string_equal(format_date(2932897), "+10000-01-01");
    assert_string_equal(format_date(-719528), "0000-01-01");
    assert_string_equal(format_date(-719529), "-0001-12-31");
    assert_string_equal(format_date(INT32_MAX), "+5881580-07-11");
    assert_string_equal(format_date(INT32_MIN), "-5877641-06-23");
}

/* Every day of 800 years follows the day before it by the rules of the calendar. */
static void days_follow_each_other(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t days = -135140; /* 1600-01-01 */
    for (int year = 1600; year < 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int length = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= length; day++, days++) {
                char expected[32];
                snprintf(expected, sizeof expected, "%04d-%02d-%02d", year, month, day);
                assert_string_equal(format_date(days), expected);
            }
        }
    }
}

static void times_of_day(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_INT64, .logical = COLUMN_TIME, .unit = COLUMN_NANOSECONDS};
    int64_t value = 86399999999999;
    assert_string_equal(format(type, &value), "23:59:59.999999999");
    value = 86400000000000;
    assert_string_equal(format(type, &value), "24:00:00");
    type = (struct column_type){.physical = COLUMN_INT32,
                                .logical = COLUMN_TIME,
                                .unit = COLUMN_MILLISECONDS,
                                .utc_adjusted = true};
    int32_t milliseconds = 3723004;
    assert_string_equal(format(type, &milliseconds), "01:02:03.004Z");
}

static const char *format_int96(int64_t nanoseconds, uint32_t julian)
{
    uint8_t value[12];
    memcpy(value, &nanoseconds, 8);
    memcpy(value + 8, &julian, 4);
    return format((struct column_type){.physical = COLUMN_INT96}, value);
}

static void int96_is_a_timestamp(void **state)
{
    (void)state;
    assert_string_equal(format_int96(0, 2440588), "1970-01-01T00:00:00");
    assert_string_equal(format_int96(1, 2440587), "1969-12-31T00:00:00.000000001");
    assert_string_equal(format_int96(-1, 2440588), "1969-12-31T23:59:59.999999999");
    assert_string_equal(format_int96(0, 0), "-4713-11-24T00:00:00");
}

static const char *format_decimal(const char *hex, int32_t scale)
{
    uint8_t bytes[64];
    uint32_t count = (uint32_t)strlen(hex) / 2;
    for (uint32_t i = 0; i < count; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    struct column_type type = {.physical = COLUMN_FIXED,
                               .logical = COLUMN_DECIMAL,
                               .type_length = count,
                               .precision = 76,
                               .scale = scale};
    return format(type, bytes);
}

static void decimals_have_their_scale(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .scale = 2};
    int64_t value = -5;
    assert_string_equal(format(type, &value), "-0.05");
    value = INT64_MIN;
    assert_string_equal(format(type, &value), "-92233720368547758.08");
    type.scale = 0;
    assert_string_equal(format(type, &value), "-9223372036854775808");
    type.scale = -3;
    value = 12;
    assert_string_equal(format(type, &value), "12000");
    type.scale = 1000;
    assert_string_equal(format(type, &value), "12e-1000");
}

static void wide_decimals(void **state)
{
    (void)state;
    assert_string_equal(format_decimal("00", 0), "0");
    assert_string_equal(format_decimal("00000000000000000000000000000001", 3), "0.001");
    assert_string_equal(format_decimal("ffffffffffffffffffffffffffffffff", 1), "-0.1");
    assert_string_equal(format_decimal("7fffffffffffffffffffffffffffffff", 10),
                        "17014118346046923173168730371.5884105727");
    assert_string_equal(
        format_decimal("8000000000000000000000000000000000000000000000000000000000000000", 0),
        "-578960446186580977117854925043439539266349923328202820197287920039565648199"
        "68");
    assert_string_equal(
        format_decimal("000000000000000000000000000000000000000000000000000000000000000000ff", 0),
        "255");
    assert_string_equal(
        format_decimal("010000000000000000000000000000000000000000000000000000000000000000", 0),
        "0x010000000000000000000000000000000000000000000000000000000000000000");
}

static void unsigned_integers(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32};
    int32_t narrow = -1;
    assert_string_equal(format(type, &narrow), "4294967295");
    type.physical = COLUMN_INT64;
    int64_t wide = -1;
    assert_string_equal(format(type, &wide), "18446744073709551615");
    type.is_signed = true;
    assert_string_equal(format(type, &wide), "-1");
}

static void bytes_and_text(void **state)
{
    (void)state;
    struct column_bytes bytes = {(const uint8_t *)"a\xc3\xa9", 3};
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    assert_string_equal(format(type, &bytes), "a\xc3\xa9");
    type.logical = COLUMN_PLAIN;
    assert_string_equal(format(type, &bytes), "61c3a9");
    bytes = (struct column_bytes){NULL, 0};
    assert_string_equal(format(type, &bytes), "");
    uint8_t uuid[16];
    for (uint8_t i = 0; i < 16; i++)
        uuid[i] = (uint8_t)(i * 17);
    type =
        (struct column_type){.physical = COLUMN_FIXED, .logical = COLUMN_UUID, .type_length = 16};
    assert_string_equal(format(type, uuid), "00112233-4455-6677-8899-aabbccddeeff");
}

static void intervals(void **state)
{
    (void)state;
    static const uint32_t value[3] = {14, 3, 4005};
    struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_INTERVAL, .type_length = 12};
    assert_string_equal(format(type, value), "P14M3DT4.005S");
}

static void a_short_buffer_gets_what_fits(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT64};
    int64_t value = 1234567;
    char small[4] = "xxx";
    assert_int_equal(column_value_format(&type, &value, small, sizeof small), 7);
    assert_string_equal(small, "123");
    assert_int_equal(column_value_format(&type, &value, small, 1), 7);
    assert_string_equal(small, "");
    assert_int_equal(column_value_format(&type, &value, NULL, 0), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_are_as_printf_has_them),
        cmocka_unit_test(powers_of_two_read_back),
        cmocka_unit_test(floats_read_back),
        cmocka_unit_test(special_floats_have_names),
        cmocka_unit_test(subnormal_numbers_have_few_digits),
        cmocka_unit_test(halves_are_short),
        cmocka_unit_test(timestamps_cover_the_whole_range),
        cmocka_unit_test(dates_cover_the_whole_range),
        cmocka_unit_test(days_follow_each_other),
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(int96_is_a_timestamp),
        cmocka_unit_test(decimals_have_their_scale),
        cmocka_unit_test(wide_decimals),
        cmocka_unit_test(unsigned_integers),
        cmocka_unit_test(bytes_and_text),
        cmocka_unit_test(intervals),
        cmocka_unit_test(a_short_buffer_gets_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
