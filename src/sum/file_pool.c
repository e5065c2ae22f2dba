#include "sum/file_pool.h"

#include "sum/sum_int.h"

enum error_code file_pool_init(struct file_pool *pool, size_t slot_count,
                               struct mem_account *account, struct error *error)
{
    pool->slot_count = slot_count;
    return mem_alloc_array(account, slot_count, sizeof *pool->slots, (void **)&pool->slots, error);
}

void file_pool_release(struct file_pool *pool)
{
    for (size_t i = 0; pool->slots != NULL && i < pool->slot_count; i++)
        store_close(&pool->slots[i].object);
    mem_free(pool->slots);
    pool->slots = NULL;
}

enum error_code file_pool_open(struct file_pool *pool, uint64_t file,
                               const struct catalog_record *record, struct store_object **ret,
                               struct error *error)
{
    struct pooled_file *slot = &pool->slots[file % pool->slot_count];
    if (slot->file != file + 1) {
        store_close(&slot->object);
        slot->file = 0;
        TRY(sum_open_file(record, &slot->object, error));
        slot->file = file + 1;
    }
    slot->object.path = record->path;
    *ret = &slot->object;
    return ERROR_NONE;
}
