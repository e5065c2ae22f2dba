#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "term/progress.h"
#include "term/text.h"

#define SECOND UINT64_C(1000000000)
#define MIB    UINT64_C(1048576)

static struct progress_sample proving(void)
{
    return (struct progress_sample){
        .phase = "proving",
        .unit = "files",
        .done = 37,
        .total = 100,
        .rows = 0,
        .bytes_done = 1500000000,
        .bytes_total = 4500000000,
        .resident = 24 * MIB,
        .peak = 31 * MIB,
        .ceiling = 64 * MIB,
        .now_ns = 10 * SECOND,
    };
}

static void rates_come_from_the_window(void **state)
{
    (void)state;
    struct progress_meter meter = {0};
    struct progress_sample sample = proving();
    sample.bytes_done = 0;
    progress_meter_add(&meter, &sample);
    assert_true(progress_meter_rates(&meter, &sample).bytes_per_second == 0);
    assert_false(progress_meter_rates(&meter, &sample).has_left);
    sample.now_ns += 2 * SECOND;
    sample.bytes_done = 1500000000;
    sample.rows = 1000;
    progress_meter_add(&meter, &sample);
    struct progress_rates rates = progress_meter_rates(&meter, &sample);
    assert_true(rates.bytes_per_second == 7.5e8);
    assert_true(rates.rows_per_second == 500);
    assert_true(rates.has_left);
    assert_int_equal(rates.left_ns, 4 * SECOND);
    assert_int_equal(rates.elapsed_ns, 2 * SECOND);
}

static void old_points_leave_the_window(void **state)
{
    (void)state;
    struct progress_meter meter = {0};
    struct progress_sample sample = {.phase = "adding", .unit = "rows"};
    for (int i = 0; i < 1000; i++) {
        sample.now_ns = i * SECOND / 10;
        sample.rows = i < 500 ? 0 : (uint64_t)(i - 500) * 10; /* slow start, then 100 a second */
        progress_meter_add(&meter, &sample);
    }
    assert_true(progress_meter_rates(&meter, &sample).rows_per_second > 99.9);
    assert_true(progress_meter_rates(&meter, &sample).rows_per_second < 100.1);
}

static void counters_that_run_back_give_no_rate(void **state)
{
    (void)state;
    struct progress_meter meter = {0};
    struct progress_sample sample = proving();
    progress_meter_add(&meter, &sample);
    sample.now_ns += SECOND;
    sample.bytes_done = 0;
    progress_meter_add(&meter, &sample);
    struct progress_rates rates = progress_meter_rates(&meter, &sample);
    assert_true(rates.bytes_per_second == 0);
    assert_false(rates.has_left);
}

static void fraction_is_by_bytes_else_by_phase(void **state)
{
    (void)state;
    struct progress_meter meter = {0};
    struct progress_sample sample = proving();
    progress_meter_add(&meter, &sample);
    assert_true(progress_meter_rates(&meter, &sample).fraction == 1.0 / 3);
    sample.bytes_total = 0;
    assert_true(progress_meter_rates(&meter, &sample).fraction == 0.37);
    sample.total = 0;
    assert_true(progress_meter_rates(&meter, &sample).fraction < 0);
    sample.bytes_total = 10; /* read more than expected: done, not 110 % */
    sample.bytes_done = 11;
    assert_true(progress_meter_rates(&meter, &sample).fraction == 1);
}

static void bars(void **state)
{
    (void)state;
    char bar[96];
    assert_string_equal(progress_bar(0.5, 4, false, bar, sizeof bar), "##..");
    assert_string_equal(progress_bar(7, 4, false, bar, sizeof bar), "####");
    assert_string_equal(progress_bar(-1, 4, false, bar, sizeof bar), "....");
    assert_string_equal(progress_bar(0.5, 3, true, bar, sizeof bar), "█▌ ");
    assert_string_equal(progress_bar(1, 3, true, bar, sizeof bar), "███");
    assert_string_equal(progress_bar(0, 3, true, bar, sizeof bar), "   ");
}

