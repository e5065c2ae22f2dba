#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/sink.h"
#include "sink/utf8.h"

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

static void check_utf8(const char *bytes, size_t left, size_t size, uint32_t character)
{
    uint32_t found;
    assert_int_equal(utf8_next((const uint8_t *)bytes, left, &found), size);
    assert_int_equal(found, character);
}

static void utf8_is_read_strictly(void **state)
{
    (void)state;
    check_utf8("a", 1, 1, 'a');
    check_utf8("\xc3\xa9", 2, 2, 0xe9);
    check_utf8("\xe6\xbc\xa2", 3, 3, 0x6f22);
    check_utf8("\xf0\x9f\x8e\x89", 4, 4, 0x1f389);
    check_utf8("\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff);
    check_utf8("\xf4\x90\x80\x80", 4, 1, UTF8_INVALID); /* beyond Unicode */
    check_utf8("\xed\xa0\x80", 3, 1, UTF8_INVALID);     /* a surrogate */
    check_utf8("\xc0\x80", 2, 1, UTF8_INVALID);         /* longer than needed */
    check_utf8("\xe0\x9f\xbf", 3, 1, UTF8_INVALID);
    check_utf8("\xc3", 1, 1, UTF8_INVALID); /* cut */
    check_utf8("\x80", 1, 1, UTF8_INVALID);
    check_utf8("\xff", 1, 1, UTF8_INVALID);
}

static void columns_of_characters(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns('a'), 1);
    assert_int_equal(utf8_columns(0xe9), 1);
    assert_int_equal(utf8_columns(0x301), 0);
    assert_int_equal(utf8_columns(0x6f22), 2);
    assert_int_equal(utf8_columns(0x1f389), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(formats_by_path),
        cmocka_unit_test(utf8_is_read_strictly),
        cmocka_unit_test(columns_of_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
