#include <string.h>

#include "cli/reference.h"

/* Text within single quotes of a shell; also replaces characters that zsh's specs give a meaning.
 */
static void write_quoted(FILE *stream, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else if (strchr(special, *text) != NULL)
            fprintf(stream, "\\%c", *text);
        else
            fputc(*text, stream);
    }
}

static void write_words(FILE *stream, const char *const *words)
{
    for (const char *const *word = words; *word != NULL; word++)
        fprintf(stream, "%s%s", word == words ? "" : " ", *word);
}

static bool takes_path(const struct cli_option *option)
{
    return option->kind == CLI_TEXT && strcmp(option->argument, "PATH") == 0;
}

static void write_command_names(FILE *stream)
{
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        fprintf(stream, "%s%s", command == cli_commands ? "" : " ", command->name);
}

static void bash_option_names(FILE *stream, const struct cli_option *options)
{
    for (; options->name != NULL; options++) {
        fprintf(stream, " --%s", options->name);
        if (options->letter != 0)
            fprintf(stream, " -%c", options->letter);
    }
}

/* Completion after an option that takes a value. */
static void bash_values(FILE *stream, const struct cli_command *command)
{
    for (const struct cli_option *option = command->options; option->name != NULL; option++) {
        if (option->kind == CLI_FLAG)
            continue;
        fprintf(stream, "    %s:--%s", command->name, option->name);
        if (option->letter != 0)
            fprintf(stream, "|%s:-%c", command->name, option->letter);
        fputs(") ", stream);
        if (option->choices != NULL) {
            fputs("COMPREPLY=($(compgen -W '", stream);
            write_words(stream, option->choices);
            fputs("' -- \"$word\")); ", stream);
        } else if (takes_path(option)) {
            fputs("COMPREPLY=($(compgen -f -- \"$word\")); ", stream);
        }
        fputs("return ;;\n", stream);
    }
}

static void bash_command(FILE *stream, const struct cli_command *command)
{
    fprintf(stream, "    %s) options='", command->name);
    bash_option_names(stream, command->options);
    bash_option_names(stream, cli_common_options);
    fputs("'; operands='", stream);
    if (command->operand_choices != NULL)
        write_words(stream, command->operand_choices);
    fputs("' ;;\n", stream);
}

static void bash_write(FILE *stream)
{
    fputs("# bash completion for weir, made by: weir completion bash\n"
          "_weir()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command=${COMP_WORDS[1]} options='' operands=''\n"
          "    if [ \"$word\" = '=' ]; then\n" /* "=" is a word of its own to bash */
          "        word=''\n"
          "    elif [ \"$before\" = '=' ]; then\n"
          "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    fi\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W '",
          stream);
    write_command_names(stream);
    fputs(" --help --version' -- \"$word\"))\n        return\n    fi\n"
          "    case $command:$before in\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        bash_values(stream, command);
    fputs("    esac\n    case $command in\n", stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        bash_command(stream, command);
    fputs("    esac\n"
          "    case $word in\n"
          "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *) if [ -n \"$operands\" ]; then\n"
          "           COMPREPLY=($(compgen -W \"$operands\" -- \"$word\"))\n"
          "       else\n"
          "           COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "       fi ;;\n"
          "    esac\n}\n"
          "complete -o filenames -F _weir weir\n",
          stream);
}

static void zsh_option(FILE *stream, const struct cli_option *option)
{
    bool repeats = option->kind == CLI_NAMES || option->kind == CLI_ITEMS;
    const char *value = option->argument != NULL ? "=" : "";
    if (option->letter != 0)
        fprintf(stream, "        '(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name,
                option->letter, option->argument != NULL ? "+" : "", option->name, value);
    else
        fprintf(stream, "        '%s--%s%s[", repeats ? "*" : "", option->name, value);
    write_quoted(stream, option->help, "[]\\:");
    fputc(']', stream);
    if (option->argument != NULL) {
        fputc(':', stream);
        write_quoted(stream, option->argument, "[]\\:");
        fputc(':', stream);
        if (option->choices != NULL) {
            fputc('(', stream);
            write_words(stream, option->choices);
            fputc(')', stream);
        } else if (takes_path(option)) {
            fputs("_files", stream);
        }
    }
    fputs("' \\\n", stream);
}

static void zsh_command(FILE *stream, const struct cli_command *command)
{
    fprintf(stream, "    %s) _arguments -S \\\n", command->name);
    for (const struct cli_option *option = command->options; option->name != NULL; option++)
        zsh_option(stream, option);
    for (const struct cli_option *option = cli_common_options; option->name != NULL; option++)
        zsh_option(stream, option);
    fputs("        '*:", stream);
    if (command->operand_choices != NULL) {
        fputs("choice:(", stream);
        write_words(stream, command->operand_choices);
        fputs(")' ;;\n", stream);
    } else {
        fputs("file:_files' ;;\n", stream);
    }
}

static void zsh_write(FILE *stream)
{
    fputs("#compdef weir\n# zsh completion for weir, made by: weir completion zsh\n"
          "_weir() {\n    local -a commands\n    commands=(\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++) {
        fprintf(stream, "        '%s:", command->name);
        write_quoted(stream, command->summary, ":");
        fputs("'\n", stream);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe command commands\n"
          "        return\n    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case $command in\n",
          stream);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        zsh_command(stream, command);
    /* Found in fpath, the file is the function's body; sourced, it registers the function. */
    fputs("    esac\n}\n"
          "if [ \"$funcstack[1]\" = _weir ]; then _weir \"$@\"; else compdef _weir weir; fi\n",
          stream);
}

static void fish_option(FILE *stream, const char *command, const struct cli_option *option)
{
    fprintf(stream, "complete -c weir -n '__fish_seen_subcommand_from %s' -l %s", command,
            option->name);
    if (option->letter != 0)
        fprintf(stream, " -s %c", option->letter);
    if (option->choices != NULL) {
        fputs(" -x -a '", stream);
        write_words(stream, option->choices);
        fputc('\'', stream);
    } else if (takes_path(option)) {
        fputs(" -r", stream);
    } else if (option->kind != CLI_FLAG) {
        fputs(" -x", stream);
    }
    fputs(" -d \"", stream);
    for (const char *text = option->help; *text != '\0'; text++)
        fprintf(stream, strchr("\"\\$", *text) != NULL ? "\\%c" : "%c", *text);
    fputs("\"\n", stream);
}

static void fish_command(FILE *stream, const struct cli_command *command)
{
    fprintf(stream, "complete -c weir -n __fish_use_subcommand -f -a %s -d '", command->name);
    write_quoted(stream, command->summary, "\\");
    fputs("'\n", stream);
    for (const struct cli_option *option = command->options; option->name != NULL; option++)
        fish_option(stream, command->name, option);
    for (const struct cli_option *option = cli_common_options; option->name != NULL; option++)
        fish_option(stream, command->name, option);
    if (command->operand_choices == NULL)
        return;
    fprintf(stream, "complete -c weir -n '__fish_seen_subcommand_from %s' -f -a '", command->name);
    write_words(stream, command->operand_choices);
    fputs("'\n", stream);
}

bool completion_write(FILE *stream, const char *shell)
{
    if (strcmp(shell, "bash") == 0) {
        bash_write(stream);
    } else if (strcmp(shell, "zsh") == 0) {
        zsh_write(stream);
    } else if (strcmp(shell, "fish") == 0) {
        fputs("# fish completion for weir, made by: weir completion fish\n", stream);
        for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
            fish_command(stream, command);
    } else {
        return false;
    }
    return true;
}
