/* Rows put aside on their way back: into a table, or into lists one level deeper. */
#include "group/results.h"
#include "os/os.h"

/* Kept for what accumulators may need while a table grows. */
static size_t least_left(const struct grouping *grouping)
{
    size_t limit = grouping->account.limit;
    return limit == MEM_NO_LIMIT ? 0 : limit / 32;
}

/* What a table must leave: for a list that fits whatever its keys, little; else half of what there
 * is, so that the levels below have something to work with. */
static size_t reserve_for(const struct group_results *results, const struct group_table *table,
                          const struct aside_list *list)
{
    const struct grouping *grouping = results->grouping;
    size_t least = least_left(grouping), left = mem_account_left(&grouping->account);
    if (left == MEM_NO_LIMIT)
        return 0;
    size_t keys = (size_t)list->rows + table->count, each = 0;
    size_t rest = left > least ? left - least : 0;
    if (list->rows > 0)
        each = (size_t)(list->key_bytes / list->rows) + 1;
    /* Old and new are there together while a table grows by half. */
    if (keys < rest && group_table_size(&grouping->shape, keys, each) < rest / 3)
        return least;
    return least + rest / 2;
}

static enum error_code put_in_list(void *context, uint32_t list, struct group_block *block,
                                   struct error *error)
{
    struct group_results *results = context;
    struct grouping *grouping = results->grouping;
    struct results_level *level = &results->levels[results->depth - 1];
    uint64_t bytes;
    TRY(aside_write(&grouping->file, &level->lists[list], &grouping->shape, block, NULL,
                    &results->worker.room, &bytes, error));
    atomic_fetch_add(&grouping->rows_aside, block->keys.row_count);
    atomic_fetch_add(&grouping->bytes_aside, bytes);
    return ERROR_NONE;
}

/* Keys that no bit of their hashes tells apart cannot be divided. */
static enum error_code refuse(const struct results_level *level, struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_MEMORY, "keys with one hash do not fit in memory (%u do)",
                  level->table->count);
    error_hint(error, "a higher --memory");
    return code;
}

static enum error_code take_extent(struct group_results *results, struct results_level *level,
                                   struct group_scatter *fan, struct aside_list *list,
                                   struct error *error)
{
    struct grouping *grouping = results->grouping;
    struct group_worker *worker = &results->worker;
    struct group_block block;
    TRY(os_check_stop(error));
    TRY(aside_read(&grouping->file, list, &grouping->shape, &results->reading, &block, error));
    uint32_t rows = block.keys.row_count;
    uint32_t missing = group_table_take(level->table, &block.keys, worker->numbers);
    group_block_slices(&block, &grouping->shape, &worker->slices);
    if (missing == 0)
        return group_totals_add(&level->table->totals, rows, worker->numbers, worker->slices.slices,
                                error);
    if (missing < rows)
        TRY(group_totals_add_known(&level->table->totals, rows, worker->numbers,
                                   worker->slices.slices, error));
    if (list->lowest == list->highest)
        return refuse(level, error);
    return group_scatter_add(fan, &block.keys, worker->numbers, worker->slices.slices, error);
}

static enum error_code take_list(struct group_results *results, struct results_level *level,
                                 struct group_scatter *fan, struct aside_list *list,
                                 struct error *error)
{
    struct grouping *grouping = results->grouping;
    struct scatter_layout layout = group_plan_fan(&grouping->plan, level->skip);
    TRY(group_scatter_init(fan, &grouping->shape, &layout, &grouping->account, put_in_list, results,
                           error));
    level->table->reserve = reserve_for(results, level->table, list);
    level->table->closed = false;
    while (list->last_size > 0)
        TRY(take_extent(results, level, fan, list, error));
    return group_scatter_flush(fan, error);
}

static void note_depth(struct group_results *results)
{
    if (results->depth - 1 > results->grouping->depth)
        results->grouping->depth = results->depth - 1;
}

enum error_code group_results_begin_level(struct group_results *results, struct group_table *table,
                                          struct aside_list *list, uint64_t bound,
                                          struct error *error)
{
    struct grouping *grouping = results->grouping;
    uint64_t different = list->lowest ^ list->highest;
    unsigned shared = different == 0 ? 63 : (unsigned)__builtin_clzll(different);
    if (results->depth == RESULTS_DEPTH)
        return error_set(error, ERROR_INTERNAL, "rows put aside are divided without end");
    struct results_level *level = &results->levels[results->depth++];
    *level = (struct results_level){.skip = shared, .bound = bound, .table = table};
    note_depth(results);
    if (table == NULL) {
        level->table = &level->own;
        TRY(group_table_init(&level->own, &grouping->shape, shared, 0, &grouping->account, error));
    }
    struct group_scatter fan = {0};
    enum error_code code = ERROR_NONE;
    if (list->rows > 0)
        code = take_list(results, level, &fan, list, error);
    group_scatter_release(&fan);
    if (code == ERROR_NONE)
        group_table_order(level->table);
    return code;
}

void group_results_end_level(struct group_results *results)
{
    struct results_level *level = &results->levels[--results->depth];
    group_table_release(level->table);
}
