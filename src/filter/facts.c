/*
 * Whether any row can be taken, from what is known of the columns.
 *
 * A test that may be true of some value is taken to be true of a row; so "all" is ruled out by one
 * of its parts, "any" by all of them. Where all values of a column are known (a dictionary), the
 * tests of that column which must hold together are tried together.
 */
#include "filter/bound.h"

#define VALUES_AT_ONCE 512

static uint64_t key_of(const struct compared *column, const void *value)
{
    struct column_bytes bytes;
    if (column->type->physical == COLUMN_FIXED) {
        memcpy(&bytes, value, sizeof bytes);
        value = bytes.data;
    }
    return value_key(column->form, value);
}

/* The ends between which keys lie; NaN, of which bounds know nothing, apart. */
static void key_bounds(const struct compared *column, const struct filter_facts *facts,
                       uint64_t *low, uint64_t *high)
{
    bool is_float = value_form_is_float(column->form);
    uint64_t greatest = is_float ? KEY_NAN - 1 : UINT64_MAX;
    *low = facts->minimum != NULL ? key_of(column, facts->minimum) : 0;
    *high = facts->maximum != NULL ? key_of(column, facts->maximum) : greatest;
    if (is_float && *low == KEY_NAN)
        *low = 0;
    if (is_float && *high == KEY_NAN)
        *high = greatest;
}

static bool range_may_hold(const struct test *test, const struct compared *column,
                           const struct filter_facts *facts)
{
    uint64_t low, high;
    bool is_float = value_form_is_float(column->form);
    key_bounds(column, facts, &low, &high);
    if (test->inverted)
        return is_float || low < test->low || high > test->high;
    if (is_float && test->high == KEY_NAN)
        return true;
    return test->low <= high && low <= test->high;
}

