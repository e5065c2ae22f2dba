#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>

#include "term/display.h"
#include "term/terminal.h"

static void a_terminal_is_drawn_on_in_colour(void **state)
{
    (void)state;
    struct terminal_environment environment = {.term = "xterm", .lang = "en_GB.UTF-8"};
    struct terminal terminal = terminal_decide(true, true, &environment);
    assert_true(terminal.redraws);
    assert_true(terminal.colour);
    assert_true(terminal.utf8);
}

static void no_color_dumb_and_pipes_are_respected(void **state)
{
    (void)state;
    struct terminal_environment environment = {.term = "xterm", .no_color = "1"};
    assert_false(terminal_decide(true, true, &environment).colour);
    assert_true(terminal_decide(true, true, &environment).redraws);
    environment = (struct terminal_environment){.term = "xterm", .no_color = ""};
    assert_true(terminal_decide(true, true, &environment).colour);
    environment = (struct terminal_environment){.term = "dumb"};
    assert_false(terminal_decide(true, true, &environment).redraws);
    assert_false(terminal_decide(true, true, &environment).colour);
    environment = (struct terminal_environment){.term = "xterm"};
    assert_false(terminal_decide(true, false, &environment).redraws);
}

static void the_first_locale_that_is_set_decides(void **state)
{
    (void)state;
    struct terminal_environment environment = {.lc_all = "C", .lang = "de_DE.UTF-8"};
    assert_false(terminal_decide(true, true, &environment).utf8);
    environment = (struct terminal_environment){.lc_all = "", .lc_ctype = "C.utf8", .lang = "C"};
    assert_true(terminal_decide(true, true, &environment).utf8);
    environment = (struct terminal_environment){0};
    assert_false(terminal_decide(true, true, &environment).utf8);
}

static void pace_follows_mode_and_terminal(void **state)
{
    (void)state;
    struct terminal live = {.redraws = true}, plain = {0};
    assert_true(display_pace_of(DISPLAY_AUTO, &live).live);
    assert_int_equal(display_pace_of(DISPLAY_AUTO, &live).every_ns, 100000000);
    assert_int_equal(display_pace_of(DISPLAY_AUTO, &plain).first_ns, 2000000000);
    assert_false(display_pace_of(DISPLAY_ALWAYS, &plain).live);
    assert_int_equal(display_pace_of(DISPLAY_ALWAYS, &plain).first_ns, 0);
}

static void never_called(const void *context, struct progress_sample *ret)
{
    (void)context;
    (void)ret;
    fail();
}

static void a_display_that_never_shows_starts_nothing(void **state)
{
    (void)state;
    struct display display;
    struct display_options options = {.mode = DISPLAY_NEVER, .sample = never_called};
    display_start(&display, &options);
    assert_false(display.running);
    display_stop(&display);
    display_stop(&display);
}

static void count_calls(const void *context, struct progress_sample *ret)
{
    ret->phase = "testing";
    ret->unit = "files";
    atomic_int *calls = *(atomic_int *const *)context;
    atomic_fetch_add(calls, 1);
}

/* In a pipe nothing is shown before two seconds: only sampled. */
static void a_display_ends_when_told(void **state)
{
    (void)state;
    atomic_int calls = 0;
    atomic_int *pointer = &calls;
    struct display display;
    struct display_options options = {
        .mode = DISPLAY_AUTO, .sample = count_calls, .context = &pointer};
    for (int round = 0; round < 20; round++) {
        display_start(&display, &options);
        assert_true(display.running);
        display_stop(&display);
        assert_false(display.running);
    }
    assert_true(calls >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_is_drawn_on_in_colour),
        cmocka_unit_test(no_color_dumb_and_pipes_are_respected),
        cmocka_unit_test(the_first_locale_that_is_set_decides),
        cmocka_unit_test(pace_follows_mode_and_terminal),
        cmocka_unit_test(a_display_that_never_shows_starts_nothing),
        cmocka_unit_test(a_display_ends_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
