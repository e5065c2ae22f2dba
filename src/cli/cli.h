/*
 * The command line: from argv to an exit status. Results go to standard output; progress, reports
 * and errors to standard error.
 */
#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

/* Runs one command and returns the exit status: 0 done, 1 failed (or: files differ), 2 wrong usage,
 * 128 + signal when stopped by one. Called once, from main. */
int cli_main(int argc, char **argv);

#endif
