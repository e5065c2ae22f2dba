/*
 * From names and literals to tests of columns with types.
 */
#include <stdlib.h>

#include "filter/bound.h"

struct binder {
    struct bound_filter *bound;
    struct mem_arena *arena;
    size_t *ret_offset;
    struct error *error;
};

/* All keys from low to high; none where that is upside down. */
static void make_range(struct test *test, uint64_t low, uint64_t high)
{
    test->kind = low <= high ? TEST_RANGE : TEST_NEVER;
    test->low = low;
    test->high = high;
}

static void make_outside(struct test *test, uint64_t key)
{
    make_range(test, key, key);
    test->inverted = true;
}

/* Up to a key, not beyond it: none where it lies before the first. */
static void make_below(struct test *test, uint64_t key)
{
    if (key == 0)
        test->kind = TEST_NEVER;
    else
        make_range(test, 0, key - 1);
}

static void make_above(struct test *test, uint64_t key)
{
    if (key == UINT64_MAX)
        test->kind = TEST_NEVER;
    else
        make_range(test, key + 1, UINT64_MAX);
}

static void compare_with_key(struct test *test, enum comparison comparison, uint64_t key)
{
    switch (comparison) {
    case COMPARISON_EQUAL:
        make_range(test, key, key);
        break;
    case COMPARISON_UNEQUAL:
        make_outside(test, key);
        break;
    case COMPARISON_LESS:
        make_below(test, key);
        break;
    case COMPARISON_NOT_LESS:
        make_range(test, key, UINT64_MAX);
        break;
    case COMPARISON_MORE:
        make_above(test, key);
        break;
    case COMPARISON_NOT_MORE:
        make_range(test, 0, key);
        break;
    }
}

/* A literal between two values: less is up to the lower one, more is beyond it. */
static enum comparison beside_value(enum comparison comparison)
{
    if (comparison == COMPARISON_LESS)
        return COMPARISON_NOT_MORE;
    return comparison == COMPARISON_NOT_LESS ? COMPARISON_MORE : comparison;
}

static bool is_constant(enum comparison comparison, enum place_kind kind)
{
    bool equality = comparison == COMPARISON_EQUAL || comparison == COMPARISON_UNEQUAL;
    return kind == PLACE_BELOW || (kind == PLACE_AFTER && equality);
}

/* Of a literal below all values, or between two and asked for equality. */
static enum test_kind constant_test(enum comparison comparison)
{
    bool is_true = comparison == COMPARISON_UNEQUAL || comparison == COMPARISON_MORE ||
                   comparison == COMPARISON_NOT_LESS;
    return is_true ? TEST_PRESENT : TEST_NEVER;
}

static enum error_code compare_with_bytes(struct binder *binder, struct test *test,
                                          enum comparison comparison, struct column_bytes bytes)
{
    void *memory;
    TRY(mem_arena_alloc(binder->arena, sizeof bytes, &memory, binder->error));
    *(struct column_bytes *)memory = bytes;
    test->kind = TEST_ORDER;
    test->comparison = comparison;
    test->texts = memory;
    test->count = 1;
    return ERROR_NONE;
}

static enum error_code place_literal(struct binder *binder, const struct literal *literal,
                                     const struct compared *column, struct place *ret)
{
    *binder->ret_offset = literal->offset;
    return literal_place(literal, column, binder->arena, ret, binder->error);
}

static enum error_code bind_comparison(struct binder *binder, const struct node *node,
                                       struct test *test)
{
    const struct compared *column = &binder->bound->columns[node->column];
    enum comparison comparison = node->comparison;
    struct place place;
    TRY(place_literal(binder, node->literals, column, &place));
    if (is_constant(comparison, place.kind)) {
        test->kind = constant_test(comparison);
        return ERROR_NONE;
    }
    if (place.kind == PLACE_AFTER)
        comparison = beside_value(comparison);
    if (!value_form_has_key(column->form))
        return compare_with_bytes(binder, test, comparison, place.bytes);
    compare_with_key(test, comparison, place.key);
    return ERROR_NONE;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b, void *form)
{
    return value_bytes_compare(*(const enum value_form *)form, *(const struct column_bytes *)a,
                               *(const struct column_bytes *)b);
}

static void settle_keys(struct test *test, uint64_t *keys)
{
    uint32_t kept = 0;
    if (test->count > 1)
        qsort(keys, test->count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < test->count; i++) {
        if (i == 0 || keys[i] != keys[kept - 1])
            keys[kept++] = keys[i];
    }
    test->kind = TEST_KEYS;
    test->keys = keys;
    test->count = kept;
}

static void settle_texts(struct test *test, struct column_bytes *texts, enum value_form form)
{
    uint32_t kept = 0;
    if (test->count > 1)
        qsort_r(texts, test->count, sizeof *texts, compare_texts, &form);
    for (uint32_t i = 0; i < test->count; i++) {
        if (i == 0 || value_bytes_compare(form, texts[i], texts[kept - 1]) != 0)
            texts[kept++] = texts[i];
    }
    test->kind = TEST_TEXTS;
    test->texts = texts;
    test->count = kept;
}

