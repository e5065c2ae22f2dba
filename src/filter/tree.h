/*
 * A parsed filter: a tree without "not". Private to the filter room.
 *
 * "not" is pushed down to the tests while reading: not (a < 5 and b is null) is a >= 5 or b is not
 * null. Each test and its opposite are both false where a NULL makes them neither, and "and" and
 * "or" of what is left can only grow with their parts: so it is enough to know where each part is
 * true, and three-valued logic takes one bit a row.
 */
#ifndef WEIR_FILTER_TREE_H
#define WEIR_FILTER_TREE_H

#include "filter/filter.h"
#include "filter/lexer.h"

enum literal_kind {
    LITERAL_NUMBER,
    LITERAL_TEXT,
    LITERAL_MOMENT, /* a date, or one with a time */
    LITERAL_TIME,
    LITERAL_BOOLEAN
};

struct literal {
    enum literal_kind kind;
    bool truth;       /* of a boolean */
    const char *text; /* as written; of a text what stands in the quotes */
    size_t size;
    size_t offset; /* in the filter's text */
    struct literal *next;
};

enum node_kind {
    NODE_ALL,     /* of its children */
    NODE_ANY,     /* of its children */
    NODE_COMPARE, /* the column with one literal */
    NODE_IN,      /* one of the literals */
    NODE_NOT_IN,
    NODE_NULL,
    NODE_NOT_NULL
};

struct node {
    enum node_kind kind;
    struct node *first, *last; /* child */
    struct node *next;         /* sibling */
    uint32_t child_count;
    uint32_t column;
    enum comparison comparison;
    struct literal *literals;
    uint32_t literal_count;
};

struct filter_column {
    const char *name;
    size_t offset;
};

struct filter {
    struct node *root;
    uint32_t column_count;
    struct filter_column columns[FILTER_COLUMNS_MOST];
};

CHECKED enum error_code node_create(struct mem_arena *arena, enum node_kind kind, struct node **ret,
                                    struct error *error);

/* Adds a child to an ALL or ANY; the children of one of the same kind, instead of itself. */
void node_add(struct node *parent, struct node *child);

/* The number of a column, which is a new one where the name is; ERROR_USAGE for one too many. */
CHECKED enum error_code filter_add_column(struct filter *filter, const char *name, size_t offset,
                                          uint32_t *ret, struct error *error);

#endif
