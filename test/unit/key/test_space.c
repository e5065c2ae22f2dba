/* Codes of whole keys: in the order of the keys, and back to the values. */
#include "values.h"

#include "key/space.h"

#define ROWS    300
#define COLUMNS 4

static struct mem_account account;
static struct error error;

/* Rows of a few columns, whose values are all in domains. */
struct table {
    uint32_t columns;
    struct column_type types[COLUMNS];
    struct key_domain *domains[COLUMNS];
    uint8_t present[COLUMNS][ROWS];
    uint8_t values[COLUMNS][ROWS][VALUE_MOST];
    uint64_t codes[ROWS];
    struct mem_arena arena;
};

static struct key_domain *list_of_column(struct table *table, uint32_t column)
{
    struct key_domain *list;
    bool full;
    assert_int_equal(
        key_domain_create_list(&account, &table->types[column], 1 << 20, &list, &error),
        ERROR_NONE);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(key_domain_put(list, table->values[column][i], table->present[column][i],
                                        &full, &error),
                         ERROR_NONE);
    bool nullable = memchr(table->present[column], 0, ROWS) != NULL;
    assert_int_equal(key_domain_finish(list, nullable, &error), ERROR_NONE);
    return list;
}

static void make_column(struct table *table, uint32_t column, uint64_t *seed)
{
    bool nullable = value_random(seed) % 2;
    table->types[column] = value_types[value_random(seed) % VALUE_TYPES];
    for (size_t i = 0; i < ROWS; i++) {
        value_make(seed, &table->types[column], &table->arena, table->values[column][i]);
        table->present[column][i] = !nullable || value_random(seed) % 5 != 0;
    }
    table->domains[column] = list_of_column(table, column);
}

static void make_codes(struct table *table, const struct key_space *space)
{
    memset(table->codes, 0, sizeof table->codes);
    for (uint32_t c = 0; c < table->columns; c++) {
        for (size_t i = 0; i < ROWS; i++) {
            uint64_t number;
            const void *value = table->present[c][i] != 0 ? table->values[c][i] : NULL;
            assert_true(key_domain_number(table->domains[c], value, &number));
            table->codes[i] += number * space->strides[c];
        }
    }
}

/* NULL first, column by column. */
static int compare_rows(const struct table *table, size_t a, size_t b)
{
    for (uint32_t c = 0; c < table->columns; c++) {
        int order = table->present[c][a] - table->present[c][b];
        if (order == 0 && table->present[c][a] != 0)
            order =
                column_value_compare(&table->types[c], table->values[c][a], table->values[c][b]);
        if (order != 0)
            return value_sign(order);
    }
    return 0;
}

static void check_decode(const struct table *table, const struct key_space *space, uint32_t column)
{
    _Alignas(64) static uint8_t values[ROWS * VALUE_MOST];
    static uint8_t present[ROWS];
    struct column_slice slice;
    key_space_decode(space, column, table->codes, ROWS, values, present, &slice);
    assert_int_equal(slice.row_count, ROWS);
    const uint8_t *value = slice.values;
    uint32_t value_count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(present[i], table->present[column][i]);
        assert_true(slice.present != NULL ? slice.present[i] == present[i] : present[i] == 1);
        if (present[i] == 0)
            continue;
        assert_int_equal(
            column_value_compare(&table->types[column], value, table->values[column][i]), 0);
        value += column_value_size(&table->types[column]);
        value_count++;
    }
    assert_int_equal(slice.value_count, value_count);
}

static void check_space(uint64_t seed)
{
    static struct table table;
    mem_arena_init(&table.arena, &account);
    table.columns = (uint32_t)(value_random(&seed) % (COLUMNS + 1));
    for (uint32_t c = 0; c < table.columns; c++)
        make_column(&table, c, &seed);
    struct key_space space;
    assert_true(
        key_space_init(&space, (const struct key_domain *const *)table.domains, table.columns));
    make_codes(&table, &space);
    for (size_t a = 0; a < ROWS; a++) {
        assert_true(table.codes[a] < space.span);
        for (size_t b = 0; b < a; b++)
            assert_int_equal((table.codes[a] > table.codes[b]) - (table.codes[a] < table.codes[b]),
                             compare_rows(&table, a, b));
    }
    for (uint32_t c = 0; c < table.columns; c++) {
        check_decode(&table, &space, c);
        key_domain_destroy(table.domains[c]);
    }
    mem_arena_release(&table.arena);
}

