/*
 * What the table of commands is put together from where it is too long for one file.
 */
#ifndef WEIR_CLI_COMMAND_TABLES_H
#define WEIR_CLI_COMMAND_TABLES_H

#include "cli/arguments.h"

/* Name, letter and kind of an option, then where the value goes. */
#define OPTION(NAME, LETTER, KIND, STRUCT, MEMBER)                                                 \
    .name = NAME, .letter = LETTER, .kind = KIND, .offset = offsetof(struct STRUCT, MEMBER)

extern const char *const cli_progress_choices[];

extern const struct cli_option cli_exec_options[];
extern const struct cli_example cli_exec_examples[];

#endif
