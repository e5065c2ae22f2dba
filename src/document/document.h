/*
 * Pieces of JSON documents, made so that nothing weir holds can be refused by the form: texts of
 * any bytes, counts of any size, errors with their places. Memory that runs out leaves a member out
 * or gives NULL, which the writers tell.
 */
#ifndef WEIR_DOCUMENT_DOCUMENT_H
#define WEIR_DOCUMENT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* A string; bytes that are not UTF-8 become \xNN. NULL gives null. Never fails but by memory. */
json_t *document_text(const char *text);
/* An integer; beyond 2^63 - 1 it stays there. */
json_t *document_count(uint64_t count);

json_t *document_error(const struct error *error);

/* Sets a member of an object. */
void document_set_count(json_t *object, const char *name, uint64_t count);
void document_set_text(json_t *object, const char *name, const char *text);
/* The same; 0 is null. */
void document_set_positive(json_t *object, const char *name, uint64_t count);
/* The same; an empty text is null. */
void document_set_filled(json_t *object, const char *name, const char *text);

/* Writes a document and a newline, and drops the reference. NULL is ERROR_MEMORY. */
CHECKED enum error_code document_write(json_t *document, FILE *stream, struct error *error);
/* The same without line breaks within the document. */
CHECKED enum error_code document_write_line(json_t *document, FILE *stream, struct error *error);

/* Takes a piece of a document's text, which is no string; its failure ends the writing. */
typedef enum error_code document_put(void *context, const char *text, size_t size,
                                     struct error *error);
/* Gives a document away in pieces, without a newline behind it, and drops the reference; in lines
 * or as one. NULL is ERROR_MEMORY. */
CHECKED enum error_code document_dump(json_t *document, bool in_lines, document_put *put,
                                      void *context, struct error *error);

#endif
