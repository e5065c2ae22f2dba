/*
 * What facts about values rule out, and what they must not: bounds, absence, lists of values, and
 * filters that know single values.
 */
#include <math.h>

#include "filters.h"

static const struct column_type int64_type = {.physical = COLUMN_INT64};
static const struct column_type double_type = {.physical = COLUMN_DOUBLE};
static const struct column_type string_type = {.physical = COLUMN_BYTE_ARRAY,
                                               .logical = COLUMN_STRING};

static bool may(const char *text, const struct column_type *type, struct filter_facts facts)
{
    struct column_type types[2] = {*type, *type};
    struct filter_facts both[2] = {facts, FILTER_NO_FACTS};
    return filter_may_select(bind_types(text, types), both);
}

struct judgement {
    const char *text;
    bool may;
};

static void judge(const struct judgement *judgements, size_t count, const struct column_type *type,
                  struct filter_facts facts)
{
    for (size_t i = 0; i < count; i++) {
        if (may(judgements[i].text, type, facts) != judgements[i].may)
            fail_msg("%s: not %d", judgements[i].text, judgements[i].may);
    }
}

#define JUDGE(type, facts, ...)                                                                    \
    do {                                                                                           \
        const struct judgement judgements_[] = {__VA_ARGS__};                                      \
        judge(judgements_, sizeof judgements_ / sizeof judgements_[0], type, facts);               \
    } while (0)

static void test_integer_bounds(void **state)
{
    (void)state;
    static const int64_t low = 10, high = 20;
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.minimum = &low;
    facts.maximum = &high;
    JUDGE(&int64_type, facts, {"x < 10", false}, {"x < 10.5", true}, {"x <= 10", true},
          {"x > 20", false}, {"x >= 20", true}, {"x = 9", false}, {"x = 15", true},
          {"x = 15.5", false}, {"x <> 15", true}, {"x in (1, 2, 30)", false},
          {"x in (1, 12, 30)", true}, {"x not in (10, 20)", true}, {"x between 21 and 99", false},
          {"not x <= 20", false}, {"not (x < 10 or x > 20)", true}, {"not (x >= 10)", false},
          {"x < 10 or x > 20", false}, {"x < 10 or x > 19", true}, {"x = 15 and x < 3", false},
          {"x < 10 or y = 1", true}, {"x < 10 and y = 1", false}, {"x is null", true},
          {"x between 15 and 3", false});
    facts.maximum = NULL;
    JUDGE(&int64_type, facts, {"x < 10", false}, {"x > 1000", true}, {"x in (1, 2)", false},
          {"x in (1, 99)", true});
    facts.maximum = &low;
    JUDGE(&int64_type, facts, {"x <> 10", false}, {"x not in (1, 10)", false},
          {"x not in (1, 11)", true}, {"x = 10", true});
}

static void test_absence(void **state)
{
    (void)state;
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.has_nulls = false;
    JUDGE(&int64_type, facts, {"x is null", false}, {"x is not null", true}, {"x = 1", true},
          {"not x is not null", false});
    facts = (struct filter_facts){.has_nulls = true};
    JUDGE(&int64_type, facts, {"x is null", true}, {"x is not null", false}, {"x = 1", false},
          {"x <> 1", false}, {"x not in (1)", false}, {"x < 1e99", false},
          {"x = 1 or y = 1", true});
}

/* NaN is greater than any bound, and in none. */
static void test_nan_beside_bounds(void **state)
{
    (void)state;
    static const double low = -1, high = 2, zero = 0.0, negative_zero = -0.0;
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.minimum = &low;
    facts.maximum = &high;
    JUDGE(&double_type, facts, {"x > 2", true}, {"x >= 3", true}, {"x < -1", false},
          {"x = 3", false}, {"x in (3, 4)", false}, {"x in (3, 'nan')", true}, {"x = 'nan'", true},
          {"x <= 'inf' and x > 2", false}, {"x between 3 and 1e400", false});
    facts.maximum = &low;
    JUDGE(&double_type, facts, {"x <> -1", true}, {"x not in (-1)", true});
    facts.minimum = &zero;
    facts.maximum = &negative_zero;
    JUDGE(&double_type, facts, {"x = -0.0", true}, {"x >= 0", true}, {"x <= -0", true},
          {"x < 0", false});
}

