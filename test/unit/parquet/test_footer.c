#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "footers.h"

static const struct chunk_text plain_chunk = {"x", COLUMN_INT32, 0, 5, 10, 20, 0};

static void begin_row_groups(size_t count)
{
    begin_schema(2, 1);
    put_int("x", REQUIRED);
    put_list(&file, 4, THRIFT_STRUCT, count);
}

static enum error_code finish_row_groups(int64_t rows)
{
    put_i64(&file, 3, rows);
    return finish();
}

static void empty_row_groups_are_passed(void **state)
{
    (void)state;
    static const int64_t places[] = {10, 0, -1, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct chunk_text nothing = {"x", COLUMN_INT32, 0, 0, places[i], 0, 4};
        begin_row_groups(2);
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_chunk(&file, &nothing);
        put_i64(&file, 3, 0);
        put_stop(&file);
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_chunk(&file, &plain_chunk);
        put_i64(&file, 3, 5);
        put_stop(&file);
        enum error_code code = finish_row_groups(5);
        assert_int_equal(code, places[i] < 0 ? ERROR_INPUT : ERROR_NONE);
        if (code == ERROR_NONE)
            release();
    }
    begin_schema(1, 0); /* rows without columns */
    put_list(&file, 4, THRIFT_STRUCT, 1);
    put_list(&file, 1, THRIFT_STRUCT, 0);
    put_i64(&file, 3, 7);
    put_stop(&file);
    assert_int_equal(finish_row_groups(7), ERROR_NONE);
    assert_int_equal(metadata.row_count, 7);
    release();
}

/* Fields of a row group or chunk that must be there. */
static void what_is_missing_is_missed(void **state)
{
    (void)state;
    begin_row_groups(1); /* a chunk without its metadata */
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_i64(&file, 2, 10);
    put_stop(&file);
    put_i64(&file, 3, 5);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_INPUT);
    assert_non_null(strstr(error.what, "where a column's values are"));

    begin_row_groups(1); /* no compressed size */
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_struct(&file, 3);
    put_i32(&file, 1, COLUMN_INT32);
    put_i32(&file, 4, 0);
    put_i64(&file, 5, 5);
    put_i64(&file, 9, 10);
    put_stop(&file);
    put_stop(&file);
    put_i64(&file, 3, 5);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_INPUT);
    assert_non_null(strstr(error.what, "how many bytes"));

    begin_row_groups(1); /* no columns */
    put_i64(&file, 3, 5);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_INPUT);

    begin_row_groups(1); /* no number of rows */
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_chunk(&file, &plain_chunk);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_INPUT);
    assert_int_equal(account.used, 0);
}

/* One row group of 5 rows, bent by a chunk. */
static enum error_code read_chunk(const struct chunk_text *chunk, const char *file_path,
                                  const char *created_by)
{
    begin_row_groups(1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    if (file_path != NULL)
        put_text(&file, 1, file_path);
    put_chunk(&file, chunk);
    put_i64(&file, 3, 5);
    put_stop(&file);
    if (created_by != NULL)
        put_text(&file, 6, created_by);
    return finish_row_groups(5);
}

static void dictionaries_that_cannot_be_are_set_aside(void **state)
{
    (void)state;
    static const struct {
        int64_t said, length;
        uint64_t offset;
    } cases[] = {
        {4, 86, 4}, {1, 20, 70}, {3, 20, 70}, {70, 20, 70}, {99999, 20, 70}, {-7, 20, 70},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct chunk_text chunk = {"x", COLUMN_INT32, 0, 5, 70, cases[i].length, cases[i].said};
        assert_int_equal(read_chunk(&chunk, NULL, NULL), ERROR_NONE);
        assert_int_equal(metadata.row_groups[0].chunks[0].offset, cases[i].offset);
        release();
    }
    struct chunk_text apart = {"x", COLUMN_INT32, 0, 5, 70, 20, 10};
    assert_int_equal(read_chunk(&apart, NULL, NULL), ERROR_INPUT); /* the pages lie outside */
}

static void values_in_other_files_are_told(void **state)
{
    (void)state;
    uint32_t column;
    struct chunk_text far = plain_chunk;
    far.offset = 1 << 30;
    assert_int_equal(read_chunk(&far, "part-0.parquet", NULL), ERROR_NONE);
    assert_string_equal(metadata.elsewhere, "part-0.parquet");
    assert_true(metadata.row_groups[0].chunks[0].elsewhere);
    assert_int_equal(metadata.row_groups[0].chunks[0].length, 0);
    assert_int_equal(parquet_find_column(&metadata, "x", &column, &error), ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.what, "part-0.parquet"));
    release();
    assert_int_equal(read_chunk(&plain_chunk, "", NULL), ERROR_NONE);
    assert_null(metadata.elsewhere);
    release();
}

