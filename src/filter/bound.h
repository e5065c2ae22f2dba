/*
 * A bound filter: the tree with tests in the terms of its columns. Private to the filter room.
 *
 * Each test says for which values it is true; it is never true of NULL, but for TEST_NULL.
 */
#ifndef WEIR_FILTER_BOUND_H
#define WEIR_FILTER_BOUND_H

#include "filter/literal.h"

enum test_kind {
    TEST_NEVER,   /* of no row */
    TEST_NULL,    /* of rows without a value */
    TEST_PRESENT, /* of rows with a value */
    TEST_RANGE,   /* keys from low to high, or all others */
    TEST_KEYS,    /* one of keys, or none of them */
    TEST_ORDER,   /* a comparison with texts[0], of forms without keys */
    TEST_TEXTS    /* one of texts, or none of them */
};

struct test {
    enum test_kind kind;
    uint32_t column;
    bool inverted; /* of ranges, keys and texts: the values that are not there */
    enum comparison comparison;
    uint64_t low, high;
    uint32_t count;
    const uint64_t *keys; /* ascending, none twice */
    const struct column_bytes *texts;
};

struct bound_node {
    enum node_kind kind; /* NODE_ALL, NODE_ANY, or NODE_COMPARE for a test of any kind */
    uint32_t child_count;
    struct bound_node *children; /* those that need more memory first */
    uint32_t masks;              /* that are held at once to evaluate it */
    struct test test;
};

struct bound_filter {
    uint32_t column_count;
    struct compared *columns;
    struct bound_node root;
};

/* ret[i] is 1 where the test is true of value i of count dense ones, else 0. */
void test_values(const struct test *test, const struct compared *column, const void *values,
                 uint32_t count, uint8_t *ret);

#endif
