/* "weir exec --batch": many commands under one ceiling. */
#ifndef WEIR_CLI_RUN_BATCH_H
#define WEIR_CLI_RUN_BATCH_H

#include "cli/command.h"

/* The call's arguments are exec's. */
CHECKED enum error_code cli_run_batch(struct cli_call *call, struct error *error);

#endif
