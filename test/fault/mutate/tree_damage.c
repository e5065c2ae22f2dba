/* Ways to damage a tree, each of them one node. */
#include <string.h>

#include "mutate/tree.h"

/* A node with the link that points to it, so that it can be taken out. */
struct place {
    struct node **link;
    uint64_t seen;
};

/* Each node below is chosen with the same probability, in one walk. */
static void choose(struct pool *pool, struct node **link, struct place *place)
{
    for (; *link != NULL; link = &(*link)->next) {
        if (pool_below(pool, (size_t)++place->seen) == 0)
            place->link = link;
        choose(pool, &(*link)->first, place);
    }
}

static struct node **any_node(struct pool *pool, struct node *root)
{
    struct place place = {0};
    choose(pool, &root->first, &place);
    return place.link;
}

static int64_t special_number(struct pool *pool, int64_t before)
{
    static const int64_t numbers[] = {
        0,         1,      -1,      2,       INT32_MAX, INT32_MIN,  INT64_MAX,
        INT64_MIN, 0x7fff, 0x10000, 1 << 24, 100,       UINT32_MAX, (int64_t)1 << 40};
    switch (pool_below(pool, 6)) {
    case 0:
        return (int64_t)((uint64_t)before + 1);
    case 1:
        return (int64_t)((uint64_t)before - 1);
    case 2:
        return (int64_t)((uint64_t)before << pool_below(pool, 8));
    case 3:
        return (int64_t)((uint64_t)before ^ UINT64_C(1) << pool_below(pool, 64));
    case 4:
        return (int64_t)pool_below(pool, 16);
    default:
        return numbers[pool_below(pool, sizeof numbers / sizeof numbers[0])];
    }
}

static void damage_bytes(struct pool *pool, struct node *node)
{
    uint8_t *copy = pool_take(pool, node->size + 64);
    if (node->size > 0)
        memcpy(copy, node->bytes, node->size);
    node->bytes = copy;
    switch (pool_below(pool, 5)) {
    case 0:
        node->size = pool_below(pool, node->size + 1);
        return;
    case 1:
        node->size += pool_below(pool, 64);
        return;
    case 2:
        node->lie = special_number(pool, 0);
        return;
    case 3:
        node->lie = 1 - (int64_t)pool_below(pool, 3);
        return;
    default:
        copy[pool_below(pool, node->size + 1)] = (uint8_t)pool_random(pool);
        return;
    }
}

static void damage_children(struct pool *pool, struct node *node)
{
    if (pool_below(pool, 3) == 0)
        node->first = NULL;
    else if (node->type == THRIFT_STRUCT)
        node->type = THRIFT_LIST;
    else
        node->lie = special_number(pool, 0);
}

static void damage_value(struct pool *pool, struct node *node)
{
    switch (node->type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        node->type = node->type == THRIFT_TRUE ? THRIFT_FALSE : THRIFT_TRUE;
        return;
    case THRIFT_BINARY:
        damage_bytes(pool, node);
        return;
    case THRIFT_STRUCT:
    case THRIFT_LIST:
    case THRIFT_SET:
        damage_children(pool, node);
        return;
    default:
        node->number = special_number(pool, node->number);
        return;
    }
}

/* Two nodes change places in all but their number as fields. */
static void swap(struct node *a, struct node *b)
{
    struct node was = *a;
    *a = *b;
    a->next = was.next;
    a->id = was.id;
    was.next = b->next;
    was.id = b->id;
    *b = was;
}

/* Whether one lies below the other: swapping those would make a ring. */
static bool is_below(const struct node *node, const struct node *root)
{
    for (const struct node *child = root->first; child != NULL; child = child->next)
        if (child == node || is_below(node, child))
            return true;
    return false;
}

static void repeat(struct pool *pool, struct node *node)
{
    struct node *copy = pool_take(pool, sizeof *copy);
    *copy = *node;
    node->next = copy;
}

void tree_damage(struct pool *pool, struct node *root)
{
    struct node **link = any_node(pool, root), **other = any_node(pool, root);
    if (link == NULL)
        return;
    switch (pool_below(pool, 12)) {
    case 0:
        *link = (*link)->next;
        return;
    case 1:
        repeat(pool, *link);
        return;
    case 2:
        (*link)->id = (int32_t)pool_below(pool, 20);
        return;
    case 3:
        (*link)->type = (enum thrift_type)(1 + pool_below(pool, 12));
        return;
    case 4:
        if (!is_below(*link, *other) && !is_below(*other, *link))
            swap(*link, *other);
        return;
    case 5:
        (*link)->number = (*other)->number;
        return;
    default:
        damage_value(pool, *link);
        return;
    }
}
