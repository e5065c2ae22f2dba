/* Lines made of parts: what does not fit is left out, later and smaller parts still come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "term/parts.h"

static void parts_have_separators_between(void **state)
{
    (void)state;
    char buffer[64];
    struct text_parts parts;
    text_parts_init(&parts, buffer, sizeof buffer, 20, " · ");
    assert_string_equal(buffer, "");
    text_parts_add(&parts, "one");
    text_parts_add(&parts, "zwölf");
    assert_string_equal(buffer, "one · zwölf");
    assert_int_equal(parts.columns, 11);
    assert_int_equal(parts.used, strlen(buffer));
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    char buffer[64];
    struct text_parts parts;
    text_parts_init(&parts, buffer, sizeof buffer, 8, ", ");
    text_parts_add(&parts, "one");
    text_parts_add(&parts, "three");
    text_parts_add(&parts, "two");
    text_parts_add(&parts, "");
    assert_string_equal(buffer, "one, two");
    parts.width = 12;
    text_parts_add(&parts, "ab");
    assert_string_equal(buffer, "one, two, ab");
}

static void the_buffer_is_never_passed(void **state)
{
    (void)state;
    char buffer[16];
    for (size_t size = 1; size < sizeof buffer; size++) {
        struct text_parts parts;
        memset(buffer, 'x', sizeof buffer);
        text_parts_init(&parts, buffer, size, 1000, ", ");
        for (int i = 0; i < 9; i++)
            text_parts_add(&parts, "ä");
        assert_true(strlen(buffer) < size);
        assert_int_equal(buffer[size], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_separators_between),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(the_buffer_is_never_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
