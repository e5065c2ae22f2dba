/* Command lines, right and wrong. */
#include "fixture.h"

static const struct sum_arguments *sum_of(const struct fixture *fixture)
{
    return fixture->call.arguments;
}

static void all_kinds_of_options(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(
        fixture_parse(&fixture, "weir sum --by path,Date --sum=value a.parquet -o out.csv "
                                "--memory 64MiB --threads=3 --dry-run b.parquet --progress never "
                                "--format csv -q --rows 0"),
        ERROR_NONE);
    const struct sum_arguments *sum = sum_of(&fixture);
    assert_string_equal(fixture.call.command->name, "sum");
    assert_int_equal(sum->by.count, 2);
    assert_string_equal(sum->by.items[0], "path");
    assert_string_equal(sum->by.items[1], "Date");
    assert_int_equal(sum->sums.count, 1);
    assert_string_equal(sum->output, "out.csv");
    assert_int_equal(sum->memory, 64 << 20);
    assert_int_equal(sum->threads, 3);
    assert_int_equal(sum->rows, 0);
    assert_string_equal(sum->progress, "never");
    assert_true(sum->dry_run && sum->quiet);
    assert_false(sum->explain || sum->json || sum->sort || sum->overwrite);
    assert_int_equal(fixture.call.operand_count, 2);
    assert_string_equal(fixture.call.operands[0], "a.parquet");
    assert_string_equal(fixture.call.operands[1], "b.parquet");
    fixture_release(&fixture);
}

static void presets_come_from_the_table(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, "weir synth demo"), ERROR_NONE);
    const struct synth_arguments *synth = fixture.call.arguments;
    assert_int_equal(synth->paths, 50000);
    assert_int_equal(synth->dates, 120);
    assert_string_equal(synth->layout, "pyarrow");
    fixture_release(&fixture);
    assert_int_equal(fixture_parse(&fixture, "weir diff a b"), ERROR_NONE);
    const struct diff_arguments *diff = fixture.call.arguments;
    assert_true(diff->tolerance == 0);
    assert_int_equal(diff->memory, 1 << 30);
    fixture_release(&fixture);
}

struct operands_case {
    const char *line;
    size_t operands;
    const char *last;
    bool dry_run;
};

