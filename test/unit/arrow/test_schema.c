#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrow/base64.h"
#include "arrow/schema.h"

/* As pyarrow 26 wrote it: d dictionary<int8, string, ordered>, t timestamp[s, Europe/Berlin],
 * l large_string, p duration[ms], x decimal256(10, 2). */
static const char foreign[] =
    "/////3gBAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAEAAAAMP///wQAAAAFAAAA+AAAAKAAAABoAAAAQAAA"
    "AAQAAACA////AAABBxAAAAAcAAAABAAAAAAAAAABAAAAeAAKABAABAAIAAwACgAAAAoAAAACAAAAAAEAALj/"
    "//8AAAESEAAAABQAAAAEAAAAAAAAAAEAAABwAAAAKP///9z///8AAAEUEAAAABQAAAAEAAAAAAAAAAEAAABs"
    "AAAATP///xAAFAAIAAYABwAMAAAAEAAQAAAAAAABChAAAAAcAAAABAAAAAAAAAABAAAAdAAAAAgACAAAAAQA"
    "CAAAAAQAAAANAAAARXVyb3BlL0JlcmxpbgAAABAAGAAIAAYABwAMABAAFAAQAAAAAAABBRQAAABEAAAAHAAA"
    "AAQAAAAAAAAAAQAAAGQACgAMAAAACAAHAAoAAAAAAAABDAAAAAgADAAIAAcACAAAAAAAAAEIAAAABAAEAAQA"
    "AAAAAAAA";

#define FIELDS 5

static const struct column_field plain_fields[FIELDS] = {
    {.name = "x",
     .type = {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 10, .scale = 2}},
    {.name = "d", .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}},
    {.name = "l", .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}},
    {.name = "t",
     .type = {.physical = COLUMN_INT64,
              .logical = COLUMN_TIMESTAMP,
              .unit = COLUMN_MILLISECONDS,
              .utc_adjusted = true}},
    {.name = "p", .type = {.physical = COLUMN_INT64}, .nullable = true},
};

static struct mem_account account;
static struct error error;

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return 0;
}

static void copy_fields(struct column_field fields[FIELDS])
{
    memcpy(fields, plain_fields, sizeof plain_fields);
}

static void check_extras(const struct column_field fields[FIELDS])
{
    assert_int_equal(fields[0].arrow.decimal_bits, 256);
    assert_true(fields[1].arrow.dictionary);
    assert_true(fields[1].arrow.dictionary_ordered);
    assert_int_equal(fields[1].arrow.index_bits, 8);
    assert_true(fields[1].arrow.index_signed);
    assert_int_equal(fields[2].arrow.kind, COLUMN_ARROW_LARGE);
    assert_int_equal(fields[3].arrow.kind, COLUMN_ARROW_SECONDS);
    assert_string_equal(fields[3].arrow.timezone, "Europe/Berlin");
    assert_int_equal(fields[4].arrow.kind, COLUMN_ARROW_DURATION);
    assert_int_equal(fields[4].arrow.unit, COLUMN_MILLISECONDS);
}

static void a_foreign_schema_is_understood(void **state)
{
    (void)state;
    struct column_field fields[FIELDS];
    copy_fields(fields);
    arrow_schema_apply(foreign, strlen(foreign), fields, FIELDS, &account);
    check_extras(fields);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    struct column_field fields[FIELDS], again[FIELDS];
    copy_fields(fields);
    copy_fields(again);
    arrow_schema_apply(foreign, strlen(foreign), fields, FIELDS, &account);
    struct mem_buffer text;
    mem_buffer_init(&text, &account, 1 << 20);
    assert_int_equal(arrow_schema_base64(fields, FIELDS, &text, &error), ERROR_NONE);
    arrow_schema_apply((char *)text.data, text.size, again, FIELDS, &account);
    check_extras(again);
    mem_buffer_release(&text);
}

static void views_and_dates_read_back(void **state)
{
    (void)state;
    struct column_field fields[] = {
        {.name = "view",
         .type = {.physical = COLUMN_BYTE_ARRAY},
         .arrow = {.kind = COLUMN_ARROW_VIEW}},
        {.name = "date",
         .type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
         .arrow = {.kind = COLUMN_ARROW_DATE64}},
        {.name = "time",
         .type = {.physical = COLUMN_INT32, .logical = COLUMN_TIME, .unit = COLUMN_MILLISECONDS},
         .arrow = {.kind = COLUMN_ARROW_SECONDS}},
    };
    struct mem_buffer text;
    mem_buffer_init(&text, &account, 1 << 20);
    assert_int_equal(arrow_schema_base64(fields, 3, &text, &error), ERROR_NONE);
    for (int i = 0; i < 3; i++)
        fields[i].arrow = (struct column_arrow){0};
    arrow_schema_apply((char *)text.data, text.size, fields, 3, &account);
    assert_int_equal(fields[0].arrow.kind, COLUMN_ARROW_VIEW);
    assert_int_equal(fields[1].arrow.kind, COLUMN_ARROW_DATE64);
    assert_int_equal(fields[2].arrow.kind, COLUMN_ARROW_SECONDS);
    mem_buffer_release(&text);
}

