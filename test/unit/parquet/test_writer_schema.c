/* Every type that a column can have is the same type when the file is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/writer.h"
#include "store/folder.h"

static struct mem_account account;
static struct error error;

#define UTC(kind, bits, in)                                                                        \
    {                                                                                              \
        .physical = COLUMN_INT##bits, .logical = kind, .unit = in, .utc_adjusted = true            \
    }
#define LOCAL(kind, bits, in)                                                                      \
    {                                                                                              \
        .physical = COLUMN_INT##bits, .logical = kind, .unit = in                                  \
    }
#define INTEGER(bits, width, sign)                                                                 \
    {                                                                                              \
        .physical = COLUMN_INT##bits, .logical = COLUMN_INTEGER, .bit_width = width,               \
        .is_signed = sign                                                                          \
    }
#define FIXED(kind, length)                                                                        \
    {                                                                                              \
        .physical = COLUMN_FIXED, .logical = kind, .type_length = length                           \
    }
#define TEXT(kind)                                                                                 \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY, .logical = kind                                             \
    }

static const struct column_type types[] = {
    {.physical = COLUMN_BOOLEAN},
    {.physical = COLUMN_INT32},
    {.physical = COLUMN_INT64},
    {.physical = COLUMN_INT96},
    {.physical = COLUMN_FLOAT},
    {.physical = COLUMN_DOUBLE},
    TEXT(COLUMN_PLAIN),
    TEXT(COLUMN_STRING),
    TEXT(COLUMN_ENUM),
    TEXT(COLUMN_JSON),
    TEXT(COLUMN_BSON),
    FIXED(COLUMN_PLAIN, 3),
    FIXED(COLUMN_UUID, 16),
    FIXED(COLUMN_FLOAT16, 2),
    FIXED(COLUMN_INTERVAL, 12),
    INTEGER(32, 8, true),
    INTEGER(32, 16, true),
    INTEGER(32, 32, true),
    INTEGER(64, 64, true),
    INTEGER(32, 8, false),
    INTEGER(32, 16, false),
    INTEGER(32, 32, false),
    INTEGER(64, 64, false),
    {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
    LOCAL(COLUMN_TIME, 32, COLUMN_MILLISECONDS),
    LOCAL(COLUMN_TIME, 64, COLUMN_MICROSECONDS),
    LOCAL(COLUMN_TIME, 64, COLUMN_NANOSECONDS),
    UTC(COLUMN_TIME, 32, COLUMN_MILLISECONDS),
    UTC(COLUMN_TIME, 64, COLUMN_MICROSECONDS),
    UTC(COLUMN_TIME, 64, COLUMN_NANOSECONDS),
    LOCAL(COLUMN_TIMESTAMP, 64, COLUMN_MILLISECONDS),
    LOCAL(COLUMN_TIMESTAMP, 64, COLUMN_MICROSECONDS),
    LOCAL(COLUMN_TIMESTAMP, 64, COLUMN_NANOSECONDS),
    UTC(COLUMN_TIMESTAMP, 64, COLUMN_MILLISECONDS),
    UTC(COLUMN_TIMESTAMP, 64, COLUMN_MICROSECONDS),
    UTC(COLUMN_TIMESTAMP, 64, COLUMN_NANOSECONDS),
    {.physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .precision = 9, .scale = 2},
    {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 18},
    {.physical = COLUMN_FIXED,
     .logical = COLUMN_DECIMAL,
     .type_length = 16,
     .precision = 38,
     .scale = 38},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 50, .scale = 10},
    {.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN},
};

#define TYPES (sizeof types / sizeof types[0])

static struct column_field fields[TYPES];
static char names[TYPES][96];

/* A row of zeros, or of NULLs where the type has no other value. */
static void append_row(struct parquet_writer *writer, uint32_t column)
{
    static const uint8_t zeros[32], absent[1];
    bool null = types[column].logical == COLUMN_UNKNOWN;
    struct column_slice slice = {1, null ? 0 : 1, null ? absent : NULL, zeros};
    assert_int_equal(parquet_writer_append(writer, column, &slice, &error), ERROR_NONE);
}

static void write_all(const char *path)
{
    const struct parquet_writer_options options = parquet_writer_defaults();
    struct output output;
    struct parquet_writer *writer;
    for (uint32_t i = 0; i < TYPES; i++) {
        column_type_describe(&types[i], names[i], sizeof names[i]);
        fields[i] = (struct column_field){.name = names[i], .type = types[i], .nullable = i % 2};
        fields[i].nullable |= types[i].logical == COLUMN_UNKNOWN;
    }
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    assert_int_equal(
        parquet_writer_create(&account, &output, fields, TYPES, &options, &writer, &error),
        ERROR_NONE);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
    for (uint32_t i = 0; i < TYPES; i++)
        append_row(writer, i);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
    parquet_writer_destroy(writer);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    struct store_object object;
    struct parquet_metadata metadata;
    write_all(folder_file("types"));
    assert_int_equal(store_open(&object, folder_file("types"), &error), ERROR_NONE);
    assert_int_equal(parquet_metadata_read(&object, &account, &metadata, &error), ERROR_NONE);
    assert_int_equal(metadata.column_count, TYPES);
    for (uint32_t i = 0; i < TYPES; i++) {
        const struct parquet_column *column = &metadata.columns[i];
        char text[96];
        assert_null(column->unsupported);
        assert_true(column_type_equal(&column->type, &types[i]));
        assert_string_equal(column_type_describe(&column->type, text, sizeof text), names[i]);
        assert_int_equal(column->nullable, fields[i].nullable);
    }
    parquet_metadata_release(&metadata);
    store_close(&object);
    assert_int_equal(account.used, 0);
}

/* Row groups beyond the ordinals that the format has. */
static void ordinals_end_and_row_groups_do_not(void **state)
{
    (void)state;
    const struct parquet_writer_options options = parquet_writer_defaults();
    const uint32_t groups = 33000;
    struct column_field field = {"x", {.physical = COLUMN_BOOLEAN}, false, {0}};
    struct store_object object;
    struct parquet_metadata metadata;
    struct output output;
    struct parquet_writer *writer;
    uint8_t flag = 1;
    struct column_slice slice = {1, 1, NULL, &flag};
    assert_int_equal(output_open(&output, folder_file("groups"), true, &account, &error), 0);
    assert_int_equal(parquet_writer_create(&account, &output, &field, 1, &options, &writer, &error),
                     ERROR_NONE);
    for (uint32_t i = 0; i < groups; i++) {
        assert_int_equal(parquet_writer_begin_row_group(writer, &error), ERROR_NONE);
        assert_int_equal(parquet_writer_append(writer, 0, &slice, &error), ERROR_NONE);
        assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_NONE);
    }
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), ERROR_NONE);
    parquet_writer_destroy(writer);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    assert_int_equal(store_open(&object, folder_file("groups"), &error), ERROR_NONE);
    assert_int_equal(parquet_metadata_read(&object, &account, &metadata, &error), ERROR_NONE);
    assert_int_equal(metadata.row_group_count, groups);
    assert_int_equal(metadata.row_count, groups);
    parquet_metadata_release(&metadata);
    store_close(&object);
}

static int set_up(void **state)
{
    mem_account_init(&account, "writer", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return folder_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(ordinals_end_and_row_groups_do_not),
    };
    return cmocka_run_group_tests(tests, set_up, folder_remove);
}
