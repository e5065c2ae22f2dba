/*
 * A filter over rows: one mask a node of the tree, a byte a row, 1 where the node is true.
 */
#include "filter/bound.h"

struct rows {
    const struct bound_filter *filter;
    const struct column_slice *slices;
    uint32_t count;
};

/* Tests values where they lie densely, then brings the answers to their rows. */
__attribute__((noinline)) static void test_sparse(const struct test *test,
                                                  const struct compared *column,
                                                  const struct column_slice *slice, uint8_t *ret)
{
    uint8_t answers[FILTER_ROWS_MOST + 1]; /* the last is looked at, and counts for nothing */
    uint32_t at = 0;
    answers[slice->value_count] = 0;
    test_values(test, column, slice->values, slice->value_count, answers);
    for (uint32_t i = 0; i < slice->row_count; i++) {
        ret[i] = slice->present[i] & answers[at];
        at += slice->present[i];
    }
}

static void test_presence(const struct column_slice *slice, uint8_t wanted, uint8_t *ret)
{
    if (slice->present == NULL) {
        memset(ret, wanted, slice->row_count);
        return;
    }
    for (uint32_t i = 0; i < slice->row_count; i++)
        ret[i] = slice->present[i] == wanted;
}

static void test_rows(const struct rows *rows, const struct test *test, uint8_t *ret)
{
    const struct column_slice *slice = &rows->slices[test->column];
    const struct compared *column = &rows->filter->columns[test->column];
    if (test->kind == TEST_NEVER)
        memset(ret, 0, rows->count);
    else if (test->kind == TEST_NULL || test->kind == TEST_PRESENT)
        test_presence(slice, test->kind == TEST_PRESENT, ret);
    else if (slice->present == NULL)
        test_values(test, column, slice->values, rows->count, ret);
    else
        test_sparse(test, column, slice, ret);
}

static uint32_t count_ones(const uint8_t *mask, uint32_t count)
{
    uint32_t ones = 0;
    for (uint32_t i = 0; i < count; i++)
        ones += mask[i];
    return ones;
}

static void combine(enum node_kind kind, const uint8_t *other, uint32_t count, uint8_t *mask)
{
    if (kind == NODE_ALL) {
        for (uint32_t i = 0; i < count; i++)
            mask[i] &= other[i];
    } else {
        for (uint32_t i = 0; i < count; i++)
            mask[i] |= other[i];
    }
}

static uint32_t select_node(const struct rows *rows, const struct bound_node *node, uint8_t *ret);

/* A frame of its own, so that only nodes that need a second mask have one on the stack. */
__attribute__((noinline)) static uint32_t select_beside(const struct rows *rows,
                                                        enum node_kind kind,
                                                        const struct bound_node *child,
                                                        uint8_t *ret)
{
    uint8_t mask[FILTER_ROWS_MOST];
    select_node(rows, child, mask);
    combine(kind, mask, rows->count, ret);
    return count_ones(ret, rows->count);
}

static uint32_t select_node(const struct rows *rows, const struct bound_node *node, uint8_t *ret)
{
    if (node->kind == NODE_COMPARE) {
        test_rows(rows, &node->test, ret);
        return count_ones(ret, rows->count);
    }
    uint32_t settled = node->kind == NODE_ALL ? 0 : rows->count;
    uint32_t ones = select_node(rows, &node->children[0], ret);
    for (uint32_t i = 1; i < node->child_count && ones != settled; i++)
        ones = select_beside(rows, node->kind, &node->children[i], ret);
    return ones;
}

uint32_t filter_select(const struct bound_filter *filter, const struct column_slice *slices,
                       uint32_t row_count, uint8_t *selected)
{
    const struct rows rows = {filter, slices, row_count};
    return select_node(&rows, &filter->root, selected);
}
