/* What the command line asks of a batch, and what of it does not go together. */
#include "cli/batch_setting.h"
#include "fixture.h"

#define GIB (UINT64_C(1) << 30)

static const struct exec_arguments *arguments_of(const struct fixture *fixture)
{
    return fixture->call.arguments;
}

static void assert_refused(const char *line, const char *what)
{
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, line), ERROR_NONE);
    assert_int_equal(batch_check_arguments(arguments_of(&fixture), &fixture.error), ERROR_USAGE);
    assert_non_null(strstr(fixture.error.what, what));
    fixture_release(&fixture);
}

static void options_of_the_other_mode_are_refused(void **state)
{
    (void)state;
    static const char *const single[] = {"--output-dir x",    "--resume last", "--jobs 2",
                                         "--job-memory 1GiB", "--attempts 2",  "--fail-fast",
                                         "--wait 1s",         "--dry-run",     "--log-size 1MiB"};
    static const char *const batch[] = {"--timeout 1s", "--processes 5", "--report x",
                                        "--samples x"};
    char line[128];
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        snprintf(line, sizeof line, "weir exec %s -- true", single[i]);
        assert_refused(line, "means nothing without --batch");
    }
    for (size_t i = 0; i < sizeof batch / sizeof batch[0]; i++) {
        snprintf(line, sizeof line, "weir exec --batch x %s", batch[i]);
        assert_refused(line, "means nothing with --batch");
    }
}

static void figures_have_their_range(void **state)
{
    (void)state;
    assert_refused("weir exec --batch x --jobs 1000001", "--jobs: there can be 1000000 at most");
    assert_refused("weir exec --batch x --attempts 1001", "--attempts: there can be 1000 at most");
    assert_refused("weir exec --batch x --log-size 100", "--log-size: a log keeps at least 4096");
    assert_refused("weir exec --batch x --cpus 0.001", "--cpus: 0.001 is not a number");
}

static void a_batch_takes_no_operands(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, "weir exec --batch x y --json"), ERROR_USAGE);
    assert_non_null(strstr(fixture.error.what, "no place for \"y\""));
    assert_true(fixture.call.is_bare);
    fixture_release(&fixture);
    assert_int_equal(fixture_parse(&fixture, "weir exec cat --batch x"), ERROR_NONE);
    assert_false(fixture.call.is_bare); /* the command's own */
    assert_null(arguments_of(&fixture)->batch);
    fixture_release(&fixture);
    assert_int_equal(fixture_parse(&fixture, "weir exec --report --batch x"), ERROR_NONE);
    assert_false(fixture.call.is_bare); /* a value */
    fixture_release(&fixture);
    assert_int_equal(fixture_parse(&fixture, "weir exec --batch=x"), ERROR_NONE);
    assert_true(fixture.call.is_bare);
    fixture_release(&fixture);
}

static struct batch_setting setting_of(const char *line)
{
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, line), ERROR_NONE);
    assert_int_equal(batch_check_arguments(arguments_of(&fixture), &fixture.error), ERROR_NONE);
    struct batch_setting setting = batch_setting_make(arguments_of(&fixture), 10 * GIB, 4);
    fixture_release(&fixture);
    return setting;
}

static void what_is_not_said(void **state)
{
    (void)state;
    struct batch_setting setting = setting_of("weir exec --batch x");
    assert_int_equal(setting.pool.memory, 9 * GIB);
    assert_int_equal(setting.pool.milli_cpus, 4000);
    assert_int_equal(setting.presets.memory, GIB);
    assert_int_equal(setting.presets.retry.stop_after_attempt, 1);
    assert_int_equal(setting.log_most, 16 << 20);
    assert_string_equal(setting.folder, "weir-out");
    assert_int_equal(setting_of("weir exec --batch x --memory 100MiB").presets.memory, 100 << 20);
}

static void what_is_said(void **state)
{
    (void)state;
    struct batch_setting setting = setting_of("weir exec --batch x --memory 2GiB --cpus 1.5 "
                                              "--job-memory 64MiB --attempts 3 --log-size 8KiB");
    assert_int_equal(setting.pool.memory, 2 * GIB);
    assert_int_equal(setting.pool.milli_cpus, 1500);
    assert_int_equal(setting.presets.memory, 64 << 20);
    assert_int_equal(setting.presets.retry.stop_after_attempt, 3);
    assert_int_equal(setting.log_most, 8192);
}

static void descriptors_bound_what_runs(void **state)
{
    (void)state;
    assert_int_equal(batch_running_most(100, 1024), 100);
    assert_int_equal(batch_running_most(1000, 1024), (1024 - 64) / 4);
    assert_int_equal(batch_running_most(1000, 66), 1);
    assert_int_equal(batch_running_most(1000, 0), 1);
    assert_int_equal(batch_running_most(0, 1024), 1);
    assert_true(batch_raise_descriptors(1) >= 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_the_other_mode_are_refused),
        cmocka_unit_test(figures_have_their_range),
        cmocka_unit_test(a_batch_takes_no_operands),
        cmocka_unit_test(what_is_not_said),
        cmocka_unit_test(what_is_said),
        cmocka_unit_test(descriptors_bound_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
