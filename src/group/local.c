#include "group/local.h"

#include "group/hash.h"

#define KEY_MOST 256 /* bytes */

static bool is_dense(const struct group_local *local)
{
    return local->grouping->shape.keys == GROUP_DENSE;
}

static enum error_code init_dense(struct group_local *local, struct error *error)
{
    struct grouping *grouping = local->grouping;
    size_t slots = local->keys_most;
    TRY(group_totals_init(&local->table.totals, &grouping->shape, &grouping->account, error));
    TRY(group_totals_reserve(&local->table.totals, slots, error));
    return mem_alloc_array(&grouping->account, (slots + 63) / 64, sizeof(uint64_t),
                           (void **)&local->met, error);
}

enum error_code group_local_init(struct group_local *local, struct grouping *grouping,
                                 struct error *error)
{
    size_t keys = grouping->plan.local_keys;
    *local = (struct group_local){.grouping = grouping, .keys_most = keys, .in_use = keys > 0};
    if (keys == 0)
        return ERROR_NONE;
    if (is_dense(local))
        return init_dense(local, error);
    TRY(group_table_init(&local->table, &grouping->shape, 0, keys, &grouping->account, error));
    local->table.reserve = grouping->plan.reserve;
    return mem_alloc_array(&grouping->account, keys + 1, sizeof(uint32_t), (void **)&local->seats,
                           error);
}

void group_local_release(struct group_local *local)
{
    group_table_release(&local->table);
    mem_free(local->met);
    mem_free(local->seats);
    *local = (struct group_local){0};
}

enum error_code group_local_add_codes(struct group_local *local, uint32_t row_count,
                                      const uint64_t *codes, uint32_t *numbers,
                                      const struct column_slice *values, struct error *error)
{
    for (uint32_t i = 0; i < row_count; i++) {
        uint32_t slot = (uint32_t)codes[i];
        numbers[i] = slot;
        local->met[slot / 64] |= (uint64_t)1 << slot % 64;
    }
    return group_totals_add(&local->table.totals, row_count, numbers, values, error);
}

/* ---- hashed ---- */

/* Lets a key in if there is room here and a seat in its partition. */
static uint32_t let_in(struct group_local *local, uint64_t hash, const struct key_bytes *key)
{
    struct group_table *table = &local->table;
    if (table->closed || (key != NULL && key->size > KEY_MOST))
        return 0;
    uint32_t seat = group_partition_seat(local->grouping, hash, key);
    if (seat == 0)
        return 0;
    uint32_t number = group_table_take_one(table, hash, key);
    local->seats[number] = seat;
    table->closed = table->closed || table->count >= local->keys_most;
    return number;
}

/* Finds or lets in; returns how many keys are not here. */
static uint32_t find_or_let_in(struct group_local *local, const struct group_keys_slice *keys,
                               uint32_t *numbers)
{
    struct group_table *table = &local->table;
    uint32_t missing = group_table_find(table, keys, numbers), before = table->count;
    if (missing == 0 || table->closed)
        return missing;
    missing = 0;
    for (uint32_t i = 0; i < keys->row_count; i++) {
        struct key_bytes text, *key = NULL;
        if (numbers[i] != 0)
            continue;
        if (keys->bytes != NULL) {
            text = group_row_key(keys, i);
            key = &text;
        }
        if (table->count > before)
            numbers[i] = group_table_find_one(table, keys->hashes[i], key);
        if (numbers[i] == 0)
            numbers[i] = let_in(local, keys->hashes[i], key);
        missing += numbers[i] == 0;
    }
    return missing;
}

static enum error_code judge(struct group_local *local, uint32_t rows, uint32_t missing,
                             struct error *error)
{
    if (!local->table.closed || missing * (uint64_t)2 < rows)
        return ERROR_NONE;
    local->in_use = local->known * 2 >= local->rows;
    TRY(group_local_drain(local, error));
    local->rows = local->known = 0;
    return group_table_clear(&local->table, error);
}

enum error_code group_local_add(struct group_local *local, const struct group_keys_slice *keys,
                                uint32_t *numbers, const struct column_slice *values,
                                uint32_t *ret_missing, struct error *error)
{
    uint32_t before = local->table.count;
    uint32_t missing = find_or_let_in(local, keys, numbers);
    uint32_t fresh = local->table.count - before;
    if (missing == 0)
        TRY(group_totals_add(&local->table.totals, keys->row_count, numbers, values, error));
    else if (missing < keys->row_count)
        TRY(group_totals_add_known(&local->table.totals, keys->row_count, numbers, values, error));
    local->rows += keys->row_count;
    local->known += keys->row_count - missing - fresh;
    *ret_missing = missing;
    return judge(local, keys->row_count, missing, error);
}

bool group_local_numbers(struct group_local *local, const struct group_keys_slice *keys,
                         uint32_t *numbers)
{
    return local->in_use && find_or_let_in(local, keys, numbers) == 0;
}

/* ---- the way out ---- */

/* Slots of a partition count from its first code. */
static enum error_code drain_partition(struct group_local *local, uint32_t partition, size_t begin,
                                       size_t end, struct error *error)
{
    uint32_t own[VALUE_TILE_WINDOW], slots[VALUE_TILE_WINDOW], count = 0;
    for (size_t slot = begin; slot < end; slot++) {
        own[count] = (uint32_t)slot;
        slots[count] = (uint32_t)(slot - begin);
        count += (uint32_t)(local->met[slot / 64] >> slot % 64 & 1);
        if (count < VALUE_TILE_WINDOW && slot + 1 < end)
            continue;
        TRY(group_partition_merge(local->grouping, partition, slots, &local->table.totals, own,
                                  count, error));
        count = 0;
    }
    return ERROR_NONE;
}

static enum error_code drain_dense(struct group_local *local, struct error *error)
{
    size_t slots = local->grouping->plan.slots;
    uint32_t partition = 0;
    for (size_t begin = 0; begin < local->keys_most; begin += slots) {
        size_t left = local->keys_most - begin, count = left < slots ? left : slots;
        TRY(drain_partition(local, partition++, begin, begin + count, error));
    }
    return ERROR_NONE;
}

static uint32_t partition_of(const struct group_local *local, uint32_t number)
{
    return group_hash_bits(local->table.hashes[number], 0, local->grouping->plan.layout.bits);
}

/* Places in the buckets follow the hash, so the keys of a partition stand together in order. */
static enum error_code drain_hashed(struct group_local *local, struct error *error)
{
    struct group_table *table = &local->table;
    uint32_t seats[VALUE_TILE_WINDOW];
    group_table_order(table);
    for (uint32_t done = 0, count; done < table->count; done += count) {
        uint32_t partition = partition_of(local, table->order[done]);
        for (count = 0; count < VALUE_TILE_WINDOW && done + count < table->count; count++) {
            uint32_t number = table->order[done + count];
            if (partition_of(local, number) != partition)
                break;
            seats[count] = local->seats[number];
        }
        TRY(group_partition_merge(local->grouping, partition, seats, &table->totals,
                                  table->order + done, count, error));
    }
    return ERROR_NONE;
}

enum error_code group_local_drain(struct group_local *local, struct error *error)
{
    if (local->keys_most == 0)
        return ERROR_NONE;
    return is_dense(local) ? drain_dense(local, error) : drain_hashed(local, error);
}
