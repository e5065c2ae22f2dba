/* Page indexes put together byte by byte: what is given back, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "parquet/page_index.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct offset_index offsets;
static struct column_index columns;

static int setup(void **state)
{
    (void)state;
    file.size = 0;
    mem_account_init(&account, "test", NULL, (size_t)1 << 20);
    error_init(&error);
    offset_index_init(&offsets, &account);
    column_index_init(&columns, &account);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    offset_index_release(&offsets);
    column_index_release(&columns);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

/* The whole file is the index, behind four other bytes. */
static enum error_code read_offsets(size_t size)
{
    struct memory_object object = memory_object_over(&file);
    struct parquet_chunk chunk = {.offset_index_offset = 4, .offset_index_length = (uint32_t)size};
    return offset_index_read(&offsets, &object.object, &chunk, &error);
}

static enum error_code read_columns(size_t size)
{
    struct memory_object object = memory_object_over(&file);
    struct parquet_chunk chunk = {.column_index_offset = 4, .column_index_length = (uint32_t)size};
    return column_index_read(&columns, &object.object, &chunk, &error);
}

static void put_location(int64_t offset, int32_t size, int64_t row)
{
    put_i64(&file, 1, offset);
    put_i32(&file, 2, size);
    put_i64(&file, 3, row);
    put_stop(&file);
}

static void put_offsets(void)
{
    put(&file, "PAR1", 4);
    put_list(&file, 1, THRIFT_STRUCT, 2);
    put_location(100, 50, 0);
    put_location(150, 1, 7);
    put_list(&file, 2, THRIFT_I64, 1); /* unencoded_byte_array_data_bytes: passed over */
    put_zigzag(&file, 5);
    put_stop(&file);
}

static void test_locations(void **state)
{
    (void)state;
    struct page_location location;
    put_offsets();
    assert_int_equal(read_offsets(file.size - 4), ERROR_NONE);
    assert_int_equal(offsets.page_count, 2);
    assert_true(offset_index_next(&offsets, &location));
    assert_int_equal(location.offset, 100);
    assert_int_equal(location.size, 50);
    assert_int_equal(location.first_row, 0);
    assert_true(offset_index_next(&offsets, &location));
    assert_int_equal(location.offset, 150);
    assert_int_equal(location.first_row, 7);
    assert_false(offset_index_next(&offsets, &location));
}

static void test_offsets_cut_anywhere(void **state)
{
    (void)state;
    put_offsets();
    for (size_t size = 1; size < file.size - 4; size++) {
        assert_int_equal(read_offsets(size), ERROR_INPUT);
        assert_true(error.offset >= 4);
    }
}

static void test_location_without_a_field(void **state)
{
    (void)state;
    put(&file, "PAR1", 4);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_i64(&file, 1, 100);
    put_i32(&file, 2, 10);
    put_stop(&file);
    put_stop(&file);
    assert_int_equal(read_offsets(file.size - 4), ERROR_INPUT);
}

static void test_negative_offset(void **state)
{
    (void)state;
    put(&file, "PAR1", 4);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_location(-1, 5, 0);
    put_stop(&file);
    assert_int_equal(read_offsets(file.size - 4), ERROR_INPUT);
}

static void test_index_larger_than_memory(void **state)
{
    (void)state;
    put_offsets();
    file.size = (size_t)3 << 20;
    assert_int_equal(read_offsets((size_t)2 << 20), ERROR_MEMORY);
}

/* What a test may bend of a column index of three pages, the second without values. */
struct bend {
    enum thrift_type booleans;
    int no; /* byte for false */
    size_t minima;
    int64_t order;
    int null_counts; /* -1: left out */
    bool without_maxima;
};

static const struct bend straight = {
    .booleans = THRIFT_TRUE, .no = 2, .minima = 3, .null_counts = 3};

