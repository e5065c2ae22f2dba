/* Pages that cannot be true: each is refused with what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "bytes.h"
#include "parquet/page_reader.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct parquet_page_reader *reader;
static struct memory_object memory;
static struct parquet_column column;
static struct parquet_chunk chunk;
static uint64_t version;

static void begin(void)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    column = (struct parquet_column){.name = "x", .path = "x", .type.physical = COLUMN_INT64};
    chunk = (struct parquet_chunk){.offset = 4};
}

static void begin_nullable(void)
{
    begin();
    column.nullable = true;
    column.max_definition = 1;
}

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    begin();
    return parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error);
}

static int teardown(void **state)
{
    (void)state;
    parquet_page_reader_destroy(reader);
    assert_int_equal(account.used, 0);
    return 0;
}

static enum error_code visit(void *context, const struct parquet_page *page, struct error *failure)
{
    (void)page;
    (void)failure;
    ++*(unsigned *)context;
    return ERROR_NONE;
}

static void close_chunk(uint64_t rows)
{
    memory = memory_object_over(&file);
    memory.object.identity.modified_ns = (int64_t)++version;
    chunk.length = file.size - chunk.offset;
    chunk.value_count = rows;
    error_init(&error);
}

static int64_t values[100000];

/* Reads what was put as a chunk of rows, and compares what values it has. */
static enum error_code read_all(uint64_t rows)
{
    struct column_slice slice;
    uint64_t got = 0, count = 0;
    close_chunk(rows);
    enum error_code code =
        parquet_page_reader_open(reader, &memory.object, &column, &chunk, NULL, &error);
    while (code == ERROR_NONE) {
        code = parquet_page_reader_next(reader, 100, &slice, &error);
        if (code != ERROR_NONE || slice.row_count == 0)
            break;
        if (column.type.physical == COLUMN_INT64)
            memcpy(values + count, slice.values, slice.value_count * sizeof *values);
        got += slice.row_count;
        count += slice.value_count;
    }
    assert_true(code != ERROR_NONE || got == rows);
    return code;
}

/* Refused by the reader with these words. */
static void refused(uint64_t rows, const char *words)
{
    assert_int_equal(read_all(rows), ERROR_INPUT);
    if (strstr(error.what, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, error.what);
    assert_string_equal(error.column, "x");
}

static void put_count(int64_t first, int count)
{
    for (int64_t i = first; i < first + count; i++)
        put(&file, &i, sizeof i);
}

/* ---- headers ---- */

static void heads_must_be_those_of_the_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        begin();
        put_i32(&file, 1, kind);
        put_i32(&file, 2, 8);
        put_i32(&file, 3, 8);
        put_stop(&file);
        put_count(0, 1);
        if (kind == 1)
            refused(1, "the pages of a column hold 0 rows"); /* an index page is passed over */
        else
            refused(1, kind == 2 ? "dictionary's head" : kind > 3 ? "kind" : "data page's head");
    }
}

static void sizes_must_be_said(void **state)
{
    (void)state;
    for (int missing = 2; missing <= 3; missing++) {
        begin();
        put_i32(&file, 1, 0);
        put_i32(&file, missing == 2 ? 3 : 2, 8);
        put_struct(&file, 5);
        put_i32(&file, 1, 1);
        put_i32(&file, 2, 0);
        put_stop(&file);
        put_stop(&file);
        put_count(0, 1);
        refused(1, "no size");
    }
}

static void a_head_must_be_a_struct(void **state)
{
    (void)state;
    static const int heads[] = {5, 7, 8};
    for (int i = 0; i < 3; i++) {
        begin();
        put_i32(&file, 1, 0);
        put_i32(&file, 2, 8);
        put_i32(&file, 3, 8);
        put_i32(&file, heads[i], 1);
        put_stop(&file);
        assert_int_equal(read_all(1), ERROR_INPUT);
    }
}

static void levels_of_the_second_version_fit_the_page(void **state)
{
    (void)state;
    begin_nullable();
    put_page_v2(&file, 100, 10, 1, 0, PARQUET_PLAIN, 11, false);
    put(&file, "\x02\x01........", 10);
    refused(1, "levels are larger");
    begin_nullable();
    put_page_v2(&file, 10, 100, 1, 0, PARQUET_PLAIN, 11, true);
    for (int i = 0; i < 100; i++)
        put_u8(&file, 2);
    refused(1, "levels are larger");
    begin_nullable();
    put_page_v2(&file, 10, 10, 1, 2, PARQUET_PLAIN, 2, false);
    put(&file, "\x02\x01........", 10);
    refused(1, "more nulls than values");
}

