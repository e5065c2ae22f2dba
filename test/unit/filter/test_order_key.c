/*
 * Keys are in the order of values, and every instruction set finds the same ones.
 */
#include "filter/order_key.h"
#include "filters.h"
#include "os/os.h"

#define COUNT 1003 /* no multiple of a vector */

static uint8_t values[COUNT * 8 + 1];

static void fill_values(void)
{
    uint64_t random = 99;
    for (size_t i = 0; i < sizeof values; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        /* Exponents of nothing but ones, and zeros, are rare by chance. */
        values[i] = random >> 62 == 0 ? 0 : random >> 62 == 1 ? 0xff : (uint8_t)(random >> 40);
    }
}

static const struct column_type types[] = {
    [FORM_BOOLEAN] = {.physical = COLUMN_BOOLEAN},
    [FORM_INT32] = {.physical = COLUMN_INT32},
    [FORM_UINT32] = {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32},
    [FORM_INT64] = {.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP},
    [FORM_UINT64] = {.physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64},
    [FORM_HALF] = {.physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2},
    [FORM_FLOAT] = {.physical = COLUMN_FLOAT},
    [FORM_DOUBLE] = {.physical = COLUMN_DOUBLE}};

static void test_order(void **state)
{
    (void)state;
    fill_values();
    for (unsigned form = 0; form <= FORM_DOUBLE; form++) {
        size_t width = column_value_size(&types[form]);
        assert_int_equal(value_form_of(&types[form]), form);
        for (size_t i = 0; i + 1 < COUNT; i++) {
            const uint8_t *a = values + i * width, *b = a + width;
            uint64_t x = value_key((enum value_form)form, a),
                     y = value_key((enum value_form)form, b);
            int order = column_value_compare(&types[form], a, b);
            assert_int_equal((x > y) - (x < y), (order > 0) - (order < 0));
        }
    }
}

static void compare_kernels(const struct value_kernels *kernels)
{
    static uint64_t expected[COUNT], found[COUNT];
    static uint8_t answers[COUNT];
    for (unsigned form = 0; form <= FORM_DOUBLE; form++) {
        value_kernels_scalar.keys((enum value_form)form, values + 1, COUNT, expected);
        kernels->keys((enum value_form)form, values + 1, COUNT, found);
        assert_memory_equal(expected, found, sizeof found);
        for (unsigned turn = 0; turn < 20; turn++) {
            uint64_t low = expected[turn * 37], high = expected[turn * 23 + 5];
            uint64_t span = low <= high ? high - low : turn;
            kernels->in_range((enum value_form)form, values + 1, COUNT, low, span, turn & 1,
                              answers);
            for (size_t i = 0; i < COUNT; i++)
                assert_int_equal(answers[i], (expected[i] - low <= span) ^ (turn & 1));
        }
    }
}

static void test_instruction_sets(void **state)
{
    (void)state;
    fill_values();
    compare_kernels(&value_kernels_scalar);
    compare_kernels(value_kernels_chosen());
#ifdef __x86_64__
    if (os_instruction_set() >= OS_AVX2)
        compare_kernels(&value_kernels_avx2);
#endif
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, filters_setup, filters_teardown)
    const struct CMUnitTest tests[] = {TEST(test_order), TEST(test_instruction_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
