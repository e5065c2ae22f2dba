/*
 * Pruning: row groups by statistics, pages by indexes, chunks by Bloom filters; what cannot be
 * believed is passed over. Metadata is made by hand, indexes byte by byte.
 */
#include "filter/prune.h"
#include "filters.h"
#include "parquet/bytes.h"

#include <math.h>
#include <xxhash.h>

#define ROWS  100
#define LIMIT ((size_t)1 << 20)

/* Two columns, x and y, in up to three row groups of ROWS rows. */
static struct bytes file;
static struct parquet_column columns[2];
static struct parquet_chunk chunks[3][2];
static struct parquet_row_group groups[3];
static struct parquet_metadata metadata;
static struct row_ranges ranges;
static int64_t bounds[3][2][2];

static void setup_file(uint32_t group_count)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    metadata = (struct parquet_metadata){.row_count = group_count * ROWS,
                                         .column_count = 2,
                                         .columns = columns,
                                         .row_group_count = group_count,
                                         .row_groups = groups};
    memset(chunks, 0, sizeof chunks);
    for (uint32_t i = 0; i < 2; i++)
        columns[i] = (struct parquet_column){.name = i == 0 ? "x" : "y",
                                             .type = {.physical = COLUMN_INT64},
                                             .nullable = true,
                                             .max_definition = 1};
    for (uint32_t i = 0; i < group_count; i++) {
        groups[i] = (struct parquet_row_group){.row_count = ROWS, .chunks = chunks[i]};
        for (uint32_t k = 0; k < 2; k++)
            chunks[i][k] = (struct parquet_chunk){
                .offset = 4, .length = 1000, .data_page_offset = 4, .value_count = ROWS};
    }
}

static void set_bounds(uint32_t group, uint32_t column, int64_t low, int64_t high)
{
    int64_t *pair = bounds[group][column];
    pair[0] = low;
    pair[1] = high;
    chunks[group][column].statistics.minimum = (struct parquet_bytes){(uint8_t *)&pair[0], 8};
    chunks[group][column].statistics.maximum = (struct parquet_bytes){(uint8_t *)&pair[1], 8};
}

static void set_nulls(uint32_t group, uint32_t column, int64_t count)
{
    chunks[group][column].statistics.has_null_count = true;
    chunks[group][column].statistics.null_count = count;
}

/* "0-50 100-200": the rows that are left. */
static const char *prune_within(const char *text, size_t limit)
{
    static char shown[400];
    const struct column_type types[2] = {columns[0].type, columns[1].type};
    struct filter *filter = parse(text);
    uint32_t numbers[2] = {0, 1};
    for (uint32_t i = 0; i < filter_column_count(filter); i++)
        numbers[i] = filter_column_name(filter, i)[0] == 'x' ? 0 : 1;
    struct column_type named[2] = {types[numbers[0]], types[numbers[1]]};
    struct bound_filter *bound;
    struct memory_object object = memory_object_over(&file);
    metadata.footer_length = 0;
    row_ranges_release(&ranges);
    assert_int_equal(
        filter_bind(filter, named, &filters.arena, &bound, &filters.offset, &filters.error),
        ERROR_NONE);
    assert_int_equal(filter_prune(bound, &object.object, &metadata, numbers, &filters.account,
                                  limit, &ranges, &filters.error),
                     ERROR_NONE);
    size_t at = 0;
    shown[0] = '\0';
    uint64_t rows = 0;
    for (size_t i = 0; i < ranges.ranges.size / sizeof(struct row_range); i++) {
        struct row_range range;
        memcpy(&range, ranges.ranges.data + i * sizeof range, sizeof range);
        at += (size_t)snprintf(shown + at, sizeof shown - at, "%s%d-%d", i > 0 ? " " : "",
                               (int)range.begin, (int)range.end);
        rows += range.end - range.begin;
    }
    assert_int_equal(rows, ranges.row_count);
    return shown;
}

static const char *prune(const char *text)
{
    return prune_within(text, LIMIT);
}

static int setup(void **state)
{
    filters_setup(state);
    row_ranges_init(&ranges, &filters.account);
    return 0;
}

static int teardown(void **state)
{
    row_ranges_release(&ranges);
    return filters_teardown(state);
}

/* ---- row groups ---- */

