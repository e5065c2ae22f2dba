/* Ranges: numbers are in the order of the type's values, and nothing outside has one. */
#include "values.h"

#include "key/domain.h"

#define VALUES 700

static struct mem_account account;
static struct error error;

static uint8_t memory[VALUES * 8 + 1];

/* Values in a random part of the type's, sorted, so that the outermost are the bounds. */
static void make_values(const struct column_type *type, uint64_t seed, uint64_t spread)
{
    size_t size = column_value_size(type);
    uint64_t middle = value_integer(&seed);
    for (size_t i = 0; i < VALUES; i++) {
        uint64_t value = middle + value_random(&seed) % spread;
        if (type->physical == COLUMN_BOOLEAN)
            value &= 1;
        memcpy(memory + 1 + i * size, &value, size);
    }
}

static const uint8_t *extreme(const struct column_type *type, int sign)
{
    size_t size = column_value_size(type);
    const uint8_t *found = memory + 1;
    for (size_t i = 1; i < VALUES; i++) {
        const uint8_t *value = memory + 1 + i * size;
        if (column_value_compare(type, value, found) * sign > 0)
            found = value;
    }
    return found;
}

/* The number is how far the value is from the lowest. */
static void check_range(const struct column_type *type, const struct key_domain *range,
                        const uint8_t *low)
{
    static uint64_t numbers[VALUES];
    size_t size = column_value_size(type);
    bool nullable = key_domain_is_nullable(range);
    memset(numbers, 0, sizeof numbers);
    assert_int_equal(key_domain_add_numbers(range, memory + 1, VALUES, 3, numbers), VALUES);
    for (size_t i = 0; i < VALUES; i++) {
        uint64_t value = 0, lowest = 0, buffer[2];
        memcpy(&value, memory + 1 + i * size, size);
        memcpy(&lowest, low, size);
        uint64_t far = size == 4 ? (uint32_t)(value - lowest) : value - lowest;
        assert_true(numbers[i] == (far + nullable) * 3);
        assert_memory_equal(key_domain_value(range, far + nullable, buffer), &value, size);
    }
    assert_int_equal(key_domain_value(range, 0, numbers) == NULL, nullable);
}

static bool is_too_wide(const struct column_type *type, const void *low, const void *high,
                        bool nullable)
{
    uint64_t first, last;
    if (column_value_size(type) < 8)
        return false;
    memcpy(&first, low, 8);
    memcpy(&last, high, 8);
    return last - first > INT64_MAX - (uint64_t)nullable;
}

static void ranges_number_every_type_that_can_be_one(void **state)
{
    (void)state;
    unsigned too_wide = 0;
    const uint64_t spreads[] = {1, 2, 1000, UINT32_MAX, INT64_MAX};
    for (size_t t = 0; t < VALUE_TYPES; t++) {
        const struct column_type *type = &value_types[t];
        if (!key_domain_can_be_range(type))
            continue;
        for (uint64_t seed = 0; seed < 50; seed++) {
            make_values(type, seed, spreads[seed % 5]);
            struct key_domain *range;
            enum error_code code = key_domain_create_range(
                &account, type, extreme(type, -1), extreme(type, 1), seed & 1, &range, &error);
            bool wide = is_too_wide(type, extreme(type, -1), extreme(type, 1), seed & 1);
            assert_int_equal(code, wide ? ERROR_OVERFLOW : ERROR_NONE);
            too_wide += wide;
            if (wide)
                continue;
            assert_true(key_domain_is_range(range));
            check_range(type, range, extreme(type, -1));
            key_domain_destroy(range);
        }
    }
    assert_true(too_wide > 0);
    assert_int_equal(atomic_load(&account.used), 0);
}