static struct progress_rates some_rates(void)
{
    return (struct progress_rates){
        .rows_per_second = 4.1e8,
        .bytes_per_second = 1.2e9,
        .fraction = 0.37,
        .has_left = true,
        .left_ns = 74 * SECOND,
    };
}

static void live_lines(void **state)
{
    (void)state;
    char lines[1024];
    struct progress_sample sample = proving();
    struct progress_rates rates = some_rates();
    progress_live(&sample, &rates, 99, true, lines, sizeof lines);
    assert_string_equal(lines, "▕███▋      ▏ 37 % · proving 37/100 files · ETA 1:14 · 1.2 GB/s"
                               " · 410 M rows/s\n"
                               "memory 24 MiB · peak 31 MiB · ceiling 64 MiB · ▕███▊      ▏");
    progress_live(&sample, &rates, 99, false, lines, sizeof lines);
    assert_string_equal(lines, "[###.......]  37 %  proving 37/100 files  ETA 1:14  1.2 GB/s"
                               "  410 M rows/s\n"
                               "memory 24 MiB  peak 31 MiB  ceiling 64 MiB  [###.......]");
}

static void live_lines_never_pass_the_width(void **state)
{
    (void)state;
    struct progress_sample sample = proving();
    struct progress_rates rates = some_rates();
    for (unsigned width = 0; width < 130; width++) {
        char lines[1024];
        progress_live(&sample, &rates, width, width % 2 == 0, lines, sizeof lines);
        char *second = strchr(lines, '\n');
        assert_non_null(second);
        *second++ = '\0';
        assert_null(strchr(second, '\n'));
        assert_true(text_width(lines) <= width);
        assert_true(text_width(second) <= width);
    }
}

static void nothing_known_is_still_a_line(void **state)
{
    (void)state;
    char lines[256];
    struct progress_sample sample = {
        .phase = "listing", .unit = "files", .resident = MIB, .peak = MIB};
    struct progress_rates rates = {.fraction = -1};
    progress_live(&sample, &rates, 80, false, lines, sizeof lines);
    assert_string_equal(lines, "listing\nmemory 1 MiB  peak 1 MiB");
    sample.done = 1200;
    progress_live(&sample, &rates, 80, false, lines, sizeof lines);
    assert_string_equal(lines, "listing 1,200 files\nmemory 1 MiB  peak 1 MiB");
}

static void log_line(void **state)
{
    (void)state;
    char line[512];
    struct progress_sample sample = proving();
    struct progress_rates rates = some_rates();
    progress_line(&sample, &rates, "12:01:01", line, sizeof line);
    assert_string_equal(line, "12:01:01  proving 37/100 files, 1.4 GiB read, 1.2 GB/s, "
                              "410 M rows/s, memory 24 MiB, peak 31 MiB, ceiling 64 MiB, "
                              "ETA 1:14");
}

static void check_told(const struct progress_sample *sample, const char *expected)
{
    char told[PROGRESS_TOLD + 1];
    progress_told(sample, told);
    assert_int_equal(strlen(told), PROGRESS_TOLD);
    assert_memory_equal(told, expected, strlen(expected));
    assert_int_equal(strspn(told + strlen(expected), "\n"), PROGRESS_TOLD - strlen(expected));
}

static void told_from_outside(void **state)
{
    (void)state;
    struct progress_sample sample = {.phase = "proving", .unit = "files", .done = 37, .total = 100};
    check_told(&sample, "phase proving\nread 37 of 100 files");
    sample.total = 0;
    check_told(&sample, "phase proving\nread 37 files");
    sample.bytes_done = 5;
    sample.bytes_total = UINT64_MAX;
    check_told(&sample, "phase proving\nread 5 of 18446744073709551615 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_come_from_the_window),
        cmocka_unit_test(old_points_leave_the_window),
        cmocka_unit_test(counters_that_run_back_give_no_rate),
        cmocka_unit_test(fraction_is_by_bytes_else_by_phase),
        cmocka_unit_test(bars),
        cmocka_unit_test(live_lines),
        cmocka_unit_test(live_lines_never_pass_the_width),
        cmocka_unit_test(nothing_known_is_still_a_line),
        cmocka_unit_test(log_line),
        cmocka_unit_test(told_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
