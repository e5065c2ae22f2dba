/*
 * "Did you mean ...?" for options and commands: the nearest name, added to an error's message.
 */
#ifndef WEIR_CLI_SUGGEST_H
#define WEIR_CLI_SUGGEST_H

#include "base/suggest.h"
#include "cli/command.h"

/* Each adds the nearest name to the message, where there is one, else a hint where to look. */
void suggest_option(const char *wrong, const struct cli_command *command, struct error *error);
void suggest_command(const char *wrong, struct error *error);

#endif
