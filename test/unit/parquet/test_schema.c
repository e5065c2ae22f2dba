#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "footers.h"

static void assert_shape(const char *shape)
{
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_true(metadata.fields[0].nested);
    assert_string_equal(metadata.fields[0].shape, shape);
    release();
}

enum { LIST = 3, MAP = 2, OLD_MAP = 1, OLD_MAP_KEY_VALUE = 2, OLD_LIST = 3 };

static void lists_are_described(void **state)
{
    (void)state;
    begin_schema(4, 1); /* as the format has it now */
    put_group("x", OPTIONAL, 1, OLD_LIST, LIST);
    put_group("list", REPEATED, 1, -1, -1);
    put_int("element", OPTIONAL);
    assert_shape("list<int32>");

    begin_schema(3, 1); /* a repeated leaf is the element */
    put_group("x", OPTIONAL, 1, OLD_LIST, -1);
    put_int("element", REPEATED);
    assert_shape("list<int32>");

    begin_schema(5, 1); /* a repeated group of two is the element */
    put_group("x", OPTIONAL, 1, OLD_LIST, -1);
    put_group("element", REPEATED, 2, -1, -1);
    put_string("s", REQUIRED);
    put_int("i", REQUIRED);
    assert_shape("list<struct<s: string, i: int32>>");

    begin_schema(4, 1); /* so is one called array, */
    put_group("x", OPTIONAL, 1, OLD_LIST, -1);
    put_group("array", REPEATED, 1, -1, -1);
    put_string("s", REQUIRED);
    assert_shape("list<struct<s: string>>");

    begin_schema(4, 1); /* or like the list */
    put_group("x", OPTIONAL, 1, OLD_LIST, -1);
    put_group("x_tuple", REPEATED, 1, -1, -1);
    put_string("s", REQUIRED);
    assert_shape("list<struct<s: string>>");

    begin_schema(2, 1); /* no annotation at all */
    put_int("x", REPEATED);
    assert_shape("list<int32>");

    begin_schema(4, 1);
    put_group("x", REPEATED, 2, -1, -1);
    put_int("a", OPTIONAL);
    put_int("b", REPEATED);
    assert_shape("list<struct<a: int32, b: list<int32>>>");
}

static void maps_and_groups_are_described(void **state)
{
    (void)state;
    for (int form = 0; form < 3; form++) {
        begin_schema(5, 1);
        put_group("x", OPTIONAL, 1,
                  form == 0   ? -1
                  : form == 1 ? OLD_MAP
                              : OLD_MAP_KEY_VALUE,
                  form == 0 ? MAP : -1);
        put_group("map", REPEATED, 2, form == 1 ? OLD_MAP_KEY_VALUE : -1, -1);
        put_string("key", REQUIRED);
        put_leaf(&file, "value", COLUMN_DOUBLE, OPTIONAL, -1, -1);
        assert_shape("map<string, double>");
    }
    begin_schema(4, 1); /* keys alone */
    put_group("x", OPTIONAL, 1, OLD_MAP, MAP);
    put_group("map", REPEATED, 1, -1, -1);
    put_string("key", REQUIRED);
    assert_shape("map<string>");

    begin_schema(2, 1); /* a map that is none */
    put_group("x", OPTIONAL, 0, OLD_MAP, MAP);
    assert_shape("struct<>");

    begin_schema(4, 1);
    put_group("x", OPTIONAL, 2, -1, 16);
    put_leaf(&file, "metadata", COLUMN_BYTE_ARRAY, REQUIRED, -1, -1);
    put_leaf(&file, "value", COLUMN_BYTE_ARRAY, REQUIRED, -1, -1);
    assert_shape("variant struct<metadata: binary, value: binary>");

    begin_schema(3, 1); /* one leaf in a group is nested, however required all is */
    put_group("x", REQUIRED, 1, -1, -1);
    put_int("i", REQUIRED);
    assert_shape("struct<i: int32>");
}

/* Depth to which groups may be nested, and what is said of one that is deep. */
static void depth_is_bounded(void **state)
{
    (void)state;
    static const int depths[] = {2, 255, 256, 20000};
    for (size_t i = 0; i < 4; i++) {
        begin_schema((size_t)depths[i] + 1, 1);
        for (int j = 1; j < depths[i]; j++)
            put_group("group", OPTIONAL, 1, -1, -1);
        put_int("leaf", OPTIONAL);
        enum error_code code = finish_empty();
        assert_int_equal(code, depths[i] <= 256 ? ERROR_NONE : ERROR_INPUT);
        if (code != ERROR_NONE)
            continue;
        assert_int_equal(metadata.columns[0].max_definition, depths[i]);
        assert_true(strlen(metadata.fields[0].shape) < 210);
        assert_true(strlen(metadata.columns[0].path) <= 512);
        release();
    }
    assert_int_equal(account.used, 0);
}

