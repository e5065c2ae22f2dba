/* What a caller must not ask of the writer is refused with an error of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/writer.h"
#include "store/folder.h"

static struct mem_account account;
static struct error error;
static struct output output;
static struct parquet_writer *writer;

static struct column_field fields[] = {
    {"path", {.physical = COLUMN_INT64}, false, {0}},
    {"value", {.physical = COLUMN_DOUBLE}, true, {0}},
};

static const int64_t number = 7;
static const struct column_slice one_row = {1, 1, NULL, &number};

static int set_up(void **state)
{
    (void)state;
    const struct parquet_writer_options options = parquet_writer_defaults();
    mem_account_init(&account, "writer", NULL, MEM_NO_LIMIT);
    error_init(&error);
    assert_int_equal(output_open(&output, folder_file("file"), true, &account, &error), 0);
    return (int)parquet_writer_create(&account, &output, fields, 2, &options, &writer, &error);
}

static int tear_down(void **state)
{
    (void)state;
    parquet_writer_destroy(writer);
    output_abort(&output);
    assert_int_equal(account.used, 0);
    return 0;
}

static void row_groups_do_not_overlap(void **state)
{
    (void)state;
    assert_int_equal(parquet_writer_append(writer, 0, &one_row, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
}

static void a_column_ends_once(void **state)
{
    (void)state;
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_append(writer, 2, &one_row, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_append(writer, 0, &one_row, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_end_chunk(writer, 0, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_append(writer, 0, &one_row, &error), ERROR_INTERNAL);
    assert_int_equal(parquet_writer_end_chunk(writer, 0, &error), ERROR_INTERNAL);
}

/* A chunk is copied whole or not at all. */
static void copies_do_not_follow_rows(void **state)
{
    (void)state;
    const struct store_object object = {.path = "none"};
    struct parquet_column column = {.type.physical = COLUMN_INT64};
    struct parquet_chunk chunk = {.value_count = 0};
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_append(writer, 0, &one_row, &error), ERROR_NONE);
    assert_int_equal(
        parquet_writer_copy_chunk(writer, 0, &object, &column, &chunk, NULL, NULL, &error),
        ERROR_INTERNAL);
    assert_string_equal(error.column, "path");
}

/* Of a chunk without rows nothing is read, and nothing is left in the file. */
static void a_copied_chunk_may_be_empty(void **state)
{
    (void)state;
    const struct store_object object = {.path = "none"};
    struct parquet_chunk chunk = {.value_count = 0};
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    for (uint32_t i = 0; i < 2; i++) {
        struct parquet_column column = {.type = fields[i].type, .nullable = fields[i].nullable};
        assert_int_equal(
            parquet_writer_copy_chunk(writer, i, &object, &column, &chunk, NULL, NULL, &error),
            ERROR_NONE);
    }
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
}

static enum error_code create(const struct column_field *field, uint32_t count,
                              const struct parquet_writer_options *options)
{
    struct parquet_writer *other;
    enum error_code code =
        parquet_writer_create(&account, &output, field, count, options, &other, &error);
    if (code == ERROR_NONE)
        parquet_writer_destroy(other);
    return code;
}

static void options_must_make_sense(void **state)
{
    (void)state;
    struct parquet_writer_options options = parquet_writer_defaults();
    assert_int_equal(create(fields, 0, &options), ERROR_UNSUPPORTED);
    options.page_rows = 0;
    assert_int_equal(create(fields, 2, &options), ERROR_INTERNAL);
    options = parquet_writer_defaults();
    options.page_bytes = 0;
    assert_int_equal(create(fields, 2, &options), ERROR_INTERNAL);
    options = parquet_writer_defaults();
    options.page_version = 3;
    assert_int_equal(create(fields, 2, &options), ERROR_INTERNAL);
    options.page_version = 2;
    assert_int_equal(create(fields, 2, &options), ERROR_NONE);
}

static void types_must_exist_in_the_format(void **state)
{
    (void)state;
    const struct parquet_writer_options options = parquet_writer_defaults();
    struct column_field field = {"x", {.physical = COLUMN_FIXED}, false, {0}};
    assert_int_equal(create(&field, 1, &options), ERROR_UNSUPPORTED);
    field.type.type_length = 1;
    assert_int_equal(create(&field, 1, &options), ERROR_NONE);
    field.type = (struct column_type){.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP};
    assert_int_equal(create(&field, 1, &options), ERROR_UNSUPPORTED);
    field.type = (struct column_type){.physical = COLUMN_INT32, .logical = COLUMN_TIME};
    assert_int_equal(create(&field, 1, &options), ERROR_UNSUPPORTED);
    assert_string_equal(error.column, "x");
    field.type.unit = COLUMN_MILLISECONDS;
    assert_int_equal(create(&field, 1, &options), ERROR_NONE);
}

/* Which encodings fit which physical types, in the order of enum column_physical. */
static void encodings_fit_types(void **state)
{
    (void)state;
    static const struct {
        enum parquet_encoding encoding;
        bool fits[8];
    } cases[] = {
        {PARQUET_PLAIN, {true, true, true, true, true, true, true, true}},
        {PARQUET_DELTA_BINARY_PACKED, {false, true, true, false, false, false, false, false}},
        {PARQUET_BYTE_STREAM_SPLIT, {false, true, true, false, true, true, false, true}},
        {PARQUET_DELTA_BYTE_ARRAY, {false}},
        {PARQUET_RLE, {false}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int physical = 0; physical < 8; physical++) {
            struct parquet_column_options column = {false, cases[i].encoding};
            struct parquet_writer_options options = parquet_writer_defaults();
            struct column_field field = {"x", {.physical = physical, .type_length = 5}, true, {0}};
            options.columns = &column;
            assert_int_equal(create(&field, 1, &options),
                             cases[i].fits[physical] ? ERROR_NONE : ERROR_UNSUPPORTED);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(row_groups_do_not_overlap), TEST(a_column_ends_once),
        TEST(copies_do_not_follow_rows), TEST(a_copied_chunk_may_be_empty),
        TEST(options_must_make_sense),   TEST(types_must_exist_in_the_format),
        TEST(encodings_fit_types),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