/* A page of another kind stands between, and one without rows. */
static void foreign_pages_are_passed_over(void **state)
{
    (void)state;
    unsigned pages = 0;
    put_i32(&file, 1, 1);
    put_i32(&file, 2, 3);
    put_i32(&file, 3, 3);
    put_stop(&file);
    put(&file, "???", 3);
    put_page_v1(&file, 16, 16, 2, PARQUET_PLAIN);
    put_count(5, 2);
    assert_int_equal(read_all(2), ERROR_NONE);
    assert_int_equal(values[1], 6);
    assert_int_equal(parquet_visit_pages(&memory.object, &column, &chunk, visit, &pages, &error),
                     ERROR_NONE);
    assert_int_equal(pages, 1);
}

/* ---- bodies ---- */

static void stored_pages_have_one_size(void **state)
{
    (void)state;
    put_page_v1(&file, 9, 8, 1, PARQUET_PLAIN);
    put_count(0, 1);
    refused(1, "two sizes");
    begin();
    chunk.codec = CODEC_SNAPPY;
    put_page_v2(&file, 9, 8, 1, 0, PARQUET_PLAIN, 0, false);
    put_count(0, 1);
    refused(1, "two sizes");
    begin(); /* in pieces */
    put_page_v1(&file, 800001, 800000, 100000, PARQUET_PLAIN);
    put_count(0, 100000);
    refused(100000, "two sizes");
}

static void checksums_are_held_against_the_page(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        begin();
        const int64_t value = 7;
        uint32_t crc = libdeflate_crc32(0, &value, sizeof value) + (uint32_t)wrong;
        put_page_v1_crc(&file, sizeof value, sizeof value, 1, PARQUET_PLAIN, &crc);
        put(&file, &value, sizeof value);
        if (wrong)
            refused(1, "its checksum is wrong");
        else
            assert_int_equal(read_all(1), ERROR_NONE);
    }
}

static void pages_of_nothing_have_no_values(void **state)
{
    (void)state;
    put_page_v1(&file, 0, 0, 3, PARQUET_PLAIN);
    refused(3, "its values end too early");
    begin();
    chunk.codec = CODEC_SNAPPY;
    put_page_v1(&file, 0, 0, 3, PARQUET_PLAIN);
    refused(3, "its values end too early");
}

static void put_levels_encoding(int encoding, size_t size)
{
    put_i32(&file, 1, 0);
    put_i32(&file, 2, (int32_t)size);
    put_i32(&file, 3, (int32_t)size);
    put_struct(&file, 5);
    put_i32(&file, 1, 10);
    put_i32(&file, 2, PARQUET_PLAIN);
    put_i32(&file, 3, encoding);
    put_i32(&file, 4, encoding);
    put_stop(&file);
    put_stop(&file);
}

/* Levels as bits, 1010101010 here, the first row in the highest bit of a byte, as the oldest files
 * have them. */
static void packed_levels_are_read(void **state)
{
    (void)state;
    begin_nullable();
    put_levels_encoding(PARQUET_BIT_PACKED, 2 + 5 * 8);
    put(&file, "\xaa\x80", 2);
    put_count(3, 5);
    assert_int_equal(read_all(10), ERROR_NONE);
    assert_int_equal(values[4], 7);
    begin_nullable();
    put_levels_encoding(PARQUET_BIT_PACKED, 1);
    put(&file, "\xaa", 1);
    refused(10, "definition levels make no sense");
}

static void unknown_levels_are_refused(void **state)
{
    (void)state;
    begin_nullable();
    put_levels_encoding(PARQUET_PLAIN, 80);
    put_count(0, 10);
    refused(10, "levels have an unknown encoding");
}

static void put_nullable_page(uint32_t length, const char *levels, size_t size, int rows)
{
    put_page_v1(&file, 4 + size, 4 + size, rows, PARQUET_PLAIN);
    put_u32(&file, length);
    put(&file, levels, size);
}

static void levels_end_inside_their_page(void **state)
{
    (void)state;
    begin_nullable();
    put_page_v1(&file, 3, 3, 4, PARQUET_PLAIN);
    put(&file, "\x02\x00\x00", 3);
    refused(4, "definition levels make no sense"); /* no room for the length */
    begin_nullable();
    put_nullable_page(100, "\x08\x01", 2, 4);
    refused(4, "definition levels make no sense"); /* longer than the page */
    begin_nullable();
    put_nullable_page(2, "\x04\x00", 2, 4); /* a run of two rows for four */
    refused(4, "definition levels");
    begin_nullable();
    put_nullable_page(0, "", 0, 4);
    refused(4, "definition levels");
    begin_nullable();
    put_page_v2(&file, 2, 2, 4, 4, PARQUET_PLAIN, 2, false);
    put(&file, "\x04\x00", 2);
    refused(4, "definition levels");
}

