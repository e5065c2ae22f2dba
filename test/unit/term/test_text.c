#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "term/text.h"

static void counts_have_commas(void **state)
{
    (void)state;
    char buffer[32];
    assert_string_equal(text_count(0, buffer), "0");
    assert_string_equal(text_count(999, buffer), "999");
    assert_string_equal(text_count(1000, buffer), "1,000");
    assert_string_equal(text_count(600000000, buffer), "600,000,000");
    assert_string_equal(text_count(UINT64_MAX, buffer), "18,446,744,073,709,551,615");
}

static void nouns_agree_with_counts(void **state)
{
    (void)state;
    char buffer[64];
    assert_string_equal(text_plural(1, "file", buffer, sizeof buffer), "1 file");
    assert_string_equal(text_plural(0, "file", buffer, sizeof buffer), "0 files");
    assert_string_equal(text_plural(1200, "row", buffer, sizeof buffer), "1,200 rows");
}

static void short_numbers(void **state)
{
    (void)state;
    char buffer[32];
    assert_string_equal(text_short(0, buffer), "0");
    assert_string_equal(text_short(812, buffer), "812");
    assert_string_equal(text_short(999.6, buffer), "1.0 k");
    assert_string_equal(text_short(1234, buffer), "1.2 k");
    assert_string_equal(text_short(9960, buffer), "10 k");
    assert_string_equal(text_short(6e8, buffer), "600 M");
    assert_string_equal(text_short(4.1e9, buffer), "4.1 G");
    assert_string_equal(text_short(2e12, buffer), "2.0 T");
    assert_string_equal(text_short(5e19, buffer), "50000 P");
}

static void durations(void **state)
{
    (void)state;
    char buffer[32];
    assert_string_equal(text_duration(0, buffer), "0.00 s");
    assert_string_equal(text_duration(1234567890, buffer), "1.23 s");
    assert_string_equal(text_duration(12340000000, buffer), "12.3 s");
    assert_string_equal(text_duration(125 * UINT64_C(1000000000), buffer), "2:05 min");
    assert_string_equal(text_duration(3723 * UINT64_C(1000000000), buffer), "1:02:03 h");
}

static void width_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("▕██▏é"), 5);
}

static const char *escaped(const char *text)
{
    static char buffer[64];
    return text_escape(text, buffer, sizeof buffer);
}

static void control_characters_never_pass(void **state)
{
    (void)state;
    assert_string_equal(escaped("plain é 漢 😀"), "plain é 漢 😀");
    assert_string_equal(escaped("a\033[31mb\n"), "a\\x1b[31mb\\x0a");
    assert_string_equal(escaped("\x7f"), "\\x7f");
    assert_string_equal(escaped("\xc2\x9b"), "\\xc2\\x9b"); /* C1: begins a sequence too */
    assert_string_equal(escaped("\xff\xc3"), "\\xff\\xc3");
    assert_string_equal(escaped("\xe0\x80\x80"), "\\xe0\\x80\\x80"); /* overlong */
    assert_string_equal(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* surrogate */
    assert_string_equal(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

static void escaping_is_cut_at_whole_pieces(void **state)
{
    (void)state;
    char buffer[6];
    assert_string_equal(text_escape("ab\x01", buffer, sizeof buffer), "ab");
    assert_string_equal(text_escape("abcdefgh", buffer, sizeof buffer), "abcde");
}

static char *wrapped(const char *text, unsigned indent, unsigned width)
{
    char *result;
    size_t size;
    FILE *stream = open_memstream(&result, &size);
    text_wrap(stream, text, indent, width);
    fclose(stream);
    return result;
}

static void lines_are_wrapped(void **state)
{
    (void)state;
    char *text = wrapped("one two three\nfour", 2, 9);
    assert_string_equal(text, "one two\n  three\n  four");
    free(text);
    text = wrapped("one\n\ntwo  three\n", 4, 80);
    assert_string_equal(text, "one\n\n    two three\n");
    free(text);
    text = wrapped("unbreakable", 2, 5);
    assert_string_equal(text, "unbreakable");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(nouns_agree_with_counts),
        cmocka_unit_test(short_numbers),
        cmocka_unit_test(durations),
        cmocka_unit_test(width_counts_characters),
        cmocka_unit_test(control_characters_never_pass),
        cmocka_unit_test(escaping_is_cut_at_whole_pieces),
        cmocka_unit_test(lines_are_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
