#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "column/column.h"

static const char *describe(struct column_type type)
{
    static char text[64];
    return column_type_describe(&type, text, sizeof text);
}

static void types_are_described(void **state)
{
    (void)state;
    assert_string_equal(describe((struct column_type){.physical = COLUMN_BOOLEAN}), "bool");
    assert_string_equal(describe((struct column_type){.physical = COLUMN_INT64}), "int64");
    assert_string_equal(describe((struct column_type){.physical = COLUMN_DOUBLE}), "double");
    assert_string_equal(describe((struct column_type){.physical = COLUMN_FIXED, .type_length = 5}),
                        "fixed[5]");
    assert_string_equal(describe((struct column_type){
                            .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8}),
                        "uint8");
    assert_string_equal(describe((struct column_type){.physical = COLUMN_INT64,
                                                      .logical = COLUMN_TIMESTAMP,
                                                      .unit = COLUMN_MICROSECONDS,
                                                      .utc_adjusted = true}),
                        "timestamp[us, UTC]");
    assert_string_equal(
        describe((struct column_type){
            .physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 12, .scale = 2}),
        "decimal(12, 2)");
    assert_string_equal(
        describe((struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}),
        "string");
}

static void sizes_of_values(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4, 8, 12, 4, 8, 16, 7};
    for (unsigned physical = COLUMN_BOOLEAN; physical <= COLUMN_FIXED; physical++) {
        struct column_type type = {.physical = physical, .type_length = 7};
        assert_int_equal(column_value_size(&type), sizes[physical]);
    }
}

static void equality_ignores_what_has_no_meaning(void **state)
{
    (void)state;
    struct column_type a = {.physical = COLUMN_INT64, .unit = COLUMN_NANOSECONDS};
    struct column_type b = {.physical = COLUMN_INT64, .unit = COLUMN_SECONDS, .scale = 3};
    assert_true(column_type_equal(&a, &b));
    a.logical = b.logical = COLUMN_TIMESTAMP;
    assert_false(column_type_equal(&a, &b));
    b.unit = COLUMN_NANOSECONDS;
    assert_true(column_type_equal(&a, &b));
    b.utc_adjusted = true;
    assert_false(column_type_equal(&a, &b));
    a = b = (struct column_type){.physical = COLUMN_FIXED, .type_length = 3};
    b.type_length = 4;
    assert_false(column_type_equal(&a, &b));
    a = b = (struct column_type){.physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .scale = 2};
    b.scale = 4;
    assert_false(column_type_equal(&a, &b));
}

#define CHECK_ORDER(type, lower, higher)                                                           \
    do {                                                                                           \
        assert_true(column_value_compare(&(type), (lower), (higher)) < 0);                         \
        assert_true(column_value_compare(&(type), (higher), (lower)) > 0);                         \
        assert_int_equal(column_value_compare(&(type), (lower), (lower)), 0);                      \
    } while (0)

static void integers_by_sign(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT32};
    int32_t minus = -1, one = 1;
    CHECK_ORDER(type, &minus, &one);
    type.logical = COLUMN_INTEGER;
    type.bit_width = 32;
    CHECK_ORDER(type, &one, &minus);
    type =
        (struct column_type){.physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64};
    int64_t wide_minus = -1, wide_one = 1;
    CHECK_ORDER(type, &wide_one, &wide_minus);
}

static void floats_have_a_total_order(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_DOUBLE};
    double zero = 0.0, minus_zero = -0.0, nan = __builtin_nan(""), infinite = __builtin_inf();
    assert_int_equal(column_value_compare(&type, &zero, &minus_zero), 0);
    CHECK_ORDER(type, &infinite, &nan);
    CHECK_ORDER(type, &zero, &infinite);
    type =
        (struct column_type){.physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    uint16_t minus_one = 0xbc00, half_nan = 0x7e00, tiny = 1;
    CHECK_ORDER(type, &minus_one, &tiny);
    CHECK_ORDER(type, &tiny, &half_nan);
}

static int compare_decimal_bytes(const char *a, uint32_t a_size, const char *b, uint32_t b_size)
{
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL};
    struct column_bytes x = {(const uint8_t *)a, a_size}, y = {(const uint8_t *)b, b_size};
    int forth = column_value_compare(&type, &x, &y);
    int back = column_value_compare(&type, &y, &x);
    assert_true((forth < 0) == (back > 0) && (forth == 0) == (back == 0));
    return forth;
}

static void decimals_of_any_length(void **state)
{
    (void)state;
    assert_true(compare_decimal_bytes("\xff", 1, "\x01", 1) < 0);
    assert_true(compare_decimal_bytes("\x00\xff", 2, "\x7f", 1) > 0);
    assert_true(compare_decimal_bytes("\xff\x01", 2, "\x80", 1) < 0);
    assert_true(compare_decimal_bytes("\x01\x00", 2, "\x7f", 1) > 0);
    assert_true(compare_decimal_bytes("\xfe\xff", 2, "\x80", 1) < 0);
    assert_true(compare_decimal_bytes("\x00\x00\x05", 3, "\x05", 1) == 0);
    assert_true(compare_decimal_bytes("\xff\xff\xfb", 3, "\xfb", 1) == 0);
    assert_true(compare_decimal_bytes("", 0, "\x01", 1) < 0);
    assert_true(compare_decimal_bytes("", 0, "\x00", 1) == 0);
}

static void text_by_unsigned_bytes(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    struct column_bytes a = {(const uint8_t *)"a", 1}, ab = {(const uint8_t *)"ab", 2},
                        high = {(const uint8_t *)"\xc3\xa9", 2}, empty = {NULL, 0};
    CHECK_ORDER(type, &a, &ab);
    CHECK_ORDER(type, &ab, &high);
    CHECK_ORDER(type, &empty, &a);
}

static void int96_by_time(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT96};
    uint8_t early[12] = {0xff, 0xff, 0, 0, 0, 0, 0, 0, 0x8c, 0x3d, 0x25, 0};
    uint8_t late[12] = {1, 0, 0, 0, 0, 0, 0, 0, 0x8d, 0x3d, 0x25, 0};
    CHECK_ORDER(type, early, late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_described),
        cmocka_unit_test(sizes_of_values),
        cmocka_unit_test(equality_ignores_what_has_no_meaning),
        cmocka_unit_test(integers_by_sign),
        cmocka_unit_test(floats_have_a_total_order),
        cmocka_unit_test(decimals_of_any_length),
        cmocka_unit_test(text_by_unsigned_bytes),
        cmocka_unit_test(int96_by_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
