/* When nothing new is started for want of memory: a pure rule over what the kernel tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "batch/host_pressure.h"

#define PRESSURE(full)                                                                             \
    "some avg10=99.00 avg60=0.11 avg300=0.05 total=31057\n"                                        \
    "full avg10=" full " avg60=0.00 avg300=0.00 total=9999\n"
#define MEMINFO(available)                                                                         \
    "MemTotal:       65536000 kB\nMemFree:          123456 kB\nMemAvailable:   " available " kB\n"

static void the_kernels_texts_are_read(void **state)
{
    (void)state;
    struct host_reading reading = host_pressure_parse(PRESSURE("12.34"), MEMINFO("1024"));
    assert_true(reading.has_pressure);
    assert_int_equal(reading.full, 1234);
    assert_int_equal(reading.total, UINT64_C(65536000) * 1024);
    assert_int_equal(reading.available, 1024 * 1024);
    assert_int_equal(host_pressure_parse(PRESSURE("0.05"), "").full, 5);
    assert_int_equal(host_pressure_parse(PRESSURE("100.00"), "").full, 10000);
    assert_int_equal(host_pressure_parse(PRESSURE("7"), "").full, 700);
    assert_int_equal(host_pressure_parse(PRESSURE("7.5"), "").full, 750);
}

static void what_is_not_told_is_not_known(void **state)
{
    (void)state;
    static const char *const texts[] = {NULL,
                                        "",
                                        "\n",
                                        "some avg10=50.00 total=1",
                                        "full avg10=",
                                        "full avg10=x",
                                        "full avg10=-1.00",
                                        " full avg10=1.00",
                                        "full"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct host_reading reading = host_pressure_parse(texts[i], texts[i]);
        assert_false(reading.has_pressure);
        assert_int_equal(reading.total, 0);
        assert_int_equal(reading.available, 0);
        assert_false(host_pressure_pauses(&reading, false));
        assert_false(host_pressure_pauses(&reading, true));
    }
    struct host_reading huge =
        host_pressure_parse("full avg10=99999999999999999999.99", "MemTotal: 99999999999999999999");
    assert_int_equal(huge.total, UINT64_MAX);
    assert_true(huge.full >= 10000);
}

static bool pauses_at(uint32_t full, bool paused)
{
    /* Plenty available: where the kernel tells of pressure, that decides. */
    struct host_reading reading = {true, full, UINT64_C(1) << 40, UINT64_C(1) << 41};
    return host_pressure_pauses(&reading, paused);
}

static void pressure_pauses_and_does_not_flutter(void **state)
{
    (void)state;
    assert_false(pauses_at(0, false));
    assert_false(pauses_at(HOST_PRESSURE_PAUSE - 1, false));
    assert_true(pauses_at(HOST_PRESSURE_PAUSE, false));
    assert_true(pauses_at(HOST_PRESSURE_PAUSE - 1, true));
    assert_true(pauses_at(HOST_PRESSURE_RESUME, true));
    assert_false(pauses_at(HOST_PRESSURE_RESUME - 1, true));
}

static bool pauses_with(uint64_t available, bool paused)
{
    struct host_reading reading = {false, 0, available, UINT64_C(64) << 30};
    return host_pressure_pauses(&reading, paused);
}

static void without_pressure_the_memory_left_decides(void **state)
{
    (void)state;
    uint64_t gibibyte = UINT64_C(1) << 30;
    assert_false(pauses_with(gibibyte, false));
    assert_true(pauses_with(gibibyte - 1, false));
    assert_true(pauses_with(gibibyte, true));
    assert_true(pauses_with(2 * gibibyte - 1, true));
    assert_false(pauses_with(2 * gibibyte, true));
    assert_false(pauses_with(0, true)); /* not known */
}

static void this_machine_is_read(void **state)
{
    (void)state;
    struct host_reading reading = host_pressure_read();
    assert_true(reading.total > (UINT64_C(16) << 20));
    assert_true(reading.available <= reading.total);
    assert_true(reading.full <= 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernels_texts_are_read),
        cmocka_unit_test(what_is_not_told_is_not_known),
        cmocka_unit_test(pressure_pauses_and_does_not_flutter),
        cmocka_unit_test(without_pressure_the_memory_left_decides),
        cmocka_unit_test(this_machine_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
