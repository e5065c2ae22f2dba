/*
 * Parses the command line by the table of commands.
 *
 * "--name value" and "--name=value", "-n" and "-n value" and "-nvalue", flags in one word ("-nq"),
 * options after operands, "--" ends the options, "-" alone is an operand. For a command that runs a
 * program the first operand ends the options too. Every error is
 * ERROR_USAGE and says what to write instead.
 */
#ifndef WEIR_CLI_PARSE_H
#define WEIR_CLI_PARSE_H

#include "cli/command.h"

/* Fills command, arguments, operands and wants_help of the call, whose arena holds what is made. */
CHECKED enum error_code cli_parse(struct cli_call *call, struct error *error);

/* Whether "--json" is among the options, whatever else is wrong with them. */
bool cli_asks_for_json(int argc, char **argv);
/* The same of the option that makes a batch of a command that runs a program. */
bool cli_is_bare(int argc, char **argv);

/*
 * Splits text at commas without a backslash before them and appends the pieces, as written.
 * Empty pieces are refused; what names the list in messages ("--by").
 */
CHECKED enum error_code cli_split(struct mem_arena *arena, const char *text, const char *what,
                                  struct cli_list *list, struct error *error);

/* Removes the backslash before each of , : = and \ in place. Returns text. */
char *cli_unescape(char *text);

/* Whole decimal numbers up to 2^63 - 1, with nothing behind them. */
CHECKED bool cli_parse_count(const char *text, uint64_t *ret);

#endif