static void test_row_groups(void **state)
{
    (void)state;
    setup_file(3);
    for (uint32_t i = 0; i < 3; i++)
        set_bounds(i, 0, i * 10, i * 10 + 9);
    set_nulls(0, 0, 0);
    set_nulls(1, 0, 5);
    assert_string_equal(prune("x < 10"), "0-100");
    assert_int_equal(ranges.row_groups_passed_over, 2);
    assert_string_equal(prune("x >= 10 and x < 100"), "100-300");
    assert_string_equal(prune("x = 5 or x = 25"), "0-100 200-300");
    assert_string_equal(prune("x = 5 or y = 1"), "0-300");
    assert_string_equal(prune("x > 99"), "");
    assert_int_equal(ranges.row_groups_passed_over, 3);
    assert_string_equal(prune("x is null"), "100-300");
    assert_string_equal(prune("not (x < 20)"), "200-300");
}

static void test_all_null(void **state)
{
    (void)state;
    setup_file(2);
    set_nulls(0, 0, ROWS);
    assert_string_equal(prune("x > 0"), "100-200");
    assert_string_equal(prune("x is null"), "0-200");
    /* Said to be all NULL, and to have bounds: one of them is wrong. */
    set_bounds(0, 0, 5, 6);
    assert_string_equal(prune("x > 0"), "0-200");
    assert_string_equal(prune("x > 100"), "0-200");
    set_nulls(0, 0, ROWS + 1);
    assert_string_equal(prune("x > 100"), "0-200");
}

static void test_required_columns(void **state)
{
    (void)state;
    setup_file(1);
    columns[0].nullable = false;
    assert_string_equal(prune("x is null"), "");
    set_nulls(0, 0, 3);
    set_bounds(0, 0, 1, 2);
    assert_string_equal(prune("x > 7"), "0-100"); /* NULLs where there are none */
}

static void test_bounds_that_mean_nothing(void **state)
{
    (void)state;
    setup_file(1);
    set_bounds(0, 0, 1, 2);
    assert_string_equal(prune("x > 7"), "");
    columns[0].unordered = true;
    assert_string_equal(prune("x > 7"), "0-100");
    columns[0].unordered = false;
    columns[0].annotation = "geometry";
    assert_string_equal(prune("x > 7"), "0-100");
    columns[0].annotation = NULL;
    set_bounds(0, 0, 2, 1);
    assert_string_equal(prune("x > 7"), "0-100");
    set_bounds(0, 0, 1, 2);
    chunks[0][0].statistics.maximum.size = 4;
    assert_string_equal(prune("x > 7"), "0-100");
    chunks[0][0].statistics.maximum = (struct parquet_bytes){0};
    assert_string_equal(prune("x > 7"), "0-100");
    assert_string_equal(prune("x < 1"), "");
}

static void test_floats(void **state)
{
    (void)state;
    static double pair[2] = {1, 2};
    setup_file(1);
    columns[0].type = (struct column_type){.physical = COLUMN_DOUBLE};
    chunks[0][0].statistics.minimum = (struct parquet_bytes){(uint8_t *)&pair[0], 8};
    chunks[0][0].statistics.maximum = (struct parquet_bytes){(uint8_t *)&pair[1], 8};
    assert_string_equal(prune("x < 1"), "");
    assert_string_equal(prune("x = 3"), "");
    assert_string_equal(prune("x > 2"), "0-100"); /* NaN */
    pair[1] = NAN;
    assert_string_equal(prune("x < 1"), "0-100");
    pair[0] = 0.0;
    pair[1] = 0.0;
    assert_string_equal(prune("x = -0.0"), "0-100");
}

