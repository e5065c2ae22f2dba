#include "exact/tile.h"

#include <math.h>
#include <string.h>

/* Where the parts stand in the block, in bytes. */
struct layout {
    size_t sums, additions, carries, specials, slots, keys, limbs, size;
};

static size_t take(size_t *size, size_t count, size_t each)
{
    size_t at = *size;
    *size += (count * each + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
    return at;
}

static size_t stride_of(size_t key_count)
{
    return (key_count + 7) / 8 * 8;
}

static size_t block_count(size_t key_count)
{
    return (key_count + EXACT_BLOCK - 1) / EXACT_BLOCK;
}

/* key_count is at most EXACT_KEYS_MOST, so nothing overflows. */
static struct layout layout_of(size_t key_count, int grid_count)
{
    struct layout layout = {0};
    bool dense = grid_count != EXACT_GRIDS_SUPER;
    size_t stride = dense ? stride_of(key_count) : 0;
    size_t entries = dense ? exact_sparse_bound(key_count) : key_count;
    layout.sums = take(&layout.size, stride * (size_t)grid_count, sizeof(double));
    layout.additions = take(&layout.size, dense ? block_count(key_count) : 0, sizeof(uint16_t));
    layout.carries = take(&layout.size, stride, sizeof(int64_t));
    layout.specials = take(&layout.size, key_count, sizeof(uint8_t));
    layout.slots = take(&layout.size, dense ? exact_sparse_slots(entries) : 0, sizeof(uint32_t));
    layout.keys = take(&layout.size, dense ? entries : 0, sizeof(uint32_t));
    layout.limbs = take(&layout.size, entries, SUPER_LIMBS * sizeof(uint64_t));
    return layout;
}

size_t exact_tile_size(size_t key_count, int grid_count)
{
    if (key_count > EXACT_KEYS_MOST)
        return SIZE_MAX;
    return mem_charge_of(sizeof(struct exact_tile)) +
           mem_charge_of(layout_of(key_count, grid_count).size);
}

enum error_code exact_tile_create(struct mem_account *account, size_t limit,
                                  struct exact_tile **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct exact_tile), &memory, error));
    struct exact_tile *tile = memory;
    tile->account = account;
    tile->limit = limit;
    tile->step = 1;
    *ret = tile;
    return ERROR_NONE;
}

void exact_tile_destroy(struct exact_tile *tile)
{
    if (tile == NULL)
        return;
    exact_tile_drop_parts(tile);
    mem_free(tile->block);
    mem_free(tile);
}

size_t exact_tile_key_limit(const struct exact_tile *tile, int grid_count)
{
    size_t fits = 0, beyond = EXACT_KEYS_MOST + 1;
    if (exact_tile_size(0, grid_count) > tile->limit)
        return 0;
    while (beyond - fits > 1) {
        size_t middle = fits + (beyond - fits) / 2;
        if (exact_tile_size(middle, grid_count) <= tile->limit)
            fits = middle;
        else
            beyond = middle;
    }
    return fits;
}

struct exact_grids exact_grids_clamped(struct exact_grids grids)
{
    int least = SUPER_LOWEST - 1 + EXACT_GRID_BITS * grids.count;
    if (grids.exponent < least)
        grids.exponent = least;
    if (grids.exponent > EXACT_EXPONENT_MOST)
        grids.exponent = EXACT_EXPONENT_MOST;
    return grids;
}

enum error_code exact_check_grid_count(int grid_count, struct error *error)
{
    if (grid_count != EXACT_GRIDS_SUPER && (grid_count < 2 || grid_count > EXACT_GRIDS_MOST))
        return error_set(error, ERROR_INTERNAL, "a tile cannot have %d grids", grid_count);
    return ERROR_NONE;
}

static enum error_code check_begin(const struct exact_tile *tile, size_t key_count, int grid_count,
                                   struct error *error)
{
    TRY(exact_check_grid_count(grid_count, error));
    size_t limit = exact_tile_key_limit(tile, grid_count);
    if (key_count <= limit)
        return ERROR_NONE;
    enum error_code code = error_set(
        error, ERROR_MEMORY, "a tile of %zu keys is asked for where %zu fit", key_count, limit);
    error_hint(error, "a higher --memory");
    return code;
}

static enum error_code renew_block(struct exact_tile *tile, size_t size, struct error *error)
{
    if (tile->block != NULL && size <= tile->block_size)
        return ERROR_NONE;
    mem_free(tile->block);
    tile->block = NULL;
    tile->block_size = 0;
    tile->key_count = 0;
    TRY(mem_alloc(tile->account, size, &tile->block, error));
    tile->block_size = size;
    return ERROR_NONE;
}

static void cut_block(struct exact_tile *tile, const struct layout *layout)
{
    uint8_t *block = tile->block;
    bool dense = tile->grids.count != EXACT_GRIDS_SUPER;
    size_t entries = exact_sparse_bound(tile->key_count);
    tile->sums = (double *)(block + layout->sums);
    tile->stride = stride_of(tile->key_count);
    tile->step = 1;
    tile->additions = (uint16_t *)(block + layout->additions);
    tile->carries = (int64_t *)(block + layout->carries);
    tile->specials = block + layout->specials;
    tile->limbs = dense ? NULL : (uint64_t *)(block + layout->limbs);
    tile->sparse = (struct exact_sparse){
        .slots = (uint32_t *)(block + layout->slots),
        .slot_count = exact_sparse_slots(entries),
        .keys = (uint32_t *)(block + layout->keys),
        .limbs = (uint64_t *)(block + layout->limbs),
        .bound = entries,
    };
}

/* Sums and additions stand side by side at the front; the rest is cleaned on first use. */
static void clean(struct exact_tile *tile, const struct layout *layout)
{
    if (tile->limbs != NULL)
        memset(tile->limbs, 0, layout->size - layout->limbs);
    else
        memset(tile->block, 0, layout->carries);
    tile->carried = false;
    tile->has_specials = false;
    tile->crowded = false;
    tile->lowest = INT32_MAX;
    tile->highest = INT32_MIN;
}

void exact_tile_choose(struct exact_tile *tile)
{
    tile->split.bound = ldexp(1.0, tile->grids.exponent);
    for (int g = 0; g < tile->grids.count; g++) {
        tile->split.limit[g] = ldexp(1.0, 52 + exact_unit(tile->grids, g));
        tile->split.constant[g] = 1.5 * tile->split.limit[g];
    }
    tile->add = exact_kernels_chosen()->add[tile->grids.count];
}

enum error_code exact_tile_begin(struct exact_tile *tile, size_t key_count,
                                 struct exact_grids grids, struct error *error)
{
    TRY(check_begin(tile, key_count, grids.count, error));
    struct layout layout = layout_of(key_count, grids.count);
    exact_tile_drop_parts(tile);
    TRY(renew_block(tile, layout.size, error));
    bool advised =
        tile->crowded && grids.count == tile->next.count && grids.exponent == tile->next.exponent;
    tile->rounds = advised ? tile->rounds + 1 : 0;
    tile->key_count = key_count;
    tile->grids = exact_grids_clamped(grids);
    cut_block(tile, &layout);
    clean(tile, &layout);
    exact_tile_choose(tile);
    return ERROR_NONE;
}
