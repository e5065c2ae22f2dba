/*
 * What the table of commands says, written down: help, manual pages, shell completions.
 */
#ifndef WEIR_CLI_REFERENCE_H
#define WEIR_CLI_REFERENCE_H

#include "cli/command.h"

/* The list of commands, and how to begin. */
void help_write_overview(FILE *stream);
/* One command: what it does, options by section, examples. */
void help_write_command(FILE *stream, const struct cli_command *command);

/* A manual page in roff's man macros; command NULL: the page of weir itself. */
void man_write(FILE *stream, const struct cli_command *command);

/* A completion script; false when there is none for the shell. */
CHECKED bool completion_write(FILE *stream, const char *shell);

#endif
