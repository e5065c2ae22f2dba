/* Indexes and dictionaries that are wrong, and memory that is short. */
#include "index_fixture.h"

/* The format wants it in front; where it is not, indexes into it are looked up. */
static void a_dictionary_elsewhere_is_not_shown(void **state)
{
    (void)state;
    const void *values;
    put_plain_page(0, 100);
    put_dictionary_page(100);
    put_coded_page(1000, 0);
    expect(1100);
    assert_int_equal(open_at(1100, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 0);
    assert_int_equal(read_all(add_indexes, 1100, 5000), ERROR_NONE);
    assert_same(0, 1100);
    assert_int_equal(coded_rows, 0);
    assert_int_equal(show(&values), 0);
}

static void damaged_indexes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } bodies[] = {
        {"\x02\x90\x03\x03", 4},     /* a run of 3, where there are three values */
        {"\x02\x03\xe4\x1b", 4},     /* 3 among packed ones */
        {"\x02\x64\x02", 3},         /* ends early */
        {"\x02\x90\x03\x04", 4},     /* more bits than the width has */
        {"\x21\x90\x03\0\0\0\0", 7}, /* a width of 33 */
        {"\x02\x90", 2},             /* no whole length */
        {"\x02\x90\x03", 3},         /* no value */
        {"", 0},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        file.size = 4;
        put_dictionary_page(3);
        put(&body, bodies[i].bytes, bodies[i].size);
        put_body(200, PARQUET_RLE_DICTIONARY);
        assert_int_equal(read_all(add_values, 200, 200), ERROR_INPUT);
        assert_int_equal(read_all(add_indexes, 200, 200), ERROR_INPUT);
        assert_string_equal(error.column, "x");
        assert_string_equal(error.file, "memory.parquet");
        assert_int_equal(read_all(add_indexes, 200, 5), ERROR_INPUT);
        uint32_t got;
        assert_int_equal(add_indexes(5, &got), ERROR_INTERNAL);
    }
}

static void a_damaged_dictionary_is_refused(void **state)
{
    (void)state;
    const void *values;
    uint32_t count;
    put_values(0, 2);
    put_body(3, -1);
    put_coded_page(100, 0);
    assert_int_equal(open_at(100, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_dictionary(reader, &values, &count, &error), ERROR_INPUT);
    file.size = 4;
    put_coded_page(100, 0); /* and none in front of it */
    assert_int_equal(read_all(add_indexes, 100, 100), ERROR_INPUT);
}

/* Two columns of a footer may claim the same place; what one found there is not the other's. */
static void a_dictionary_belongs_to_its_type(void **state)
{
    (void)state;
    const void *values;
    uint32_t count;
    column.type.physical = COLUMN_BYTE_ARRAY;
    for (int i = 0; i < 4; i++)
        put_u32(&body, 0);
    put_body(4, -1);
    put_u8(&body, 2);
    put_run(&body, 100, 2, 3);
    put_body(100, PARQUET_RLE_DICTIONARY);
    assert_int_equal(read_all(add_indexes, 100, 100), ERROR_NONE);
    version--; /* the same file */
    column.type.physical = COLUMN_INT64;
    assert_int_equal(read_all(add_indexes, 100, 100), ERROR_INPUT);
    version--;
    assert_int_equal(open_at(100, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_dictionary(reader, &values, &count, &error), ERROR_INPUT);
}

/* ---- memory ---- */

static size_t bound(uint64_t page, uint64_t dictionary)
{
    return parquet_page_reader_size(&column, chunk.codec, page, page, dictionary) +
           parquet_page_reader_views_size(&column, dictionary);
}

/* Short texts cost most: nine bytes become sixteen and four. */
static void the_size_bounds_what_is_held(void **state)
{
    (void)state;
    static const enum column_physical types[] = {COLUMN_INT32, COLUMN_BYTE_ARRAY, COLUMN_FIXED};
    for (int i = 0; i < 3; i++) {
        column.type = (struct column_type){.physical = types[i], .type_length = 1};
        start_over((size_t)64 << 20);
        if (types[i] == COLUMN_BYTE_ARRAY) {
            for (int entry = 0; entry < 50000; entry++)
                put_u32(&body, 0);
            put_body(50000, -1);
        } else {
            put_dictionary_page(50000);
        }
        put_coded_page(100000, 0);
        assert_int_equal(read_all(add_indexes, 100000, 4096), ERROR_NONE);
        struct parquet_page_sizes sizes = parquet_page_reader_sizes(reader);
        assert_true(account.peak <= bound(sizes.decompressed, sizes.dictionary));
    }
}

static void a_limit_is_kept_and_told(void **state)
{
    (void)state;
    const void *values;
    uint32_t count;
    column.type.physical = COLUMN_BYTE_ARRAY;
    for (size_t limit = (size_t)64 << 10;; limit += (size_t)16 << 10) {
        start_over(limit);
        put_dictionary_page(5000);
        put_coded_page(1000, 0);
        assert_int_equal(open_at(1000, NULL), ERROR_NONE);
        enum error_code code = parquet_page_reader_dictionary(reader, &values, &count, &error);
        assert_true(account.peak <= limit + ((size_t)64 << 10));
        if (code == ERROR_NONE)
            break;
        assert_int_equal(code, ERROR_MEMORY);
        assert_non_null(strstr(error.hint, "--memory"));
        assert_true(limit < (size_t)4 << 20);
    }
    assert_int_equal(count, 5000);
}

/* Only just enough room for the dictionary and its stored bytes, which are read apart from the
 * page's; whatever the limit, they are not given up while they are decompressed. */
static void stored_bytes_outlive_a_tight_limit(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    size_t refused = 0;
    for (size_t limit = 20000; code != ERROR_NONE; limit += 500) {
        start_over(limit);
        put_dictionary_page(2000);
        size_t page = file.size - chunk.offset;
        put_coded_page(1000, 0);
        struct parquet_position position = {.page_offset = page};
        cell_count = 0;
        uint32_t got;
        code = open_at(1000, &position);
        assert_int_equal(code, ERROR_NONE);
        code = add_indexes(1000, &got);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        refused += code == ERROR_MEMORY;
        assert_true(limit < 1000000);
    }
    assert_true(refused > 0);
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    column.type.physical = COLUMN_BYTE_ARRAY;
    chunk.codec = CODEC_ZSTD;
    put_dictionary_page(100);
    put_coded_page(1000, 0);
    put_plain_page(0, 500);
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        const void *values;
        uint32_t count, got = 1;
        teardown(NULL);
        mem_fail_allocation(n);
        code = parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error);
        if (code != ERROR_NONE)
            reader = NULL;
        else
            code = open_at(1500, NULL);
        if (code == ERROR_NONE)
            code = parquet_page_reader_skip(reader, 1100, &error);
        if (code == ERROR_NONE)
            code = add_values(10, &got);
        if (code == ERROR_NONE)
            code = parquet_page_reader_dictionary(reader, &values, &count, &error);
        for (cell_count = 0; code == ERROR_NONE && got > 0;)
            code = add_values(100, &got);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_true(n < 100);
    }
    assert_int_equal(cell_count, 390);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INDEX_TEST(a_dictionary_elsewhere_is_not_shown),
        INDEX_TEST(damaged_indexes_are_refused),
        INDEX_TEST(a_damaged_dictionary_is_refused),
        INDEX_TEST(a_dictionary_belongs_to_its_type),
        INDEX_TEST(the_size_bounds_what_is_held),
        INDEX_TEST(a_limit_is_kept_and_told),
        INDEX_TEST(stored_bytes_outlive_a_tight_limit),
        INDEX_TEST(refused_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
