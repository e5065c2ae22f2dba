/*
 * Thrift structs as trees that can be damaged and written again: the footer and page headers.
 *
 * Nodes live in a pool. A node may lie: about the length of its bytes, or the count of its
 * elements. Source: thrift-compact-protocol.md of apache/thrift.
 */
#ifndef WEIR_MUTATE_TREE_H
#define WEIR_MUTATE_TREE_H

#include <stdbool.h>

#include "base/cursor.h"
#include "mutate/pool.h"
#include "parquet/thrift.h"

struct node {
    enum thrift_type type;
    enum thrift_type element; /* of a list */
    int32_t id;               /* of a struct's field */
    int64_t number;
    const uint8_t *bytes; /* of binaries and doubles */
    size_t size;
    int64_t lie; /* added to the length or count that is written */
    struct node *first, *next;
};

/* The struct that starts at the cursor; NULL when it cannot be understood. */
struct node *tree_read(struct pool *pool, struct cursor *cursor);
void tree_write(const struct node *node, struct bytes *out);

/* The field of a struct, or NULL; node may be NULL. */
struct node *tree_field(const struct node *node, int id);
/* An integer field, or a fallback. */
int64_t tree_number(const struct node *node, int id, int64_t fallback);
/* Adds to an integer field that is there. */
void tree_shift(const struct node *node, int id, int64_t by);

/* Damages one node somewhere below. */
void tree_damage(struct pool *pool, struct node *root);

#endif