/* Bounds of texts may be cut: what is between them need not be a value. */
static void test_text_bounds(void **state)
{
    (void)state;
    static const struct column_bytes low = {(const uint8_t *)"ba", 2};
    static const struct column_bytes high = {(const uint8_t *)"d", 1};
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.minimum = &low;
    facts.maximum = &high;
    JUDGE(&string_type, facts, {"x = 'b'", false}, {"x = 'ba'", true}, {"x = 'c'", true},
          {"x = 'da'", false}, {"x > 'd'", false}, {"x >= 'd'", true}, {"x < 'ba'", false},
          {"x <= 'ba'", true}, {"x <> 'c'", true}, {"x in ('a', 'e')", false},
          {"x in ('a', 'c')", true}, {"x not in ('c')", true});
    const struct column_type fixed = {.physical = COLUMN_FIXED, .type_length = 8};
    JUDGE(&fixed, facts, {"x = 'b'", false}, {"x = 'c'", true}, {"x > 'd'", false});
}

/* A dictionary: tests that must hold together are tried together. */
static void test_lists_of_values(void **state)
{
    (void)state;
    static const int64_t values[] = {50, 250};
    static const struct column_bytes texts[] = {{(const uint8_t *)"a", 1},
                                                {(const uint8_t *)"b", 1}};
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.values = values;
    facts.value_count = 2;
    JUDGE(&int64_type, facts, {"x >= 100 and x < 200", false}, {"x > 100 and x <> 250", false},
          {"x > 100 or x < 20", true}, {"x = 50", true}, {"x in (1, 2, 250)", true},
          {"x <> 50 and x <> 250", false}, {"x not in (50, 250)", false},
          {"x not in (50, 250) or x is null", true}, {"(x < 100 or y = 1) and x > 200", true});
    facts.values = texts;
    JUDGE(&string_type, facts, {"x > 'a' and x < 'b'", false}, {"x = 'b'", true},
          {"x <> 'a' and y = 'c'", true}, {"x = 'ab'", false});
}

struct asked {
    int64_t known;
    unsigned count;
};

static bool contains(const void *context, const void *value)
{
    struct asked *asked = (struct asked *)context;
    asked->count++;
    return memcmp(value, &asked->known, sizeof asked->known) == 0;
}

static void test_single_values(void **state)
{
    (void)state;
    struct asked asked = {.known = -7};
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.may_contain = contains;
    facts.context = &asked;
    JUDGE(&int64_type, facts, {"x = 5", false}, {"x = -7", true}, {"x in (1, 2, 3)", false},
          {"x in (1, -7, 3)", true}, {"x > 5 and x < 7", false});
    assert_int_equal(asked.count, 1 + 1 + 3 + 1 + 1);
    asked.count = 0;
    JUDGE(&int64_type, facts, {"x > 5", true}, {"x <> -7", true}, {"x not in (1)", true},
          {"x is null", true}, {"x = 5 or x is null", true});
    assert_int_equal(asked.count, 1);
    /* Values of several forms cannot be asked for. */
    asked.count = 0;
    JUDGE(&double_type, facts, {"x = 0", true}, {"x = 'nan'", true});
    assert_int_equal(asked.count, 0);
    JUDGE(&double_type, facts, {"x = 1.5", false});
    assert_int_equal(asked.count, 1);
}

static bool contains_bytes(const void *context, const void *value)
{
    return memcmp(value, context, 4) == 0;
}

static void test_single_values_of_four_bytes(void **state)
{
    (void)state;
    static const int32_t number = -9;
    static const float single = 0.1f;
    const struct column_type int32_type = {.physical = COLUMN_INT32};
    const struct column_type uint32_type = {
        .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32};
    const struct column_type float_type = {.physical = COLUMN_FLOAT};
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.may_contain = contains_bytes;
    facts.context = &number;
    JUDGE(&int32_type, facts, {"x = -9", true}, {"x = 4294967287", false}, {"x = 9", false});
    JUDGE(&uint32_type, facts, {"x = -9", false}, {"x = 4294967287", true},
          {"x = 8589934583", false});
    facts.context = &single;
    JUDGE(&float_type, facts, {"x = 0.100000001490116119384765625", true}, {"x = 0.5", false});
}

static void test_asks_for_values(void **state)
{
    (void)state;
    const struct column_type types[2] = {int64_type, int64_type};
    const struct bound_filter *bound = bind_types("x = 1 or y > 2 and not x <> 3", types);
    assert_true(filter_asks_for_values(bound, 0));
    assert_false(filter_asks_for_values(bound, 1));
    bound = bind_types("x not in (1, 2) or y in (1.5, 2)", types);
    assert_false(filter_asks_for_values(bound, 0));
    assert_true(filter_asks_for_values(bound, 1));
}