static void operands_and_the_end_of_options(void **state)
{
    (void)state;
    static const struct operands_case cases[] = {
        {"weir sum a --dry-run b", 2, "b", true},
        {"weir sum -n -- --json", 1, "--json", true},
        {"weir sum -- -n -q", 2, "-q", false},
        {"weir sum -n -", 1, "-", true},
        {"weir sum -nq x", 1, "x", true},
        {"weir sum -nofile x", 1, "x", true},
        {"weir sum -no file x", 1, "x", true},
        {"weir sum -- --", 1, "--", false},
        {"weir sum ''", 1, "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        assert_int_equal(fixture_parse(&fixture, cases[i].line), ERROR_NONE);
        size_t count = fixture.call.operand_count;
        assert_int_equal(count, cases[i].operands);
        assert_string_equal(fixture.call.operands[count - 1], cases[i].last);
        assert_int_equal(sum_of(&fixture)->dry_run, cases[i].dry_run);
        fixture_release(&fixture);
    }
}

static void names_with_commas_and_repeated_lists(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(
        fixture_parse(&fixture, "weir sum --by a\\,b,c --by d\\\\e --agg sum:x\\=y,count:* f"),
        ERROR_NONE);
    const struct sum_arguments *sum = sum_of(&fixture);
    assert_int_equal(sum->by.count, 3);
    assert_string_equal(sum->by.items[0], "a,b");
    assert_string_equal(sum->by.items[1], "c");
    assert_string_equal(sum->by.items[2], "d\\e");
    assert_int_equal(sum->aggregates.count, 2);
    assert_string_equal(sum->aggregates.items[0], "sum:x\\=y"); /* as written */
    fixture_release(&fixture);
}

struct wrong_case {
    const char *line;
    const char *what; /* a part of the message */
    const char *hint; /* a part of the hint */
};

static void wrong_lines_say_what_to_write(void **state)
{
    (void)state;
    static const struct wrong_case cases[] = {
        {"weir smu", "there is no command \"smu\"; did you mean weir sum?", ""},
        {"weir xyzzy", "no command", "weir help"},
        {"weir --by a", "no command before --by", "weir sum --by"},
        {"weir sum f --memmory 1G", "no option --memmory; did you mean --memory?", ""},
        {"weir sum f --mem=1G", "no option --mem; did you mean --memory?", ""},
        {"weir sum f --xyzzy", "no option --xyzzy", "weir help sum"},
        {"weir sum f -Z", "no option -Z", "weir help sum"},
        {"weir sum f --memory", "--memory needs a value", "--memory SIZE"},
        {"weir sum f -o", "--output needs a value", "--output PATH"},
        {"weir sum f --memory 64Q", "\"64Q\" is not a size", "64MiB"},
        {"weir sum f --memory 0", "is not a size", ""},
        {"weir sum f --threads -1", "whole number", ""},
        {"weir sum f --threads 1.5", "whole number", ""},
        {"weir sum f --threads 99999999999999999999", "whole number", ""},
        {"weir sum f --threads ''", "whole number", ""},
        {"weir sum f --dry-run=yes", "--dry-run takes no value", ""},
        {"weir sum f --format parqet", "did you mean parquet?", "one of parquet, csv"},
        {"weir sum f --progress x", "\"x\"", "auto, always, never"},
        {"weir sum f --by a,,b", "empty name", "\\,"},
        {"weir sum f --by ''", "empty name", ""},
        {"weir sum f --by a,", "empty name", ""},
        {"weir sum --by a", "weir sum needs a FILE", "weir sum [--by COLUMNS]"},
        {"weir sum f --stdin arrow", "with --stdin there is no place for \"f\"", ""},
        {"weir sum --stdin csv", "\"csv\" is not one of its choices", "one of arrow"},
        {"weir sum f --where", "--where needs a value", "--where FILTER"},
        {"weir sum f --rename ''", "empty name", ""},
        {"weir sum f --no-cache=1", "--no-cache takes no value", ""},
        {"weir sum f --cahce c", "did you mean --cache?", ""},
        {"weir diff a", "needs another FILE", "LEFT RIGHT"},
        {"weir diff a b c", "what to do with \"c\"", "LEFT RIGHT"},
        {"weir diff a b --tolerance -1", "number", ""},
        {"weir diff a b --tolerance nan", "number", ""},
        {"weir diff a b --tolerance 1e999", "number", ""},
        {"weir exec", "weir exec needs a COMMAND", "[--] COMMAND"},
        {"weir exec --timeout soon x", "--timeout: \"soon\" is not a time", "250ms, 30s"},
        {"weir exec --timeout 5x x", "\"5x\" is not a time", ""},
        {"weir exec --timout 5s x", "did you mean --timeout?", ""},
        {"weir exec --memory", "--memory needs a value", "--memory SIZE"},
        {"weir doctor now", "what to do with \"now\"", ""},
        {"weir version now", "what to do with \"now\"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        assert_int_equal(fixture_parse(&fixture, cases[i].line), ERROR_USAGE);
        if (strstr(fixture.error.what, cases[i].what) == NULL ||
            strstr(fixture.error.hint, cases[i].hint) == NULL)
            fail_msg("%s: \"%s\", \"%s\"", cases[i].line, fixture.error.what, fixture.error.hint);
        fixture_release(&fixture);
    }
}

static void help_needs_no_operands(void **state)
{
    (void)state;
    static const char *const lines[] = {"weir sum --help", "weir diff -h", "weir synth x -h"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct fixture fixture;
        assert_int_equal(fixture_parse(&fixture, lines[i]), ERROR_NONE);
        assert_true(fixture.call.wants_help);
        fixture_release(&fixture);
    }
}

static void commands_have_option_forms(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"weir", "help"},
                                           {"weir --help", "help"},
                                           {"weir -h", "help"},
                                           {"weir --version", "version"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct fixture fixture;
        assert_int_equal(fixture_parse(&fixture, pairs[i][0]), ERROR_NONE);
        assert_string_equal(fixture.call.command->name, pairs[i][1]);
        fixture_release(&fixture);
    }
}

static void json_is_seen_in_a_wrong_line(void **state)
{
    (void)state;
    static const char *const asks[] = {"weir", "sum", "--nonsense", "--json"};
    static const char *const quotes[] = {"weir", "sum", "--", "--json"};
    assert_true(cli_asks_for_json(4, (char **)asks));
    assert_false(cli_asks_for_json(4, (char **)quotes));
}

/* What stands behind a program's name belongs to the program. */
static void options_end_at_a_program(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t operands;
        bool json; /* asked of weir */
    } cases[] = {
        {"weir exec --json python job.py", 2, true},
        {"weir exec python job.py --json", 3, false},
        {"weir exec python --help", 2, false},
        {"weir exec --memory 2GiB --json -- job --memory 1", 3, true},
        {"weir exec --memory 2GiB -- --json", 1, false},
        {"weir exec sh -- --json", 3, false},
        {"weir exec -q - --json", 2, false},
        {"weir exec --env A,B --env-all --json -- x", 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        assert_int_equal(fixture_parse(&fixture, cases[i].line), ERROR_NONE);
        const struct exec_arguments *exec = fixture.call.arguments;
        assert_int_equal(fixture.call.operand_count, cases[i].operands);
        assert_null(fixture.call.operands[cases[i].operands]); /* as execve wants it */
        assert_int_equal(exec->json, cases[i].json);
        assert_int_equal(cli_asks_for_json(fixture.call.argc, fixture.call.argv), cases[i].json);
        assert_false(fixture.call.wants_help);
        fixture_release(&fixture);
    }
}

static void limits_of_a_program(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, "weir exec --memory 1.5GiB --cpus 0.5 --timeout=1.5h "
                                             "--processes 20 --env A,B_* x"),
                     ERROR_NONE);
    const struct exec_arguments *exec = fixture.call.arguments;
    assert_int_equal(exec->memory, (uint64_t)3 << 29);
    assert_true(exec->cpus == 0.5);
    assert_int_equal(exec->timeout_ns, UINT64_C(5400000000000));
    assert_int_equal(exec->grace_ns, UINT64_C(10000000000));
    assert_int_equal(exec->processes, 20);
    assert_int_equal(exec->environment.count, 2);
    assert_string_equal(exec->progress, "auto");
    fixture_release(&fixture);
}

/* Every allocation of a parse may fail: an error each time, nothing left behind. */
static void memory_may_end_anywhere(void **state)
{
    (void)state;
    struct fixture fixture;
    enum error_code code;
    uint64_t n = 1;
    do {
        mem_fail_allocation(n++);
        code = fixture_parse(&fixture, "weir sum --by a,b,c --agg sum:x,min:y f g");
        fixture_release(&fixture);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
    } while (code != ERROR_NONE);
    mem_fail_allocation(0);
    assert_true(n > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_options),
        cmocka_unit_test(presets_come_from_the_table),
        cmocka_unit_test(operands_and_the_end_of_options),
        cmocka_unit_test(names_with_commas_and_repeated_lists),
        cmocka_unit_test(wrong_lines_say_what_to_write),
        cmocka_unit_test(help_needs_no_operands),
        cmocka_unit_test(commands_have_option_forms),
        cmocka_unit_test(json_is_seen_in_a_wrong_line),
        cmocka_unit_test(options_end_at_a_program),
        cmocka_unit_test(limits_of_a_program),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
