/* Sums of tiles, fed in place of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group/group.h"

#define KEYS  30000 /* of the tile */
#define FIRST 700
#define COUNT (KEYS - FIRST)
#define FILES 3

static struct mem_account account;
static struct error error;

struct fixture {
    struct aggregate_value value;
    struct column_field field;
    struct exact_grids grids;
    struct value_tile tile;
    struct grouping *grouping;
    uint64_t codes[COUNT], rows[COUNT], hashes[COUNT];
    uint32_t offsets[COUNT + 1];
    uint8_t bytes[COUNT * 8];
    double sums[KEYS];
    uint64_t counts[KEYS];
};

static struct fixture fixture;

static double value_of(size_t key, int file)
{
    return ((double)key * 8 - 100000.5) * (file + 1);
}

static void fill_tile(void)
{
    static const struct column_type type = {.physical = COLUMN_DOUBLE};
    static double values[KEYS];
    struct aggregate aggregate = {AGGREGATE_SUM, "v", "sum"};
    struct column_field source = {.name = "v", .type = type};
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    aggregate_value_init(&fixture.value, "v", 0, &type);
    assert_int_equal(
        aggregate_value_want(&fixture.value, &aggregate, &source, &fixture.field, &error), 0);
    fixture.grids = exact_grids_for(1e6);
    assert_int_equal(value_tile_init(&fixture.tile, &fixture.value, KEYS, exact_tile_size(KEYS, 2),
                                     fixture.grids, &account, &error),
                     ERROR_NONE);
    assert_int_equal(value_tile_begin(&fixture.tile, KEYS, &error), ERROR_NONE);
    for (int file = 0; file < FILES; file++) {
        for (size_t k = 0; k < KEYS; k++)
            values[k] = value_of(k, file);
        struct column_slice slice = {KEYS, KEYS, NULL, values};
        assert_int_equal(value_tile_add(&fixture.tile, 0, &slice), EXACT_DONE);
        value_tile_end_file(&fixture.tile);
    }
}

/* Keys of the tile go to groups in turn, but for a stride that mixes them. */
static void make_keys(uint32_t groups, bool by_rows)
{
    memset(fixture.sums, 0, sizeof fixture.sums);
    memset(fixture.counts, 0, sizeof fixture.counts);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t group = (uint32_t)((uint64_t)i * 7919 % groups);
        fixture.codes[i] = group;
        fixture.rows[i] = by_rows ? i % 5 : FILES;
        fixture.offsets[i + 1] = (i + 1) * 8;
        memcpy(fixture.bytes + (size_t)i * 8, &fixture.codes[i], 8);
        fixture.hashes[i] = key_hash(fixture.bytes + (size_t)i * 8, 8);
        for (int file = 0; file < FILES; file++)
            fixture.sums[group] += value_of(FIRST + i, file); /* exact: few bits */
        fixture.counts[group] += fixture.rows[i];
    }
}

static void feed(enum group_keys kind, bool by_rows)
{
    struct group_feed *feeding;
    struct group_sums sums = {&fixture.tile, FIRST, by_rows ? fixture.rows : NULL, FILES};
    assert_int_equal(group_feed_open(fixture.grouping, &feeding, &error), ERROR_NONE);
    bool bytes = kind == GROUP_BYTES;
    assert_int_equal(group_feed_sums(feeding, COUNT, bytes ? NULL : fixture.codes,
                                     bytes ? fixture.bytes : NULL, bytes ? fixture.offsets : NULL,
                                     bytes ? fixture.hashes : NULL, &sums, &error),
                     ERROR_NONE);
    assert_int_equal(group_feed_close(feeding, &error), ERROR_NONE);
}