static void codes_are_in_order_and_lead_back(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++)
        check_space(value_seed("spaces", seed));
    assert_int_equal(atomic_load(&account.used), 0);
}

static struct key_domain *range_of(int64_t high, bool nullable)
{
    const struct column_type type = {.physical = COLUMN_INT64};
    const int64_t low = 0;
    struct key_domain *range;
    assert_int_equal(
        key_domain_create_range(&account, &type, &low, &high, nullable, &range, &error),
        ERROR_NONE);
    return range;
}

/* first: values of the first column; codes go through all of the span. */
static void check_ranges(int64_t first)
{
    struct key_domain *a = range_of(first - 1, true), *b = range_of(119, false);
    const struct key_domain *domains[] = {a, b};
    struct key_space space;
    assert_true(key_space_init(&space, domains, 2));
    assert_true(space.span == (uint64_t)(first + 1) * 120);
    uint64_t codes[ROWS];
    int64_t values[ROWS];
    uint8_t present[ROWS];
    struct column_slice slice;
    for (uint64_t i = 0; i < ROWS; i++)
        codes[i] = i < ROWS / 2 ? i : space.span / (i + 1 - ROWS / 2) - 1;
    key_space_decode(&space, 0, codes, ROWS, values, present, &slice);
    for (uint32_t i = 0, at = 0; i < ROWS; i++) {
        assert_int_equal(present[i], codes[i] / 120 != 0);
        if (present[i] != 0)
            assert_true(values[at++] == (int64_t)(codes[i] / 120 - 1));
    }
    key_space_decode(&space, 1, codes, ROWS, values, present, &slice);
    assert_int_equal(slice.value_count, ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        assert_true(values[i] == (int64_t)(codes[i] % 120));
    key_domain_destroy(a);
    key_domain_destroy(b);
}

static void ranges_lead_back(void **state)
{
    (void)state;
    check_ranges(50000);
    check_ranges(UINT32_MAX / 120 - 1); /* the last span of 32 bits */
    check_ranges(UINT32_MAX / 120);
    check_ranges(1ll << 50);
}

static void a_space_ends_below_half_of_all_codes(void **state)
{
    (void)state;
    struct key_domain *wide = range_of((1ll << 31) - 1, false), *two = range_of(1, false);
    struct key_domain *all = range_of(INT64_MAX, false), *less = range_of(INT64_MAX - 1, false);
    struct key_domain *none = range_of(-1, false);
    const struct key_domain *domains[KEY_SPACE_COLUMNS_MOST + 1] = {wide, wide, two};
    struct key_space space;
    assert_true(key_space_init(&space, domains, 2));
    assert_true(space.span == 1ull << 62);
    assert_false(key_space_init(&space, domains, 3));
    assert_false(key_space_init(&space, (const struct key_domain *[]){all}, 1));
    assert_true(key_space_init(&space, (const struct key_domain *[]){less}, 1));
    assert_true(key_space_init(&space, (const struct key_domain *[]){less, none}, 2));
    assert_true(space.span == 0);
    const struct key_domain *one = none;
    for (size_t i = 0; i <= KEY_SPACE_COLUMNS_MOST; i++)
        domains[i] = one;
    assert_true(key_space_init(&space, domains, KEY_SPACE_COLUMNS_MOST));
    assert_false(key_space_init(&space, domains, KEY_SPACE_COLUMNS_MOST + 1));
    struct key_domain *const owned[] = {wide, two, all, less, none};
    for (size_t i = 0; i < 5; i++)
        key_domain_destroy(owned[i]);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_in_order_and_lead_back),
        cmocka_unit_test(ranges_lead_back),
        cmocka_unit_test(a_space_ends_below_half_of_all_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
