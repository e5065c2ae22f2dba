/* The table of commands is complete, and everything made from it follows it. */
#include "cli/reference.h"
#include "cli/table.h"
#include "fixture.h"

static void check_option(const struct cli_command *command, const struct cli_option *option)
{
    print_message("%s --%s\n", command->name, option->name);
    assert_non_null(option->help);
    assert_true(strlen(option->help) > 10);
    assert_int_equal(option->help[strlen(option->help) - 1], '.');
    assert_non_null(option->section);
    assert_int_equal(option->kind == CLI_FLAG, option->argument == NULL);
    assert_int_equal(option->kind == CLI_CHOICE, option->choices != NULL);
    assert_true(option->offset < command->arguments_size);
    for (const struct cli_option *other = command->options; other != option; other++) {
        assert_string_not_equal(other->name, option->name);
        assert_true(option->letter == 0 || other->letter != option->letter);
        assert_true(other->offset != option->offset);
    }
    for (const struct cli_option *common = cli_common_options; common->name != NULL; common++)
        assert_string_not_equal(common->name, option->name);
}

/* Options of one section must stand together, or help would print its heading twice. */
static void check_sections(const struct cli_command *command)
{
    for (const struct cli_option *a = command->options; a->name != NULL; a++)
        for (const struct cli_option *b = a + 1; b->name != NULL; b++)
            if (strcmp(a->section, b->section) == 0)
                assert_string_equal((b - 1)->section, b->section);
}

static void every_option_is_explained(void **state)
{
    (void)state;
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        assert_true(strlen(command->summary) > 10);
        assert_true(strlen(command->description) > 10);
        assert_non_null(command->run);
        assert_non_null(command->examples[0].command);
        assert_true(command->fewest_operands <= command->most_operands);
        check_sections(command);
        for (const struct cli_option *option = command->options; option->name != NULL; option++)
            check_option(command, option);
    }
}

static void presets_can_be_parsed(void **state)
{
    (void)state;
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        struct fixture fixture;
        char line[64];
        snprintf(line, sizeof line, "weir %s --help", command->name);
        assert_int_equal(fixture_parse(&fixture, line), ERROR_NONE);
        fixture_release(&fixture);
    }
}

/* Examples begin with a command that exists and use options that it has. */
static void examples_use_what_there_is(void **state)
{
    (void)state;
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        for (const struct cli_example *example = command->examples; example->command != NULL;
             example++) {
            char beginning[64];
            snprintf(beginning, sizeof beginning, "weir %s", command->name);
            assert_memory_equal(example->command, beginning, strlen(beginning));
            assert_true(strlen(example->meaning) > 8);
        }
    }
}

typedef void (*writer)(FILE *stream, const struct cli_command *command);

static char *written(writer write, const struct cli_command *command)
{
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    write(stream, command);
    fclose(stream);
    return text;
}

static void help_names_everything(void **state)
{
    (void)state;
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        char *text = written(help_write_command, command);
        for (const struct cli_option *option = command->options; option->name != NULL; option++) {
            char name[64];
            snprintf(name, sizeof name, "--%s", option->name);
            assert_non_null(strstr(text, name));
        }
        assert_non_null(strstr(text, command->examples[0].command));
        char *rest = text;
        for (char *line; (line = strsep(&rest, "\n")) != NULL;)
            assert_true(strlen(line) <= 92 || strstr(line, "weir ") != NULL);
        free(text);
    }
}

static void manual_pages_are_roff(void **state)
{
    (void)state;
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        char *text = written(man_write, command);
        assert_memory_equal(text, ".TH ", 4);
        assert_non_null(strstr(text, "\n.SH NAME\n"));
        assert_non_null(strstr(text, "\n.SH EXAMPLES\n"));
        assert_null(strstr(text, "\n'")); /* would be taken for a request */
        free(text);
    }
    char *text = written(man_write, NULL);
    assert_non_null(strstr(text, ".SH COMMANDS"));
    free(text);
}

static void completions_for_three_shells(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < 3; i++) {
        char *text;
        size_t size;
        FILE *stream = text_stream(&text, &size);
        assert_true(completion_write(stream, shells[i]));
        fclose(stream);
        assert_non_null(strstr(text, "weir"));
        assert_non_null(strstr(text, "dry-run"));
        assert_non_null(strstr(text, "pyarrow plain zstd polars spark"));
        free(text);
    }
    assert_false(completion_write(stdout, "csh"));
}

static void tables_line_up(void **state)
{
    (void)state;
    static const struct table_column columns[] = {{"name", false}, {"rows", true}, {"note", false}};
    static const char *const cells[] = {"a", "1", "", "längér", "12,000", "\x1b[0m"};
    struct fixture fixture;
    struct table table;
    assert_int_equal(fixture_parse(&fixture, "weir version"), ERROR_NONE);
    table_init(&table, &fixture.call.arena, columns, 3);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(table_add(&table, cells[i], &fixture.error), ERROR_NONE);
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    assert_int_equal(table_write(&table, stream, &fixture.error), ERROR_NONE);
    fclose(stream);
    assert_string_equal(text, "  name      rows  note\n"
                              "  a            1\n"
                              "  längér  12,000  \\x1b[0m\n");
    free(text);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_explained),
        cmocka_unit_test(presets_can_be_parsed),
        cmocka_unit_test(examples_use_what_there_is),
        cmocka_unit_test(help_names_everything),
        cmocka_unit_test(manual_pages_are_roff),
        cmocka_unit_test(completions_for_three_shells),
        cmocka_unit_test(tables_line_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
