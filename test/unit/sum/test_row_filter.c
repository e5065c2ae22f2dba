/* Rows that a filter takes, side by side in all columns, whatever their widths and NULLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sum/row_filter.h"

#define COLUMNS 5

static struct sum sum;
static struct error error;
static struct mem_arena arena;
static int64_t tested[BATCH_ROWS];
static uint8_t present[BATCH_ROWS];
static uint8_t values[COLUMNS][BATCH_ROWS * 16];
static uint64_t codes[BATCH_ROWS];
static const size_t widths[COLUMNS] = {1, 4, 8, 12, 16};
static const struct column_type int64 = {.physical = COLUMN_INT64};

static int set_up(void **state)
{
    (void)state;
    memset(&sum, 0, sizeof sum);
    mem_account_init(&sum.account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &sum.account);
    error_init(&error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mem_arena_release(&arena);
    return atomic_load(&sum.account.used) == 0 ? 0 : -1;
}

static void parse(const char *text)
{
    size_t offset;
    sum.options.where = text;
    assert_int_equal(filter_parse(text, &arena, &sum.filter, &offset, &error), ERROR_NONE);
}

static void open_filter(struct row_filter *filter, const char *text)
{
    parse(text);
    assert_int_equal(row_filter_open(filter, &sum, &int64, COLUMNS, &error), ERROR_NONE);
}

/* The byte at a place of a row's value. */
static uint8_t byte_of(uint32_t column, uint32_t row, size_t place)
{
    return (uint8_t)(row * 31 + row / 256 + column * 7 + place);
}

/* Values of rows that have one, dense. */
static struct column_slice make_slice(uint32_t column, uint32_t rows, bool nulls)
{
    uint8_t *to = values[column];
    uint32_t count = 0;
    for (uint32_t row = 0; row < rows; row++) {
        if (nulls && present[row] == 0)
            continue;
        for (size_t i = 0; i < widths[column]; i++)
            to[count * widths[column] + i] = byte_of(column, row, i);
        count++;
    }
    return (struct column_slice){rows, count, nulls ? present : NULL, to};
}

static void check_slice(const struct column_slice *slice, uint32_t column, uint32_t rows,
                        bool nulls, const uint8_t *selected)
{
    const uint8_t *value = slice->values;
    uint32_t kept = 0;
    for (uint32_t row = 0; row < rows; row++) {
        if (selected[row] == 0)
            continue;
        bool there = !nulls || present[row] != 0;
        assert_int_equal(slice->present == NULL || slice->present[kept] != 0, there);
        for (size_t i = 0; there && i < widths[column]; i++)
            assert_int_equal(*value++, byte_of(column, row, i));
        kept++;
    }
    assert_int_equal(slice->row_count, kept);
    assert_int_equal((size_t)(value - (const uint8_t *)slice->values),
                     slice->value_count * widths[column]);
}

static void check(struct row_filter *filter, uint32_t rows, uint32_t share)
{
    struct column_slice slices[COLUMNS];
    const struct column_slice *kept;
    const struct column_slice asked = {rows, rows, NULL, tested};
    uint32_t expected = 0, at = 0;
    for (uint32_t row = 0; row < rows; row++) {
        present[row] = row % 3 != 1;
        tested[row] = row * 7 % 10 < share;
        codes[row] = row;
        expected += tested[row] != 0;
    }
    assert_int_equal(row_filter_select(filter, &asked, rows), expected);
    for (uint32_t i = 0; i < COLUMNS; i++)
        slices[i] = make_slice(i, rows, i % 2 == 1 || rows % 2 == 1);
    assert_int_equal(row_filter_compact(filter, slices, widths, &kept, &error), ERROR_NONE);
    for (uint32_t i = 0; i < COLUMNS; i++)
        check_slice(&kept[i], i, rows, slices[i].present != NULL, filter->selected);
    row_filter_compact_codes(filter, codes, rows);
    for (uint32_t row = 0; row < rows; row++)
        if (tested[row] != 0)
            assert_int_equal(codes[at++], row);
}

static void rows_that_are_taken_stay_side_by_side(void **state)
{
    (void)state;
    struct row_filter filter;
    const uint32_t rows[] = {1, 2, 17, 1000, 1001, BATCH_ROWS - 1, BATCH_ROWS};
    open_filter(&filter, "x = 1");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t share = 0; share <= 10; share += 2)
            check(&filter, rows[i], share);
    row_filter_close(&filter);
}

static void without_a_filter_all_rows_are_taken(void **state)
{
    (void)state;
    struct row_filter filter;
    assert_int_equal(row_filter_open(&filter, &sum, NULL, COLUMNS, &error), ERROR_NONE);
    assert_int_equal(row_filter_select(&filter, NULL, 123), 123);
    row_filter_close(&filter);
}

static void rows_of_null_are_not_taken(void **state)
{
    (void)state;
    struct row_filter filter;
    uint8_t none[10] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    const struct column_slice asked = {10, 5, none, tested};
    memset(tested, 0, sizeof tested);
    open_filter(&filter, "not x > 5");
    assert_int_equal(row_filter_select(&filter, &asked, 10), 5);
    assert_memory_equal(filter.selected, none, 10);
    row_filter_close(&filter);
}

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct row_filter filter = {0};
    parse("x = 1");
    sum.account.limit = atomic_load(&sum.account.used) + 5000;
    assert_int_equal(row_filter_open(&filter, &sum, &int64, COLUMNS, &error), ERROR_MEMORY);
    row_filter_close(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_that_are_taken_stay_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_filter_all_rows_are_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_of_null_are_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_little_memory_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
