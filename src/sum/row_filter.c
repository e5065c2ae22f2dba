#include "sum/row_filter.h"

#include <string.h>

#include "sum/where.h"

enum error_code row_filter_open(struct row_filter *ret, struct sum *sum,
                                const struct column_type *types, uint32_t column_count,
                                struct error *error)
{
    struct mem_account *account = &sum->account;
    *ret = (struct row_filter){.column_count = column_count, .account = account};
    mem_arena_init(&ret->arena, account);
    if (types == NULL)
        return ERROR_NONE;
    TRY(mem_alloc(account, BATCH_ROWS, (void **)&ret->selected, error));
    TRY(mem_alloc_array(account, column_count, sizeof *ret->values, (void **)&ret->values, error));
    for (uint32_t i = 0; i < column_count; i++)
        mem_buffer_init(&ret->values[i], account, SIZE_MAX / 2);
    TRY(mem_alloc_array(account, column_count, sizeof *ret->slices, (void **)&ret->slices, error));
    TRY(mem_alloc_array(account, column_count, BATCH_ROWS, (void **)&ret->present, error));
    return sum_bind_where(sum, types, &ret->arena, &ret->bound, error);
}

void row_filter_close(struct row_filter *filter)
{
    for (uint32_t i = 0; filter->values != NULL && i < filter->column_count; i++)
        mem_buffer_release(&filter->values[i]);
    mem_free(filter->values);
    mem_free(filter->slices);
    mem_free(filter->present);
    mem_free(filter->selected);
    mem_arena_release(&filter->arena);
    memset(filter, 0, sizeof *filter);
}

uint32_t row_filter_select(struct row_filter *filter, const struct column_slice *columns,
                           uint32_t row_count)
{
    if (filter->bound == NULL)
        return row_count;
    return filter_select(filter->bound, columns, row_count, filter->selected);
}

void row_filter_compact_codes(const struct row_filter *filter, uint64_t *codes, uint32_t row_count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        codes[kept] = codes[i];
        kept += filter->selected[i];
    }
}

/* Values of rows that are taken, one behind the other; the width as a constant where it is usual.
 */
static uint32_t copy_values(const uint8_t *selected, const uint8_t *present,
                            const struct column_slice *slice, size_t width, uint8_t *to)
{
    const uint8_t *from = slice->values;
    uint32_t kept = 0;
    for (uint32_t row = 0; row < slice->row_count; row++) {
        bool there = present == NULL || present[row] != 0;
        if (there && selected[row] != 0)
            memcpy(to + kept++ * width, from, width);
        from += there ? width : 0;
    }
    return kept;
}

static uint32_t copy_words(const uint8_t *selected, const struct column_slice *slice, uint8_t *to)
{
    const uint8_t *from = slice->values;
    uint32_t kept = 0;
    for (uint32_t row = 0; row < slice->row_count; row++) {
        memcpy(to + kept * sizeof(uint64_t), from + row * sizeof(uint64_t), sizeof(uint64_t));
        kept += selected[row];
    }
    return kept;
}

static uint32_t copy_presence(const uint8_t *selected, const struct column_slice *slice,
                              uint8_t *to)
{
    uint32_t kept = 0;
    for (uint32_t row = 0; row < slice->row_count; row++) {
        to[kept] = slice->present[row];
        kept += selected[row];
    }
    return kept;
}

static enum error_code compact_slice(struct row_filter *filter, uint32_t index,
                                     const struct column_slice *slice, size_t width,
                                     struct error *error)
{
    struct mem_buffer *values = &filter->values[index];
    struct column_slice *ret = &filter->slices[index];
    uint8_t *present = filter->present + (size_t)index * BATCH_ROWS;
    /* One more than needed: the last row is copied whether it is taken or not. */
    TRY(mem_buffer_reserve(values, (BATCH_ROWS + 1) * width, error));
    ret->present = NULL;
    if (slice->present == NULL && width == sizeof(uint64_t)) {
        ret->row_count = ret->value_count = copy_words(filter->selected, slice, values->data);
    } else if (slice->present == NULL) {
        ret->row_count = ret->value_count =
            copy_values(filter->selected, NULL, slice, width, values->data);
    } else {
        ret->value_count =
            copy_values(filter->selected, slice->present, slice, width, values->data);
        ret->row_count = copy_presence(filter->selected, slice, present);
        ret->present = ret->value_count < ret->row_count ? present : NULL;
    }
    ret->values = values->data;
    return ERROR_NONE;
}

enum error_code row_filter_compact(struct row_filter *filter, const struct column_slice *slices,
                                   const size_t *widths, const struct column_slice **ret,
                                   struct error *error)
{
    for (uint32_t i = 0; i < filter->column_count; i++)
        TRY(compact_slice(filter, i, &slices[i], widths[i], error));
    *ret = filter->slices;
    return ERROR_NONE;
}
