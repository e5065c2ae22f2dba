/* Commands and sizes as they would be typed. */
#include "ends.h"

static void commands_are_shown_short_and_harmless(void **state)
{
    (void)state;
    char text[128], longest[512];
    const char *const plain[] = {"sh", "-c", "echo a b", NULL};
    assert_string_equal(explain_command(plain, text, sizeof text), "sh -c echo a b");
    const char *const harmful[] = {"x\033[2J\n", NULL};
    explain_command(harmful, text, sizeof text);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\n'));
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const many[] = {"run", longest, longest, NULL};
    explain_command(many, text, sizeof text);
    assert_true(strlen(text) < 80);
    assert_string_equal(text + strlen(text) - 3, "...");
    for (size_t i = 0; i + 2 < sizeof longest; i += 2)
        memcpy(longest + i, "é", 2);
    for (size_t shift = 0; shift < 2; shift++) {
        const char *const accents[] = {shift == 0 ? "a" : "ab", longest, NULL};
        json_t *valid = json_string(explain_command(accents, text, sizeof text));
        assert_non_null(valid);
        json_decref(valid);
    }
}

static void sizes_as_options(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(explain_size_option(3 * GIB, text, sizeof text), "3GiB");
    assert_string_equal(explain_size_option(1536 * MIB, text, sizeof text), "1536MiB");
    assert_string_equal(explain_size_option(100 * MIB + 1, text, sizeof text), "101MiB");
    uint64_t back;
    assert_true(mem_parse_size(explain_size_option(UINT64_MAX, text, sizeof text), &back) ||
                strcmp(text, "17179869184GiB") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_shown_short_and_harmless),
        cmocka_unit_test(sizes_as_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
