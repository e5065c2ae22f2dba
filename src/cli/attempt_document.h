/* An attempt as the JSON document of "weir logs --json". */
#ifndef WEIR_CLI_ATTEMPT_DOCUMENT_H
#define WEIR_CLI_ATTEMPT_DOCUMENT_H

#include <jansson.h>

#include "cli/attempt_view.h"

/* NULL where memory ran out. */
json_t *attempt_document(const struct attempt_view *view, const struct memory_history *history);

#endif
