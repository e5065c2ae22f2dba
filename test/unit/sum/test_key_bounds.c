/* The least and the greatest value of each type that a range can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sum/key_bounds.h"

static const struct column_type int64 = {.physical = COLUMN_INT64};
static const struct column_type int32 = {.physical = COLUMN_INT32};
static const struct column_type date = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
static const struct column_type uint64 = {
    .physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64};
static const struct column_type uint32 = {
    .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32};
static const struct column_type int8 = {
    .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8, .is_signed = true};
static const struct column_type flag = {.physical = COLUMN_BOOLEAN};

/* The bounds of count values, one added after the other and all at once from an odd address. */
static void check(const struct column_type *type, const void *values, size_t count, const void *low,
                  const void *high)
{
    struct key_bounds single, all;
    uint8_t moved[128];
    size_t width = column_value_size(type);
    memcpy(moved + 1, values, count * width);
    key_bounds_init(&single, type);
    key_bounds_init(&all, type);
    key_bounds_add(&all, moved + 1, count);
    for (size_t i = 0; i < count; i++)
        key_bounds_add(&single, (const uint8_t *)values + i * width, 1);
    for (int i = 0; i < 2; i++) {
        uint64_t least, greatest;
        assert_true(key_bounds_values(i == 0 ? &single : &all, &least, &greatest));
        assert_memory_equal(&least, low, width);
        assert_memory_equal(&greatest, high, width);
    }
}

static void signed_values(void **state)
{
    (void)state;
    const int64_t longs[] = {3, -5, INT64_MAX, 0, INT64_MIN};
    check(&int64, longs, 2, &longs[1], &longs[0]);
    check(&int64, longs, 5, &longs[4], &longs[2]);
    check(&int64, longs, 1, &longs[0], &longs[0]);
    const int32_t shorts[] = {3, -5, INT32_MAX, 0, INT32_MIN};
    check(&int32, shorts, 2, &shorts[1], &shorts[0]);
    check(&int8, shorts, 2, &shorts[1], &shorts[0]);
    check(&date, shorts, 5, &shorts[4], &shorts[2]);
}

static void unsigned_values(void **state)
{
    (void)state;
    const uint64_t longs[] = {3, UINT64_MAX, 7, 0, (uint64_t)1 << 63};
    check(&uint64, longs, 3, &longs[0], &longs[1]);
    check(&uint64, longs, 5, &longs[3], &longs[1]);
    const uint32_t shorts[] = {3, UINT32_MAX, 7, 0, (uint32_t)1 << 31};
    check(&uint32, shorts, 3, &shorts[0], &shorts[1]);
    check(&uint32, shorts, 5, &shorts[3], &shorts[1]);
}

/* Of booleans both are in the range, whichever were seen. */
static void booleans(void **state)
{
    (void)state;
    const uint8_t values[] = {1, 0};
    check(&flag, &values[0], 1, &values[1], &values[0]);
    check(&flag, &values[1], 1, &values[1], &values[0]);
}

static void nothing_has_no_bounds(void **state)
{
    (void)state;
    struct key_bounds bounds;
    uint64_t low, high;
    key_bounds_init(&bounds, &int64);
    assert_false(key_bounds_values(&bounds, &low, &high));
    key_bounds_add(&bounds, NULL, 0);
    assert_false(key_bounds_values(&bounds, &low, &high));
}

static void parts_are_merged(void **state)
{
    (void)state;
    const int32_t left[] = {-2, 5}, right[] = {-7, 1};
    struct key_bounds bounds, other, none;
    uint64_t low, high;
    key_bounds_init(&bounds, &int32);
    key_bounds_init(&other, &int32);
    key_bounds_init(&none, &int32);
    key_bounds_add(&other, right, 2);
    key_bounds_merge(&bounds, &none);
    assert_false(key_bounds_values(&bounds, &low, &high));
    key_bounds_merge(&bounds, &other);
    key_bounds_add(&bounds, left, 2);
    key_bounds_merge(&bounds, &none);
    assert_true(key_bounds_values(&bounds, &low, &high));
    assert_int_equal((int32_t)low, -7);
    assert_int_equal((int32_t)high, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_values),    cmocka_unit_test(unsigned_values),
        cmocka_unit_test(booleans),         cmocka_unit_test(nothing_has_no_bounds),
        cmocka_unit_test(parts_are_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
