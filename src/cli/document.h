/*
 * JSON documents: plan, report and errors with stable names, sizes as integers of bytes.
 */
#ifndef WEIR_CLI_DOCUMENT_H
#define WEIR_CLI_DOCUMENT_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"
#include "sum/sum.h"

/* A string; bytes that are not UTF-8 become \xNN. NULL gives null. Never fails but by memory. */
json_t *document_text(const char *text);
/* An integer; beyond 2^63 - 1 it stays there. */
json_t *document_count(uint64_t count);

json_t *document_plan(const struct sum_plan *plan);
json_t *document_report(const struct sum_report *report);
json_t *document_error(const struct error *error);

/* Writes a document and a newline, and drops the reference. NULL is ERROR_MEMORY. */
CHECKED enum error_code document_write(json_t *document, FILE *stream, struct error *error);
/* The same without line breaks within the document. */
CHECKED enum error_code document_write_line(json_t *document, FILE *stream, struct error *error);

#endif
