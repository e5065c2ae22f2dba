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

static void every_width_of_numbers_has_a_range(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64};
    uint64_t longs[] = {5, UINT64_MAX, 3, 4, 9, 8, 7, 6, 5, 4, 17};
    assert_true(range_of(&type, longs, 11));
    check(&longs[2], &longs[1], 8);
    type = (struct column_type){.physical = COLUMN_INT64};
    assert_true(range_of(&type, longs, 11));
    check(&longs[1], &longs[10], 8);
    type = (struct column_type){.physical = COLUMN_INT32};
    int32_t ints[] = {INT32_MIN, -1, INT32_MAX};
    assert_true(range_of(&type, ints, 3));
    check(&ints[0], &ints[2], 4);
    type = (struct column_type){.physical = COLUMN_FLOAT};
    float floats[] = {2, NAN, -INFINITY, 1e30f, NAN};
    assert_true(range_of(&type, floats, 5));
    check(&floats[2], &floats[3], 4);
    float none[] = {NAN, NAN};
    assert_false(range_of(&type, none, 2));
    type = (struct column_type){.physical = COLUMN_BOOLEAN};
    uint8_t flags[] = {1, 1, 0, 1};
    assert_true(range_of(&type, flags, 4));
    check(&flags[2], &flags[0], 1);
}

static void ranges_of_nothing_change_nothing(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT64};
    int64_t value = 3;
    assert_false(range_of(&type, NULL, 0));
    assert_true(range_of(&type, &value, 1)); /* the first half is empty */
    struct value_range whole = {0}, empty = {0};
    range_update(&whole, &type, &value, 1);
    range_merge(&whole, &type, &empty);
    assert_true(range_bounds(&whole, &type, &least, &greatest));
    check(&value, &value, 8);
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
    struct column_type null = {.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN};
    assert_false(range_of(&null, values, 2));
    assert_false(range_of(&int96, values, 2));
    assert_false(range_of(&interval, values, 2));
    assert_false(range_of(&broad, values, 1));
}

static void zero_halves_have_both_signs(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    uint16_t zeros[] = {0x8000, 0, 0x7c01}, negative = 0x8000, positive = 0;
    assert_true(range_of(&type, zeros, 3));
    check(&negative, &positive, 2);
    type.type_length = 4; /* no half at all: bytes */
    assert_true(range_of(&type, zeros, 1));
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

/* A long decimal cannot be cut: its sign is in the first byte. */
static void long_decimals_have_no_bound(void **state)
{
    (void)state;
    static const uint8_t bytes[65] = {1};
    struct column_type type = {
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 20};
    struct column_bytes values[] = {{bytes, 3}, {bytes, 65}, {bytes, 3}};
    assert_false(range_of(&type, values, 3));
    assert_true(range_of(&type, values, 1));
    assert_true(least.exact && greatest.exact);
}

/* 64 bytes behind which more stand; they need not be UTF-8. */
static void any_bytes_may_stand_where_text_should(void **state)
{
    (void)state;
    static const struct {
        const char *end; /* of the 64 bytes */
        unsigned end_size;
        bool cut; /* the end goes away */
    } cases[] = {
        {"\x80\x80\x80\x80\x80", 5, false}, /* continues what never began */
        {"\xf4\x8f\xbf\xbf", 4, true},      /* U+10FFFF: nothing is greater */
        {"\xf4\x8f\xbf\xbe", 4, false},     /* U+10FFFE */
        {"\xf4\x80\x80\x80", 4, false},     {"\xf0\xbf\xbf\xbf", 4, false}, /* the first byte is
                                                                               raised */
        {"\xed\x9e\xbf", 3, false},         {"\xef\xbf\xbf", 3, true},      {"\x7f", 1, true},
    };
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[70];
        memset(bytes, 'a', sizeof bytes);
        memcpy(bytes + 64 - cases[i].end_size, cases[i].end, cases[i].end_size);
        struct column_bytes text = {bytes, sizeof bytes};
        assert_true(range_of(&type, &text, 1));
        struct column_bytes above = {greatest.bytes, greatest.size};
        struct column_bytes below = {least.bytes, least.size};
        assert_true(column_value_compare(&type, &above, &text) > 0);
        assert_true(column_value_compare(&type, &below, &text) <= 0);
        assert_int_equal(greatest.size, cases[i].cut ? 64 - cases[i].end_size : 64);
    }
}

static void text_without_a_greater_has_no_bound(void **state)
{
    (void)state;
    uint8_t bytes[70];
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_ENUM};
    struct column_bytes text = {bytes, sizeof bytes};
    memset(bytes, 0x7f, sizeof bytes);
    assert_false(range_of(&type, &text, 1));
    for (int i = 0; i + 4 <= 70; i += 4)
        memcpy(bytes + i, "\xf4\x8f\xbf\xbf", 4);
    assert_false(range_of(&type, &text, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_integers_are_not_negative),
        cmocka_unit_test(nan_does_not_count_and_zero_has_both_signs),
        cmocka_unit_test(every_width_of_numbers_has_a_range),
        cmocka_unit_test(ranges_of_nothing_change_nothing),
        cmocka_unit_test(halves_are_floats),
        cmocka_unit_test(zero_halves_have_both_signs),
        cmocka_unit_test(decimals_are_signed),
        cmocka_unit_test(some_types_have_no_order),
        cmocka_unit_test(short_text_is_exact),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(the_last_character_is_raised),
        cmocka_unit_test(surrogates_are_passed_over),
        cmocka_unit_test(bytes_without_a_greater_have_no_bound),
        cmocka_unit_test(long_decimals_have_no_bound),
        cmocka_unit_test(any_bytes_may_stand_where_text_should),
        cmocka_unit_test(text_without_a_greater_has_no_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
