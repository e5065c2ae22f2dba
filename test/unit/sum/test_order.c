/* Strict order is found in any of its four forms, over the edges of batches, and never claimed
 * wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "sum/order.h"

#define COLUMNS 2

/* A key reader that reads no file: its batch is what the test puts there. */
struct rows {
    struct batch_column columns[COLUMNS];
    struct batch_reader reader;
    int64_t first[BATCH_ROWS];
    int32_t second[BATCH_ROWS];
    uint8_t present[BATCH_ROWS];
};

static struct rows rows;
static struct mem_account account;

static void begin(void)
{
    memset(&rows, 0, sizeof rows);
    memset(rows.present, 1, sizeof rows.present);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    rows.columns[0] = (struct batch_column){.type = {.physical = COLUMN_INT64},
                                            .width = 8,
                                            .values = (const uint8_t *)rows.first,
                                            .present = rows.present};
    rows.columns[1] = (struct batch_column){.type = {.physical = COLUMN_INT32},
                                            .width = 4,
                                            .values = (const uint8_t *)rows.second,
                                            .present = rows.present};
    rows.reader = (struct batch_reader){.column_count = COLUMNS, .columns = rows.columns};
}

/* Gives rows begin..end-1 of a sequence in batches of a size that does not divide them. */
static bool in_order(void (*fill)(int64_t row, int64_t *a, int32_t *b), int64_t count)
{
    struct order_check order;
    struct error error;
    error_init(&error);
    assert_int_equal(order_check_init(&order, COLUMNS, &account, &error), ERROR_NONE);
    for (int64_t row = 0; row < count;) {
        uint32_t batch = 0;
        for (; batch < 37 && row < count; batch++, row++)
            fill(row, &rows.first[batch], &rows.second[batch]);
        rows.reader.row_count = batch;
        assert_int_equal(order_check_batch(&order, &rows.reader, &error), ERROR_NONE);
    }
    bool open = order_check_open(&order);
    order_check_release(&order);
    assert_int_equal(atomic_load(&account.used), 0);
    return open;
}

static void first_leads(int64_t row, int64_t *a, int32_t *b)
{
    *a = row / 10;
    *b = (int32_t)(row % 10);
}

static void last_leads_down(int64_t row, int64_t *a, int32_t *b)
{
    *a = 9 - row % 10;
    *b = (int32_t)(-row / 10);
}

static void repeated_at_batch_edge(int64_t row, int64_t *a, int32_t *b)
{
    first_leads(row == 37 ? 36 : row, a, b);
}

static void shuffled(int64_t row, int64_t *a, int32_t *b)
{
    *a = row * 7919 % 1009;
    *b = (int32_t)row;
    *b = *b % 2 == 0 ? *b : -*b;
}

static void test_orders(void **state)
{
    (void)state;
    begin();
    assert_true(in_order(first_leads, 1000));
    assert_true(in_order(last_leads_down, 1000));
    assert_false(in_order(repeated_at_batch_edge, 1000));
    assert_false(in_order(shuffled, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
