/* Which pages of a chunk are encoded by its dictionary: what footers say, and what headers do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrow_files.h"
#include "footers.h"
#include "parquet/chunk_pages.h"
#include "parquet/indexes.h"

/* ---- files of a writer that nobody here wrote ---- */

static struct memory_object memory;

static void load(const uint8_t *bytes, size_t size)
{
    file.size = 0;
    put(&file, bytes, size);
    memory = memory_object_over(&file);
    assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                     ERROR_NONE);
}

static const struct parquet_chunk *only_chunk(void)
{
    assert_int_equal(metadata.row_group_count, 1);
    return &metadata.row_groups[0].chunks[0];
}

static bool all_coded(const struct parquet_chunk *chunk)
{
    bool all;
    assert_int_equal(
        parquet_chunk_all_coded(&memory.object, &metadata.columns[0], chunk, &all, &error),
        ERROR_NONE);
    return all;
}

/* Twelve rows of which each value comes three times; gives how many came as indexes. */
static uint32_t read_indexes(void)
{
    struct parquet_page_reader *reader;
    struct parquet_index_slice slice;
    const void *values;
    uint32_t count, row = 0, coded = 0;
    assert_int_equal(parquet_page_reader_create(&account, 1 << 20, &reader, &error), ERROR_NONE);
    assert_int_equal(parquet_page_reader_open(reader, &memory.object, &metadata.columns[0],
                                              only_chunk(), NULL, &error),
                     ERROR_NONE);
    assert_int_equal(parquet_page_reader_dictionary(reader, &values, &count, &error), ERROR_NONE);
    do {
        assert_int_equal(parquet_page_reader_next_indexes(reader, 100, &slice, &error), ERROR_NONE);
        for (uint32_t i = 0; i < slice.row_count; i++, row++) {
            int64_t value;
            const int64_t *from = slice.coded ? values : slice.values;
            memcpy(&value, from + (slice.coded ? slice.indexes[i] : i), sizeof value);
            assert_int_equal(value, row / 3);
        }
        coded += slice.coded ? slice.row_count : 0;
    } while (slice.row_count > 0);
    assert_int_equal(row, 12);
    parquet_page_reader_destroy(reader);
    return coded;
}

static void files_of_arrow_say_it(void **state)
{
    (void)state;
    static const struct {
        const uint8_t *bytes;
        size_t size;
        enum parquet_coding coding;
        uint32_t coded; /* rows */
    } files[] = {
        {arrow_coded_file, sizeof arrow_coded_file, PARQUET_CODING_ALL, 12},
        {arrow_coded_v2_file, sizeof arrow_coded_v2_file, PARQUET_CODING_ALL, 12},
        {arrow_plain_file, sizeof arrow_plain_file, PARQUET_CODING_NONE, 0},
        {arrow_fallback_file, sizeof arrow_fallback_file, PARQUET_CODING_SOME, 4},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        load(files[i].bytes, files[i].size);
        assert_int_equal(only_chunk()->coding, files[i].coding);
        assert_int_equal(all_coded(only_chunk()), files[i].coding == PARQUET_CODING_ALL);
        assert_int_equal(read_indexes(), files[i].coded);
        release();
    }
}

/* ---- what footers say ---- */

struct count_text {
    int page_type, encoding, count;
};

/* A footer of one chunk with the counts; field 13 has that type, or is left out with THRIFT_STOP.
 */