/* Parquet's types are the truth: what contradicts them says nothing. */
static void extras_that_do_not_fit_are_ignored(void **state)
{
    (void)state;
    struct column_field fields[FIELDS];
    copy_fields(fields);
    for (int i = 0; i < FIELDS; i++)
        fields[i].type = (struct column_type){.physical = COLUMN_DOUBLE};
    arrow_schema_apply(foreign, strlen(foreign), fields, FIELDS, &account);
    for (int i = 0; i < FIELDS; i++) {
        assert_int_equal(fields[i].arrow.kind, COLUMN_ARROW_DEFAULT);
        assert_int_equal(fields[i].arrow.decimal_bits, 0);
        assert_string_equal(fields[i].arrow.timezone, "");
    }
}

static void a_message_is_whole_and_aligned(void **state)
{
    (void)state;
    struct mem_buffer message;
    mem_buffer_init(&message, &account, 1 << 20);
    assert_int_equal(arrow_schema_message(plain_fields, FIELDS, &message, &error), ERROR_NONE);
    uint32_t prefix[2];
    memcpy(prefix, message.data, sizeof prefix);
    assert_int_equal(prefix[0], UINT32_MAX);
    assert_int_equal(prefix[1] + 8, message.size);
    assert_int_equal(message.size % 8, 0);
    mem_buffer_release(&message);
}

static void no_fields_are_no_problem(void **state)
{
    (void)state;
    struct mem_buffer text;
    mem_buffer_init(&text, &account, 1 << 20);
    assert_int_equal(arrow_schema_base64(NULL, 0, &text, &error), ERROR_NONE);
    arrow_schema_apply((char *)text.data, text.size, NULL, 0, &account);
    mem_buffer_release(&text);
}

/* Applies a copy of exactly size bytes, so that a sanitizer sees a step beyond them. */
static void apply_exactly(const void *bytes, size_t size)
{
    struct column_field fields[FIELDS];
    struct mem_buffer text;
    copy_fields(fields);
    mem_buffer_init(&text, &account, 1 << 20);
    assert_int_equal(base64_encode(bytes, size, &text, &error), ERROR_NONE);
    char *exact = test_malloc(text.size + 1);
    if (text.size > 0)
        memcpy(exact, text.data, text.size);
    arrow_schema_apply(exact, text.size, fields, FIELDS, &account);
    for (int i = 0; i < FIELDS; i++)
        assert_true(memchr(fields[i].arrow.timezone, 0, sizeof fields[i].arrow.timezone) != NULL);
    test_free(exact);
    mem_buffer_release(&text);
}

static void damaged_schemas_do_no_harm(void **state)
{
    (void)state;
    struct mem_buffer bytes;
    mem_buffer_init(&bytes, &account, 1 << 20);
    assert_int_equal(base64_decode(foreign, strlen(foreign), &bytes, &error), ERROR_NONE);
    for (size_t size = 0; size < bytes.size; size++)
        apply_exactly(bytes.data, size);
    for (size_t at = 0; at < bytes.size; at++) {
        static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
        uint8_t kept = bytes.data[at];
        for (size_t i = 0; i < sizeof values; i++) {
            bytes.data[at] = values[i];
            apply_exactly(bytes.data, bytes.size);
        }
        bytes.data[at] = kept;
    }
    mem_buffer_release(&bytes);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        struct mem_buffer text;
        mem_buffer_init(&text, &account, 1 << 20);
        mem_fail_allocation(n);
        code = arrow_schema_base64(plain_fields, FIELDS, &text, &error);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        mem_buffer_release(&text);
        assert_int_equal(atomic_load(&account.used), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_foreign_schema_is_understood, setup),
        cmocka_unit_test_setup(what_is_written_reads_back, setup),
        cmocka_unit_test_setup(views_and_dates_read_back, setup),
        cmocka_unit_test_setup(extras_that_do_not_fit_are_ignored, setup),
        cmocka_unit_test_setup(a_message_is_whole_and_aligned, setup),
        cmocka_unit_test_setup(no_fields_are_no_problem, setup),
        cmocka_unit_test_setup(damaged_schemas_do_no_harm, setup),
        cmocka_unit_test_setup(refused_memory_is_an_error, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
