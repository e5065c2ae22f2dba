/* Durations, right and wrong. */
#include "base/duration.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static void what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ns;
    } cases[] = {
        {"250ms", SECOND / 4},
        {"30s", 30 * SECOND},
        {"5m", 300 * SECOND},
        {"5min", 300 * SECOND},
        {"2h", 7200 * SECOND},
        {"1.5h", 5400 * SECOND},
        {"2d", 172800 * SECOND},
        {"30", 30 * SECOND},
        {"0.5", SECOND / 2},
        {".5s", SECOND / 2},
        {"5.s", 5 * SECOND},
        {"1h30m", 5400 * SECOND},
        {"1m30.5s", 90500000000},
        {"0", 0},
        {"0s", 0},
        {"0.000000001s", 1},
        {"0.0000000019s", 1},
        {"0.1ms", 100000},
        {"106751d", 9223286400 * SECOND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t ns = UINT64_MAX;
        print_message("%s\n", cases[i].text);
        assert_true(duration_parse(cases[i].text, &ns));
        assert_int_equal(ns, cases[i].ns);
    }
}

static void what_is_no_duration(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "s",
        ".",
        "-1s",
        "+1s",
        "1 s",
        "5 m",
        "1x",
        "1us",
        "1e3",
        "soon",
        "1h5",
        "1,5",
        "1.5.5",
        "0x10s",
        "nans",
        "infs",
        "1S",
        "99999999999999999999s",
        "1mss",
        "106752d",
        "9223372036854775807h",
        "1h 5m",
        "106751d23h59m",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t ns = 42;
        print_message("\"%s\"\n", cases[i]);
        assert_false(duration_parse(cases[i], &ns));
        assert_int_equal(ns, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_write),
        cmocka_unit_test(what_is_no_duration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