static enum error_code read_counts(const struct count_text *counts, size_t count,
                                   enum thrift_type type)
{
    begin_schema(2, 1);
    put_int("x", REQUIRED);
    put_i64(&file, 3, 5);
    put_list(&file, 4, THRIFT_STRUCT, 1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_chunk(&file,
              &(struct chunk_text){
                  .name = "x", .type = COLUMN_INT32, .values = 5, .offset = 4, .length = 50});
    file.size -= 2; /* the ends of the chunk and its metadata */
    if (type == THRIFT_LIST)
        put_list(&file, 13, THRIFT_STRUCT, count);
    else if (type != THRIFT_STOP)
        put_i32(&file, 13, 1);
    for (size_t i = 0; i < count; i++) {
        put_i32(&file, 1, counts[i].page_type);
        put_i32(&file, 2, counts[i].encoding);
        if (counts[i].count >= -1)
            put_i32(&file, 3, counts[i].count);
        put_stop(&file);
    }
    put_stop(&file);
    put_stop(&file);
    put_i64(&file, 3, 5);
    put_stop(&file);
    return finish();
}

static void counts_of_pages_tell(void **state)
{
    (void)state;
    static const struct {
        enum parquet_coding coding;
        size_t count;
        struct count_text counts[3];
    } cases[] = {
        {PARQUET_CODING_UNKNOWN, 0, {{0}}},
        {PARQUET_CODING_UNKNOWN, 1, {{2, 0, 1}}}, /* a dictionary, and no data */
        {PARQUET_CODING_ALL, 2, {{2, 0, 1}, {0, 8, 3}}},
        {PARQUET_CODING_ALL, 2, {{0, 2, 1}, {3, 8, 3}}},
        {PARQUET_CODING_ALL, 3, {{2, 0, 1}, {0, 8, 3}, {0, 0, 0}}}, /* none of it */
        {PARQUET_CODING_SOME, 3, {{2, 0, 1}, {0, 0, 4}, {0, 8, 3}}},
        {PARQUET_CODING_SOME, 2, {{3, 5, 4}, {3, 8, 3}}},
        {PARQUET_CODING_NONE, 2, {{2, 0, 1}, {0, 0, 4}}},
        {PARQUET_CODING_NONE, 1, {{3, 9, 1}}},
        {PARQUET_CODING_UNKNOWN, 2, {{0, 8, 3}, {0, 0, -1}}},  /* less than none */
        {PARQUET_CODING_UNKNOWN, 2, {{0, 8, 3}, {0, 0, -2}}},  /* left out */
        {PARQUET_CODING_UNKNOWN, 2, {{0, 8, 3}, {-1, 0, 10}}}, /* no such page */
        {PARQUET_CODING_UNKNOWN, 1, {{0, -8, 3}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_counts(cases[i].counts, cases[i].count, THRIFT_LIST), ERROR_NONE);
        assert_int_equal(metadata.row_groups[0].chunks[0].coding, cases[i].coding);
        release();
    }
}

/* A help only: a field that is no list is passed over. */
static void what_is_not_said_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(read_counts(NULL, 0, THRIFT_STOP), ERROR_NONE);
    assert_int_equal(metadata.row_groups[0].chunks[0].coding, PARQUET_CODING_UNKNOWN);
    release();
    assert_int_equal(read_counts(NULL, 0, THRIFT_I32), ERROR_NONE);
    assert_int_equal(metadata.row_groups[0].chunks[0].coding, PARQUET_CODING_UNKNOWN);
    release();
}

/* ---- what headers say ---- */

static struct parquet_column column = {.name = "x", .path = "x", .type.physical = COLUMN_INT64};

enum { NO_DICTIONARY = 0, WITH_DICTIONARY = 1 };

static void begin_chunk(bool with_dictionary)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    if (!with_dictionary)
        return;
    put_dictionary(&file, 8, 8, 1);
    put(&file, "12345678", 8);
}

static void put_coded(int rows)
{
    put_page_v1(&file, 3, 3, rows, PARQUET_RLE_DICTIONARY);
    put(&file, "\0\x0a\0", 3);
}

static void put_plain(int rows)
{
    put_page_v1(&file, 8, 8, rows, PARQUET_PLAIN);
    put(&file, "12345678", 8);
}

static enum error_code walk(uint64_t rows, bool *ret)
{
    struct parquet_chunk chunk = {.offset = 4, .length = file.size - 4, .value_count = rows};
    memory = memory_object_over(&file);
    error_init(&error);
    return parquet_chunk_all_coded(&memory.object, &column, &chunk, ret, &error);
}

static bool walk_says(uint64_t rows)
{
    bool all;
    assert_int_equal(walk(rows, &all), ERROR_NONE);
    return all;
}

static void headers_are_walked(void **state)
{
    (void)state;
    begin_chunk(WITH_DICTIONARY);
    put_coded(5);
    put_coded(5);
    assert_true(walk_says(10));
    put_plain(0); /* without rows */
    put_coded(5);
    assert_true(walk_says(15));
    put_plain(1);
    assert_false(walk_says(16));
    begin_chunk(WITH_DICTIONARY);
    assert_true(walk_says(0));
    begin_chunk(NO_DICTIONARY);
    put_plain(1);
    assert_false(walk_says(1));
    begin_chunk(NO_DICTIONARY);
    put_coded(5);
    assert_false(walk_says(5)); /* by no dictionary */
    put_dictionary(&file, 8, 8, 1);
    put(&file, "12345678", 8);
    put_coded(5);
    assert_false(walk_says(10)); /* it stands too late */
}

static void a_damaged_header_is_an_error(void **state)
{
    (void)state;
    bool all;
    begin_chunk(WITH_DICTIONARY);
    put_coded(5);
    put(&file, "\xff\xff\xff\xff", 4);
    assert_int_equal(walk(10, &all), ERROR_INPUT);
    assert_string_equal(error.column, "x");
    assert_false(all);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_arrow_say_it),        TEST(counts_of_pages_tell),
        TEST(what_is_not_said_is_unknown),  TEST(headers_are_walked),
        TEST(a_damaged_header_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
