/* Thrift's compact protocol: what is written can be read, and what has no room is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parquet/thrift.h"
#include "parquet/writer_compact.h"

static struct mem_account account;
static struct mem_buffer buffer;
static struct error error;
static struct compact_writer writer;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "compact", NULL, MEM_NO_LIMIT);
    mem_buffer_init(&buffer, &account, 4096);
    error_init(&error);
    compact_init(&writer, &buffer, &error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mem_buffer_release(&buffer);
    assert_int_equal(account.used, 0);
    return 0;
}

/* Fields whose numbers grow by more than 15, or fall, have their number spelled out. */
static void any_step_between_fields_is_read(void **state)
{
    (void)state;
    static const int fields[] = {1, 16, 17, 33, 400, 3, 2};
    const int count = (int)(sizeof fields / sizeof fields[0]);
    for (int i = 0; i < count; i++)
        compact_field_i32(&writer, fields[i], -i);
    compact_field_i16(&writer, 4, -300);
    assert_int_equal(compact_finish(&writer), ERROR_NONE);
    struct thrift_reader reader =
        thrift_reader_over(buffer.data, buffer.size, 0, "a struct", &error);
    struct thrift_field field;
    assert_int_equal(thrift_struct_begin(&reader, &field), ERROR_NONE);
    for (int i = 0; i < count; i++) {
        int32_t value;
        assert_int_equal(field.id, fields[i]);
        assert_int_equal(thrift_i32(&reader, &field, &value), ERROR_NONE);
        assert_int_equal(value, -i);
        assert_int_equal(thrift_struct_next(&reader, &field), ERROR_NONE);
    }
    assert_int_equal(field.type, THRIFT_I16);
    assert_int_equal(thrift_skip(&reader, field.type), ERROR_NONE);
    assert_int_equal(thrift_struct_next(&reader, &field), ERROR_NONE);
    assert_int_equal(field.type, THRIFT_STOP);
}

static void structs_nest_only_so_deep(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++)
        compact_begin(&writer, 1);
    assert_int_equal(writer.code, ERROR_NONE);
    compact_begin(&writer, 1);
    assert_int_equal(writer.code, ERROR_INTERNAL);
    size_t size = buffer.size;
    compact_field_i64(&writer, 2, 5);
    assert_int_equal(buffer.size, size); /* after a failure nothing is written */
    assert_int_equal(compact_finish(&writer), ERROR_INTERNAL);
}

/* A struct of every kind of field, in a buffer of at most so many bytes. */
static enum error_code write_into(size_t room, size_t *ret_size)
{
    struct mem_buffer small;
    mem_buffer_init(&small, &account, room);
    compact_init(&writer, &small, &error);
    compact_field_bool(&writer, 1, true);
    compact_list(&writer, 2, COMPACT_STRUCT, 20);
    compact_begin_element(&writer);
    compact_field_byte(&writer, 1, 3);
    compact_field_bytes(&writer, 2, "some bytes", 10);
    compact_field_empty(&writer, 3);
    compact_end(&writer);
    compact_element_bool(&writer, false);
    compact_element_int(&writer, INT64_MIN);
    enum error_code code = compact_finish(&writer);
    *ret_size = small.size;
    mem_buffer_release(&small);
    return code;
}

/* The first failure stays, wherever the room ends. */
static void a_full_buffer_is_told_at_the_end(void **state)
{
    (void)state;
    size_t whole, size;
    assert_int_equal(write_into(1000, &whole), ERROR_NONE);
    for (size_t room = 0; room < whole; room++) {
        assert_int_equal(write_into(room, &size), ERROR_MEMORY);
        assert_true(size <= room);
    }
    assert_int_equal(write_into(whole, &size), ERROR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_step_between_fields_is_read),
        TEST(structs_nest_only_so_deep),
        TEST(a_full_buffer_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
