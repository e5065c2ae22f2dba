#include "cli/suggest.h"

void suggest_option(const char *wrong, const struct cli_command *command, struct error *error)
{
    struct suggest suggest = suggest_begin(wrong);
    for (const struct cli_option *option = command->options; option->name != NULL; option++)
        suggest_try(&suggest, option->name);
    for (const struct cli_option *option = cli_common_options; option->name != NULL; option++)
        suggest_try(&suggest, option->name);
    if (suggest.name != NULL)
        suggest_ask_back(error, "--", suggest.name);
    else
        error_hint(error, "weir help %s, which lists the options", command->name);
}

void suggest_command(const char *wrong, struct error *error)
{
    struct suggest suggest = suggest_begin(wrong);
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        suggest_try(&suggest, command->name);
    if (suggest.name != NULL)
        suggest_ask_back(error, "weir ", suggest.name);
    else
        error_hint(error, "weir help, which lists the commands");
}
