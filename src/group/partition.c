#include "group/partition.h"

#include "group/hash.h"

/* ---- workers ---- */

enum error_code group_worker_init(struct group_worker *worker, const struct group_shape *shape,
                                  const struct group_plan *plan, struct mem_account *account,
                                  struct error *error)
{
    uint32_t rows = plan->layout.rows;
    *worker = (struct group_worker){0};
    TRY(mem_alloc_array(account, rows, sizeof *worker->numbers, (void **)&worker->numbers, error));
    TRY(group_slices_init(&worker->slices, shape, rows, account, error));
    if (shape->keys == GROUP_DENSE)
        return ERROR_NONE;
    return aside_room_init(&worker->room, shape, rows, plan->layout.region, account, error);
}

void group_worker_release(struct group_worker *worker)
{
    mem_free(worker->numbers);
    group_slices_release(&worker->slices);
    aside_room_release(&worker->room);
    worker->numbers = NULL;
}

size_t group_worker_size(const struct group_shape *shape, const struct group_plan *plan)
{
    uint32_t rows = plan->layout.rows;
    size_t size = mem_charge_of(rows * sizeof(uint32_t)) + group_slices_size(shape, rows);
    return size + aside_room_size(shape, rows, plan->layout.region);
}

/* ---- partitions ---- */

enum error_code group_partition_init(struct grouping *grouping, uint32_t index, struct error *error)
{
    struct group_partition *partition = &grouping->partitions[index];
    struct group_table *table = &partition->table;
    pthread_mutex_init(&partition->mutex, NULL);
    grouping->partitions_made++;
    if (grouping->shape.keys == GROUP_DENSE)
        return ERROR_NONE;
    TRY(group_table_init(table, &grouping->shape, grouping->plan.layout.bits,
                         grouping->plan.first_keys, &grouping->account, error));
    table->reserve = grouping->plan.reserve;
    return ERROR_NONE;
}

void group_partition_release(struct group_partition *partition)
{
    group_table_release(&partition->table);
    mem_free(partition->met);
    partition->met = NULL;
    partition->aside = (struct aside_list){0};
}

/* Slots are met all over, so their sums are made resident at once. The last partition may have
 * fewer slots than the others; it has room for as many all the same. */
static enum error_code open_dense(struct grouping *grouping, struct group_partition *partition,
                                  struct error *error)
{
    size_t slots = grouping->plan.slots;
    struct group_totals *totals = &partition->table.totals;
    if (partition->met != NULL)
        return ERROR_NONE;
    if (totals->values == NULL) {
        enum error_code code =
            group_totals_init(totals, &grouping->shape, &grouping->account, error);
        if (code != ERROR_NONE) {
            group_totals_release(totals); /* the next thread begins anew */
            return code;
        }
    }
    TRY(group_totals_reserve(totals, slots, error));
    group_totals_populate(totals);
    return mem_alloc_array(&grouping->account, (slots + 63) / 64, sizeof(uint64_t),
                           (void **)&partition->met, error);
}

static void mark_met(uint64_t *met, const uint32_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        met[slots[i] / 64] |= (uint64_t)1 << slots[i] % 64;
}

static enum error_code add_dense(struct grouping *grouping, struct group_partition *partition,
                                 struct group_block *block, struct group_worker *worker,
                                 struct error *error)
{
    uint32_t rows = block->keys.row_count;
    TRY(open_dense(grouping, partition, error));
    mark_met(partition->met, block->keys.slots, rows);
    group_block_slices(block, &grouping->shape, &worker->slices);
    return group_totals_add(&partition->table.totals, rows, block->keys.slots,
                            worker->slices.slices, error);
}

static enum error_code put_aside(struct grouping *grouping, struct group_partition *partition,
                                 const struct group_block *block, uint32_t missing,
                                 struct group_worker *worker, struct error *error)
{
    uint64_t bytes = 0;
    const uint32_t *numbers = missing == block->keys.row_count ? NULL : worker->numbers;
    TRY(aside_write(&grouping->file, &partition->aside, &grouping->shape, block, numbers,
                    &worker->room, &bytes, error));
    atomic_fetch_add(&grouping->rows_aside, missing);
    atomic_fetch_add(&grouping->bytes_aside, bytes);
    return ERROR_NONE;
}

static enum error_code add_hashed(struct grouping *grouping, struct group_partition *partition,
                                  struct group_block *block, struct group_worker *worker,
                                  struct error *error)
{
    uint32_t rows = block->keys.row_count;
    uint32_t missing = group_table_take(&partition->table, &block->keys, worker->numbers);
    if (missing > 0)
        TRY(put_aside(grouping, partition, block, missing, worker, error));
    if (missing == rows)
        return ERROR_NONE;
    group_block_slices(block, &grouping->shape, &worker->slices);
    if (missing > 0)
        return group_totals_add_known(&partition->table.totals, rows, worker->numbers,
                                      worker->slices.slices, error);
    return group_totals_add(&partition->table.totals, rows, worker->numbers, worker->slices.slices,
                            error);
}

enum error_code group_partition_add(struct grouping *grouping, uint32_t index,
                                    struct group_block *block, struct group_worker *worker,
                                    struct error *error)
{
    struct group_partition *partition = &grouping->partitions[index];
    pthread_mutex_lock(&partition->mutex);
    enum error_code code = grouping->shape.keys == GROUP_DENSE
                               ? add_dense(grouping, partition, block, worker, error)
                               : add_hashed(grouping, partition, block, worker, error);
    pthread_mutex_unlock(&partition->mutex);
    return code;
}

uint32_t group_partition_seat(struct grouping *grouping, uint64_t hash, const struct key_bytes *key)
{
    uint32_t index = group_hash_bits(hash, 0, grouping->plan.layout.bits);
    struct group_partition *partition = &grouping->partitions[index];
    pthread_mutex_lock(&partition->mutex);
    uint32_t seat = group_table_take_one(&partition->table, hash, key);
    pthread_mutex_unlock(&partition->mutex);
    return seat;
}

static enum error_code merge_dense(struct grouping *grouping, struct group_partition *partition,
                                   const uint32_t *slots, uint32_t count, struct error *error)
{
    TRY(open_dense(grouping, partition, error));
    mark_met(partition->met, slots, count);
    return ERROR_NONE;
}

enum error_code group_partition_merge(struct grouping *grouping, uint32_t index,
                                      const uint32_t *numbers, struct group_totals *from,
                                      const uint32_t *from_numbers, uint32_t count,
                                      struct error *error)
{
    struct group_partition *partition = &grouping->partitions[index];
    enum error_code code = ERROR_NONE;
    pthread_mutex_lock(&partition->mutex);
    if (grouping->shape.keys == GROUP_DENSE)
        code = merge_dense(grouping, partition, numbers, count, error);
    if (code == ERROR_NONE)
        code =
            group_totals_merge(&partition->table.totals, numbers, from, from_numbers, count, error);
    pthread_mutex_unlock(&partition->mutex);
    return code;
}