/* The length of levels is read first where a page is read in pieces. */
static void levels_of_long_pages_are_held_against_them(void **state)
{
    (void)state;
    begin_nullable();
    put_page_v1(&file, 800004, 800004, 100000, PARQUET_PLAIN);
    put_u32(&file, 800001);
    put_count(0, 100000);
    refused(100000, "definition levels make no sense");
    begin_nullable(); /* bits for so many rows take more than the page */
    put_i32(&file, 1, 0);
    put_i32(&file, 2, 800000);
    put_i32(&file, 3, 800000);
    put_struct(&file, 5);
    put_i32(&file, 1, 7000000);
    put_i32(&file, 2, PARQUET_PLAIN);
    put_i32(&file, 3, PARQUET_BIT_PACKED);
    put_i32(&file, 4, PARQUET_RLE);
    put_stop(&file);
    put_stop(&file);
    put_count(0, 100000);
    refused(7000000, "definition levels make no sense");
}

static void long_pages_of_bits_and_of_the_second_version_are_read(void **state)
{
    (void)state;
    const int rows = 90000;
    begin_nullable();
    size_t bits = (size_t)rows / 8, size = bits + (size_t)rows * 8;
    put_i32(&file, 1, 0);
    put_i32(&file, 2, (int32_t)size);
    put_i32(&file, 3, (int32_t)size);
    put_struct(&file, 5);
    put_i32(&file, 1, rows);
    put_i32(&file, 2, PARQUET_PLAIN);
    put_i32(&file, 3, PARQUET_BIT_PACKED);
    put_i32(&file, 4, PARQUET_RLE);
    put_stop(&file);
    put_stop(&file);
    for (size_t i = 0; i < bits; i++)
        put_u8(&file, 0xff);
    put_count(1, rows);
    assert_int_equal(read_all((uint64_t)rows), ERROR_NONE);
    assert_int_equal(values[rows - 1], rows);
    begin();
    put_page_v2(&file, (size_t)rows * 8, (size_t)rows * 8, rows, 0, PARQUET_PLAIN, 0, false);
    put_count(2, rows);
    assert_int_equal(read_all((uint64_t)rows), ERROR_NONE);
    assert_int_equal(values[rows - 1], rows + 1);
}

static void split_values_need_true_levels(void **state)
{
    (void)state;
    begin_nullable();
    put_page_v1(&file, 4 + 2 + 32, 4 + 2 + 32, 8, PARQUET_BYTE_STREAM_SPLIT);
    put_u32(&file, 2);
    put(&file, "\x08\x01", 2); /* four rows of eight */
    put_count(0, 4);
    refused(8, "definition levels");
}

/* ---- dictionaries ---- */

static void put_indices(void)
{
    put_page_v1(&file, 3, 3, 8, PARQUET_RLE_DICTIONARY);
    put(&file, "\x01\x10\x00", 3); /* eight times the first */
}

static void put_dictionary_of(int encoding, size_t size, int count)
{
    put_i32(&file, 1, 2);
    put_i32(&file, 2, (int32_t)size);
    put_i32(&file, 3, (int32_t)size);
    put_struct(&file, 7);
    put_i32(&file, 1, count);
    put_i32(&file, 2, encoding);
    put_stop(&file);
    put_stop(&file);
}

static void dictionaries_are_plain(void **state)
{
    (void)state;
    static const int encodings[] = {PARQUET_PLAIN, PARQUET_PLAIN_DICTIONARY, PARQUET_RLE};
    for (int i = 0; i < 3; i++) {
        begin();
        put_dictionary_of(encodings[i], 16, 2);
        put_count(40, 2);
        put_indices();
        if (i == 2) {
            refused(8, "an encoding that dictionaries do not have");
            continue;
        }
        assert_int_equal(read_all(8), ERROR_NONE);
        assert_int_equal(values[7], 40);
    }
}

