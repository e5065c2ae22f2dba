/*
 * The files that one thread keeps open: opened by need, checked each time, at most as many as the
 * limit of open files allows.
 */
#ifndef WEIR_SUM_FILE_POOL_H
#define WEIR_SUM_FILE_POOL_H

#include "sum/catalog.h"

struct pooled_file {
    uint64_t file; /* plus one; 0: empty */
    struct store_object object;
};

struct file_pool {
    size_t slot_count;
    struct pooled_file *slots;
};

CHECKED enum error_code file_pool_init(struct file_pool *pool, size_t slot_count,
                                       struct mem_account *account, struct error *error);
void file_pool_release(struct file_pool *pool);

/* The open file; record must live as long as it is used. Opening another may close it. */
CHECKED enum error_code file_pool_open(struct file_pool *pool, uint64_t file,
                                       const struct catalog_record *record,
                                       struct store_object **ret, struct error *error);
#endif
