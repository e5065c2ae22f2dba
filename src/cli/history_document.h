/* Runs as JSON, the same in every command that tells of them. */
#ifndef WEIR_CLI_HISTORY_DOCUMENT_H
#define WEIR_CLI_HISTORY_DOCUMENT_H

#include <jansson.h>

#include "cli/ledger_view.h"

/* NULL where memory ran out. */
json_t *history_run_document(const struct ledger_view_run *run);

/* Sets a Unix time in nanoseconds; 0 is null. */
void history_set_time(json_t *object, const char *name, int64_t unix_ns);

#endif
