/* A sorter gives what a plain stable sort by column_value_compare gives, within its limit. */
#include "values.h"

#include <stdlib.h>

#include "sort/sort.h"

#define MIB          ((size_t)1 << 20)
#define MOST_COLUMNS 16
#define BATCH_ROWS   997

/* Rows as values of 16 bytes a column; the last column is the row's number. */
struct table {
    struct column_field fields[MOST_COLUMNS];
    uint32_t column_count;
    uint32_t keys[4];
    uint32_t key_count;
    uint32_t row_count;
    uint8_t (*values)[MOST_COLUMNS][16];
    uint8_t (*present)[MOST_COLUMNS];
    struct mem_account account;
    struct mem_arena arena;
    /* Slices of the batch made last. */
    struct column_slice slices[MOST_COLUMNS];
    uint8_t dense[MOST_COLUMNS][BATCH_ROWS * 16];
    uint8_t flags[MOST_COLUMNS][BATCH_ROWS];
};

static struct table table;
static struct error error;

static void add_column(struct column_field field)
{
    table.fields[table.column_count++] = field;
}

static void make_table(uint32_t rows, uint64_t seed)
{
    void *memory;
    add_column((struct column_field){.name = "row", .type = {.physical = COLUMN_INT64}});
    mem_account_init(&table.account, "table", NULL, MEM_NO_LIMIT);
    mem_arena_init(&table.arena, &table.account);
    table.row_count = rows;
    assert_int_equal(mem_alloc_array(&table.account, rows, sizeof *table.values, &memory, &error),
                     ERROR_NONE);
    table.values = memory;
    assert_int_equal(mem_alloc_array(&table.account, rows, sizeof *table.present, &memory, &error),
                     ERROR_NONE);
    table.present = memory;
    for (uint64_t i = 0; i < rows; i++) {
        for (uint32_t c = 0; c + 1 < table.column_count; c++) {
            table.present[i][c] = !table.fields[c].nullable || value_random(&seed) % 8 != 0;
            value_make(&seed, &table.fields[c].type, &table.arena, table.values[i][c]);
        }
        table.present[i][table.column_count - 1] = 1;
        memcpy(table.values[i][table.column_count - 1], &i, sizeof i);
    }
}

static int release_table(void **state)
{
    (void)state;
    mem_free(table.values);
    mem_free(table.present);
    mem_arena_release(&table.arena);
    memset(&table, 0, sizeof table);
    return 0;
}

static struct column_batch table_batch(uint32_t first)
{
    uint32_t left = table.row_count - first, rows = left < BATCH_ROWS ? left : BATCH_ROWS;
    for (uint32_t c = 0; c < table.column_count; c++) {
        size_t size = column_value_size(&table.fields[c].type), values = 0;
        for (uint32_t i = 0; i < rows; i++) {
            table.flags[c][i] = table.present[first + i][c];
            if (table.flags[c][i] != 0)
                memcpy(table.dense[c] + values++ * size, table.values[first + i][c], size);
        }
        table.slices[c] = (struct column_slice){
            rows, (uint32_t)values, values == rows ? NULL : table.flags[c], table.dense[c]};
    }
    return (struct column_batch){rows, table.column_count, table.fields, table.slices};
}

static int compare_rows(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (uint32_t k = 0; k < table.key_count; k++) {
        uint32_t c = table.keys[k];
        int order = (table.present[x][c] != 0) - (table.present[y][c] != 0);
        if (order == 0 && table.present[x][c] != 0)
            order =
                column_value_compare(&table.fields[c].type, table.values[x][c], table.values[y][c]);
        if (order != 0)
            return order;
    }
    return (x > y) - (x < y);
}

/* Row numbers in the order a sort must give. */
static uint32_t *reference_order(void)
{
    void *memory;
    assert_int_equal(mem_alloc_array(&table.account, table.row_count, 4, &memory, &error),
                     ERROR_NONE);
    uint32_t *order = memory;
    for (uint32_t i = 0; i < table.row_count; i++)
        order[i] = i;
    qsort(order, table.row_count, sizeof *order, compare_rows);
    return order;
}

