#include <string.h>

#include "cli/reference.h"
#include "term/text.h"

#define WIDTH       88
#define HELP_COLUMN 26

static void write_paragraphs(FILE *stream, const char *text, unsigned indent)
{
    fprintf(stream, "%*s", (int)indent, "");
    text_wrap(stream, text, indent, WIDTH);
    fputc('\n', stream);
}

/* "  -o, --output PATH", then the explanation beside it or below. */
static void write_option(FILE *stream, const struct cli_option *option)
{
    char left[64], text[1024];
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    int used = snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name,
                        option->argument != NULL ? " " : "",
                        option->argument != NULL ? option->argument : "");
    fputs(left, stream);
    if (used + 2 > HELP_COLUMN)
        fprintf(stream, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(stream, "%*s", HELP_COLUMN - used, "");
    if (option->preset != NULL)
        snprintf(text, sizeof text, "%s [%s]", option->help, option->preset);
    else
        snprintf(text, sizeof text, "%s", option->help);
    text_wrap(stream, text, HELP_COLUMN, WIDTH);
    fputc('\n', stream);
}

static void write_options(FILE *stream, const struct cli_option *options)
{
    const char *section = "";
    for (; options->name != NULL; options++) {
        if (strcmp(section, options->section) != 0)
            fprintf(stream, "\n%s:\n", options->section);
        section = options->section;
        write_option(stream, options);
    }
}

static void write_examples(FILE *stream, const struct cli_example *example)
{
    fputs("\nExamples:\n", stream);
    for (; example->command != NULL; example++) {
        fprintf(stream, "  %s\n", example->command);
        write_paragraphs(stream, example->meaning, 6);
    }
}

void help_write_command(FILE *stream, const struct cli_command *command)
{
    fprintf(stream, "weir %s: %s\n\nUsage: weir %s%s%s\n\n", command->name, command->summary,
            command->name, command->usage[0] != '\0' ? " " : "", command->usage);
    write_paragraphs(stream, command->description, 0);
    write_options(stream, command->options);
    write_options(stream, cli_common_options);
    if (command->statuses != NULL) {
        fputs("\nExit status:\n", stream);
        write_paragraphs(stream, command->statuses, 2);
    }
    write_examples(stream, command->examples);
}

void help_write_overview(FILE *stream)
{
    fputs("weir adds up thousands of Parquet files by key, exactly, in a fixed amount of memory.\n"
          "\nUsage: weir COMMAND [OPTION...] [FILE...]\n\nCommands:\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        fprintf(stream, "  %-12s%s\n", command->name, command->summary);
    fputs("\nTo begin:\n"
          "  weir synth demo --files 5\n"
          "  weir sum --by path,Date --sum value demo\n"
          "\nweir help COMMAND explains a command, with examples.\n",
          stream);
}
