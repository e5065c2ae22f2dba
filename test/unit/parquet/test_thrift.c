#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"

static struct bytes bytes;
static struct error error;

static int setup(void **state)
{
    (void)state;
    bytes.size = 0;
    error_init(&error);
    return 0;
}

static struct thrift_reader reader(void)
{
    return thrift_reader_over(bytes.data, bytes.size, 1000, "a test", &error);
}

static void fields_are_read(void **state)
{
    (void)state;
    put_u8(&bytes, 1 << 4 | THRIFT_I32); /* the short form: one more than the field before */
    put_zigzag(&bytes, -5);
    put_i64(&bytes, 7, INT64_MIN);
    put_binary(&bytes, 300, "abc", 3);
    put_field(&bytes, 2, THRIFT_FALSE);
    put_stop(&bytes);
    struct thrift_reader thrift = reader();
    struct thrift_field field;
    int32_t small;
    int64_t large;
    struct parquet_bytes text;
    bool flag;
    assert_int_equal(thrift_struct_begin(&thrift, &field), ERROR_NONE);
    assert_int_equal(field.id, 1);
    assert_int_equal(thrift_i32(&thrift, &field, &small), ERROR_NONE);
    assert_int_equal(small, -5);
    assert_int_equal(thrift_struct_next(&thrift, &field), ERROR_NONE);
    assert_int_equal(field.id, 7);
    assert_int_equal(thrift_i64(&thrift, &field, &large), ERROR_NONE);
    assert_true(large == INT64_MIN);
    assert_int_equal(thrift_struct_next(&thrift, &field), ERROR_NONE);
    assert_int_equal(field.id, 300);
    assert_int_equal(thrift_binary(&thrift, &field, &text), ERROR_NONE);
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.data, "abc", 3);
    assert_int_equal(thrift_struct_next(&thrift, &field), ERROR_NONE);
    assert_int_equal(thrift_bool(&thrift, &field, &flag), ERROR_NONE);
    assert_false(flag);
    assert_int_equal(thrift_struct_next(&thrift, &field), ERROR_NONE);
    assert_int_equal(field.type, THRIFT_STOP);
    assert_int_equal(thrift.depth, 0);
}

/* One value of every type, and lists and maps of some, are passed over to the last byte. */
static void every_type_is_skipped(void **state)
{
    (void)state;
    put_field(&bytes, 1, THRIFT_TRUE);
    put_field(&bytes, 2, THRIFT_I8);
    put_u8(&bytes, 9);
    put_i32(&bytes, 3, 77777);
    put_field(&bytes, 4, THRIFT_DOUBLE);
    put(&bytes, "12345678", 8);
    put_field(&bytes, 5, THRIFT_UUID);
    put(&bytes, "1234567812345678", 16);
    put_text(&bytes, 6, "text");
    put_list(&bytes, 7, THRIFT_TRUE, 20);
    put(&bytes, "11111111111111111111", 20);
    put_field(&bytes, 8, THRIFT_MAP);
    put_varint(&bytes, 1);
    put_u8(&bytes, THRIFT_BINARY << 4 | THRIFT_STRUCT);
    put_varint(&bytes, 1);
    put_u8(&bytes, 'k');
    put_i32(&bytes, 1, 1);
    put_stop(&bytes);
    put_field(&bytes, 9, THRIFT_MAP);
    put_varint(&bytes, 0);
    put_stop(&bytes);
    struct thrift_reader thrift = reader();
    assert_int_equal(thrift_skip(&thrift, THRIFT_STRUCT), ERROR_NONE);
    assert_int_equal(cursor_left(&thrift.cursor), 0);
    assert_int_equal(thrift.depth, 0);
    for (size_t size = 0; size < bytes.size; size++) {
        thrift = thrift_reader_over(bytes.data, size, 0, "a test", &error);
        assert_int_equal(thrift_skip(&thrift, THRIFT_STRUCT), ERROR_INPUT);
        assert_true(thrift.exhausted);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++)
        put_u8(&bytes, 1 << 4 | THRIFT_STRUCT);
    struct thrift_reader thrift = reader();
    assert_int_equal(thrift_skip(&thrift, THRIFT_STRUCT), ERROR_INPUT);
    assert_false(thrift.exhausted);
    bytes.size = 0;
    for (int i = 0; i < 100000; i++)
        put_u8(&bytes, 1 << 4 | THRIFT_LIST);
    thrift = reader();
    assert_int_equal(thrift_skip(&thrift, THRIFT_LIST), ERROR_INPUT);
}

static void lists_are_held_against_the_bytes(void **state)
{
    (void)state;
    uint32_t count;
    struct thrift_field field = {.id = 1, .type = THRIFT_LIST};
    put_u8(&bytes, 0xf0 | THRIFT_STRUCT);
    put_varint(&bytes, 1000);
    for (int i = 0; i < 999; i++)
        put_stop(&bytes);
    struct thrift_reader thrift = reader();
    assert_int_equal(thrift_list(&thrift, &field, THRIFT_STRUCT, 1, &count), ERROR_INPUT);
    put_stop(&bytes);
    thrift = reader();
    assert_int_equal(thrift_list(&thrift, &field, THRIFT_STRUCT, 1, &count), ERROR_NONE);
    assert_int_equal(count, 1000);
    thrift = reader();
    assert_int_equal(thrift_list(&thrift, &field, THRIFT_STRUCT, 2, &count), ERROR_INPUT);
    thrift = reader();
    assert_int_equal(thrift_list(&thrift, &field, THRIFT_I32, 1, &count), ERROR_INPUT);
}

static void numbers_are_checked(void **state)
{
    (void)state;
    int32_t small;
    uint32_t count;
    uint64_t size;
    struct thrift_field i32 = {.id = 1, .type = THRIFT_I32}, i64 = {.id = 1, .type = THRIFT_I64};
    put_zigzag(&bytes, INT64_C(1) << 31);
    struct thrift_reader thrift = reader();
    assert_int_equal(thrift_i32(&thrift, &i32, &small), ERROR_INPUT);
    thrift = reader();
    assert_int_equal(thrift_i32(&thrift, &i64, &small), ERROR_INPUT);
    assert_int_equal(error.offset, 1000);
    bytes.size = 0;
    put_zigzag(&bytes, -1);
    thrift = reader();
    assert_int_equal(thrift_u31(&thrift, &i32, &count), ERROR_INPUT);
    thrift = reader();
    assert_int_equal(thrift_u63(&thrift, &i64, &size), ERROR_INPUT);
    bytes.size = 0;
    put(&bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    thrift = reader();
    assert_int_equal(thrift_u63(&thrift, &i64, &size), ERROR_INPUT);
    assert_false(thrift.exhausted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fields_are_read, setup),
        cmocka_unit_test_setup(every_type_is_skipped, setup),
        cmocka_unit_test_setup(nesting_has_a_limit, setup),
        cmocka_unit_test_setup(lists_are_held_against_the_bytes, setup),
        cmocka_unit_test_setup(numbers_are_checked, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