/* One value outside, at every place of a block and of its end. */
static void a_value_outside_stops_the_numbers(void **state)
{
    (void)state;
    const struct column_type type = {.physical = COLUMN_INT64};
    const int64_t low = -5, high = 1000, outside[] = {-6, 1001, INT64_MIN, INT64_MAX};
    static int64_t values[VALUES];
    static uint64_t numbers[VALUES];
    struct key_domain *range;
    assert_int_equal(key_domain_create_range(&account, &type, &low, &high, true, &range, &error),
                     ERROR_NONE);
    for (size_t at = 0; at < VALUES; at++) {
        memset(numbers, 0, sizeof numbers);
        for (size_t i = 0; i < VALUES; i++)
            values[i] = (int64_t)(i % 1000);
        values[at] = outside[at % 4];
        assert_int_equal(key_domain_add_numbers(range, values, VALUES, 2, numbers), at);
        for (size_t i = 0; i < at; i++)
            assert_true(numbers[i] == (i % 1000 + 6) * 2);
        uint64_t number;
        assert_false(key_domain_number(range, &values[at], &number));
    }
    key_domain_destroy(range);
}

static enum error_code create(const struct column_type *type, uint64_t low, uint64_t high,
                              bool nullable, uint64_t *ret_count)
{
    struct key_domain *range;
    enum error_code code =
        key_domain_create_range(&account, type, &low, &high, nullable, &range, &error);
    if (code != ERROR_NONE)
        return code;
    uint64_t number, values[] = {low, high};
    *ret_count = key_domain_count(range);
    assert_int_equal(key_domain_number(range, &values[1], &number), *ret_count > nullable);
    assert_int_equal(key_domain_number(range, NULL, &number), nullable);
    key_domain_destroy(range);
    return code;
}

static void bounds_may_be_any(void **state)
{
    (void)state;
    const struct column_type int64 = {.physical = COLUMN_INT64};
    const struct column_type uint64 = {COLUMN_INT64, COLUMN_INTEGER, .bit_width = 64};
    const struct column_type int32 = {.physical = COLUMN_INT32};
    const struct column_type uint32 = {COLUMN_INT32, COLUMN_INTEGER, .bit_width = 32};
    const uint64_t half = 1ull << 63;
    uint64_t count = 0;
    assert_int_equal(create(&int64, 0, INT64_MAX, false, &count), ERROR_NONE);
    assert_true(count == half);
    assert_int_equal(create(&int64, 0, INT64_MAX, true, &count), ERROR_OVERFLOW);
    assert_int_equal(create(&int64, 1, INT64_MAX, true, &count), ERROR_NONE);
    assert_true(count == half);
    assert_int_equal(create(&int64, half, INT64_MAX, false, &count), ERROR_OVERFLOW);
    assert_int_equal(create(&uint64, half, UINT64_MAX, false, &count), ERROR_NONE);
    assert_true(count == half);
    assert_int_equal(create(&uint64, 0, UINT64_MAX, false, &count), ERROR_OVERFLOW);
    assert_int_equal(create(&int32, 1u << 31, INT32_MAX, true, &count), ERROR_NONE);
    assert_true(count == (1ull << 32) + 1);
    assert_int_equal(create(&uint32, 0, UINT32_MAX, false, &count), ERROR_NONE);
    assert_true(count == 1ull << 32);
    /* The wrong way round there is nothing in between. */
    assert_int_equal(create(&int64, 7, 6, true, &count), ERROR_NONE);
    assert_true(count == 1);
    assert_int_equal(create(&uint64, half, 6, false, &count), ERROR_NONE);
    assert_true(count == 0);
}

static void not_every_type_can_be_a_range(void **state)
{
    (void)state;
    const struct column_type date = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    const struct column_type real = {.physical = COLUMN_DOUBLE};
    const struct column_type text = {.physical = COLUMN_BYTE_ARRAY};
    assert_true(key_domain_can_be_range(&date));
    assert_false(key_domain_can_be_range(&real));
    assert_false(key_domain_can_be_range(&text));
    uint64_t low = 0;
    struct key_domain *range;
    mem_fail_allocation(1);
    assert_int_equal(key_domain_create_range(&account, &date, &low, &low, false, &range, &error),
                     ERROR_MEMORY);
    mem_fail_allocation(0);
    key_domain_destroy(NULL);
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_number_every_type_that_can_be_one),
        cmocka_unit_test(a_value_outside_stops_the_numbers),
        cmocka_unit_test(bounds_may_be_any),
        cmocka_unit_test(not_every_type_can_be_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