static void put_words(int id, size_t count)
{
    static const char *const words[] = {"apple", "", "pear", "plum"};
    put_list(&file, id, THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++) {
        put_varint(&file, strlen(words[i]));
        put(&file, words[i], strlen(words[i]));
    }
}

static void put_columns(const struct bend *bend)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    put_list(&file, 1, bend->booleans, 3);
    put_u8(&file, (unsigned)bend->no);
    put_u8(&file, 1);
    put_u8(&file, (unsigned)bend->no);
    put_words(2, bend->minima);
    if (!bend->without_maxima)
        put_words(3, 3);
    put_i32(&file, 4, (int32_t)bend->order);
    if (bend->null_counts >= 0)
        put_list(&file, 5, THRIFT_I64, (size_t)bend->null_counts);
    for (int i = 0; i < bend->null_counts; i++)
        put_zigzag(&file, 10 * i);
    put_stop(&file);
}

static void expect_straight(bool null_counts)
{
    struct page_summary summary;
    assert_int_equal(columns.page_count, 3);
    assert_true(column_index_next(&columns, &summary));
    assert_false(summary.null_page);
    assert_int_equal(summary.minimum.size, 5);
    assert_memory_equal(summary.minimum.data, "apple", 5);
    assert_int_equal(summary.has_null_count, null_counts);
    assert_true(column_index_next(&columns, &summary));
    assert_true(summary.null_page);
    assert_int_equal(summary.maximum.size, 0);
    assert_int_equal(summary.null_count, null_counts ? 10 : 0);
    assert_true(column_index_next(&columns, &summary));
    assert_memory_equal(summary.maximum.data, "pear", 4);
    assert_false(column_index_next(&columns, &summary));
}

static void test_summaries(void **state)
{
    (void)state;
    struct bend bend = straight;
    bend.order = BOUNDARY_ASCENDING;
    put_columns(&bend);
    assert_int_equal(read_columns(file.size - 4), ERROR_NONE);
    assert_int_equal(columns.order, BOUNDARY_ASCENDING);
    expect_straight(true);
}

/* The same booleans in the two ways in which writers put them. */
static void test_both_kinds_of_booleans(void **state)
{
    (void)state;
    struct bend bend = straight;
    bend.booleans = THRIFT_FALSE;
    bend.no = 0;
    put_columns(&bend);
    assert_int_equal(read_columns(file.size - 4), ERROR_NONE);
    expect_straight(true);
}

static void test_without_null_counts(void **state)
{
    (void)state;
    struct bend bend = straight;
    bend.null_counts = -1;
    put_columns(&bend);
    assert_int_equal(read_columns(file.size - 4), ERROR_NONE);
    expect_straight(false);
    bend.null_counts = 0;
    put_columns(&bend);
    assert_int_equal(read_columns(file.size - 4), ERROR_NONE);
    expect_straight(false);
}

static void refuse(struct bend bend)
{
    put_columns(&bend);
    assert_int_equal(read_columns(file.size - 4), ERROR_INPUT);
}

static void test_lists_must_agree(void **state)
{
    (void)state;
    struct bend bend = straight;
    bend.minima = 4;
    refuse(bend);
    bend = straight;
    bend.minima = 2;
    refuse(bend);
    bend = straight;
    bend.null_counts = 2;
    refuse(bend);
    bend = straight;
    bend.without_maxima = true;
    refuse(bend);
}

static void test_unknown_order(void **state)
{
    (void)state;
    struct bend bend = straight;
    bend.order = 3;
    refuse(bend);
    bend.order = -1;
    refuse(bend);
}

static void test_columns_cut_anywhere(void **state)
{
    (void)state;
    put_columns(&straight);
    for (size_t size = 1; size < file.size - 4; size++)
        assert_int_equal(read_columns(size), ERROR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_locations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_offsets_cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_location_without_a_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_negative_offset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_index_larger_than_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_summaries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_both_kinds_of_booleans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_null_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists_must_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns_cut_anywhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
