#include "group/block.h"

#include <string.h>

static size_t widened_count(const struct group_shape *shape)
{
    size_t count = 0;
    for (uint32_t i = 0; i < shape->value_count; i++)
        count += shape->values[i].widened;
    return count;
}

enum error_code group_slices_init(struct group_slices *slices, const struct group_shape *shape,
                                  uint32_t rows, struct mem_account *account, struct error *error)
{
    *slices = (struct group_slices){0};
    TRY(mem_alloc_array(account, shape->value_count, sizeof *slices->slices,
                        (void **)&slices->slices, error));
    return mem_alloc_array(account, widened_count(shape) * rows, sizeof *slices->widened,
                           (void **)&slices->widened, error);
}

void group_slices_release(struct group_slices *slices)
{
    mem_free(slices->slices);
    mem_free(slices->widened);
    *slices = (struct group_slices){0};
}

size_t group_slices_size(const struct group_shape *shape, uint32_t rows)
{
    return mem_charge_of(shape->value_count * sizeof(struct column_slice)) +
           mem_charge_of(widened_count(shape) * rows * sizeof(struct column_bytes));
}

/* Moves the values that are there to the front; returns how many. */
static uint32_t compact(uint8_t *values, size_t width, const uint8_t *present, uint32_t rows)
{
    uint32_t count = 0;
    for (uint32_t row = 0; row < rows; row++) {
        if (present[row] != 0 && count != row && width > 0)
            memcpy(values + count * width, values + row * width, width);
        count += present[row] != 0;
    }
    return count;
}

void group_block_slices(struct group_block *block, const struct group_shape *shape,
                        struct group_slices *ret)
{
    uint32_t rows = block->keys.row_count;
    struct column_bytes *widened = ret->widened;
    for (uint32_t i = 0; i < shape->value_count; i++) {
        struct group_block_column *column = &block->columns[i];
        size_t width = group_value_width(&shape->values[i]);
        uint32_t count = rows;
        if (column->present != NULL)
            count = compact(column->values, width, column->present, rows);
        const uint8_t *present = count == rows ? NULL : column->present;
        ret->slices[i] = (struct column_slice){rows, count, present, column->values};
        if (!shape->values[i].widened || width == 0)
            continue;
        for (uint32_t v = 0; v < count; v++)
            widened[v] = (struct column_bytes){column->values + v * width, (uint32_t)width};
        ret->slices[i].values = widened;
        widened += rows;
    }
}