static void schemas_that_cannot_be_are_refused(void **state)
{
    (void)state;
    begin_schema(2, 2); /* fewer than said */
    put_int("x", OPTIONAL);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(3, 1); /* more than said */
    put_int("x", OPTIONAL);
    put_int("y", OPTIONAL);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(3, 1);
    put_group("x", OPTIONAL, INT32_MAX, -1, -1);
    put_int("y", OPTIONAL);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(3, 1);
    put_group("x", OPTIONAL, -1, -1, -1);
    put_int("y", OPTIONAL);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(2, 1);
    put_leaf(&file, "x", 8, OPTIONAL, -1, -1); /* a type that does not exist */
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin_schema(2, 1);
    put_leaf(&file, "x", COLUMN_INT32, 3, -1, -1);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin();
    put_list(&file, 2, THRIFT_STRUCT, 0);
    assert_int_equal(finish_empty(), ERROR_INPUT);
    begin();
    assert_int_equal(finish_empty(), ERROR_INPUT); /* none at all */
    assert_int_equal(account.used, 0);
}

static void roots_may_say_what_they_like(void **state)
{
    (void)state;
    begin();
    put_list(&file, 2, THRIFT_STRUCT, 2);
    put_group("root", REPEATED, 1, OLD_LIST, LIST);
    put_int("x", REQUIRED);
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_false(metadata.columns[0].nested);
    assert_int_equal(metadata.columns[0].max_repetition, 0);
    release();
    begin_schema(1, 0); /* no columns */
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_int_equal(metadata.column_count, 0);
    release();
}

/* Logical types newer than the reader: named where they are known, their bytes are theirs. */
static void new_logical_types_leave_the_bytes(void **state)
{
    (void)state;
    static const struct {
        int logical;
        const char *annotation;
    } cases[] = {{1, NULL},       {14 + 3, "geometry"},         {18, "geography"},
                 {16, "variant"}, {19, "unknown logical type"}, {9, "unknown logical type"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_schema(2, 1);
        put_i32(&file, 1, COLUMN_BYTE_ARRAY);
        put_i32(&file, 3, OPTIONAL);
        put_text(&file, 4, "x");
        put_struct(&file, 10);
        put_struct(&file, cases[i].logical);
        if (cases[i].logical >= 17)
            put_text(&file, 1, "OGC:CRS84");
        put_stop(&file);
        put_stop(&file);
        put_stop(&file);
        assert_int_equal(finish_empty(), ERROR_NONE);
        const struct parquet_column *column = &metadata.columns[0];
        assert_null(column->unsupported);
        assert_int_equal(column->type.logical, i == 0 ? COLUMN_STRING : COLUMN_PLAIN);
        if (cases[i].annotation == NULL)
            assert_null(column->annotation);
        else
            assert_string_equal(column->annotation, cases[i].annotation);
        release();
    }
}

/* ---- names -------------------------------------------------------------------------------------
 */

static void put_named(const char *name, size_t size)
{
    put_i32(&file, 1, COLUMN_INT32);
    put_i32(&file, 3, REQUIRED);
    put_binary(&file, 4, name, size);
    put_stop(&file);
}

static void names_may_be_anything(void **state)
{
    (void)state;
    static char long_name[100001];
    uint32_t column;
    memset(long_name, 'n', sizeof long_name - 1);
    begin_schema(8, 7);
    put_named("", 0);
    put_named("a.b", 3);
    put_named("two\nlines", 9);
    put_named("zero\0byte", 9);
    put_named("\xff\xfe", 2);
    put_named(long_name, sizeof long_name - 1);
    put_named("\"", 1);
    assert_int_equal(finish_empty(), ERROR_NONE);
    const char *const names[] = {"",
                                 "a.b",
                                 "two\nlines",
                                 "zero\xe2\x90\x80"
                                 "byte",
                                 "\xff\xfe",
                                 long_name,
                                 "\""};
    for (uint32_t i = 0; i < 7; i++) {
        assert_string_equal(metadata.columns[i].name, names[i]);
        assert_int_equal(parquet_find_column(&metadata, names[i], &column, &error), ERROR_NONE);
        assert_int_equal(column, i);
    }
    long_name[0] = 'm';
    assert_int_equal(parquet_find_column(&metadata, long_name, &column, &error), ERROR_MISMATCH);
    assert_true(strlen(error.what) < 200);
    assert_non_null(strstr(error.what, "...\""));
    assert_non_null(strstr(error.hint, "a.b"));
    release();
}

static void a_name_that_several_have_is_refused(void **state)
{
    (void)state;
    uint32_t column;
    begin_schema(4, 3);
    put_int("x", OPTIONAL);
    put_int("y", OPTIONAL);
    put_string("x", OPTIONAL);
    assert_int_equal(finish_empty(), ERROR_NONE);
    assert_int_equal(parquet_find_column(&metadata, "y", &column, &error), ERROR_NONE);
    assert_int_equal(parquet_find_column(&metadata, "x", &column, &error), ERROR_MISMATCH);
    assert_non_null(strstr(error.what, "2 columns"));
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lists_are_described, setup),
        cmocka_unit_test_setup(maps_and_groups_are_described, setup),
        cmocka_unit_test_setup(depth_is_bounded, setup),
        cmocka_unit_test_setup(schemas_that_cannot_be_are_refused, setup),
        cmocka_unit_test_setup(roots_may_say_what_they_like, setup),
        cmocka_unit_test_setup(new_logical_types_leave_the_bytes, setup),
        cmocka_unit_test_setup(names_may_be_anything, setup),
        cmocka_unit_test_setup(a_name_that_several_have_is_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
