/*
 * One JSON document written piece by piece, so that a list of any length costs the memory of one
 * item. It is an object whose members come one after the other; each item of a list stands on a
 * line of its own.
 */
#ifndef WEIR_CLI_JSON_PIECES_H
#define WEIR_CLI_JSON_PIECES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct json_pieces {
    FILE *stream;
    bool has_member, has_item;
};

void json_pieces_begin(struct json_pieces *pieces, FILE *stream);
/* Each drops the reference; NULL is ERROR_MEMORY. */
CHECKED enum error_code json_pieces_member(struct json_pieces *pieces, const char *name,
                                           json_t *value, struct error *error);
CHECKED enum error_code json_pieces_item(struct json_pieces *pieces, json_t *value,
                                         struct error *error);
/* Between the two: items. name: letters and '_'. */
void json_pieces_begin_list(struct json_pieces *pieces, const char *name);
void json_pieces_end_list(struct json_pieces *pieces);
CHECKED enum error_code json_pieces_end(struct json_pieces *pieces, struct error *error);

#endif