static void test_texts(void **state)
{
    (void)state;
    setup_file(1);
    columns[0].type = (struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    chunks[0][0].statistics.minimum = (struct parquet_bytes){(const uint8_t *)"b", 1};
    chunks[0][0].statistics.maximum = (struct parquet_bytes){(const uint8_t *)"cd", 2};
    assert_string_equal(prune("x = 'a'"), "");
    assert_string_equal(prune("x = 'c'"), "0-100");
    assert_string_equal(prune("x > 'cd'"), "");
    columns[0].type = (struct column_type){
        .physical = COLUMN_FIXED, .type_length = 4, .logical = COLUMN_DECIMAL, .precision = 9};
    assert_string_equal(prune("x = -5"), "0-100"); /* cut decimals mean nothing */
    columns[0].type.logical = COLUMN_PLAIN;
    assert_string_equal(prune("x = 'aaaa'"), "");
    columns[0].type.type_length = 1;
    assert_string_equal(prune("x = 'a'"), "0-100"); /* longer than its values */
}

/* ---- pages ---- */

struct page {
    int64_t row, low, high;
    int64_t nulls;
};

/* Writes both indexes of a chunk; a page whose bounds are upside down is one of NULLs. */
static void put_index(struct parquet_chunk *chunk, const struct page *pages, size_t count,
                      bool null_counts)
{
    chunk->offset_index_offset = file.size;
    put_list(&file, 1, THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        put_i64(&file, 1, (int64_t)(4 + 10 * i));
        put_i32(&file, 2, 10);
        put_i64(&file, 3, pages[i].row);
        put_stop(&file);
    }
    put_stop(&file);
    chunk->offset_index_length = (uint32_t)(file.size - chunk->offset_index_offset);
    chunk->column_index_offset = file.size;
    put_list(&file, 1, THRIFT_TRUE, count);
    for (size_t i = 0; i < count; i++)
        put_u8(&file, pages[i].low > pages[i].high ? 1 : 2);
    for (int side = 0; side < 2; side++) {
        put_list(&file, 2 + side, THRIFT_BINARY, count);
        for (size_t i = 0; i < count; i++) {
            put_varint(&file, 8);
            put(&file, side == 0 ? &pages[i].low : &pages[i].high, 8);
        }
    }
    put_i32(&file, 4, 0);
    if (null_counts) {
        put_list(&file, 5, THRIFT_I64, count);
        for (size_t i = 0; i < count; i++)
            put_zigzag(&file, pages[i].nulls);
    }
    put_stop(&file);
    chunk->column_index_length = (uint32_t)(file.size - chunk->column_index_offset);
}

static const struct page pages_of_x[] = {
    {0, 0, 9, 0}, {30, 10, 19, 5}, {60, 20, 29, 0}, {90, 1, 0, 10}};
static const struct page pages_of_y[] = {{0, 100, 100, 0}, {50, 200, 200, 0}};

static void setup_pages(const struct page *pages, size_t count)
{
    setup_file(2);
    set_bounds(1, 0, 0, 29);
    set_bounds(1, 1, 100, 200);
    put_index(&chunks[1][0], pages, count, true);
}

static void test_pages(void **state)
{
    (void)state;
    setup_pages(pages_of_x, 4);
    set_bounds(0, 0, 500, 600);
    assert_string_equal(prune("x < 10"), "100-130");
    assert_int_equal(ranges.row_groups_passed_over, 1);
    assert_int_equal(ranges.pages_passed_over, 3);
    assert_int_equal(ranges.bytes_read,
                     chunks[1][0].offset_index_length + chunks[1][0].column_index_length);
    assert_string_equal(prune("x = 5 or x = 25"), "100-130 160-190");
    assert_string_equal(prune("x between 15 and 25"), "130-190");
    assert_string_equal(prune("x is null"), "0-100 130-160 190-200");
    assert_string_equal(prune("x is not null and x < 99"), "100-190");
    assert_string_equal(prune("x = 9.5"), "");
    assert_int_equal(ranges.row_groups_passed_over, 2);
    assert_int_equal(ranges.pages_passed_over, 0);
}

static void test_pages_of_two_columns(void **state)
{
    (void)state;
    setup_pages(pages_of_x, 4);
    put_index(&chunks[1][1], pages_of_y, 2, false);
    set_bounds(0, 0, 500, 600);
    assert_string_equal(prune("x >= 10 and y < 150"), "0-100 130-150");
    assert_string_equal(prune("y = 200 and x <= 19"), "150-160");
    assert_string_equal(prune("y = 200 or x <= 9"), "0-130 150-200");
    assert_string_equal(prune("x = 12 and y = 100 and x = 12"), "130-150");
    assert_int_equal(ranges.pages_passed_over, 4);
    assert_int_equal(ranges.row_groups_passed_over, 1);
}

/* Nothing is read where the answer is known, or where it may not be. */
static void test_no_needless_reading(void **state)
{
    (void)state;
    setup_pages(pages_of_x, 4);
    set_nulls(1, 0, 15);
    assert_string_equal(prune("x < 30"), "0-200");
    assert_int_equal(ranges.bytes_read, 0);
    assert_string_equal(prune_within("x < 10", 0), "0-200");
    assert_int_equal(ranges.bytes_read, 0);
    /* No room for them: statistics alone. */
    assert_string_equal(prune_within("x < 10", 16), "0-200");
}

static void expect_passed_over(const struct page *pages, size_t count)
{
    setup_pages(pages, count);
    set_nulls(1, 0, 15);
    assert_string_equal(prune("x < 10"), "0-200");
}

static void test_contradictory_pages(void **state)
{
    (void)state;
    setup_pages(pages_of_x, 4);
    set_nulls(1, 0, 15);
    assert_string_equal(prune("x < 10"), "0-130");
    expect_passed_over(((struct page[]){{1, 0, 9, 0}, {30, 10, 29, 15}}), 2); /* begins late */
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {0, 10, 29, 15}}), 2);  /* no rows */
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {100, 10, 29, 15}}), 2);
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {30, 10, 29, 14}}), 2); /* other sum */
    expect_passed_over(((struct page[]){{0, 0, 9, -1}, {30, 10, 29, 16}}), 2);
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {85, 10, 29, 15}}), 2);   /* none is left */
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {30, 100, 109, 15}}), 2); /* apart */
    expect_passed_over(((struct page[]){{0, 0, 9, 0}, {30, 1, 0, 15}}), 2); /* NULL, with values */
    expect_passed_over(pages_of_x, 0);
    setup_pages(pages_of_x, 4);
    chunks[1][0].length = 39;
    assert_string_equal(prune("x < 10"), "0-200");
    setup_pages(pages_of_x, 4);
    columns[0].nullable = false;
    assert_string_equal(prune("x < 10"), "0-200");
    setup_pages(pages_of_x, 4);
    chunks[1][0].encrypted = true;
    assert_string_equal(prune("x < 10"), "0-200");
}