/* A literal that is no value of the column is in no row: it needs no place in the list. */
static enum error_code bind_list(struct binder *binder, const struct node *node, struct test *test)
{
    const struct compared *column = &binder->bound->columns[node->column];
    bool has_keys = value_form_has_key(column->form);
    void *keys, *texts;
    struct place place;
    TRY(mem_arena_alloc_array(binder->arena, has_keys ? node->literal_count : 0, sizeof place.key,
                              &keys, binder->error));
    TRY(mem_arena_alloc_array(binder->arena, has_keys ? 0 : node->literal_count, sizeof place.bytes,
                              &texts, binder->error));
    for (const struct literal *at = node->literals; at != NULL; at = at->next) {
        TRY(place_literal(binder, at, column, &place));
        if (place.kind != PLACE_AT)
            continue;
        if (has_keys)
            ((uint64_t *)keys)[test->count++] = place.key;
        else
            ((struct column_bytes *)texts)[test->count++] = place.bytes;
    }
    test->inverted = node->kind == NODE_NOT_IN;
    if (test->count == 0)
        test->kind = test->inverted ? TEST_PRESENT : TEST_NEVER;
    else if (has_keys)
        settle_keys(test, keys);
    else
        settle_texts(test, texts, column->form);
    return ERROR_NONE;
}

static enum error_code bind_test(struct binder *binder, const struct node *node, struct test *test)
{
    test->column = node->column;
    if (node->kind == NODE_NULL || node->kind == NODE_NOT_NULL) {
        test->kind = node->kind == NODE_NULL ? TEST_NULL : TEST_PRESENT;
        return ERROR_NONE;
    }
    if (binder->bound->columns[node->column].form == FORM_NONE) {
        test->kind = TEST_NEVER;
        return ERROR_NONE;
    }
    if (node->kind == NODE_COMPARE)
        return bind_comparison(binder, node, test);
    return bind_list(binder, node, test);
}

static enum error_code bind_node(struct binder *binder, const struct node *node,
                                 struct bound_node *ret);

static bool is_plain_range(const struct bound_node *node)
{
    return node->kind == NODE_COMPARE && node->test.kind == TEST_RANGE && !node->test.inverted;
}

/* Two ranges of one column of which both must hold are one: between, above all. */
static bool narrow_range(struct bound_node *node, const struct bound_node *other)
{
    struct test *test = &node->test;
    if (!is_plain_range(node) || !is_plain_range(other) || test->column != other->test.column)
        return false;
    uint64_t low = test->low > other->test.low ? test->low : other->test.low;
    uint64_t high = test->high < other->test.high ? test->high : other->test.high;
    make_range(test, low, high);
    return true;
}

static int compare_needs(const void *a, const void *b)
{
    const struct bound_node *x = a, *y = b;
    return (x->masks < y->masks) - (x->masks > y->masks);
}

/* The first child needs no mask beside its parent's; so the hungriest goes first, and a tree of n
 * tests never needs more than 1 + log2(n) masks. */
static void settle_children(struct bound_node *node)
{
    if (node->child_count > 1)
        qsort(node->children, node->child_count, sizeof *node->children, compare_needs);
    node->masks = node->children[0].masks;
    if (node->child_count > 1 && node->children[1].masks == node->masks)
        node->masks++;
}

static enum error_code bind_children(struct binder *binder, const struct node *node,
                                     struct bound_node *ret)
{
    void *memory;
    TRY(mem_arena_alloc_array(binder->arena, node->child_count, sizeof *ret, &memory,
                              binder->error));
    ret->children = memory;
    for (const struct node *at = node->first; at != NULL; at = at->next) {
        struct bound_node *child = &ret->children[ret->child_count];
        TRY(bind_node(binder, at, child));
        bool merged =
            node->kind == NODE_ALL && ret->child_count > 0 && narrow_range(child - 1, child);
        if (!merged)
            ret->child_count++;
        else
            *child = (struct bound_node){0};
    }
    settle_children(ret);
    return ERROR_NONE;
}

static enum error_code bind_node(struct binder *binder, const struct node *node,
                                 struct bound_node *ret)
{
    if (node->kind == NODE_ALL || node->kind == NODE_ANY) {
        ret->kind = node->kind;
        return bind_children(binder, node, ret);
    }
    ret->kind = NODE_COMPARE;
    ret->masks = 1;
    return bind_test(binder, node, &ret->test);
}

static enum error_code copy_columns(struct binder *binder, const struct filter *filter,
                                    const struct column_type *types)
{
    void *columns, *copies;
    uint32_t count = filter->column_count;
    TRY(mem_arena_alloc_array(binder->arena, count, sizeof(struct compared), &columns,
                              binder->error));
    TRY(mem_arena_alloc_array(binder->arena, count, sizeof *types, &copies, binder->error));
    binder->bound->columns = columns;
    binder->bound->column_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct column_type *type = (struct column_type *)copies + i;
        *type = types[i];
        binder->bound->columns[i] =
            (struct compared){filter->columns[i].name, type, value_form_of(type)};
    }
    return ERROR_NONE;
}

enum error_code filter_bind(const struct filter *filter, const struct column_type *types,
                            struct mem_arena *arena, struct bound_filter **ret, size_t *ret_offset,
                            struct error *error)
{
    void *memory;
    *ret_offset = 0;
    TRY(mem_arena_alloc(arena, sizeof(struct bound_filter), &memory, error));
    struct binder binder = {memory, arena, ret_offset, error};
    TRY(copy_columns(&binder, filter, types));
    TRY(bind_node(&binder, filter->root, &binder.bound->root));
    *ret = binder.bound;
    return ERROR_NONE;
}
