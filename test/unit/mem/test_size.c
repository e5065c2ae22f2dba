/* Sizes as people write and read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mem/mem.h"

static void formats(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {812, "812 B"},
        {1023, "1023 B"},
        {1024, "1 KiB"},
        {1536, "1.5 KiB"},
        {64 << 20, "64 MiB"},
        {(64 << 20) + 1, "64.0 MiB"},
        {UINT64_C(3) << 29, "1.5 GiB"},
        {UINT64_MAX, "16 EiB"},
        {(UINT64_C(1) << 20) - 1, "1.0 MiB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buffer[24];
        mem_format_size(cases[i].bytes, buffer);
        assert_string_equal(buffer, cases[i].text);
    }
}

static void parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"1", 1},
        {"4096", 4096},
        {"64MiB", 64 << 20},
        {"64M", 64 << 20},
        {"64mib", 64 << 20},
        {"64 MiB", 64 << 20},
        {"1.5GB", 1500000000},
        {"2GiB", UINT64_C(2) << 30},
        {"1T", UINT64_C(1) << 40},
        {"0.5k", 512},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes;
        assert_true(mem_parse_size(cases[i].text, &bytes));
        assert_true(bytes == cases[i].bytes);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",          "0",   "0MiB", "-1", "+1", "MiB",    "64MiBB", "64X",    "1e400",
        "99999999T", "nan", "inf",  " 1", "0x", "64MiB ", "1,5G",   "0.0001",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 7;
        assert_false(mem_parse_size(cases[i], &bytes));
        assert_true(bytes == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
