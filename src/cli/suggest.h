/*
 * "Did you mean ...?": the nearest name by edit distance, added to an error's message.
 */
#ifndef WEIR_CLI_SUGGEST_H
#define WEIR_CLI_SUGGEST_H

#include "cli/command.h"

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
 * alignment). Names longer than SUGGEST_LONGEST bytes are taken for their beginning.
 */
#define SUGGEST_LONGEST 63
unsigned suggest_distance(const char *a, const char *b);

/* The nearest of names (ending with NULL) when it is near enough to be a slip, else NULL. */
const char *suggest_nearest(const char *wrong, const char *const *names);

/* Each adds the nearest name to the message, where there is one, or a hint where to look; choices
 * are always listed in the hint. */
void suggest_choice(const char *wrong, const char *const *choices, struct error *error);
void suggest_option(const char *wrong, const struct cli_command *command, struct error *error);
void suggest_command(const char *wrong, struct error *error);

#endif
