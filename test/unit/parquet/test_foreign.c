#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "footers.h"

static void foreign_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *word;
    } cases[] = {
        {"\x1f\x8b\x08\x00 compressed bytes", 20, "gzip"},
        {"PK\x03\x04 and so on and on", 20, "zip"},
        {"\x28\xb5\x2f\xfd and so on and on", 20, "zstd"},
        {"ARROW1\0\0 and then some", 20, "Arrow"},
        {"ORC and then something", 20, "ORC"},
        {"Obj\x01 and then something", 20, "Avro"},
        {"SQLite format 3\0 and then", 25, "SQLite"},
        {"path,date,value\n1,2,3\n", 22, "CSV"},
        {" [{\"path\": 1}, 2, 3, 4]", 22, "JSON"},
        {"<html>what is this</html>", 25, "HTML"},
        {"a,b", 3, "CSV"},
        {"PAR1 and then the rest is missing", 33, "cut off"},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "zeros"},
        {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0b\x0c\x0e\x0f", 13, "does not end with PAR1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        file.size = 0;
        put(&file, cases[i].bytes, cases[i].size);
        struct memory_object memory = memory_object_over(&file);
        assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                         ERROR_INPUT);
        assert_non_null(strstr(error.what, "not a Parquet file"));
        assert_non_null(strstr(error.what, cases[i].word));
        assert_int_equal(account.used, 0);
    }
}

static void short_files_are_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 12; size++) {
        file.size = 0;
        put(&file, "PAR1\0\0\0\0PAR1", size);
        struct memory_object memory = memory_object_over(&file);
        error_init(&error);
        assert_int_equal(parquet_metadata_read(&memory.object, &account, &metadata, &error),
                         ERROR_INPUT);
        assert_int_equal(account.used, 0);
    }
}

static void the_beginning_is_checked_when_asked(void **state)
{
    (void)state;
    begin_schema(1, 0);
    assert_int_equal(finish_empty(), ERROR_NONE);
    release();
    struct memory_object memory = memory_object_over(&file);
    assert_int_equal(parquet_check_opening(&memory.object, &error), ERROR_NONE);
    file.data[0] = 'Z';
    assert_int_equal(parquet_check_opening(&memory.object, &error), ERROR_INPUT);
    assert_int_equal(error.offset, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(foreign_files_are_named, setup),
        cmocka_unit_test_setup(short_files_are_refused, setup),
        cmocka_unit_test_setup(the_beginning_is_checked_when_asked, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
