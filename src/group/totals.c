#include "group/totals.h"

#include <string.h>

enum error_code group_totals_init(struct group_totals *totals, const struct group_shape *shape,
                                  struct mem_account *account, struct error *error)
{
    *totals = (struct group_totals){.shape = shape, .account = account};
    TRY(mem_alloc_array(account, shape->value_count, sizeof(struct value_groups *),
                        (void **)&totals->values, error));
    for (uint32_t i = 0; i < shape->value_count; i++)
        TRY(value_groups_create(&shape->values[i], shape->grids[i], account, &totals->values[i],
                                error));
    return ERROR_NONE;
}

void group_totals_release(struct group_totals *totals)
{
    for (uint32_t i = 0; totals->values != NULL && i < totals->shape->value_count; i++)
        value_groups_destroy(totals->values[i]);
    mem_free(totals->values);
    mem_free(totals->rows);
    *totals = (struct group_totals){0};
}

size_t group_totals_size(const struct group_shape *shape, size_t key_count)
{
    size_t size = mem_charge_of(shape->value_count * sizeof(struct value_groups *));
    size += shape->wants_rows ? mem_charge_of(key_count * sizeof(uint64_t)) : 0;
    for (uint32_t i = 0; i < shape->value_count; i++)
        size += value_groups_size(&shape->values[i], key_count);
    return size;
}

static enum error_code reserve_rows(struct group_totals *totals, size_t key_count,
                                    struct error *error)
{
    void *rows;
    TRY(mem_alloc_array(totals->account, key_count, sizeof(uint64_t), &rows, error));
    if (totals->capacity > 0)
        memcpy(rows, totals->rows, totals->capacity * sizeof(uint64_t));
    mem_free(totals->rows);
    totals->rows = rows;
    return ERROR_NONE;
}

enum error_code group_totals_reserve(struct group_totals *totals, size_t key_count,
                                     struct error *error)
{
    if (key_count <= totals->capacity)
        return ERROR_NONE;
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(value_groups_reserve(totals->values[i], key_count, error));
    if (totals->shape->wants_rows)
        TRY(reserve_rows(totals, key_count, error));
    totals->capacity = key_count;
    return ERROR_NONE;
}

void group_totals_populate(struct group_totals *totals)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        value_groups_populate(totals->values[i]);
}

enum error_code group_totals_clear(struct group_totals *totals, struct error *error)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(value_groups_clear(totals->values[i], error));
    if (totals->rows != NULL)
        memset(totals->rows, 0, totals->capacity * sizeof(uint64_t));
    return ERROR_NONE;
}

enum error_code group_totals_add(struct group_totals *totals, uint32_t row_count,
                                 const uint32_t *numbers, const struct column_slice *values,
                                 struct error *error)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(value_groups_add(totals->values[i], numbers, &values[i], error));
    for (uint32_t row = 0; totals->rows != NULL && row < row_count; row++)
        totals->rows[numbers[row]]++;
    return ERROR_NONE;
}

enum error_code group_totals_add_tiles(struct group_totals *totals, uint32_t count,
                                       const uint32_t *numbers, const struct group_sums *sums,
                                       size_t done, struct error *error)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(value_groups_add_tile(totals->values[i], numbers, &sums->tiles[i],
                                  sums->first_key + done, count, error));
    for (uint32_t k = 0; totals->rows != NULL && k < count; k++)
        totals->rows[numbers[k]] += sums->rows != NULL ? sums->rows[done + k] : sums->each_rows;
    return ERROR_NONE;
}

enum error_code group_totals_merge(struct group_totals *totals, const uint32_t *numbers,
                                   struct group_totals *from, const uint32_t *from_numbers,
                                   uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < totals->shape->value_count; i++)
        TRY(value_groups_merge(totals->values[i], numbers, from->values[i], from_numbers, count,
                               error));
    for (uint32_t k = 0; totals->rows != NULL && k < count; k++)
        totals->rows[numbers[k]] += from->rows[from_numbers[k]];
    return ERROR_NONE;
}
