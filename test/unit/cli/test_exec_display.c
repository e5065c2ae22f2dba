/* The curve of memory and its line, without a terminal or a clock. */
#include "cli/exec_display.h"
#include "fixture.h"
#include "term/text.h"

#define MIB    UINT64_C(1048576)
#define SECOND UINT64_C(1000000000)

static void a_curve_grows_by_one_column_a_point(void **state)
{
    (void)state;
    struct exec_curve curve = {0};
    char text[256];
    assert_string_equal(exec_curve_draw(&curve, 8, true, text, sizeof text), "");
    for (uint64_t i = 0; i < 8; i++)
        exec_curve_add(&curve, i);
    assert_string_equal(exec_curve_draw(&curve, 8, true, text, sizeof text), "▁▂▃▄▅▆▇█");
    assert_string_equal(exec_curve_draw(&curve, 8, false, text, sizeof text), "_.,-=+*#");
    assert_string_equal(exec_curve_draw(&curve, 4, false, text, sizeof text), "_,=*####");
    assert_string_equal(exec_curve_draw(&curve, 0, false, text, sizeof text), "_#######");
}

/* However long a run: never more columns than there are, and a peak is never lost. */
static void a_long_run_keeps_its_peaks(void **state)
{
    (void)state;
    struct exec_curve curve = {0};
    for (uint64_t i = 0; i < 100000; i++) {
        exec_curve_add(&curve, i == 777 ? 1000 : i % 7);
        assert_true(curve.count <= EXEC_CURVE_COLUMNS);
        assert_true(curve.points_last <= curve.points_each);
    }
    size_t peaks = 0;
    for (size_t i = 0; i < curve.count; i++)
        peaks += curve.columns[i] == 1000;
    assert_int_equal(peaks, 1);
    assert_int_equal(curve.columns[0], 1000);
    assert_true(curve.count > EXEC_CURVE_COLUMNS / 2);
}

static const struct exec_moment moment = {
    .elapsed_ns = 12 * SECOND,
    .memory = 512 * MIB,
    .peak = 1024 * MIB,
    .limit = 2048 * MIB,
    .processes = 3,
};

static void the_line_says_now_limit_and_peak(void **state)
{
    (void)state;
    struct exec_curve curve = {0};
    char text[512];
    exec_curve_add(&curve, 256 * MIB);
    exec_curve_add(&curve, 1024 * MIB);
    exec_curve_add(&curve, 512 * MIB);
    assert_string_equal(exec_display_line(&curve, &moment, 100, true, text, sizeof text),
                        "▂▅▃ · memory 512 MiB of 2 GiB · peak 1 GiB · 12.0 s · 3 processes");
    struct exec_moment free_moment = moment;
    free_moment.limit = 0;
    free_moment.processes = 1;
    assert_string_equal(exec_display_line(&curve, &free_moment, 100, false, text, sizeof text),
                        ",#=  memory 512 MiB  peak 1 GiB  12.0 s");
}

static void no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    struct exec_curve curve = {0};
    char text[512];
    for (uint64_t i = 0; i < 1000; i++)
        exec_curve_add(&curve, i * MIB);
    for (unsigned width = 0; width < 120; width++) {
        exec_display_line(&curve, &moment, width, true, text, sizeof text);
        assert_true(text_width(text) <= width);
        if (width >= 23)
            assert_non_null(strstr(text, "512 MiB of 2 GiB"));
    }
}

static void where_and_when_it_is_drawn(void **state)
{
    (void)state;
    struct exec_display display;
    const struct terminal terminal = {.stderr_is_tty = true, .redraws = true}, file = {0};
    exec_display_init(&display, DISPLAY_AUTO, &terminal, 5 * SECOND);
    assert_true(display.shown && display.pace.live);
    assert_true(display.draw_at > 5 * SECOND && display.draw_at < 6 * SECOND);
    exec_display_init(&display, DISPLAY_AUTO, &file, 5 * SECOND);
    assert_true(display.shown && !display.pace.live);
    assert_int_equal(display.draw_at, 15 * SECOND); /* short runs leave logs alone */
    exec_display_init(&display, DISPLAY_NEVER, &terminal, 5 * SECOND);
    assert_int_equal(exec_display_wake_at(&display), UINT64_MAX);
    exec_display_update(&display, &moment, 50 * SECOND);
    assert_false(display.drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_grows_by_one_column_a_point),
        cmocka_unit_test(a_long_run_keeps_its_peaks),
        cmocka_unit_test(the_line_says_now_limit_and_peak),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(where_and_when_it_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