/* Indexes cut or spoilt anywhere: never a failure, and rows only fall out where bounds say so. */
static void test_damaged_pages(void **state)
{
    (void)state;
    setup_pages(pages_of_x, 4);
    size_t begin = chunks[1][0].offset_index_offset;
    for (size_t i = begin; i < file.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            file.data[i] ^= (uint8_t)(1u << bit);
            prune("x < 10 or x is null");
            file.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (uint32_t cut = 1; cut < chunks[1][0].column_index_length; cut++) {
        chunks[1][0].column_index_length--;
        assert_string_equal(prune("x < 10"), "0-200");
    }
    setup_pages(pages_of_x, 4);
    chunks[1][0].column_index_offset = file.size;
    assert_string_equal(prune("x < 10"), "0-200");
}

/* ---- Bloom filters ---- */

/* One block that has some values. */
static void put_bloom(struct parquet_chunk *chunk, const int64_t *values, size_t count)
{
    static const uint32_t salts[8] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                      0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};
    uint32_t block[8] = {0};
    chunk->bloom_filter_offset = file.size;
    put_i32(&file, 1, 32);
    for (int id = 2; id <= 4; id++) {
        put_struct(&file, id);
        put_struct(&file, 1);
        put_stop(&file);
        put_stop(&file);
    }
    put_stop(&file);
    for (size_t i = 0; i < count; i++) {
        uint32_t key = (uint32_t)XXH64(&values[i], 8, 0);
        for (int word = 0; word < 8; word++)
            block[word] |= UINT32_C(1) << ((key * salts[word]) >> 27);
    }
    put(&file, block, sizeof block);
}

static void test_bloom(void **state)
{
    (void)state;
    static const int64_t values[] = {3, 77};
    setup_file(2);
    put_bloom(&chunks[0][0], values, 2);
    assert_string_equal(prune("x = 4"), "100-200");
    assert_int_equal(ranges.row_groups_passed_over, 1);
    assert_int_equal(ranges.bytes_read, 32);
    assert_string_equal(prune("x = 77"), "0-200");
    assert_string_equal(prune("x in (4, 5, 6)"), "100-200");
    assert_string_equal(prune("x in (4, 77)"), "0-200");
    assert_string_equal(prune("x = 4 or y = 4"), "0-200");
    assert_string_equal(prune("x = 4 and y = 4"), "100-200");
    assert_string_equal(prune("x < 3"), "0-200");
    assert_int_equal(ranges.bytes_read, 0);
    /* Of an unknown kind, or cut: as if there were none. */
    file.data[chunks[0][0].bloom_filter_offset] ^= 0xff;
    assert_string_equal(prune("x = 4"), "0-200");
    file.data[chunks[0][0].bloom_filter_offset] ^= 0xff;
    file.size -= 1;
    assert_string_equal(prune("x = 4"), "0-200");
}