static void dictionaries_hold_what_they_say(void **state)
{
    (void)state;
    begin();
    put_dictionary_of(PARQUET_PLAIN, 16, 17);
    put_count(40, 2);
    put_indices();
    refused(8, "more values than bytes");
    begin();
    put_dictionary_of(PARQUET_PLAIN, 16, 3);
    put_count(40, 2);
    put_indices();
    refused(8, "");
    begin();
    column.type.physical = COLUMN_BYTE_ARRAY;
    put_dictionary_of(PARQUET_PLAIN, 15, 4);
    put(&file, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    put_indices();
    refused(8, "more values than bytes");
    begin();
    column.type.physical = COLUMN_BYTE_ARRAY;
    put_dictionary_of(PARQUET_PLAIN, 8, 1);
    put_u32(&file, 5);
    put(&file, "abcd", 4);
    put_indices();
    refused(8, "");
}

/* What a page refers to does not stand at the start of the chunk. */
static void a_dictionary_stands_first(void **state)
{
    (void)state;
    put_i32(&file, 1, 1);
    put_i32(&file, 2, 0);
    put_i32(&file, 3, 0);
    put_stop(&file);
    put_indices();
    refused(8, "the column has none");
    begin();
    put_indices();
    refused(8, "the column has none");
}

/* ---- ends ---- */

static void pages_end_inside_their_chunk(void **state)
{
    (void)state;
    unsigned pages = 0;
    put_page_v1(&file, 24, 24, 3, PARQUET_PLAIN);
    put_count(0, 2);
    refused(3, "longer than what is left");
    assert_int_equal(parquet_visit_pages(&memory.object, &column, &chunk, visit, &pages, &error),
                     ERROR_INPUT);
    assert_int_equal(pages, 0);
}

/* Statistics in a header may be longer than what is read of it at first, but not without end. */
static void long_headers_are_read(void **state)
{
    (void)state;
    static const size_t sizes[] = {400, 3000, 50000, 200000, 2000000};
    static char text[2000000];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned pages = 0;
        begin();
        put_i32(&file, 1, 0);
        put_i32(&file, 2, 16);
        put_i32(&file, 3, 16);
        put_struct(&file, 5);
        put_i32(&file, 1, 2);
        put_i32(&file, 2, PARQUET_PLAIN);
        put_i32(&file, 3, PARQUET_RLE);
        put_i32(&file, 4, PARQUET_RLE);
        put_struct(&file, 5);
        put_binary(&file, 1, text, sizes[i]);
        put_stop(&file);
        put_stop(&file);
        put_stop(&file);
        put_count(3, 2);
        enum error_code code = read_all(2);
        assert_int_equal(code, sizes[i] < 1000000 ? ERROR_NONE : ERROR_INPUT);
        code = parquet_visit_pages(&memory.object, &column, &chunk, visit, &pages, &error);
        assert_int_equal(code, sizes[i] < 1000000 ? ERROR_NONE : ERROR_INPUT);
    }
}

/* A chunk that ends within a header is damaged, whatever is read of it. */
static void headers_end_inside_their_chunk(void **state)
{
    (void)state;
    put_page_v1(&file, 8, 8, 1, PARQUET_PLAIN);
    size_t whole = file.size;
    for (size_t size = 5; size < whole; size++) {
        unsigned pages = 0;
        file.size = size;
        assert_int_equal(read_all(1), ERROR_INPUT);
        assert_int_equal(
            parquet_visit_pages(&memory.object, &column, &chunk, visit, &pages, &error),
            ERROR_INPUT);
    }
}

static void positions_lie_in_the_chunk(void **state)
{
    (void)state;
    put_page_v1(&file, 8, 8, 1, PARQUET_PLAIN);
    put_count(0, 1);
    close_chunk(1);
    const struct parquet_position positions[] = {{chunk.length + 1, 0}, {0, 2}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(parquet_page_reader_open(reader, &memory.object, &column, &chunk,
                                                  &positions[i], &error),
                         ERROR_INTERNAL);
    assert_int_equal(parquet_page_reader_skip(reader, 1, &error), ERROR_INTERNAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(heads_must_be_those_of_the_kind),
        TEST(sizes_must_be_said),
        TEST(a_head_must_be_a_struct),
        TEST(levels_of_the_second_version_fit_the_page),
        TEST(foreign_pages_are_passed_over),
        TEST(stored_pages_have_one_size),
        TEST(checksums_are_held_against_the_page),
        TEST(pages_of_nothing_have_no_values),
        TEST(packed_levels_are_read),
        TEST(unknown_levels_are_refused),
        TEST(levels_end_inside_their_page),
        TEST(levels_of_long_pages_are_held_against_them),
        TEST(long_pages_of_bits_and_of_the_second_version_are_read),
        TEST(split_values_need_true_levels),
        TEST(dictionaries_are_plain),
        TEST(dictionaries_hold_what_they_say),
        TEST(a_dictionary_stands_first),
        TEST(pages_end_inside_their_chunk),
        TEST(long_headers_are_read),
        TEST(headers_end_inside_their_chunk),
        TEST(positions_lie_in_the_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
