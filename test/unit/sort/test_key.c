/* memcmp of normalised keys is column_value_compare of the values. */
#include "values.h"

#include "sort/key.h"

#define VALUES 300

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static int compare_keys(struct sort_key_type type, const void *a, const void *b)
{
    uint8_t a_key[64], b_key[64];
    size_t a_size = (size_t)(sort_key_write(type, a, a_key) - a_key);
    size_t b_size = (size_t)(sort_key_write(type, b, b_key) - b_key);
    assert_int_equal(a_size, sort_key_size(type, a));
    assert_int_equal(b_size, sort_key_size(type, b));
    size_t both = a_size < b_size ? a_size : b_size;
    int order = memcmp(a_key, b_key, both);
    /* None is the beginning of another, so joined keys order column by column. */
    assert_true(order != 0 || a_size == b_size);
    return sign(order);
}

static void check_type(const struct column_type *type)
{
    static uint8_t values[VALUES][20];
    uint64_t random = 7;
    struct mem_account account;
    struct mem_arena arena;
    mem_account_init(&account, "values", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &account);
    for (size_t i = 0; i < VALUES; i++)
        value_make(&random, type, &arena, values[i]);
    struct sort_key_type key = sort_key_type_of(type);
    for (size_t a = 0; a < VALUES; a++) {
        assert_int_equal(compare_keys(key, NULL, values[a]), -1);
        for (size_t b = 0; b < VALUES; b++)
            assert_int_equal(compare_keys(key, values[a], values[b]),
                             sign(column_value_compare(type, values[a], values[b])));
    }
    mem_arena_release(&arena);
}

static void order_is_that_of_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < VALUE_FIELDS; i++)
        check_type(&value_fields[i].type);
}

static void floats_have_one_zero_and_one_nan(void **state)
{
    (void)state;
    struct sort_key_type type = {SORT_KEY_DOUBLE, 8};
    double zero = 0.0, minus_zero = -0.0, infinity = __builtin_inf();
    double nan = __builtin_nan(""), minus_nan = -__builtin_nan("5");
    assert_int_equal(compare_keys(type, &zero, &minus_zero), 0);
    assert_int_equal(compare_keys(type, &nan, &minus_nan), 0);
    assert_int_equal(compare_keys(type, &minus_nan, &infinity), 1);
}

/* "a" < "a\0" < "a\0\0" < "a\1" */
static void text_orders_by_prefix(void **state)
{
    (void)state;
    struct sort_key_type type = {SORT_KEY_TEXT, 0};
    const uint8_t *raw = (const uint8_t *)"a\0\0\0a\1";
    struct column_bytes ordered[] = {{raw, 0}, {raw, 1}, {raw, 2}, {raw, 3}, {raw + 4, 2}};
    for (size_t a = 0; a < 5; a++) {
        for (size_t b = 0; b < 5; b++)
            assert_int_equal(compare_keys(type, &ordered[a], &ordered[b]), (a > b) - (a < b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_that_of_values),
        cmocka_unit_test(floats_have_one_zero_and_one_nan),
        cmocka_unit_test(text_orders_by_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
