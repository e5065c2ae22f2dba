/*
 * A file of the writer is bent in one place, in its footer as read or in its bytes, and exactly
 * that place must be named.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "inspect/verify.h"
#include "parquet/bytes.h"
#include "parquet/page_index.h"
#include "parquet/writer.h"

#define ROWS      1000
#define PAGE_ROWS 100
#define COLUMNS   3

static struct bytes file;
static struct memory_object object;
static struct mem_account account;
static struct parquet_metadata metadata;
static struct error error;
static bool with_torn_text; /* one name ends within a character */

/* What was found: the counts, and the first problem. */
struct found {
    struct verify_totals totals;
    int listed;
    struct verify_finding first;
    char what[1024];
};

static void take(void *context, const struct verify_finding *finding)
{
    struct found *found = context;
    found->listed++;
    if (finding->note || found->first.what != NULL)
        return;
    found->first = *finding;
    snprintf(found->what, sizeof found->what, "%s", finding->what);
    found->first.what = found->what;
}

static struct found verify(void)
{
    struct found found = {0};
    size_t before = atomic_load(&account.used);
    assert_int_equal(
        inspect_verify(&object.object, &metadata, &account, take, &found, &found.totals, &error),
        ERROR_NONE);
    assert_int_equal(atomic_load(&account.used), before);
    return found;
}

/* Exactly one problem, about a part of the file, in a column, of a page (-1: none). */
static void expect_one(const char *about, const char *column, int64_t page)
{
    struct found found = verify();
    if (found.totals.problems != 1)
        fail_msg("%d problems, the first: %s", (int)found.totals.problems, found.what);
    assert_string_equal(found.first.about, about);
    assert_string_equal(found.first.column, column);
    assert_int_equal(found.first.page, page);
    assert_int_equal(found.first.row_group, 0);
}

static void append(struct parquet_writer *writer, uint32_t column, uint32_t values,
                   const uint8_t *present, const void *data)
{
    struct column_slice slice = {ROWS, values, present, data};
    assert_int_equal(parquet_writer_append(writer, column, &slice, &error), ERROR_NONE);
}

/* id counts up; name has a null in every third row; x holds a few doubles and NaN. */
static void fill(struct parquet_writer *writer)
{
    static int64_t ids[ROWS];
    static uint8_t present[ROWS];
    static struct column_bytes names[ROWS];
    static char text[ROWS][8];
    static double numbers[ROWS];
    uint32_t count = 0;
    for (int i = 0; i < ROWS; i++) {
        ids[i] = i;
        present[i] = i % 3 != 0;
        numbers[i] = i % 5 == 0 ? (double)NAN : i % 17 - 8.0;
        snprintf(text[i], sizeof text[i], "n%03d", i * 7 % ROWS);
        if (i == 1 && with_torn_text)
            text[i][3] = '\xc3';
        if (present[i])
            names[count++] = (struct column_bytes){(const uint8_t *)text[i], 4};
    }
    append(writer, 0, ROWS, NULL, ids);
    append(writer, 1, count, present, names);
    append(writer, 2, ROWS, NULL, numbers);
}

static void write_file(const char *path, int page_version)
{
    static const struct parquet_column_options plain[COLUMNS] = {
        {false, PARQUET_PLAIN}, {true, PARQUET_PLAIN}, {false, PARQUET_PLAIN}};
    const struct column_field fields[COLUMNS] = {
        {.name = "id", .type = {.physical = COLUMN_INT64}},
        {.name = "name",
         .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
         .nullable = true},
        {.name = "x", .type = {.physical = COLUMN_DOUBLE}}};
    struct parquet_writer_options options = parquet_writer_defaults();
    struct parquet_writer *writer;
    struct output output;
    options.codec = CODEC_UNCOMPRESSED;
    options.page_rows = PAGE_ROWS;
    options.page_version = page_version;
    options.columns = plain;
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    assert_int_equal(
        parquet_writer_create(&account, &output, fields, COLUMNS, &options, &writer, &error),
        ERROR_NONE);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    fill(writer);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
    parquet_writer_destroy(writer);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
}

