#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/sink.h"
#include "sink/width.h"

static void formats_by_name(void **state)
{
    (void)state;
    enum sink_format format;
    assert_true(sink_format_from_name("jsonl", &format));
    assert_int_equal(format, SINK_JSONL);
    assert_true(sink_format_from_name("parquet", &format));
    assert_int_equal(format, SINK_PARQUET);
    assert_false(sink_format_from_name("table", &format));
    assert_false(sink_format_from_name("CSV", &format));
}

static void formats_by_path(void **state)
{
    (void)state;
    enum sink_format format;
    assert_true(sink_format_from_path("/a/b.c/out.Parquet", &format));
    assert_int_equal(format, SINK_PARQUET);
    assert_true(sink_format_from_path("x.feather", &format));
    assert_int_equal(format, SINK_ARROW);
    assert_true(sink_format_from_path("x.tar.ndjson", &format));
    assert_int_equal(format, SINK_JSONL);
    assert_false(sink_format_from_path("/a.csv/out", &format));
    assert_false(sink_format_from_path("csv", &format));
    assert_false(sink_format_from_path("out.txt", &format));
}

static void columns_of_characters(void **state)
{
    (void)state;
    assert_int_equal(character_columns('a'), 1);
    assert_int_equal(character_columns(0xe9), 1);
    assert_int_equal(character_columns(0x301), 0);
    assert_int_equal(character_columns(0x6f22), 2);
    assert_int_equal(character_columns(0x1f389), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(formats_by_path),
        cmocka_unit_test(columns_of_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
