/*
 * What a grouped sum plans and did, as JSON documents with stable names; sizes are integers of
 * bytes.
 */
#ifndef WEIR_CLI_SUM_DOCUMENT_H
#define WEIR_CLI_SUM_DOCUMENT_H

#include <jansson.h>

#include "sum/sum.h"

json_t *sum_document_plan(const struct sum_plan *plan);
json_t *sum_document_report(const struct sum_report *report);

#endif