/* How many keys of the list are below a key. */
static uint32_t keys_below(const struct test *test, uint64_t key)
{
    uint32_t low = 0, high = test->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (test->keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool keys_may_hold(const struct test *test, const struct compared *column,
                          const struct filter_facts *facts)
{
    uint64_t low, high;
    bool is_float = value_form_is_float(column->form);
    key_bounds(column, facts, &low, &high);
    uint32_t at = keys_below(test, low);
    bool one_between = at < test->count && test->keys[at] <= high;
    if (test->inverted)
        return is_float || low != high || !one_between;
    return one_between || (is_float && test->keys[test->count - 1] == KEY_NAN);
}

/* The order of a bound and a text, or 0 with *ret_known false. */
static int bound_order(const struct compared *column, const void *bound, struct column_bytes text,
                       bool *ret_known)
{
    struct column_bytes bytes;
    *ret_known = bound != NULL;
    if (bound == NULL)
        return 0;
    if (column->form == FORM_INT96)
        bytes = (struct column_bytes){bound, 12};
    else
        memcpy(&bytes, bound, sizeof bytes);
    return value_bytes_compare(column->form, bytes, text);
}

static bool order_may_hold(enum comparison comparison, struct column_bytes text,
                           const struct compared *column, const struct filter_facts *facts)
{
    bool has_minimum, has_maximum;
    int minimum = bound_order(column, facts->minimum, text, &has_minimum);
    int maximum = bound_order(column, facts->maximum, text, &has_maximum);
    switch (comparison) {
    case COMPARISON_EQUAL:
        return !(has_minimum && minimum > 0) && !(has_maximum && maximum < 0);
    case COMPARISON_UNEQUAL:
        return !(has_minimum && minimum == 0 && has_maximum && maximum == 0);
    case COMPARISON_LESS:
        return !has_minimum || minimum < 0;
    case COMPARISON_NOT_MORE:
        return !has_minimum || minimum <= 0;
    case COMPARISON_MORE:
        return !has_maximum || maximum > 0;
    case COMPARISON_NOT_LESS:
        break;
    }
    return !has_maximum || maximum >= 0;
}

static bool texts_may_hold(const struct test *test, const struct compared *column,
                           const struct filter_facts *facts)
{
    if (test->inverted) {
        for (uint32_t i = 0; i < test->count; i++) {
            if (!order_may_hold(COMPARISON_UNEQUAL, test->texts[i], column, facts))
                return false;
        }
        return true;
    }
    for (uint32_t i = 0; i < test->count; i++) {
        if (order_may_hold(COMPARISON_EQUAL, test->texts[i], column, facts))
            return true;
    }
    return false;
}

static bool bounds_allow(const struct test *test, const struct compared *column,
                         const struct filter_facts *facts)
{
    switch (test->kind) {
    case TEST_RANGE:
        return range_may_hold(test, column, facts);
    case TEST_KEYS:
        return keys_may_hold(test, column, facts);
    case TEST_ORDER:
        return order_may_hold(test->comparison, test->texts[0], column, facts);
    case TEST_TEXTS:
        return texts_may_hold(test, column, facts);
    default:
        return true;
    }
}

/* A number as the column's physical type has it; false where it has several forms, or none. */
static bool value_of_key(enum value_form form, uint64_t key, uint8_t value[static 8])
{
    uint32_t narrow = (uint32_t)(form == FORM_INT32 ? key ^ KEY_SIGN : key);
    uint64_t wide = form == FORM_INT64 ? key ^ KEY_SIGN : key;
    bool is_zero = key == key_of_double(0);
    double number;
    float single;
    switch (form) {
    case FORM_INT32:
    case FORM_UINT32:
        memcpy(value, &narrow, sizeof narrow);
        return true;
    case FORM_INT64:
    case FORM_UINT64:
        memcpy(value, &wide, sizeof wide);
        return true;
    case FORM_FLOAT:
        number = key_to_double(key);
        single = (float)number;
        memcpy(value, &single, sizeof single);
        return key != KEY_NAN && !is_zero && (double)single == number;
    case FORM_DOUBLE:
        number = key_to_double(key);
        memcpy(value, &number, sizeof number);
        return key != KEY_NAN && !is_zero;
    default:
        return false;
    }
}

/* Whether an integer's key is one of the column's width at all. */
static bool fits_form(enum value_form form, uint64_t key)
{
    if (form == FORM_INT32)
        return key >= key_of_int64(INT32_MIN) && key <= key_of_int64(INT32_MAX);
    return form != FORM_UINT32 || key <= UINT32_MAX;
}

static bool may_contain_key(const struct compared *column, const struct filter_facts *facts,
                            uint64_t key)
{
    uint8_t value[8] = {0};
    if (!fits_form(column->form, key))
        return false;
    if (!value_of_key(column->form, key, value))
        return true;
    return facts->may_contain(facts->context, value);
}

/* Decimals of any length and INT96 have several forms of one value. */
static bool may_contain_text(const struct compared *column, const struct filter_facts *facts,
                             struct column_bytes text)
{
    if (column->form != FORM_BYTES)
        return true;
    return facts->may_contain(facts->context, &text);
}

/* The test asks for single values, and they stand in keys or texts, or in low. */
static bool asks_for_values(const struct test *test)
{
    switch (test->kind) {
    case TEST_RANGE:
        return !test->inverted && test->low == test->high;
    case TEST_ORDER:
        return test->comparison == COMPARISON_EQUAL;
    case TEST_KEYS:
    case TEST_TEXTS:
        return !test->inverted;
    default:
        return false;
    }
}

static bool may_contain_any(const struct test *test, const struct compared *column,
                            const struct filter_facts *facts)
{
    if (test->kind == TEST_RANGE)
        return may_contain_key(column, facts, test->low);
    for (uint32_t i = 0; i < test->count; i++) {
        bool may = test->kind == TEST_KEYS ? may_contain_key(column, facts, test->keys[i])
                                           : may_contain_text(column, facts, test->texts[i]);
        if (may)
            return true;
    }
    return false;
}

/* Whether values are looked at by a test. */
static bool looks_at_values(const struct test *test)
{
    return test->kind != TEST_NEVER && test->kind != TEST_NULL && test->kind != TEST_PRESENT;
}

static bool may_test(const struct test *test, const struct compared *column,
                     const struct filter_facts *facts)
{
    if (test->kind == TEST_NEVER)
        return false;
    if (test->kind == TEST_NULL)
        return facts->has_nulls;
    if (!facts->has_values)
        return false;
    if (!bounds_allow(test, column, facts))
        return false;
    return facts->may_contain == NULL || !asks_for_values(test) ||
           may_contain_any(test, column, facts);
}

/* Tests some values by all tests among the siblings that look at the column's values. */
static void test_together(const struct bound_node *siblings, uint32_t count, uint32_t number,
                          const struct compared *column, const void *values, uint32_t value_count,
                          uint8_t *ret)
{
    uint8_t answers[VALUES_AT_ONCE];
    memset(ret, 1, value_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct test *test = &siblings[i].test;
        if (siblings[i].kind != NODE_COMPARE || test->column != number || !looks_at_values(test))
            continue;
        test_values(test, column, values, value_count, answers);
        for (uint32_t k = 0; k < value_count; k++)
            ret[k] &= answers[k];
    }
}

static bool any_value_passes(const struct bound_node *siblings, uint32_t count, uint32_t number,
                             const struct compared *column, const struct filter_facts *facts)
{
    uint8_t answers[VALUES_AT_ONCE];
    const uint8_t *values = facts->values;
    size_t size = column_value_size(column->type);
    for (uint32_t done = 0; done < facts->value_count; done += VALUES_AT_ONCE) {
        uint32_t left = facts->value_count - done;
        uint32_t part = left < VALUES_AT_ONCE ? left : VALUES_AT_ONCE;
        test_together(siblings, count, number, column, values + done * size, part, answers);
        if (memchr(answers, 1, part) != NULL)
            return true;
    }
    return false;
}

/* Whether an earlier sibling looks at the same column, and so has been asked for all of them. */
static bool asked_before(const struct bound_node *siblings, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++) {
        if (siblings[i].kind == NODE_COMPARE && looks_at_values(&siblings[i].test) &&
            siblings[i].test.column == siblings[at].test.column)
            return true;
    }
    return false;
}

/* Columns whose values are all known: some value must pass all tests that must hold together. */
static bool values_allow(const struct bound_filter *filter, const struct bound_node *siblings,
                         uint32_t count, const struct filter_facts *facts)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = siblings[i].test.column;
        if (siblings[i].kind != NODE_COMPARE || facts[number].values == NULL ||
            !looks_at_values(&siblings[i].test) || asked_before(siblings, i))
            continue;
        if (!any_value_passes(siblings, count, number, &filter->columns[number], &facts[number]))
            return false;
    }
    return true;
}