static void make_file(int page_version)
{
    char folder[] = "/tmp/weir-unit-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.parquet", folder);
    write_file(path, page_version);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    file.size = fread(file.data, 1, sizeof file.data, stream);
    fclose(stream);
    unlink(path);
    rmdir(folder);
    object = memory_object_over(&file);
    assert_int_equal(parquet_metadata_read(&object.object, &account, &metadata, &error),
                     ERROR_NONE);
}

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, (size_t)64 << 20);
    error_init(&error);
    make_file(1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    parquet_metadata_release(&metadata);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static struct parquet_chunk *chunk_of(int column)
{
    return &metadata.row_groups[0].chunks[column];
}

static void test_nothing_is_wrong(void **state)
{
    (void)state;
    for (int version = 1; version <= 2; version++) {
        parquet_metadata_release(&metadata);
        make_file(version);
        struct found found = verify();
        if (found.listed > 0)
            fail_msg("%s", found.what);
        assert_int_equal(found.totals.columns, COLUMNS);
        assert_int_equal(found.totals.rows, ROWS);
        assert_int_equal(found.totals.pages, 3 * ROWS / PAGE_ROWS + 1);
    }
}

static void test_minimum(void **state)
{
    (void)state;
    int64_t bound = 1;
    struct parquet_statistics *statistics = &chunk_of(0)->statistics;
    statistics->minimum.data = (const uint8_t *)&bound;
    expect_one("statistics", "id", ERROR_NO_PLACE);
    /* A wider bound is wrong only where it is said to be exact. */
    bound = -1;
    statistics->minimum_exact = true;
    expect_one("statistics", "id", ERROR_NO_PLACE);
    statistics->minimum_exact = false;
    struct found found = verify();
    assert_int_equal(found.totals.problems, 0);
    assert_int_equal(found.totals.notes, 1);
}

static void test_maximum_of_text(void **state)
{
    (void)state;
    struct parquet_statistics *statistics = &chunk_of(1)->statistics;
    statistics->maximum = (struct parquet_bytes){(const uint8_t *)"n99", 3};
    statistics->maximum_exact = false;
    expect_one("statistics", "name", ERROR_NO_PLACE);
    statistics->maximum =
        (struct parquet_bytes){(const uint8_t *)"o", 1}; /* cut, and truly above */
    assert_int_equal(verify().listed, 0);
    statistics->maximum_exact = true;
    expect_one("statistics", "name", ERROR_NO_PLACE);
}

static void test_bound_of_wrong_size(void **state)
{
    (void)state;
    chunk_of(0)->statistics.maximum.size = 7;
    expect_one("statistics", "id", ERROR_NO_PLACE);
}

static void test_bound_without_order(void **state)
{
    (void)state;
    int64_t bound = 1;
    chunk_of(0)->statistics.minimum.data = (const uint8_t *)&bound;
    metadata.columns[0].unordered = true;
    assert_int_equal(verify().listed, 0);
}

static void test_nan_as_bound(void **state)
{
    (void)state;
    double bound = (double)NAN;
    chunk_of(2)->statistics.minimum.data = (const uint8_t *)&bound;
    struct found found = verify();
    assert_int_equal(found.totals.problems, 0);
    assert_int_equal(found.totals.notes, 1);
}

static void test_null_count(void **state)
{
    (void)state;
    chunk_of(1)->statistics.null_count++;
    expect_one("statistics", "name", ERROR_NO_PLACE);
}

static void test_distinct_count(void **state)
{
    (void)state;
    struct parquet_statistics *statistics = &chunk_of(1)->statistics;
    statistics->has_distinct_count = true;
    statistics->distinct_count = 666;
    assert_int_equal(verify().listed, 0);
    statistics->distinct_count = 667;
    expect_one("statistics", "name", ERROR_NO_PLACE);
}

static void test_dictionary_offset(void **state)
{
    (void)state;
    chunk_of(1)->dictionary_offset++;
    expect_one("dictionary", "name", ERROR_NO_PLACE);
}

static void test_data_page_offset(void **state)
{
    (void)state;
    chunk_of(1)->data_page_offset++;
    expect_one("sizes", "name", 0);
}

static void test_counts_of_rows(void **state)
{
    (void)state;
    chunk_of(0)->value_count++;
    expect_one("sizes", "id", ERROR_NO_PLACE);
    chunk_of(0)->value_count -= 2;
    expect_one("page", "id", ROWS / PAGE_ROWS - 1);
}

static void test_bytes_behind_the_pages(void **state)
{
    (void)state;
    struct parquet_chunk *chunk = chunk_of(2);
    chunk_of(0)->column_index_length = 0; /* which stands there */
    file.data[chunk->offset + chunk->length] = 0xff;
    chunk->length += 3;
    expect_one("sizes", "x", ERROR_NO_PLACE);
    /* Where the reader itself added them, they are none of its business. */
    chunk->lengthened = 3;
    assert_int_equal(verify().totals.problems, 0);
}

/* The offset of a data page's body, by the column's page index. */
static uint64_t last_byte_of_page(int column, int page)
{
    struct offset_index index;
    struct page_location location;
    offset_index_init(&index, &account);
    assert_int_equal(offset_index_read(&index, &object.object, chunk_of(column), &error),
                     ERROR_NONE);
    for (int i = 0; i <= page; i++)
        assert_true(offset_index_next(&index, &location));
    offset_index_release(&index);
    return location.offset + location.size - 1;
}

static void test_byte_of_a_page(void **state)
{
    (void)state;
    uint64_t at = last_byte_of_page(0, 4);
    file.data[at] ^= 1;
    expect_one("page", "id", 4);
    file.data[at] ^= 1;
    file.data[chunk_of(1)->data_page_offset - 1] ^= 1; /* of the dictionary */
    expect_one("page", "name", ERROR_NO_PLACE);
}

/* Behind a header that cannot be read the offset index tells where to go on. */
static void test_header_of_a_page(void **state)
{
    (void)state;
    uint64_t at = last_byte_of_page(0, 3) + 1;
    memset(file.data + at, 0xff, 4);
    expect_one("page", "id", 4);
    chunk_of(0)->offset_index_length = 0;
    struct found found = verify();
    assert_int_equal(found.first.page, 4);
    assert_int_equal(found.first.offset, at);
    /* The next column is looked at all the same. */
    chunk_of(2)->statistics.null_count = 1;
    assert_int_equal(verify().totals.problems, found.totals.problems + 1);
}

static void test_two_pages_are_two_problems(void **state)
{
    (void)state;
    file.data[last_byte_of_page(0, 2)] ^= 1;
    file.data[last_byte_of_page(2, 9)] ^= 1;
    assert_int_equal(verify().totals.problems, 2);
}

/* A dictionary that ends early fails every page: told once, and counted. */
static void test_failure_that_repeats(void **state)
{
    (void)state;
    static struct parquet_column other;
    other = metadata.columns[1];
    other.type.physical = COLUMN_INT96; /* 12 bytes, where the dictionary has 8 a value */
    other.type.logical = COLUMN_PLAIN;
    metadata.columns[1] = other;
    chunk_of(1)->statistics = (struct parquet_statistics){0};
    chunk_of(1)->column_index_length = 0;
    struct found found = verify();
    assert_string_equal(found.first.about, "page");
    assert_int_equal(found.first.page, 0);
    assert_int_equal(found.totals.problems, 2);
}

/* Whichever allocation fails: the whole verification does, or a page is named. */
static void test_memory_that_is_missing(void **state)
{
    (void)state;
    size_t before = atomic_load(&account.used);
    uint64_t n = 0, made;
    do {
        struct found found = {0};
        (void)mem_fail_allocation(++n);
        enum error_code code = inspect_verify(&object.object, &metadata, &account, take, &found,
                                              &found.totals, &error);
        made = mem_fail_allocation(0);
        assert_int_equal(atomic_load(&account.used), before);
        bool named = code == ERROR_NONE && found.totals.problems > 0;
        assert_true(made < n || named || code == ERROR_MEMORY);
    } while (made >= n);
    assert_true(n > 5);
}

static void test_offset_index(void **state)
{
    (void)state;
    struct parquet_chunk *chunk = chunk_of(0);
    chunk->offset_index_offset = chunk_of(2)->offset_index_offset;
    chunk->offset_index_length = chunk_of(2)->offset_index_length;
    struct found found = verify();
    assert_string_equal(found.first.about, "offset index");
    assert_int_equal(found.first.page, 0);
    assert_true(found.totals.problems >= ROWS / PAGE_ROWS);
}

static void test_column_index(void **state)
{
    (void)state;
    struct parquet_chunk *chunk = chunk_of(2); /* gets the index of id: 0 to 99 and so on */
    chunk->column_index_offset = chunk_of(0)->column_index_offset;
    chunk->column_index_length = chunk_of(0)->column_index_length;
    metadata.columns[2].type.physical = COLUMN_DOUBLE;
    struct found found = verify();
    assert_string_equal(found.first.about, "column index");
    assert_string_equal(found.first.column, "x");
    assert_int_equal(found.first.page, 0);
}

static void test_page_index_that_is_none(void **state)
{
    (void)state;
    chunk_of(0)->column_index_length--;
    expect_one("column index", "id", ERROR_NO_PLACE);
    chunk_of(0)->column_index_length = 0;
    chunk_of(0)->page_index_outside = true;
    expect_one("page index", "id", ERROR_NO_PLACE);
}

static void test_bloom_filter_outside(void **state)
{
    (void)state;
    chunk_of(0)->bloom_filter_offset = file.size;
    expect_one("bloom filter", "id", ERROR_NO_PLACE);
}

static void test_integers_wider_than_said(void **state)
{
    (void)state;
    struct parquet_column *column = &metadata.columns[0];
    column->type.physical = COLUMN_INT32; /* the page's bytes as 0, 0, 1, 0, 2, 0 ... */
    column->type.logical = COLUMN_INTEGER;
    column->type.bit_width = 16;
    chunk_of(0)->statistics = (struct parquet_statistics){0};
    chunk_of(0)->column_index_length = 0;
    uint64_t values = verify().totals.problems; /* page statistics have eight bytes */
    column->type.bit_width = 8;
    assert_int_equal(verify().totals.problems, values + 1);
}

static void test_magic(void **state)
{
    (void)state;
    file.data[0] = 'p';
    struct found found = verify();
    assert_int_equal(found.totals.problems, 1);
    assert_string_equal(found.first.about, "file");
}

static void test_encrypted_is_a_note(void **state)
{
    (void)state;
    chunk_of(0)->encrypted = true;
    struct found found = verify();
    assert_int_equal(found.totals.problems, 0);
    assert_int_equal(found.totals.unread_chunks, 1);
}

/* However much is wrong, only so much is listed. */
static void test_most_reported(void **state)
{
    (void)state;
    struct parquet_row_group *groups = calloc(2000, sizeof *groups);
    assert_non_null(groups);
    for (int i = 0; i < 2000; i++)
        groups[i] = metadata.row_groups[0];
    struct parquet_row_group *own = metadata.row_groups;
    chunk_of(1)->statistics.null_count++;
    metadata.row_groups = groups;
    metadata.row_group_count = 1200;
    struct found found = verify();
    metadata.row_groups = own;
    metadata.row_group_count = 1;
    free(groups);
    assert_int_equal(found.totals.problems, 1200);
    assert_int_equal(found.listed, VERIFY_MOST_REPORTED);
}

static void test_text_that_is_not_utf8(void **state)
{
    (void)state;
    parquet_metadata_release(&metadata);
    with_torn_text = true;
    make_file(1);
    with_torn_text = false;
    expect_one("values", "name", ERROR_NO_PLACE);
    assert_non_null(strstr(verify().what, "1 texts are not UTF-8"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_wrong),
        TEST(test_minimum),
        TEST(test_maximum_of_text),
        TEST(test_bound_of_wrong_size),
        TEST(test_bound_without_order),
        TEST(test_nan_as_bound),
        TEST(test_null_count),
        TEST(test_distinct_count),
        TEST(test_dictionary_offset),
        TEST(test_data_page_offset),
        TEST(test_counts_of_rows),
        TEST(test_bytes_behind_the_pages),
        TEST(test_byte_of_a_page),
        TEST(test_header_of_a_page),
        TEST(test_two_pages_are_two_problems),
        TEST(test_failure_that_repeats),
        TEST(test_memory_that_is_missing),
        TEST(test_offset_index),
        TEST(test_column_index),
        TEST(test_page_index_that_is_none),
        TEST(test_bloom_filter_outside),
        TEST(test_integers_wider_than_said),
        TEST(test_magic),
        TEST(test_encrypted_is_a_note),
        TEST(test_text_that_is_not_utf8),
        TEST(test_most_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