/* ---- dictionaries ---- */

/* A chunk of the given length that begins with a dictionary of 50 and 250, and a page that nobody
 * reads. */
static void put_values_50_and_250(struct parquet_chunk *chunk, uint64_t length)
{
    static const int64_t values[] = {50, 250};
    chunk->offset = chunk->dictionary_offset = file.size;
    put_dictionary(&file, sizeof values, sizeof values, 2);
    put(&file, values, sizeof values);
    chunk->data_page_offset = file.size;
    chunk->length = chunk->decoded_length = length;
    chunk->coding = PARQUET_CODING_ALL;
    put_page_v1(&file, length - 80, length - 80, ROWS, PARQUET_RLE_DICTIONARY);
    file.size += length;
}

static void test_dictionary(void **state)
{
    (void)state;
    setup_file(2);
    put_values_50_and_250(&chunks[0][0], 200);
    assert_string_equal(prune("x >= 100 and x < 200"), "100-200");
    assert_int_equal(ranges.row_groups_passed_over, 1);
    assert_true(ranges.bytes_read > 0);
    assert_string_equal(prune("x = 250"), "0-200");
    assert_string_equal(prune("x in (1, 2)"), "100-200");
    assert_string_equal(prune("x <> 50 and x <> 250"), "100-200");
    assert_string_equal(prune("x <> 50 and x <> 250 or x is null"), "0-200");
    set_bounds(0, 0, 50, 250);
    assert_string_equal(prune("x <= 250"), "0-200");
    assert_int_equal(ranges.bytes_read, 0); /* the bounds have told */
    chunks[0][0].coding = PARQUET_CODING_SOME;
    assert_string_equal(prune("x = 100"), "0-200");
    assert_int_equal(ranges.bytes_read, 0);
}

/* One that is most of its chunk is not worth reading; a damaged one is the reader's to tell. */
static void test_dictionary_of_no_use(void **state)
{
    (void)state;
    setup_file(1);
    put_values_50_and_250(&chunks[0][0], 85);
    chunks[0][0].length = 50;
    assert_string_equal(prune("x = 100"), "0-100");
    assert_int_equal(ranges.bytes_read, 0);
    setup_file(1);
    put_values_50_and_250(&chunks[0][0], 200);
    file.data[chunks[0][0].offset] ^= 0xff;
    assert_string_equal(prune("x = 100"), "0-100");
}

/* ---- what is no fault of the file ---- */

static enum error_code refuse_reading(const struct store_object *object, uint64_t offset, void *out,
                                      size_t size, struct error *error)
{
    (void)object, (void)offset, (void)out, (void)size;
    return error_set(error, ERROR_IO, "the disk is gone");
}

static void test_failing_reads(void **state)
{
    (void)state;
    static const struct store_driver driver = {.read = refuse_reading};
    const uint32_t numbers[1] = {0};
    setup_pages(pages_of_x, 4);
    struct memory_object object = memory_object_over(&file);
    object.object.driver = &driver;
    struct bound_filter *bound = bind_types("x < 10", &columns[0].type);
    error_init(&filters.error);
    assert_int_equal(filter_prune(bound, &object.object, &metadata, numbers, &filters.account,
                                  LIMIT, &ranges, &filters.error),
                     ERROR_IO);
    assert_string_equal(filters.error.what, "the disk is gone");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_row_groups),
        TEST(test_all_null),
        TEST(test_required_columns),
        TEST(test_bounds_that_mean_nothing),
        TEST(test_floats),
        TEST(test_texts),
        TEST(test_pages),
        TEST(test_pages_of_two_columns),
        TEST(test_no_needless_reading),
        TEST(test_contradictory_pages),
        TEST(test_damaged_pages),
        TEST(test_bloom),
        TEST(test_dictionary),
        TEST(test_dictionary_of_no_use),
        TEST(test_failing_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
