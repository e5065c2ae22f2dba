#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink/sink.h"

static struct mem_account account;
static struct error error;
static char folder[64];
static char path[128];
static char text[65536];

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    snprintf(folder, sizeof folder, "/tmp/weir_test_sink_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static void read_back(void)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
}

/* Writes a batch some times over and gives the text. */
static const char *write_text(struct sink_options options, const struct column_batch *batch,
                              int times)
{
    struct output output;
    struct sink *sink;
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    size_t before = atomic_load(&account.used);
    atomic_store(&account.peak, before);
    assert_int_equal(
        sink_open(&account, &output, batch->fields, batch->column_count, &options, &sink, &error),
        ERROR_NONE);
    for (int i = 0; i < times; i++)
        assert_int_equal(sink_write(sink, batch, &error), ERROR_NONE);
    assert_int_equal(sink_finish(sink, NULL, 0, &error), ERROR_NONE);
    sink_destroy(sink);
    assert_true(atomic_load(&account.peak) - before <=
                sink_size(batch->fields, batch->column_count, &options));
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
    read_back();
    return text;
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* Three rows: an integer, text that needs care, a float; some of them null. */
static const int64_t numbers[] = {-5, 1234567};
static const uint8_t number_present[] = {1, 0, 1};
static const struct column_bytes words[] = {BYTES("a,\"b\""), BYTES(""),
                                            BYTES("t\tn\n\x01\xc3\xa9\xff")};
static const double values[] = {0.5, __builtin_nan(""), -__builtin_inf()};

static const struct column_field fields[] = {
    {.name = "n", .type = {.physical = COLUMN_INT64}, .nullable = true},
    {.name = "w\"", .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}},
    {.name = "v", .type = {.physical = COLUMN_DOUBLE}},
};

static const struct column_slice slices[] = {
    {3, 2, number_present, numbers}, {3, 3, NULL, words}, {3, 3, NULL, values}};

static const struct column_batch batch = {3, 3, fields, slices};

static void csv_quotes_what_must_be_quoted(void **state)
{
    (void)state;
    assert_string_equal(write_text((struct sink_options){.format = SINK_CSV}, &batch, 1),
                        "n,\"w\"\"\",v\n"
                        "-5,\"a,\"\"b\"\"\",0.5\n"
                        ",\"\",nan\n"
                        "1234567,\"t\tn\n\x01\xc3\xa9\xff\",-inf\n");
}

static void jsonl_escapes_and_repairs(void **state)
{
    (void)state;
    assert_string_equal(
        write_text((struct sink_options){.format = SINK_JSONL}, &batch, 1),
        "{\"n\":-5,\"w\\\"\":\"a,\\\"b\\\"\",\"v\":0.5}\n"
        "{\"n\":null,\"w\\\"\":\"\",\"v\":\"NaN\"}\n"
        "{\"n\":1234567,\"w\\\"\":\"t\\tn\\n\\u0001\xc3\xa9\xef\xbf\xbd\",\"v\":\"-Infinity\"}\n");
}

static void a_table_shows_the_first_rows(void **state)
{
    (void)state;
    assert_string_equal(
        write_text((struct sink_options){.format = SINK_TABLE, .table_rows = 3}, &batch, 400),
        "      n  w\"                        v\n"
        "  int64  string               double\n"
        "     -5  a,\"b\"                   0.5\n"
        "   null                          nan\n"
        "1234567  t\\x09n\\x0a\\x01\xc3\xa9\\xff    -inf\n"
        "\xe2\x80\xa6 1,200 rows\n");
}

static void a_whole_table_says_so(void **state)
{
    (void)state;
    static const struct column_bytes wide[] = {
        BYTES("\xe6\xbc\xa2"), BYTES("0123456789012345678901234567890123456789xyz")};
    static const uint8_t flags[] = {1, 0};
    const struct column_field two[] = {
        {.name = "wide", .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}},
        {.name = "flag", .type = {.physical = COLUMN_BOOLEAN}}};
    const struct column_slice parts[] = {{2, 2, NULL, wide}, {2, 2, NULL, flags}};
    const struct column_batch rows = {2, 2, two, parts};
    assert_string_equal(
        write_text((struct sink_options){.format = SINK_TABLE, .table_rows = 10}, &rows, 1),
        "wide                                       flag\n"
        "string                                     bool\n"
        "\xe6\xbc\xa2                                         true\n"
        "0123456789012345678901234567890123456789\xe2\x80\xa6  false\n"
        "2 rows\n");
}

