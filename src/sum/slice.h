/*
 * A slice taken bit by bit: its rows in front of a border now, the others later.
 */
#ifndef WEIR_SUM_SLICE_H
#define WEIR_SUM_SLICE_H

#include "column/column.h"

struct slice_walk {
    struct column_slice rest;
    size_t width;
};

static inline void slice_walk_begin(struct slice_walk *walk, const struct column_type *type,
                                    const struct column_slice *slice)
{
    *walk = (struct slice_walk){*slice, column_value_size(type)};
}

/* The next count rows, no more than are left. */
static inline struct column_slice slice_walk_take(struct slice_walk *walk, uint32_t count)
{
    struct column_slice *rest = &walk->rest, taken = *rest;
    uint32_t values = count;
    for (uint32_t i = 0; rest->present != NULL && i < count; i++)
        values -= rest->present[i] == 0;
    taken.row_count = count;
    taken.value_count = values;
    if (values == count)
        taken.present = NULL;
    rest->values = (const uint8_t *)rest->values + values * walk->width;
    rest->present = rest->present != NULL ? rest->present + count : NULL;
    rest->row_count -= count;
    rest->value_count -= values;
    return taken;
}

#endif