static bool same_value(const struct column_type *type, const void *a, const void *b)
{
    struct column_bytes x, y;
    if (type->physical != COLUMN_BYTE_ARRAY)
        return memcmp(a, b, column_value_size(type)) == 0;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
}

static void check_batch(const struct column_batch *batch, const uint32_t *order)
{
    assert_true(batch->row_count <= 4096);
    assert_int_equal(batch->column_count, table.column_count);
    for (uint32_t c = 0; c < batch->column_count; c++) {
        const struct column_slice *slice = &batch->slices[c];
        const uint8_t *value = slice->values;
        assert_int_equal(slice->row_count, batch->row_count);
        for (uint32_t i = 0; i < batch->row_count; i++) {
            bool present = slice->present == NULL || slice->present[i] != 0;
            assert_int_equal(present, table.present[order[i]][c] != 0);
            if (!present)
                continue;
            if (!same_value(&table.fields[c].type, value, table.values[order[i]][c]))
                fail_msg("another value of %s in row %u", table.fields[c].name, order[i]);
            value += column_value_size(&table.fields[c].type);
        }
        size_t used = (size_t)(value - (const uint8_t *)slice->values);
        assert_int_equal(used, slice->value_count * column_value_size(&table.fields[c].type));
    }
}

static void add_table(struct sorter *sorter)
{
    for (uint32_t first = 0; first < table.row_count; first += BATCH_ROWS) {
        struct column_batch batch = table_batch(first);
        assert_int_equal(sorter_add(sorter, &batch, &error), ERROR_NONE);
    }
}

static void check_sort(size_t limit)
{
    struct mem_account account;
    struct sorter *sorter;
    struct column_batch batch;
    uint32_t *order = reference_order(), row = 0;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(sorter_create(&account, limit, NULL, table.fields, table.column_count,
                                   table.keys, table.key_count, &sorter, &error),
                     ERROR_NONE);
    add_table(sorter);
    assert_int_equal(sorter_finish(sorter, &error), ERROR_NONE);
    do {
        assert_int_equal(sorter_next(sorter, &batch, &error), ERROR_NONE);
        assert_true(batch.row_count <= table.row_count - row);
        check_batch(&batch, order + row);
        row += batch.row_count;
    } while (batch.row_count > 0);
    assert_int_equal(row, table.row_count);
    assert_int_equal(sorter_next(sorter, &batch, &error), ERROR_NONE);
    assert_int_equal(batch.row_count, 0);
    assert_true(atomic_load(&account.peak) <= limit);
    sorter_destroy(sorter);
    assert_int_equal(atomic_load(&account.used), 0);
    mem_free(order);
}

static void all_types(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VALUE_FIELDS; i++)
        add_column(value_fields[i]);
    memcpy(table.keys, (uint32_t[]){6, 4, 10, 13}, sizeof table.keys);
    table.key_count = 4;
    make_table(20000, 1);
    check_sort(MIB);
    check_sort(64 * MIB);
}

static void every_type_as_first_key(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VALUE_FIELDS; i++)
        add_column(value_fields[i]);
    table.key_count = 2;
    table.keys[1] = 1;
    make_table(5000, 2);
    for (uint32_t i = 0; i < VALUE_FIELDS; i++) {
        table.keys[0] = i;
        check_sort(MIB);
    }
}

/* About 100 runs where 48 can be merged at once: more than one pass; few keys, so stability tells.
 */
static void many_runs(void **state)
{
    (void)state;
    add_column(value_fields[0]);
    add_column(value_fields[1]);
    table.key_count = 1;
    make_table(1300000, 3);
    check_sort(MIB);
}

static void without_rows_or_keys(void **state)
{
    (void)state;
    add_column(value_fields[6]);
    table.key_count = 1;
    make_table(0, 4);
    check_sort(MIB);
    release_table(state);
    add_column(value_fields[6]);
    make_table(30000, 5);
    check_sort(MIB);
}

