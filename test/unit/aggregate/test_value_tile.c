/* Accumulators of one column: NULLs, types of results, overflow, halves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "aggregate/value_tile.h"

#define KEYS 5000

static struct mem_account account;

static void open_tile(struct value_tile *tile, struct aggregate_value *value,
                      const struct column_type *type, enum aggregate_function function,
                      struct column_field *field)
{
    struct error error;
    struct aggregate aggregate = {function, "v", "result"};
    struct column_field source = {.name = "v", .type = *type};
    error_init(&error);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    aggregate_value_init(value, "v", 0, type);
    assert_int_equal(aggregate_value_want(value, &aggregate, &source, field, &error), ERROR_NONE);
    assert_int_equal(value_tile_init(tile, value, KEYS, exact_tile_size(KEYS, 2),
                                     exact_grids_for(KEYS), &account, &error),
                     ERROR_NONE);
    assert_int_equal(value_tile_begin(tile, KEYS, &error), ERROR_NONE);
    assert_true(atomic_load(&account.used) <= value_tile_size(value, KEYS));
}

static void close_tile(struct value_tile *tile)
{
    value_tile_release(tile);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void test_nulls_are_skipped(void **state)
{
    (void)state;
    static const struct column_type type = {.physical = COLUMN_DOUBLE};
    static double values[KEYS], results[VALUE_TILE_WINDOW];
    static uint8_t present[KEYS], there[VALUE_TILE_WINDOW];
    struct value_tile tile;
    struct aggregate_value value;
    struct column_field field;
    struct column_slice result;
    struct error error;
    size_t key, count = 0;
    open_tile(&tile, &value, &type, AGGREGATE_SUM, &field);
    for (size_t i = 0; i < KEYS; i++) {
        present[i] = i % 3 != 0;
        if (present[i] != 0)
            values[count++] = (double)i;
    }
    struct column_slice gaps = {KEYS, (uint32_t)count, present, values};
    for (int file = 0; file < 3; file++) {
        assert_int_equal(value_tile_add(&tile, 0, &gaps), EXACT_DONE);
        value_tile_end_file(&tile);
    }
    assert_int_equal(value_tile_result(&tile, AGGREGATE_SUM, &field.type, 900, 100,
                                       (uint8_t *)results, there, &result, &key, &error),
                     ERROR_NONE);
    assert_non_null(result.present);
    size_t at = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(result.present[i], (900 + i) % 3 != 0);
        if (result.present[i] != 0)
            assert_true(results[at++] == 3.0 * (double)(900 + i));
    }
    assert_int_equal(at, result.value_count);
    close_tile(&tile);
}

static void test_overflow_names_the_key(void **state)
{
    (void)state;
    static const struct column_type type = {.physical = COLUMN_INT64};
    static int64_t values[KEYS];
    static uint8_t results[8 * 16], there[16];
    struct value_tile tile;
    struct aggregate_value value;
    struct column_field field;
    struct column_slice result;
    struct error error;
    size_t key = 0;
    open_tile(&tile, &value, &type, AGGREGATE_SUM, &field);
    values[7] = INT64_MAX;
    values[8] = INT64_MIN;
    struct column_slice slice = {KEYS, KEYS, NULL, values};
    for (int file = 0; file < 2; file++) {
        assert_int_equal(value_tile_add(&tile, 0, &slice), EXACT_DONE);
        value_tile_end_file(&tile);
    }
    assert_int_equal(value_tile_result(&tile, AGGREGATE_SUM, &field.type, 0, 16, results, there,
                                       &result, &key, &error),
                     ERROR_OVERFLOW);
    assert_int_equal(key, 7);
    assert_non_null(strstr(error.what, "18446744073709551614"));
    close_tile(&tile);
}

static void test_halves_are_widened_exactly(void **state)
{
    (void)state;
    static const struct column_type type = {
        .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    /* 1.5, the smallest subnormal, the largest finite, -2, infinity, NaN. */
    static const uint16_t halves[6] = {0x3e00, 0x0001, 0x7bff, 0xc000, 0x7c00, 0x7e00};
    static const double expected[6] = {1.5, 0x1p-24, 65504, -2, INFINITY, NAN};
    double results[6];
    uint8_t there[6];
    struct value_tile tile;
    struct aggregate_value value;
    struct column_field field;
    struct column_slice result, slice = {6, 6, NULL, halves};
    struct error error;
    size_t key;
    open_tile(&tile, &value, &type, AGGREGATE_SUM, &field);
    assert_int_equal(value_tile_add(&tile, 0, &slice), EXACT_DONE);
    value_tile_end_file(&tile);
    assert_int_equal(value_tile_result(&tile, AGGREGATE_SUM, &field.type, 0, 6, (uint8_t *)results,
                                       there, &result, &key, &error),
                     ERROR_NONE);
    for (size_t i = 0; i < 5; i++)
        assert_true(results[i] == expected[i]);
    assert_true(isnan(results[5]));
    close_tile(&tile);
}

static void test_meaningless_aggregates_are_refused(void **state)
{
    (void)state;
    static const struct column_type date = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    static const struct column_type text = {.physical = COLUMN_BYTE_ARRAY,
                                            .logical = COLUMN_STRING};
    struct aggregate_value value;
    struct column_field field = {0}, source = {0};
    struct error error;
    struct aggregate sum = {AGGREGATE_SUM, "v", "v"}, least = {AGGREGATE_MIN, "v", "v"};
    aggregate_value_init(&value, "v", 0, &date);
    assert_int_equal(aggregate_value_want(&value, &sum, &source, &field, &error),
                     ERROR_UNSUPPORTED);
    assert_int_equal(aggregate_value_want(&value, &least, &source, &field, &error), ERROR_NONE);
    aggregate_value_init(&value, "v", 0, &text);
    assert_int_equal(aggregate_value_want(&value, &least, &source, &field, &error),
                     ERROR_UNSUPPORTED);
    assert_true(error.hint[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nulls_are_skipped),
        cmocka_unit_test(test_overflow_names_the_key),
        cmocka_unit_test(test_halves_are_widened_exactly),
        cmocka_unit_test(test_meaningless_aggregates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
