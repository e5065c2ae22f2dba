#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "parquet/column_reader.h"

#define GROUPS 4
#define ROWS   100 /* of a page; row group i has i pages */

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct memory_object memory;
static struct parquet_metadata metadata;
static struct parquet_column_reader reader;
static struct chunk_text chunks[GROUPS];

static void put_group(struct chunk_text *chunk, int pages, int64_t *next)
{
    *chunk = (struct chunk_text){
        .name = "x", .type = COLUMN_INT64, .values = pages * ROWS, .offset = (int64_t)file.size};
    for (int page = 0; page < pages; page++) {
        put_page_v1(&file, ROWS * 8, ROWS * 8, ROWS, PARQUET_PLAIN);
        for (int i = 0; i < ROWS; i++, ++*next)
            put(&file, next, sizeof *next);
    }
    chunk->length = (int64_t)file.size - chunk->offset;
}

static int setup(void **state)
{
    (void)state;
    int64_t rows = 0;
    file.size = 0;
    put(&file, "PAR1", 4);
    for (int i = 0; i < GROUPS; i++)
        put_group(&chunks[i], i, &rows);
    size_t start = file.size;
    put_list(&file, 2, THRIFT_STRUCT, 2);
    put_root(&file, 1);
    put_leaf(&file, "x", COLUMN_INT64, 0, -1, -1);
    put_i64(&file, 3, rows);
    put_list(&file, 4, THRIFT_STRUCT, GROUPS);
    for (int i = 0; i < GROUPS; i++) {
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_chunk(&file, &chunks[i]);
        put_i64(&file, 3, chunks[i].values);
        put_stop(&file);
    }
    put_stop(&file);
    put_ending(&file, start);
    memory = memory_object_over(&file);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                     ERROR_NONE);
    assert_int_equal(parquet_column_reader_open(&reader, &memory.object, &metadata, 0, &account,
                                                (size_t)1 << 20, &error),
                     ERROR_NONE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    parquet_column_reader_close(&reader);
    parquet_column_reader_close(&reader);
    parquet_metadata_release(&metadata);
    assert_int_equal(account.used, 0);
    return 0;
}

/* Expects the file's rows from first to the end. */
static void expect_from(int64_t first)
{
    struct column_slice slice;
    for (;;) {
        assert_int_equal(parquet_column_reader_next(&reader, 33, &slice, &error), ERROR_NONE);
        if (slice.row_count == 0)
            break;
        for (uint32_t i = 0; i < slice.row_count; i++, first++) {
            int64_t value;
            memcpy(&value, (const uint8_t *)slice.values + i * sizeof value, sizeof value);
            assert_int_equal(value, first);
        }
        assert_int_equal(reader.row, first);
    }
    assert_int_equal(first, 6 * ROWS);
}

static void row_groups_follow_each_other(void **state)
{
    (void)state;
    struct column_slice slice;
    expect_from(0);
    assert_int_equal(parquet_column_reader_next(&reader, 33, &slice, &error), ERROR_NONE);
    assert_int_equal(slice.row_count, 0);
}

static void rows_are_passed_over(void **state)
{
    (void)state;
    for (uint64_t skipped = 0; skipped <= 6 * ROWS; skipped += 50) {
        parquet_column_reader_close(&reader);
        assert_int_equal(parquet_column_reader_open(&reader, &memory.object, &metadata, 0, &account,
                                                    (size_t)1 << 20, &error),
                         ERROR_NONE);
        assert_int_equal(parquet_column_reader_skip(&reader, skipped / 3, &error), ERROR_NONE);
        assert_int_equal(parquet_column_reader_skip(&reader, skipped - skipped / 3, &error),
                         ERROR_NONE);
        expect_from((int64_t)skipped);
    }
    assert_int_equal(parquet_column_reader_skip(&reader, 1, &error), ERROR_INTERNAL);
}

static void damage_is_told_with_its_row_group(void **state)
{
    (void)state;
    struct column_slice slice;
    file.data[chunks[2].offset] = 0;
    assert_int_equal(parquet_column_reader_skip(&reader, ROWS, &error), ERROR_NONE);
    assert_int_equal(parquet_column_reader_next(&reader, 33, &slice, &error), ERROR_INPUT);
    assert_int_equal(error.row_group, 2);
    assert_string_equal(error.column, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(row_groups_follow_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_are_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_told_with_its_row_group, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