/* Gives one text column rows of a size; every text begins with the row's number, falling. */
static void enlarge_text(uint32_t size)
{
    for (uint32_t i = 0; i < table.row_count; i++) {
        struct column_bytes text = {.size = size};
        void *memory;
        assert_int_equal(mem_arena_alloc(&table.arena, size, &memory, &error), ERROR_NONE);
        uint32_t number = __builtin_bswap32(table.row_count - i);
        memset(memory, 'x', size);
        text.data = memcpy(memory, &number, sizeof number);
        table.present[i][0] = 1;
        memcpy(table.values[i][0], &text, sizeof text);
    }
}

static void large_rows(void **state)
{
    (void)state;
    add_column(value_fields[6]);
    add_column(value_fields[2]);
    table.key_count = 1;
    make_table(300, 6);
    enlarge_text(MIB / 8);
    check_sort(MIB);
    table.keys[0] = 1;
    enlarge_text(MIB / 8);
    check_sort(MIB);
}

static void too_large_rows_are_refused(void **state)
{
    (void)state;
    struct mem_account account;
    struct sorter *sorter;
    add_column(value_fields[6]);
    table.key_count = 1;
    make_table(3, 7);
    enlarge_text(MIB / 4);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(sorter_create(&account, MIB, NULL, table.fields, table.column_count,
                                   table.keys, 1, &sorter, &error),
                     ERROR_NONE);
    struct column_batch batch = table_batch(0);
    assert_int_equal(sorter_add(sorter, &batch, &error), ERROR_MEMORY);
    assert_non_null(strstr(error.what, "row"));
    sorter_destroy(sorter);
    assert_int_equal(sorter_create(&account, MIB - 1, NULL, table.fields, table.column_count,
                                   table.keys, 1, &sorter, &error),
                     ERROR_MEMORY);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void no_place_for_the_runs(void **state)
{
    (void)state;
    struct mem_account account;
    struct sorter *sorter;
    enum error_code code = ERROR_NONE;
    add_column(value_fields[2]);
    table.key_count = 1;
    make_table(40000, 9);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(sorter_create(&account, MIB, "/nowhere/at/all", table.fields,
                                   table.column_count, table.keys, 1, &sorter, &error),
                     ERROR_NONE);
    for (uint32_t first = 0; code == ERROR_NONE && first < table.row_count; first += BATCH_ROWS) {
        struct column_batch batch = table_batch(first);
        code = sorter_add(sorter, &batch, &error);
    }
    assert_int_equal(code, ERROR_IO);
    sorter_destroy(sorter);
    assert_int_equal(atomic_load(&account.used), 0);
}

/* Each allocation fails once; nothing leaks. */
static void failing_allocations(void **state)
{
    (void)state;
    struct mem_account account;
    struct sorter *sorter;
    enum error_code code = ERROR_MEMORY;
    add_column(value_fields[6]);
    add_column(value_fields[2]);
    table.key_count = 1;
    make_table(1, 8);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = sorter_create(&account, MIB, NULL, table.fields, table.column_count, table.keys, 1,
                             &sorter, &error);
        mem_fail_allocation(0);
        assert_true(n < 100);
        if (code != ERROR_NONE)
            assert_int_equal(atomic_load(&account.used), 0);
    }
    sorter_destroy(sorter);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_types, release_table),
        cmocka_unit_test_teardown(every_type_as_first_key, release_table),
        cmocka_unit_test_teardown(many_runs, release_table),
        cmocka_unit_test_teardown(without_rows_or_keys, release_table),
        cmocka_unit_test_teardown(large_rows, release_table),
        cmocka_unit_test_teardown(too_large_rows_are_refused, release_table),
        cmocka_unit_test_teardown(no_place_for_the_runs, release_table),
        cmocka_unit_test_teardown(failing_allocations, release_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