static void encrypted_columns_are_refused_by_name(void **state)
{
    (void)state;
    uint32_t column;
    begin_row_groups(1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_struct(&file, 8);
    put_stop(&file);
    put_binary(&file, 9, "secret", 6);
    put_stop(&file);
    put_i64(&file, 3, 5);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_NONE);
    assert_int_equal(parquet_find_column(&metadata, "x", &column, &error), ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.what, "encrypted"));
    release();
}

/* PARQUET-816: lengths without the dictionary's header, of old versions of one writer. */
static void short_lengths_of_old_writers_are_mended(void **state)
{
    (void)state;
    static const struct {
        const char *writer;
        uint64_t length;
    } cases[] = {
        {"parquet-mr version 1.2.8 (build 1)", 86},
        {"parquet-mr version 1.2.9", 10},
        {"parquet-mr version 1.10.0", 10},
        {"parquet-mr version 0.9", 86},
        {"parquet-mr", 86},
        {"parquet-mr version", 10},
        {"parquet-mr compatible Photon version 0.2", 10},
        {"parquet-mr (build 32)", 86},
        {"parquet-mrx version 1.0.0", 10},
        {"another version 1.0.0", 10},
        {"", 10},
        {NULL, 10},
        {"parquet-mr version 99999999999999999999999.1", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_row_groups(1);
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_struct(&file, 3);
        put_i32(&file, 1, COLUMN_INT32);
        put_list(&file, 2, THRIFT_I32, 1);
        put_zigzag(&file, PARQUET_PLAIN_DICTIONARY);
        put_i32(&file, 4, 0);
        put_i64(&file, 5, 5);
        put_i64(&file, 7, 10);
        put_i64(&file, 9, 14);
        put_stop(&file);
        put_stop(&file);
        put_i64(&file, 3, 5);
        put_stop(&file);
        if (cases[i].writer != NULL)
            put_text(&file, 6, cases[i].writer);
        assert_int_equal(finish_row_groups(5), ERROR_NONE);
        assert_int_equal(metadata.row_groups[0].chunks[0].length, cases[i].length);
        release();
    }
}

static void the_order_of_rows_is_told(void **state)
{
    (void)state;
    begin_row_groups(1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_chunk(&file, &plain_chunk);
    put_i64(&file, 3, 5);
    put_list(&file, 4, THRIFT_STRUCT, 2);
    put_i32(&file, 1, 7); /* there is no such column */
    put_stop(&file);
    put_i32(&file, 1, 0);
    put_field(&file, 2, THRIFT_TRUE);
    put_field(&file, 3, THRIFT_FALSE);
    put_stop(&file);
    put_stop(&file);
    assert_int_equal(finish_row_groups(5), ERROR_NONE);
    assert_int_equal(metadata.row_groups[0].sorting_count, 1);
    assert_int_equal(metadata.row_groups[0].sorting[0].column, 0);
    assert_true(metadata.row_groups[0].sorting[0].descending);
    release();
}

/* ---- other fields ------------------------------------------------------------------------------
 */

static void key_values_may_lack_values(void **state)
{
    (void)state;
    begin_schema(1, 0);
    put_list(&file, 5, THRIFT_STRUCT, 4);
    put_text(&file, 1, "k");
    put_text(&file, 2, "first");
    put_stop(&file);
    put_text(&file, 1, "k");
    put_text(&file, 2, "second");
    put_stop(&file);
    put_text(&file, 1, "number");
    put_i64(&file, 2, 42);
    put_stop(&file);
    put_binary(&file, 1, "z\0", 2);
    put_stop(&file);
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_string_equal(parquet_key_value(&metadata, "k")->value, "first");
    assert_null(parquet_key_value(&metadata, "number")->value);
    assert_string_equal(metadata.key_values[3].key, "z\xe2\x90\x80");
    release();
    begin_schema(1, 0);
    put_list(&file, 5, THRIFT_STRUCT, 1);
    put_text(&file, 2, "no key");
    put_stop(&file);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(1, 0); /* a value that is said to have a gigabyte */
    put_list(&file, 5, THRIFT_STRUCT, 1);
    put_field(&file, 1, THRIFT_BINARY);
    put_varint(&file, (uint64_t)1 << 30);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(1, 0); /* so many entries that they would not fit */
    put_field(&file, 5, THRIFT_LIST);
    put_u8(&file, 0xf0u | THRIFT_STRUCT);
    put_varint(&file, INT32_MAX);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    assert_true(account.peak < (size_t)1 << 20);
}

/* A footer of a future format: fields of every type, nested, that nobody knows. */
static void unknown_fields_are_passed(void **state)
{
    (void)state;
    begin_schema(1, 0);
    put_struct(&file, 90);
    put_struct(&file, 1);
    put_list(&file, 1, THRIFT_LIST, 1);
    put_u8(&file, 2u << 4 | THRIFT_TRUE);
    put_u8(&file, 1);
    put_u8(&file, 2);
    put_field(&file, 2, THRIFT_MAP);
    put_varint(&file, 1);
    put_u8(&file, THRIFT_BINARY << 4 | THRIFT_DOUBLE);
    put_varint(&file, 1);
    put(&file, "k12345678", 9);
    put_stop(&file);
    put_field(&file, 3, THRIFT_SET);
    put_u8(&file, 1u << 4 | THRIFT_I16);
    put_zigzag(&file, -3);
    put_field(&file, 4, THRIFT_UUID);
    put(&file, "0123456789abcdef", 16);
    put_stop(&file);
    assert_int_equal(finish_empty(), ERROR_NONE);
    release();
}

static void put_many_orders(int lists)
{
    begin_schema(2, 1);
    put_int("x", REQUIRED);
    for (int i = 0; i < lists; i++) {
        put_list(&file, 7, THRIFT_STRUCT, 1);
        put_struct(&file, 9); /* an order that nobody knows */
        put_stop(&file);
        put_stop(&file);
    }
}

static void lists_stand_once(void **state)
{
    (void)state;
    put_many_orders(1);
    assert_int_equal(finish_empty(), ERROR_NONE);
    release();
    put_many_orders(2);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_row_groups(0);
    assert_int_equal(finish_empty(), ERROR_INPUT); /* a list is a list, empty or not */
}

/* ---- work --------------------------------------------------------------------------------------
 */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Footers of some megabytes made so that a careless parser goes through all for each part. */
static void hostile_footers_take_no_time(void **state)
{
    (void)state;
    static char name[1 << 19];
    uint32_t column;
    double before = seconds();
    memset(name, 'n', sizeof name - 1);
    begin_schema(30002, 1); /* many children of a group with a long name */
    put_group(name, REQUIRED, 30000, -1, -1);
    for (int i = 0; i < 30000; i++)
        put_int("c", REQUIRED);
    assert_int_equal(finish_empty(), ERROR_NONE);
    release();

    begin_schema(2, 1); /* many row groups of a column with a long name, and none in their paths */
    put_int(name, REQUIRED);
    put_list(&file, 4, THRIFT_STRUCT, 30000);
    for (int i = 0; i < 30000; i++) {
        struct chunk_text chunk = {"n", COLUMN_INT32, 0, 0, 4, 0, 0};
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_chunk(&file, &chunk);
        put_i64(&file, 3, 0);
        put_stop(&file);
    }
    assert_int_equal(finish_row_groups(0), ERROR_INPUT); /* two names */

    begin_schema(40001, 40000); /* many columns with names that are nearly what is asked for */
    for (int i = 0; i < 40000; i++) {
        char text[64];
        snprintf(text, sizeof text, "a column with a rather long name, number %021d", i);
        put_int(text, REQUIRED);
    }
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_int_equal(parquet_find_column(&metadata, "a column with a rather long name, of no use",
                                         &column, &error),
                     ERROR_MISMATCH);
    release();
    assert_true(seconds() - before < 5);
}

static void chunks_do_not_claim_the_file_again_and_again(void **state)
{
    (void)state;
    begin_row_groups(100);
    for (int i = 0; i < 100; i++) {
        struct chunk_text chunk = {"x", COLUMN_INT32, 0, 5, 4, 96, 0};
        put_list(&file, 1, THRIFT_STRUCT, 1);
        put_chunk(&file, &chunk);
        put_i64(&file, 3, 5);
        put_stop(&file);
    }
    assert_int_equal(finish_row_groups(500), ERROR_INPUT);
    assert_non_null(strstr(error.what, "longer than the file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty_row_groups_are_passed, setup),
        cmocka_unit_test_setup(what_is_missing_is_missed, setup),
        cmocka_unit_test_setup(dictionaries_that_cannot_be_are_set_aside, setup),
        cmocka_unit_test_setup(values_in_other_files_are_told, setup),
        cmocka_unit_test_setup(encrypted_columns_are_refused_by_name, setup),
        cmocka_unit_test_setup(short_lengths_of_old_writers_are_mended, setup),
        cmocka_unit_test_setup(the_order_of_rows_is_told, setup),
        cmocka_unit_test_setup(key_values_may_lack_values, setup),
        cmocka_unit_test_setup(unknown_fields_are_passed, setup),
        cmocka_unit_test_setup(lists_stand_once, setup),
        cmocka_unit_test_setup(hostile_footers_take_no_time, setup),
        cmocka_unit_test_setup(chunks_do_not_claim_the_file_again_and_again, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
