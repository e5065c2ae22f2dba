/* Signals read from a descriptor, in the order in which they came. */
#include <unistd.h>

#include "cli/stop_signals.h"
#include "fixture.h"
#include "os/os.h"

static void what_comes_is_read_once(void **state)
{
    (void)state;
    struct stop_signals signals = {.descriptor = -1};
    struct error error;
    error_init(&error);
    assert_int_equal(stop_signals_take(&signals, &error), ERROR_NONE);
    assert_int_equal(stop_signals_next(&signals), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(stop_signals_next(&signals), SIGTERM);
    assert_int_equal(stop_signals_next(&signals), 0);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(stop_signals_next(&signals), SIGHUP);
    stop_signals_release(&signals);
    assert_int_equal(signals.descriptor, -1);
    stop_signals_release(&signals);
}

/* One that came before is not lost: the run does not begin. */
static void an_earlier_one_stops_it(void **state)
{
    (void)state;
    struct stop_signals signals = {.descriptor = -1};
    struct error error;
    error_init(&error);
    os_catch_stop_signals();
    assert_int_equal(kill(getpid(), SIGINT), 0);
    assert_int_equal(stop_signals_take(&signals, &error), ERROR_CANCELLED);
    stop_signals_release(&signals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_is_read_once),
        cmocka_unit_test(an_earlier_one_stops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
