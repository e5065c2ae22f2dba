/* A tile for keys in any order: its parts, and room for more. */
#include <string.h>

#include "exact/tile.h"

/* Entries of the sparse store when it is first needed, and by how much it grows. */
#define ENTRIES_FIRST 16
#define ENTRIES_STEP  4

static size_t sums_bytes(size_t key_count, int grid_count)
{
    size_t each = grid_count == EXACT_GRIDS_SUPER ? SUPER_LIMBS * sizeof(uint64_t)
                                                  : (size_t)grid_count * sizeof(double);
    return key_count * each;
}

size_t exact_tile_size_any(size_t key_count, int grid_count)
{
    if (key_count > EXACT_KEYS_MOST)
        return SIZE_MAX;
    return mem_charge_of(sizeof(struct exact_tile)) +
           mem_charge_of(sums_bytes(key_count, grid_count));
}

size_t exact_tile_spare_any(size_t key_count)
{
    if (key_count > EXACT_KEYS_MOST)
        return SIZE_MAX;
    size_t entries = exact_sparse_bound(key_count);
    return mem_charge_of(key_count * sizeof(int64_t)) + mem_charge_of(key_count) +
           mem_charge_of(exact_sparse_slots(entries) * sizeof(uint32_t)) +
           mem_charge_of(entries * sizeof(uint32_t)) +
           mem_charge_of(entries * SUPER_LIMBS * sizeof(uint64_t));
}

static void drop_sparse(struct exact_sparse *sparse)
{
    mem_free(sparse->slots);
    mem_free(sparse->keys);
    mem_free(sparse->limbs);
    memset(sparse, 0, sizeof *sparse);
}

void exact_tile_drop_parts(struct exact_tile *tile)
{
    if (!tile->any)
        return;
    mem_free(tile->sums);
    mem_free(tile->limbs);
    mem_free(tile->carries);
    mem_free(tile->specials);
    drop_sparse(&tile->sparse);
    tile->sums = NULL;
    tile->limbs = NULL;
    tile->carries = NULL;
    tile->specials = NULL;
    tile->key_count = 0;
    tile->any = false;
}

enum error_code exact_tile_take_parts(struct exact_tile *tile, struct error *error)
{
    bool super = tile->grids.count == EXACT_GRIDS_SUPER;
    tile->sums = NULL;
    tile->limbs = NULL;
    tile->carries = NULL;
    tile->specials = NULL;
    tile->sparse = (struct exact_sparse){0};
    tile->stride = 1;
    tile->step = (size_t)tile->grids.count;
    tile->carried = false;
    tile->has_specials = false;
    tile->need = NEED_NOTHING;
    tile->met = tile->odd = 0;
    tile->patient = false;
    tile->any = true;
    exact_tile_choose(tile);
    tile->scatter = exact_scatter_chosen();
    return mem_alloc(&tile->own, sums_bytes(tile->key_count, tile->grids.count),
                     super ? (void **)&tile->limbs : (void **)&tile->sums, error);
}

void exact_tile_populate(struct exact_tile *tile)
{
    size_t bytes = sums_bytes(tile->key_count, tile->grids.count);
    mem_populate(tile->limbs != NULL ? (void *)tile->limbs : (void *)tile->sums, bytes);
}

static void begin_account(struct exact_tile *tile)
{
    size_t self = mem_charge_of(sizeof *tile);
    size_t limit = tile->limit == MEM_NO_LIMIT ? MEM_NO_LIMIT
                   : tile->limit > self        ? tile->limit - self
                                               : 0;
    mem_account_init(&tile->own, "exact sums", tile->account, limit);
}

static enum error_code check_keys(size_t key_count, struct error *error)
{
    if (key_count <= EXACT_KEYS_MOST)
        return ERROR_NONE;
    return error_set(error, ERROR_MEMORY, "%zu keys are more than the %zu that can be", key_count,
                     EXACT_KEYS_MOST);
}

enum error_code exact_tile_begin_any(struct exact_tile *tile, size_t key_count,
                                     struct exact_grids grids, struct error *error)
{
    TRY(exact_check_grid_count(grids.count, error));
    TRY(check_keys(key_count, error));
    exact_tile_drop_parts(tile);
    mem_free(tile->block);
    tile->block = NULL;
    tile->block_size = 0;
    begin_account(tile);
    tile->key_count = key_count;
    tile->grids = exact_grids_clamped(grids);
    tile->crowded = false;
    tile->rounds = 0;
    tile->lowest = INT32_MAX;
    tile->highest = INT32_MIN;
    memset(&tile->lows, 0, sizeof tile->lows);
    memset(&tile->highs, 0, sizeof tile->highs);
    return exact_tile_take_parts(tile, error);
}

void exact_tile_clear(struct exact_tile *tile)
{
    size_t bytes = sums_bytes(tile->key_count, tile->grids.count);
    memset(tile->limbs != NULL ? (void *)tile->limbs : (void *)tile->sums, 0, bytes);
    if (tile->carried)
        memset(tile->carries, 0, tile->key_count * sizeof *tile->carries);
    if (tile->has_specials)
        memset(tile->specials, 0, tile->key_count);
    tile->sparse.count = 0;
    tile->need = NEED_NOTHING;
    tile->met = tile->odd = 0;
}

