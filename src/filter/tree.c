#include "filter/tree.h"

#include <string.h>

enum error_code node_create(struct mem_arena *arena, enum node_kind kind, struct node **ret,
                            struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc(arena, sizeof(struct node), &memory, error));
    *ret = memory;
    (*ret)->kind = kind;
    return ERROR_NONE;
}

static void append(struct node *parent, struct node *first, struct node *last, uint32_t count)
{
    if (parent->last == NULL)
        parent->first = first;
    else
        parent->last->next = first;
    parent->last = last;
    parent->child_count += count;
}

void node_add(struct node *parent, struct node *child)
{
    if (child->kind == parent->kind)
        append(parent, child->first, child->last, child->child_count);
    else
        append(parent, child, child, 1);
}

enum error_code filter_add_column(struct filter *filter, const char *name, size_t offset,
                                  uint32_t *ret, struct error *error)
{
    for (uint32_t i = 0; i < filter->column_count; i++) {
        if (strcmp(filter->columns[i].name, name) == 0) {
            *ret = i;
            return ERROR_NONE;
        }
    }
    if (filter->column_count == FILTER_COLUMNS_MOST)
        return error_set(error, ERROR_USAGE, "more than %d columns are named", FILTER_COLUMNS_MOST);
    filter->columns[filter->column_count] = (struct filter_column){name, offset};
    *ret = filter->column_count++;
    return ERROR_NONE;
}

uint32_t filter_column_count(const struct filter *filter)
{
    return filter->column_count;
}

const char *filter_column_name(const struct filter *filter, uint32_t column)
{
    return filter->columns[column].name;
}

size_t filter_column_offset(const struct filter *filter, uint32_t column)
{
    return filter->columns[column].offset;
}
