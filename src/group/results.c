#include "group/results.h"

#include "group/hash.h"

enum error_code group_results_create(struct grouping *grouping, struct group_results **ret,
                                     struct error *error)
{
    void *memory;
    const struct group_plan *plan = &grouping->plan;
    TRY(mem_alloc(&grouping->account, sizeof **ret, &memory, error));
    struct group_results *results = memory;
    results->grouping = grouping;
    *ret = results; /* to be destroyed with the grouping, whatever happens next */
    if (grouping->shape.keys == GROUP_DENSE)
        return ERROR_NONE;
    TRY(group_worker_init(&results->worker, &grouping->shape, plan, &grouping->account, error));
    return aside_room_init(&results->reading, &grouping->shape, plan->layout.rows,
                           plan->layout.region, &grouping->account, error);
}

void group_results_destroy(struct group_results *results)
{
    if (results == NULL)
        return;
    while (results->depth > 0)
        group_results_end_level(results);
    group_worker_release(&results->worker);
    aside_room_release(&results->reading);
    group_totals_release(&results->window);
    mem_free(results);
}

size_t group_plan_results_size(const struct group_shape *shape, const struct group_plan *plan)
{
    size_t size = mem_charge_of(sizeof(struct group_results));
    if (shape->keys == GROUP_DENSE)
        return size;
    struct scatter_layout fan = group_plan_fan(plan, 0);
    return size + group_worker_size(shape, plan) + group_scatter_size(shape, &fan) +
           aside_room_size(shape, plan->layout.rows, plan->layout.region) +
           group_totals_size(shape, VALUE_TILE_WINDOW);
}

/* ---- dense ---- */

/* The next keys of a partition that were met. */
static void gather_met(struct group_results *results, const struct group_partition *partition)
{
    const struct group_plan *plan = &results->grouping->plan;
    uint64_t base = (uint64_t)results->partition << plan->layout.slot_bits;
    uint32_t count = 0;
    while (results->slot < plan->slots && count < VALUE_TILE_WINDOW) {
        uint64_t word = partition->met[results->slot / 64] >> results->slot % 64;
        if (word == 0) {
            results->slot = (results->slot / 64 + 1) * 64;
            continue;
        }
        results->slot += (unsigned)__builtin_ctzll(word);
        results->gathered[count] = (uint32_t)results->slot;
        results->codes[count++] = base + results->slot++;
    }
    results->totals = (struct group_totals *)&partition->table.totals;
    results->numbers = results->gathered;
    results->count = count;
}

static enum error_code next_dense(struct group_results *results)
{
    struct grouping *grouping = results->grouping;
    results->count = 0;
    while (results->partition < grouping->plan.layout.partitions) {
        struct group_partition *partition = &grouping->partitions[results->partition];
        if (partition->met != NULL)
            gather_met(results, partition);
        if (results->count > 0)
            return ERROR_NONE;
        group_partition_release(partition);
        results->partition++;
        results->slot = 0;
    }
    return ERROR_NONE;
}

/* ---- hashed ---- */

/* One level only: its order is the window's. */
static void take_next(struct group_results *results, struct results_level *level)
{
    struct group_table *table = level->table;
    uint32_t left = table->count - level->cursor;
    results->count = left < VALUE_TILE_WINDOW ? left : VALUE_TILE_WINDOW;
    results->numbers = table->order + level->cursor;
    results->totals = &table->totals;
    level->cursor += results->count;
    for (uint32_t i = 0; i < results->count; i++) {
        uint32_t number = results->numbers[i];
        if (table->texts != NULL)
            results->keys[i] = group_text(table->texts[number]);
        else
            results->codes[i] = group_code(table->hashes[number]);
    }
}

static enum error_code begin_partition(struct group_results *results, struct error *error)
{
    struct group_partition *partition = &results->grouping->partitions[results->partition++];
    struct aside_list list = partition->aside;
    partition->aside = (struct aside_list){0};
    return group_results_begin_level(results, &partition->table, &list, UINT64_MAX, error);
}

/* Goes down into the next list of the deepest level; false: none is left. */
static bool next_list(struct results_level *level, struct aside_list *ret)
{
    while (level->next_list < GROUP_FAN && level->lists[level->next_list].rows == 0)
        level->next_list++;
    if (level->next_list == GROUP_FAN)
        return false;
    *ret = level->lists[level->next_list++];
    return true;
}

static enum error_code begin_list(struct group_results *results, struct aside_list *list,
                                  const struct results_level *level, struct error *error)
{
    struct scatter_layout fan = group_plan_fan(&results->grouping->plan, level->skip);
    unsigned below = 64 - fan.skip - fan.bits;
    uint64_t bound = list->highest | (((uint64_t)1 << below) - 1);
    return group_results_begin_level(results, NULL, list, bound, error);
}

static enum error_code next_hashed(struct group_results *results, struct error *error)
{
    struct aside_list list;
    results->count = 0;
    for (;;) {
        if (results->depth == 0 && results->partition == results->grouping->plan.layout.partitions)
            return ERROR_NONE;
        if (results->depth == 0) {
            TRY(begin_partition(results, error));
            continue;
        }
        struct results_level *level = &results->levels[results->depth - 1];
        if (next_list(level, &list)) {
            TRY(begin_list(results, &list, level, error));
            continue;
        }
        if (results->depth == 1)
            take_next(results, level);
        else
            TRY(group_results_merge(results, error));
        if (results->count > 0)
            return ERROR_NONE;
        group_results_end_level(results);
    }
}

/* ---- public ---- */

static enum error_code begin(struct grouping *grouping, struct error *error)
{
    if (grouping->results != NULL)
        return ERROR_NONE;
    struct group_report report;
    group_report(grouping, &report);
    grouping->keys = report.keys;
    return group_results_create(grouping, &grouping->results, error);
}

enum error_code group_next(struct grouping *grouping, struct group_rows *ret, struct error *error)
{
    bool dense = grouping->shape.keys == GROUP_DENSE;
    TRY(begin(grouping, error));
    struct group_results *results = grouping->results;
    TRY(dense ? next_dense(results) : next_hashed(results, error));
    for (uint32_t i = 0; grouping->shape.wants_rows && i < results->count; i++)
        results->rows[i] = results->totals->rows[results->numbers[i]];
    *ret = (struct group_rows){.row_count = results->count};
    if (grouping->shape.keys == GROUP_BYTES)
        ret->keys = results->keys;
    else
        ret->codes = results->codes;
    if (grouping->shape.wants_rows)
        ret->rows = results->rows;
    return ERROR_NONE;
}

enum error_code group_result(struct grouping *grouping, uint32_t value,
                             enum aggregate_function function, const struct column_type *type,
                             uint8_t *values, uint8_t *present, struct column_slice *ret,
                             size_t *ret_index, struct error *error)
{
    struct group_results *results = grouping->results;
    return value_groups_result(results->totals->values[value], function, type, results->numbers,
                               results->count, values, present, ret, ret_index, error);
}