static enum error_code take_carries(struct exact_tile *tile, struct error *error)
{
    TRY(mem_alloc_array(&tile->own, tile->key_count, sizeof *tile->carries, (void **)&tile->carries,
                        error));
    tile->carried = true;
    for (uint32_t k = 0; k < tile->key_count; k++)
        exact_tile_carry_full(tile, &k, 1);
    return ERROR_NONE;
}

static enum error_code take_specials(struct exact_tile *tile, struct error *error)
{
    TRY(mem_alloc(&tile->own, tile->key_count, (void **)&tile->specials, error));
    tile->has_specials = true;
    return ERROR_NONE;
}

static enum error_code take_sparse(struct exact_tile *tile, struct exact_sparse *sparse,
                                   struct error *error)
{
    sparse->slot_count = exact_sparse_slots(sparse->bound);
    TRY(mem_alloc_array(&tile->own, sparse->slot_count, sizeof *sparse->slots,
                        (void **)&sparse->slots, error));
    TRY(mem_alloc_array(&tile->own, sparse->bound, sizeof *sparse->keys, (void **)&sparse->keys,
                        error));
    return mem_alloc_array(&tile->own, sparse->bound, SUPER_LIMBS * sizeof *sparse->limbs,
                           (void **)&sparse->limbs, error);
}

/* More entries, or other grids where there are as many as may be. */
static enum error_code take_entries(struct exact_tile *tile, struct error *error)
{
    size_t most = exact_sparse_bound(tile->key_count);
    struct exact_sparse more = {.bound = tile->sparse.bound * ENTRIES_STEP};
    if (tile->sparse.bound >= most) {
        tile->need = NEED_GRIDS;
        return ERROR_NONE;
    }
    if (more.bound < ENTRIES_FIRST)
        more.bound = ENTRIES_FIRST;
    if (more.bound > most)
        more.bound = most;
    enum error_code code = take_sparse(tile, &more, error);
    if (code != ERROR_NONE) {
        drop_sparse(&more);
        return code;
    }
    exact_sparse_copy(&more, &tile->sparse);
    drop_sparse(&tile->sparse);
    tile->sparse = more;
    return ERROR_NONE;
}

enum error_code exact_tile_supply(struct exact_tile *tile, struct error *error)
{
    enum exact_need need = tile->need;
    if (need == NEED_CARRIES)
        TRY(take_carries(tile, error));
    if (need == NEED_SPECIALS)
        TRY(take_specials(tile, error));
    if (need == NEED_ENTRIES)
        TRY(take_entries(tile, error));
    if (tile->need != NEED_GRIDS)
        tile->need = NEED_NOTHING;
    return ERROR_NONE;
}

enum error_code exact_tile_make_room(struct exact_tile *tile, struct error *error)
{
    bool slow = tile->need == NEED_GRIDS; /* and not full */
    TRY(exact_tile_supply(tile, error));
    if (tile->need != NEED_GRIDS)
        return ERROR_NONE;
    struct exact_grids grids = exact_tile_advise(tile);
    if (grids.count == EXACT_GRIDS_SUPER && slow) {
        tile->patient = true;
        tile->need = NEED_NOTHING;
        return ERROR_NONE;
    }
    TRY(exact_tile_regrid(tile, grids, error));
    tile->rounds++;
    return ERROR_NONE;
}

static enum error_code grow_part(struct exact_tile *tile, void **part, size_t size, size_t larger,
                                 struct error *error)
{
    void *block;
    if (*part == NULL)
        return ERROR_NONE;
    TRY(mem_alloc(&tile->own, larger, &block, error));
    memcpy(block, *part, size);
    if (size > 0) /* keys do come: the rest will be used soon */
        mem_populate((uint8_t *)block + size, larger - size);
    mem_free(*part);
    *part = block;
    return ERROR_NONE;
}

/* Parts grow one by one, so that only one of them is there twice at a time; those that did before
 * one fails are larger than they need to be. */
enum error_code exact_tile_grow(struct exact_tile *tile, size_t key_count, struct error *error)
{
    size_t keys = tile->key_count;
    int grids = tile->grids.count;
    if (key_count <= keys)
        return ERROR_NONE;
    TRY(check_keys(key_count, error));
    size_t sums = sums_bytes(keys, grids), more = sums_bytes(key_count, grids);
    TRY(grow_part(tile, (void **)&tile->sums, sums, more, error));
    TRY(grow_part(tile, (void **)&tile->limbs, sums, more, error));
    TRY(grow_part(tile, (void **)&tile->carries, keys * sizeof *tile->carries,
                  key_count * sizeof *tile->carries, error));
    TRY(grow_part(tile, (void **)&tile->specials, keys, key_count, error));
    tile->key_count = key_count;
    return ERROR_NONE;
}