static void every_kind_of_value_has_its_form(void **state)
{
    (void)state;
    static const uint8_t raw[] = {0xca, 0xfe};
    static const int32_t days = 1, cents = -5;
    static const int64_t time = 1;
    static const uint8_t flag = 1;
    const struct column_field many[] = {
        {.name = "raw", .type = {.physical = COLUMN_FIXED, .type_length = 2}},
        {.name = "day", .type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE}},
        {.name = "sum",
         .type = {.physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .precision = 9, .scale = 2}},
        {.name = "time",
         .type = {.physical = COLUMN_INT64,
                  .logical = COLUMN_TIMESTAMP,
                  .unit = COLUMN_NANOSECONDS,
                  .utc_adjusted = true}},
        {.name = "flag", .type = {.physical = COLUMN_BOOLEAN}}};
    const struct column_slice parts[] = {{1, 1, NULL, raw},
                                         {1, 1, NULL, &days},
                                         {1, 1, NULL, &cents},
                                         {1, 1, NULL, &time},
                                         {1, 1, NULL, &flag}};
    const struct column_batch row = {1, 5, many, parts};
    assert_string_equal(write_text((struct sink_options){.format = SINK_CSV}, &row, 1),
                        "raw,day,sum,time,flag\n"
                        "cafe,1970-01-02,-0.05,1970-01-01T00:00:00.000000001Z,true\n");
    assert_string_equal(write_text((struct sink_options){.format = SINK_JSONL}, &row, 1),
                        "{\"raw\":\"cafe\",\"day\":\"1970-01-02\",\"sum\":-0.05,"
                        "\"time\":\"1970-01-01T00:00:00.000000001Z\",\"flag\":true}\n");
}

/* Text longer than the sink's own buffer goes through whole. */
static void long_text_is_not_cut(void **state)
{
    (void)state;
    static uint8_t letters[100000];
    memset(letters, 'x', sizeof letters);
    const struct column_bytes value = {letters, sizeof letters};
    const struct column_slice part = {1, 1, NULL, &value};
    const struct column_batch row = {1, 1, &fields[1], &part};
    write_text((struct sink_options){.format = SINK_CSV}, &row, 3);
    struct output output;
    assert_int_equal(output_open(&output, path, false, &account, &error), ERROR_EXISTS);
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    assert_int_equal(ftell(file), 6 + 3 * 100001);
    fclose(file);
}

static void a_batch_of_other_columns_is_refused(void **state)
{
    (void)state;
    const struct sink_options options = {.format = SINK_CSV};
    struct output output;
    struct sink *sink;
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    assert_int_equal(sink_open(&account, &output, fields, 2, &options, &sink, &error), ERROR_NONE);
    assert_int_equal(sink_write(sink, &batch, &error), ERROR_INTERNAL);
    sink_destroy(sink);
    sink_destroy(NULL);
    output_abort(&output);
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    static const enum sink_format formats[] = {SINK_CSV, SINK_JSONL, SINK_TABLE, SINK_ARROW};
    struct output output;
    assert_int_equal(output_open(&output, path, true, &account, &error), ERROR_NONE);
    size_t before = atomic_load(&account.used);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const struct sink_options options = {.format = formats[i], .table_rows = 10};
        enum error_code code = ERROR_MEMORY;
        for (uint64_t n = 1; code != ERROR_NONE; n++) {
            struct sink *sink = NULL;
            mem_fail_allocation(n);
            code = sink_open(&account, &output, fields, 3, &options, &sink, &error);
            if (code == ERROR_NONE)
                code = sink_write(sink, &batch, &error);
            if (code == ERROR_NONE)
                code = sink_finish(sink, NULL, 0, &error);
            mem_fail_allocation(0);
            sink_destroy(sink);
            assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
            assert_int_equal(atomic_load(&account.used), before);
        }
    }
    output_abort(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_quotes_what_must_be_quoted, setup, teardown),
        cmocka_unit_test_setup_teardown(jsonl_escapes_and_repairs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_shows_the_first_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_table_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(every_kind_of_value_has_its_form, setup, teardown),
        cmocka_unit_test_setup_teardown(long_text_is_not_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_of_other_columns_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_memory_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
