#include <string.h>

#include "cli/command.h"
#include "cli/reference.h"
#include "cli/suggest.h"

/* The command that an operand names; NULL where there is no operand. */
static enum error_code named_command(const struct cli_call *call, const struct cli_command **ret,
                                     struct error *error)
{
    *ret = NULL;
    if (call->operand_count == 0)
        return ERROR_NONE;
    const char *name = call->operands[0];
    *ret = cli_find_command(name);
    if (*ret != NULL)
        return ERROR_NONE;
    error_set(error, ERROR_USAGE, "there is no command \"%s\"", name);
    suggest_command(name, error);
    return ERROR_USAGE;
}

enum error_code cli_run_help(struct cli_call *call, struct error *error)
{
    const struct cli_command *command;
    if (call->argc < 2) { /* nothing was asked: show how to, as an error */
        help_write_overview(stderr);
        call->status = 2;
        return ERROR_NONE;
    }
    TRY(named_command(call, &command, error));
    if (command != NULL)
        help_write_command(stdout, command);
    else
        help_write_overview(stdout);
    return ERROR_NONE;
}

enum error_code cli_run_man(struct cli_call *call, struct error *error)
{
    const struct cli_command *command;
    TRY(named_command(call, &command, error));
    man_write(stdout, command);
    return ERROR_NONE;
}

enum error_code cli_run_completion(struct cli_call *call, struct error *error)
{
    const char *shell = call->operands[0];
    if (completion_write(stdout, shell))
        return ERROR_NONE;
    error_set(error, ERROR_USAGE, "there is no completion for \"%s\"", shell);
    suggest_choice(shell, call->command->operand_choices, error);
    return ERROR_USAGE;
}

enum error_code cli_run_version(struct cli_call *call, struct error *error)
{
    (void)call;
    (void)error;
    printf("weir %s\n", WEIR_VERSION);
    return ERROR_NONE;
}