static bool may_node(const struct bound_filter *filter, const struct bound_node *node,
                     const struct filter_facts *facts)
{
    if (node->kind == NODE_COMPARE) {
        uint32_t column = node->test.column;
        return may_test(&node->test, &filter->columns[column], &facts[column]) &&
               values_allow(filter, node, 1, facts);
    }
    bool all = node->kind == NODE_ALL;
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (may_node(filter, &node->children[i], facts) != all)
            return !all;
    }
    return all && values_allow(filter, node->children, node->child_count, facts);
}

bool filter_may_select(const struct bound_filter *filter, const struct filter_facts *facts)
{
    return may_node(filter, &filter->root, facts);
}

static bool any_test(const struct bound_node *node, uint32_t column,
                     bool (*holds)(const struct test *, const void *), const void *context)
{
    if (node->kind == NODE_COMPARE)
        return node->test.column == column && holds(&node->test, context);
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (any_test(&node->children[i], column, holds, context))
            return true;
    }
    return false;
}

static bool asks(const struct test *test, const void *context)
{
    (void)context;
    return asks_for_values(test);
}

bool filter_asks_for_values(const struct bound_filter *filter, uint32_t column)
{
    return any_test(&filter->root, column, asks, NULL);
}

struct open_question {
    const struct compared *column;
    const struct filter_facts *facts;
};

/* Neither ruled out by the bounds, nor surely true of all that lies between them. */
static bool is_open(const struct test *test, const void *context)
{
    const struct open_question *question = context;
    uint64_t low, high;
    if (test->kind == TEST_NULL || test->kind == TEST_PRESENT)
        return question->facts->has_nulls && question->facts->has_values;
    if (test->kind == TEST_NEVER || !bounds_allow(test, question->column, question->facts))
        return false;
    if (test->kind != TEST_RANGE || test->inverted)
        return true;
    key_bounds(question->column, question->facts, &low, &high);
    return low < test->low || high > test->high;
}

bool filter_is_open(const struct bound_filter *filter, uint32_t column,
                    const struct filter_facts *facts)
{
    const struct open_question question = {&filter->columns[column], facts};
    return any_test(&filter->root, column, is_open, &question);
}
