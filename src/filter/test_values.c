/*
 * Tests of values side by side.
 */
#include "filter/bound.h"

#define KEYS_AT_ONCE 256

/* Whether a key is in an ascending list: halves without branches that could be foretold wrongly. */
static bool has_key(const uint64_t *keys, uint32_t count, uint64_t key)
{
    const uint64_t *at = keys;
    while (count > 1) {
        uint32_t half = count / 2;
        at += at[half - 1] < key ? half : 0;
        count -= half;
    }
    return *at == key;
}

static void test_keys(const struct test *test, const struct compared *column, const void *values,
                      uint32_t count, uint8_t *ret)
{
    uint64_t keys[KEYS_AT_ONCE];
    void (*fill)(enum value_form, const void *, size_t, uint64_t *) = value_kernels_chosen()->keys;
    size_t size = column_value_size(column->type);
    for (uint32_t done = 0; done < count; done += KEYS_AT_ONCE) {
        uint32_t part = count - done < KEYS_AT_ONCE ? count - done : KEYS_AT_ONCE;
        fill(column->form, (const uint8_t *)values + done * size, part, keys);
        for (uint32_t i = 0; i < part; i++)
            ret[done + i] = has_key(test->keys, test->count, keys[i]) != test->inverted;
    }
}

static bool has_text(const struct test *test, enum value_form form, struct column_bytes text)
{
    uint32_t low = 0, high = test->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = value_bytes_compare(form, test->texts[middle], text);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void test_texts(const struct test *test, const struct compared *column, const void *values,
                       uint32_t count, uint8_t *ret)
{
    for (uint32_t i = 0; i < count; i++)
        ret[i] =
            has_text(test, column->form, value_bytes(column->type, values, i)) != test->inverted;
}

/* Texts of other lengths need not be looked at. */
static void test_equal_texts(const struct test *test, const struct compared *column,
                             const void *values, uint32_t count, uint8_t *ret)
{
    struct column_bytes wanted = test->texts[0];
    bool turned = test->comparison == COMPARISON_UNEQUAL;
    for (uint32_t i = 0; i < count; i++) {
        struct column_bytes value = value_bytes(column->type, values, i);
        bool equal = value.size == wanted.size &&
                     (value.size == 0 || memcmp(value.data, wanted.data, value.size) == 0);
        ret[i] = equal != turned;
    }
}

/* For an order below, at and above 0 whether a comparison is true. */
static const uint8_t outcomes[][3] = {
    [COMPARISON_EQUAL] = {0, 1, 0}, [COMPARISON_UNEQUAL] = {1, 0, 1},
    [COMPARISON_LESS] = {1, 0, 0},  [COMPARISON_NOT_LESS] = {0, 1, 1},
    [COMPARISON_MORE] = {0, 0, 1},  [COMPARISON_NOT_MORE] = {1, 1, 0}};

static void test_order(const struct test *test, const struct compared *column, const void *values,
                       uint32_t count, uint8_t *ret)
{
    const uint8_t *outcome = outcomes[test->comparison];
    for (uint32_t i = 0; i < count; i++) {
        struct column_bytes value = value_bytes(column->type, values, i);
        int order = value_bytes_compare(column->form, value, test->texts[0]);
        ret[i] = outcome[1 + (order > 0) - (order < 0)];
    }
}

static bool is_equality(const struct test *test)
{
    return test->comparison == COMPARISON_EQUAL || test->comparison == COMPARISON_UNEQUAL;
}

void test_values(const struct test *test, const struct compared *column, const void *values,
                 uint32_t count, uint8_t *ret)
{
    switch (test->kind) {
    case TEST_RANGE:
        value_kernels_chosen()->in_range(column->form, values, count, test->low,
                                         test->high - test->low, test->inverted, ret);
        break;
    case TEST_KEYS:
        test_keys(test, column, values, count, ret);
        break;
    case TEST_ORDER:
        if (column->form == FORM_BYTES && is_equality(test))
            test_equal_texts(test, column, values, count, ret);
        else
            test_order(test, column, values, count, ret);
        break;
    case TEST_TEXTS:
        test_texts(test, column, values, count, ret);
        break;
    default: /* no value is looked at */
        memset(ret, test->kind == TEST_PRESENT, count);
        break;
    }
}