static uint32_t check(enum group_keys kind)
{
    static double values[VALUE_TILE_WINDOW];
    static uint8_t present[VALUE_TILE_WINDOW];
    struct group_rows rows;
    struct column_slice slice;
    uint32_t seen = 0;
    for (;;) {
        size_t index;
        uint64_t key;
        assert_int_equal(group_next(fixture.grouping, &rows, &error), ERROR_NONE);
        if (rows.row_count == 0)
            return seen;
        assert_int_equal(group_result(fixture.grouping, 0, AGGREGATE_SUM, &fixture.field.type,
                                      (uint8_t *)values, present, &slice, &index, &error),
                         ERROR_NONE);
        for (uint32_t i = 0; i < rows.row_count; i++) {
            if (kind == GROUP_BYTES)
                memcpy(&key, rows.keys[i].data, sizeof key);
            else
                key = rows.codes[i];
            assert_true(values[i] == fixture.sums[key]);
            assert_int_equal(rows.rows[i], fixture.counts[key]);
        }
        seen += rows.row_count;
    }
}

static void run(enum group_keys kind, uint32_t groups, size_t limit, bool by_rows)
{
    struct group_options options = {.keys = kind,
                                    .span = groups,
                                    .values = &fixture.value,
                                    .grids = &fixture.grids,
                                    .value_count = 1,
                                    .wants_rows = true,
                                    .threads = 1,
                                    .limit = limit};
    fill_tile();
    make_keys(groups, by_rows);
    if (limit == 0)
        options.limit = group_size_least(&options);
    assert_int_equal(group_create(&account, &options, &fixture.grouping, &error), ERROR_NONE);
    feed(kind, by_rows);
    assert_int_equal(check(kind), groups);
    group_destroy(fixture.grouping);
    value_tile_release(&fixture.tile);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void test_few_keys(void **state)
{
    (void)state;
    for (int kind = GROUP_DENSE; kind <= GROUP_BYTES; kind++) {
        run((enum group_keys)kind, 1, MEM_NO_LIMIT, false);
        run((enum group_keys)kind, 120, (size_t)64 << 20, true);
    }
}

static void test_more_keys_than_a_feed_holds(void **state)
{
    (void)state;
    for (int kind = GROUP_DENSE; kind <= GROUP_BYTES; kind++) {
        run((enum group_keys)kind, 25000, (size_t)64 << 20, false);
        run((enum group_keys)kind, COUNT, MEM_NO_LIMIT, true);
    }
}

/* The least limit leaves a dense grouping no totals of its own for each feed. */
static void test_dense_in_little_memory(void **state)
{
    (void)state;
    run(GROUP_DENSE, 25000, 0, true);
}

static void test_sums_are_never_put_aside(void **state)
{
    (void)state;
    struct group_options options = {.keys = GROUP_CODES, .threads = 1, .value_count = 1};
    struct group_feed *feeding;
    fill_tile();
    make_keys(COUNT, false);
    options.values = &fixture.value;
    options.grids = &fixture.grids;
    options.limit = group_size_least(&options);
    options.folder = "/nowhere";
    struct group_sums sums = {&fixture.tile, FIRST, NULL, FILES};
    assert_int_equal(group_create(&account, &options, &fixture.grouping, &error), ERROR_NONE);
    assert_int_equal(group_feed_open(fixture.grouping, &feeding, &error), ERROR_NONE);
    enum error_code code = ERROR_NONE;
    for (uint64_t shift = 1; shift < 100 && code == ERROR_NONE; shift++) {
        for (uint32_t i = 0; i < COUNT; i++)
            fixture.codes[i] += KEYS;
        code = group_feed_sums(feeding, COUNT, fixture.codes, NULL, NULL, NULL, &sums, &error);
    }
    assert_int_equal(code, ERROR_MEMORY);
    assert_non_null(strstr(error.hint, "--memory"));
    group_feed_abort(feeding);
    group_destroy(fixture.grouping);
    value_tile_release(&fixture.tile);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_keys),
        cmocka_unit_test(test_more_keys_than_a_feed_holds),
        cmocka_unit_test(test_dense_in_little_memory),
        cmocka_unit_test(test_sums_are_never_put_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
