/*
 * What --summary finds in nested fields, whose values it drops: damage, as in flat columns; and
 * what it lets pass, because weir could not read it. Whole files are looked at in test/oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inspect/summary.h"
#include "parquet/bytes.h"

static struct bytes file;
static struct mem_account account;
static struct error error;

/* A required group "g" with a required leaf "x": no levels. */
struct leaf {
    int physical;
    int converted; /* -1: none */
    int precision; /* of decimals */
    int codec;
    const char *body;
    size_t size;
};

static void put_schema(const struct leaf *leaf)
{
    put_list(&file, 2, THRIFT_STRUCT, 3);
    put_root(&file, 1);
    put_i32(&file, 3, 0);
    put_text(&file, 4, "g");
    put_i32(&file, 5, 1);
    put_stop(&file);
    put_i32(&file, 1, leaf->physical);
    put_i32(&file, 3, 0);
    put_text(&file, 4, "x");
    if (leaf->converted >= 0)
        put_i32(&file, 6, leaf->converted);
    put_i32(&file, 8, leaf->precision);
    put_stop(&file);
}

/* One value in one page. */
static void put_file(const struct leaf *leaf)
{
    struct chunk_text chunk = {
        .name = "x", .type = leaf->physical, .codec = leaf->codec, .values = 1, .offset = 4};
    file.size = 0;
    put(&file, "PAR1", 4);
    put_page_v1(&file, leaf->size, leaf->size, 1, PARQUET_PLAIN);
    put(&file, leaf->body, leaf->size);
    chunk.length = (int64_t)file.size - chunk.offset;
    size_t start = file.size;
    put_i32(&file, 1, 1);
    put_schema(leaf);
    put_i64(&file, 3, 1);
    put_list(&file, 4, THRIFT_STRUCT, 1);
    put_list(&file, 1, THRIFT_STRUCT, 1);
    put_chunk(&file, &chunk);
    put_i64(&file, 2, chunk.length);
    put_i64(&file, 3, 1);
    put_stop(&file);
    put_stop(&file);
    put_ending(&file, start);
}

static enum error_code check(const struct leaf *leaf, bool elsewhere)
{
    struct parquet_metadata metadata;
    put_file(leaf);
    mem_account_init(&account, "test", NULL, (size_t)32 << 20);
    error_init(&error);
    struct memory_object memory = memory_object_over(&file);
    assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                     ERROR_NONE);
    assert_true(metadata.fields[0].nested);
    if (elsewhere) {
        metadata.row_groups[0].chunks[0].elsewhere = true;
        metadata.row_groups[0].chunks[0].length = 0;
    }
    enum error_code code =
        summary_check_nested(&memory.object, &metadata, &metadata.fields[0], &account, &error);
    parquet_metadata_release(&metadata);
    assert_int_equal(account.used, 0);
    return code;
}

#define LEAF(type, annotation, digits, compression, text)                                          \
    &(struct leaf)                                                                                 \
    {                                                                                              \
        .physical = type, .converted = annotation, .precision = digits, .codec = compression,      \
        .body = text, .size = sizeof(text) - 1                                                     \
    }

enum { DECIMAL = 5, UTF8 = 0, NONE = CODEC_UNCOMPRESSED };

static void values_are_decoded(void **state)
{
    (void)state;
    assert_int_equal(check(LEAF(COLUMN_INT32, -1, 0, NONE, "\1\2\3\4"), false), ERROR_NONE);
    assert_int_equal(check(LEAF(COLUMN_INT32, -1, 0, NONE, "\1\2\3"), false), ERROR_INPUT);
    assert_int_equal(check(LEAF(COLUMN_BYTE_ARRAY, UTF8, 0, NONE, "\1\0\0\0a"), false), ERROR_NONE);
    assert_int_equal(check(LEAF(COLUMN_BYTE_ARRAY, UTF8, 0, NONE, "\2\0\0\0a"), false),
                     ERROR_INPUT);
    assert_string_equal(error.column, "g.x");
}

static void decimals_have_the_digits_that_are_said(void **state)
{
    (void)state;
    char body[4 + 200] = {(char)200};
    body[4] = 1;
    struct leaf leaf = {.physical = COLUMN_BYTE_ARRAY,
                        .converted = DECIMAL,
                        .precision = 20,
                        .body = body,
                        .size = sizeof body};
    assert_int_equal(check(&leaf, false), ERROR_INPUT);
    assert_string_equal(error.column, "g.x");
    assert_non_null(strstr(error.what, "digits"));
    leaf.precision = 70000; /* no decimal that weir can add: its pages alone are looked at */
    assert_int_equal(check(&leaf, false), ERROR_NONE);
}

static void what_cannot_be_read_is_let_pass(void **state)
{
    (void)state;
    const struct leaf *odd = LEAF(COLUMN_INT32, UTF8, 0, NONE, "\1\2\3");
    assert_int_equal(check(odd, false), ERROR_NONE); /* text in 32 bits */
    const struct leaf *other = LEAF(COLUMN_INT32, -1, 0, CODEC_LZO, "\1\2\3\4");
    assert_int_equal(check(other, false), ERROR_NONE);
    const struct leaf *absent = LEAF(COLUMN_INT32, -1, 0, NONE, "\1\2\3");
    assert_int_equal(check(absent, true), ERROR_NONE);
}

/* A header that makes no sense is found all the same. */
static void pages_that_cannot_be_read_follow_each_other(void **state)
{
    (void)state;
    struct parquet_metadata metadata;
    put_file(LEAF(COLUMN_INT32, UTF8, 0, NONE, "\1\2\3"));
    memset(file.data + 4, 0xff, 4);
    mem_account_init(&account, "test", NULL, (size_t)32 << 20);
    error_init(&error);
    struct memory_object memory = memory_object_over(&file);
    assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                     ERROR_NONE);
    assert_int_equal(
        summary_check_nested(&memory.object, &metadata, &metadata.fields[0], &account, &error),
        ERROR_INPUT);
    parquet_metadata_release(&metadata);
    assert_int_equal(account.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_decoded),
        cmocka_unit_test(decimals_have_the_digits_that_are_said),
        cmocka_unit_test(what_cannot_be_read_is_let_pass),
        cmocka_unit_test(pages_that_cannot_be_read_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
