/* Least and greatest values in the column order of each type. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parquet/writer_range.h"

static struct range_bound least, greatest;

/* The range of an array, taken in two parts and merged. */
static bool range_of(const struct column_type *type, const void *values, size_t count)
{
    struct value_range whole = {0}, rest = {0};
    size_t half = count / 2;
    const uint8_t *bytes = values;
    range_update(&whole, type, bytes, half);
    range_update(&rest, type, bytes + half * column_value_size(type), count - half);
    range_merge(&whole, type, &rest);
    return range_bounds(&whole, type, &least, &greatest);
}

static void check(const void *low, const void *high, size_t size)
{
    assert_int_equal(least.size, size);
    assert_int_equal(greatest.size, size);
    assert_memory_equal(least.bytes, low, size);
    assert_memory_equal(greatest.bytes, high, size);
}

static void unsigned_integers_are_not_negative(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32};
    uint32_t values[] = {5, UINT32_MAX, 3, 4, 9, 8, 7, 6, 5, 4, 17};
    assert_true(range_of(&type, values, 11));
    check(&values[2], &values[1], 4);
    type.is_signed = true;
    assert_true(range_of(&type, values, 11));
    check(&values[1], &values[10], 4);
}

static void nan_does_not_count_and_zero_has_both_signs(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_DOUBLE};
    double values[] = {NAN, 0.0, 0.0, -0.0, NAN, 0.0, 0.0, 0.0, 0.0, NAN};
    double negative = -0.0, positive = 0.0;
    assert_true(range_of(&type, values, 10));
    check(&negative, &positive, 8);
    double infinite[] = {INFINITY, NAN};
    assert_true(range_of(&type, infinite, 2));
    check(infinite, infinite, 8);
    double none[] = {NAN, NAN, NAN};
    assert_false(range_of(&type, none, 3));
}

static void halves_are_floats(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    uint16_t values[] = {0x7e00, 0x3c00, 0xc000, 0x0001}; /* nan, 1, -2, tiny */
    assert_true(range_of(&type, values, 4));
    check(&values[2], &values[1], 2);
}

static void decimals_are_signed(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = 3, .precision = 6};
    const uint8_t values[] = {0, 0, 1, 0xff, 0xff, 0xfe, 0, 1, 0};
    assert_true(range_of(&type, values, 3));
    check(values + 3, values + 6, 3);
    type.logical = COLUMN_PLAIN;
    assert_true(range_of(&type, values, 3));
    check(values, values + 3, 3);
}

static void some_types_have_no_order(void **state)
{
    (void)state;
    const uint8_t values[100] = {1};
    struct column_type int96 = {.physical = COLUMN_INT96};
    struct column_type interval = {
        .physical = COLUMN_FIXED, .logical = COLUMN_INTERVAL, .type_length = 12};
    struct column_type broad = {.physical = COLUMN_FIXED, .type_length = 100};
    assert_false(range_of(&int96, values, 2));
    assert_false(range_of(&interval, values, 2));
    assert_false(range_of(&broad, values, 1));
}

static struct column_bytes text_of(const char *text)
{
    return (struct column_bytes){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static void short_text_is_exact(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    struct column_bytes values[] = {text_of("b"), text_of("\xc3\xa9"), text_of(""), text_of("ab")};
    assert_true(range_of(&type, values, 4));
    assert_true(least.exact && greatest.exact);
    assert_int_equal(least.size, 0);
    assert_int_equal(greatest.size, 2);
    assert_memory_equal(greatest.bytes, "\xc3\xa9", 2);
}

/* 62 letters, then a character, then more: the cut falls where the test wants it. */
static struct column_bytes long_text(char buffer[static 100], const char *end)
{
    memset(buffer, 'x', 62);
    snprintf(buffer + 62, 38, "%s", end);
    return text_of(buffer);
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char buffer[100];
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    struct column_bytes text = long_text(buffer, "\xe2\x82\xac...");
    assert_true(range_of(&type, &text, 1));
    assert_false(least.exact || greatest.exact);
    assert_int_equal(least.size, 62); /* the euro sign does not fit 64 bytes */
    assert_memory_equal(least.bytes, buffer, 62);
    assert_int_equal(greatest.size, 62);
    assert_int_equal(greatest.bytes[61], 'y');
}

static void the_last_character_is_raised(void **state)
{
    (void)state;
    static const struct {
        const char *end, *raised; /* behind 62 x; cut to two bytes */
    } cases[] = {
        {"ab...", "ac"},
        {"a\x7f...", "b"}, /* no greater character of one byte */
        {"\xc3\xa9...", "\xc3\xaa"},
        {"\xc3\xbf...", "\xc4\x80"},
        {"\xdf\xbf...", ""}, /* the x before it becomes a y */
    };
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buffer[100];
        struct column_bytes text = long_text(buffer, cases[i].end);
        size_t length = strlen(cases[i].raised);
        assert_true(range_of(&type, &text, 1));
        assert_int_equal(greatest.size, 62 + length);
        assert_memory_equal(greatest.bytes + 62, cases[i].raised, length);
        assert_int_equal(greatest.bytes[61], length == 0 ? 'y' : 'x');
        assert_true(column_value_compare(
                        &type, &(struct column_bytes){greatest.bytes, greatest.size}, &text) > 0);
    }
}

static void surrogates_are_passed_over(void **state)
{
    (void)state;
    char buffer[100];
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    long_text(buffer, "...");
    memcpy(buffer + 61, "\xed\x9f\xbf", 4); /* U+D7FF ends at 64 bytes */
    memset(buffer + 64, 'z', 10);
    struct column_bytes text = {(const uint8_t *)buffer, 74};
    assert_true(range_of(&type, &text, 1));
    assert_memory_equal(greatest.bytes + 61, "\xee\x80\x80", 3);
}

static void bytes_without_a_greater_have_no_bound(void **state)
{
    (void)state;
    uint8_t bytes[70];
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY};
    memset(bytes, 0xff, sizeof bytes);
    struct column_bytes text = {bytes, sizeof bytes};
    assert_false(range_of(&type, &text, 1));
    bytes[3] = 7;
    assert_true(range_of(&type, &text, 1));
    assert_int_equal(greatest.size, 4);
    assert_int_equal(greatest.bytes[3], 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_integers_are_not_negative),
        cmocka_unit_test(nan_does_not_count_and_zero_has_both_signs),
        cmocka_unit_test(halves_are_floats),
        cmocka_unit_test(decimals_are_signed),
        cmocka_unit_test(some_types_have_no_order),
        cmocka_unit_test(short_text_is_exact),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(the_last_character_is_raised),
        cmocka_unit_test(surrogates_are_passed_over),
        cmocka_unit_test(bytes_without_a_greater_have_no_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