static void test_is_open(void **state)
{
    (void)state;
    static const int64_t low = 10, high = 20;
    struct filter_facts facts = FILTER_NO_FACTS;
    facts.minimum = &low;
    facts.maximum = &high;
    assert_false(filter_is_open(bind_types("x < 21", &int64_type), 0, &facts));
    assert_false(filter_is_open(bind_types("x > 20", &int64_type), 0, &facts));
    assert_true(filter_is_open(bind_types("x > 19", &int64_type), 0, &facts));
    assert_true(filter_is_open(bind_types("x in (11)", &int64_type), 0, &facts));
    assert_true(filter_is_open(bind_types("x is null", &int64_type), 0, &facts));
    facts.has_nulls = false;
    assert_false(filter_is_open(bind_types("x is null", &int64_type), 0, &facts));
}

/* Random filters over random values: whatever is taken was not ruled out. */
static uint64_t random_state;

static unsigned draw(unsigned below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % below;
}

static void write_random_filter(char *text, size_t size)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">="};
    size_t at = 0;
    unsigned parts = 1 + draw(4);
    for (unsigned i = 0; i < parts; i++) {
        const char *joint = i == 0 ? "" : draw(2) ? " and " : " or ";
        const char *turned = draw(4) == 0 ? "not " : "";
        if (draw(4) == 0)
            at += (size_t)snprintf(text + at, size - at, "%s%sx in (%u.5, %u, %u)", joint, turned,
                                   draw(6), draw(6), draw(6));
        else if (draw(8) == 0)
            at += (size_t)snprintf(text + at, size - at, "%s%sx = 'nan'", joint, turned);
        else if (draw(8) == 0)
            at += (size_t)snprintf(text + at, size - at, "%s%sx is null", joint, turned);
        else
            at += (size_t)snprintf(text + at, size - at, "%s%sx %s %s%u%s", joint, turned,
                                   comparisons[draw(6)], draw(5) ? "" : "-", draw(6),
                                   draw(3) ? "" : ".5");
    }
}

struct some_values {
    double values[8];
    uint32_t count;
};

static bool contains_double(const void *context, const void *value)
{
    const struct some_values *some = context;
    for (uint32_t i = 0; i < some->count; i++) {
        if (memcmp((const uint8_t *)some->values + 8 * (size_t)i, value, 8) == 0)
            return true;
    }
    return false;
}

static void test_never_too_much(void **state)
{
    (void)state;
    char text[400];
    uint8_t present[8], selected[8];
    unsigned ruled_out = 0;
    random_state = 20250101;
    for (unsigned round = 0; round < 20000; round++) {
        struct some_values some = {.count = 0};
        struct filter_facts facts = {.has_nulls = false};
        double low = INFINITY, high = -INFINITY;
        for (unsigned row = 0; row < 8; row++) {
            present[row] = draw(4) > 0;
            double value = draw(10) == 0 ? NAN : (double)(draw(3) + round % 4) * (draw(9) ? 1 : -1);
            facts.has_nulls |= present[row] == 0;
            facts.has_values |= present[row] == 1;
            if (!present[row])
                continue;
            some.values[some.count++] = value;
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        facts.minimum = low <= high && draw(4) ? &low : NULL;
        facts.maximum = low <= high && draw(4) ? &high : NULL;
        facts.values = draw(2) && some.count > 0 ? some.values : NULL;
        facts.value_count = some.count;
        facts.may_contain = draw(2) ? contains_double : NULL;
        facts.context = &some;
        write_random_filter(text, sizeof text);
        struct bound_filter *bound = bind_types(text, &double_type);
        const struct column_slice slice = {8, some.count, present, some.values};
        bool taken = filter_select(bound, &slice, 8, selected) > 0;
        bool possible = filter_may_select(bound, &facts);
        if (taken && !possible)
            fail_msg("round %u: %s was ruled out", round, text);
        ruled_out += !possible;
        mem_arena_release(&filters.arena);
    }
    assert_true(ruled_out > 2000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, filters_setup, filters_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_integer_bounds),
        TEST(test_absence),
        TEST(test_nan_beside_bounds),
        TEST(test_text_bounds),
        TEST(test_lists_of_values),
        TEST(test_single_values),
        TEST(test_single_values_of_four_bytes),
        TEST(test_asks_for_values),
        TEST(test_is_open),
        TEST(test_never_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
