#include "cli/reference.h"

/* A character as roff wants it: "-" as it is typed, "\" and quotes visible. */
static void write_character(FILE *stream, char character)
{
    switch (character) {
    case '\\':
        fputs("\\e", stream);
        break;
    case '-':
        fputs("\\-", stream);
        break;
    case '\'':
        fputs("\\(aq", stream);
        break;
    case '~':
        fputs("\\(ti", stream);
        break;
    default:
        fputc(character, stream);
    }
}

/* Text without an accidental request at its start; an empty line begins a new paragraph. */
static void write_roff(FILE *stream, const char *text)
{
    bool starts = true;
    for (; *text != '\0'; text++) {
        if (text[0] == '\n' && text[1] == '\n') {
            fputs("\n.PP\n", stream);
            text++;
            starts = true;
            continue;
        }
        if (starts && *text == '.')
            fputs("\\&", stream);
        write_character(stream, *text);
        starts = *text == '\n';
    }
}

static void write_option(FILE *stream, const struct cli_option *option)
{
    fputs(".TP\n", stream);
    if (option->letter != 0)
        fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", stream);
    write_roff(stream, option->name);
    fputs("\\fR", stream);
    if (option->argument != NULL) {
        fputs(" \\fI", stream);
        write_roff(stream, option->argument);
        fputs("\\fR", stream);
    }
    fputc('\n', stream);
    write_roff(stream, option->help);
    if (option->preset != NULL) {
        fputs(" Default: ", stream);
        write_roff(stream, option->preset);
        fputc('.', stream);
    }
    fputc('\n', stream);
}

static void write_options(FILE *stream, const struct cli_option *options)
{
    for (; options->name != NULL; options++)
        write_option(stream, options);
}

static void write_examples(FILE *stream, const struct cli_example *example)
{
    fputs(".SH EXAMPLES\n", stream);
    for (; example->command != NULL; example++) {
        fputs(".PP\n", stream);
        write_roff(stream, example->meaning);
        fputs("\n.PP\n.RS 4\n.EX\n", stream);
        write_roff(stream, example->command);
        fputs("\n.EE\n.RE\n", stream);
    }
}

#define USUAL_STATUSES                                                                             \
    "0 when done, 1 when it failed or when compared files differ, 2 when the command line is "     \
    "wrong, 128 plus the number of the signal that stopped it."

static void write_surroundings(FILE *stream, const char *statuses)
{
    fputs(".SH EXIT STATUS\n", stream);
    write_roff(stream, statuses != NULL ? statuses : USUAL_STATUSES);
    fputs("\n.SH ENVIRONMENT\n"
          ".TP\n.B NO_COLOR\nNo colours on standard error.\n"
          ".TP\n.B TERM\nWith the value dumb, nothing is drawn over.\n"
          ".TP\n.B TMPDIR\nFolder for temporary files.\n"
          ".TP\n.B WEIR_KERNELS\nscalar, avx2 or avx512: use no newer instruction set.\n",
          stream);
}

static void write_command_page(FILE *stream, const struct cli_command *command)
{
    fprintf(stream, ".TH \"WEIR\\-%s\" 1 \"\" \"weir %s\" \"weir manual\"\n.SH NAME\n",
            command->name, WEIR_VERSION);
    fprintf(stream, "weir\\-%s \\- ", command->name);
    write_roff(stream, command->summary);
    fprintf(stream, "\n.SH SYNOPSIS\n\\fBweir %s\\fR ", command->name);
    write_roff(stream, command->usage);
    fputs("\n.SH DESCRIPTION\n", stream);
    write_roff(stream, command->description);
    fputs("\n.SH OPTIONS\n", stream);
    write_options(stream, command->options);
    write_options(stream, cli_common_options);
    write_examples(stream, command->examples);
    write_surroundings(stream, command->statuses);
}

static void write_overview_page(FILE *stream)
{
    fprintf(stream, ".TH WEIR 1 \"\" \"weir %s\" \"weir manual\"\n.SH NAME\n", WEIR_VERSION);
    fputs("weir \\- add up Parquet files by key, exactly, in a fixed amount of memory\n"
          ".SH SYNOPSIS\n\\fBweir\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIFILE\\fR...]\n"
          ".SH COMMANDS\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        fprintf(stream, ".TP\n\\fBweir %s\\fR\n", command->name);
        write_roff(stream, command->summary);
        fputs(".\n", stream);
    }
    write_surroundings(stream, NULL);
}

void man_write(FILE *stream, const struct cli_command *command)
{
    if (command != NULL)
        write_command_page(stream, command);
    else
        write_overview_page(stream);
}
