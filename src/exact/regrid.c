#include <string.h>

#include "exact/tile.h"

/* A carry taken over at once, and one that is no longer added to: far from 2^63 for good. */
#define CARRY_BITS 60
#define CARRY_MOST ((int64_t)1 << 62)

/* Bits position..position+count-1 of the limbs; they become 0. count is below 64, and two limbs
 * from the first one on are there. */
static uint64_t take_bits(uint64_t *limbs, int position, unsigned count)
{
    uint64_t *at = limbs + position / 64;
    unsigned shift = (unsigned)position % 64;
    unsigned __int128 mask = (((unsigned __int128)1 << count) - 1) << shift;
    unsigned __int128 pair = (unsigned __int128)at[1] << 64 | at[0];
    uint64_t bits = (uint64_t)((pair & mask) >> shift);
    at[0] &= ~(uint64_t)mask;
    at[1] &= ~(uint64_t)(mask >> 64);
    return bits;
}

/* A magnitude, cut into what each grid gets and what is left. */
struct cut {
    uint64_t grid[EXACT_GRIDS_MOST];
    uint64_t carry;
    uint64_t rest[SUPER_LIMBS];
    bool negative, has_rest;
};

static void cut_limbs(const struct exact_tile *tile, size_t key, const uint64_t *limbs,
                      struct cut *ret)
{
    memcpy(ret->rest, limbs, sizeof ret->rest);
    ret->negative = limbs_make_positive(ret->rest, SUPER_LIMBS);
    for (int g = 0; g < tile->grids.count; g++)
        ret->grid[g] =
            take_bits(ret->rest, exact_unit(tile->grids, g) - SUPER_LOWEST, EXACT_GRID_BITS);
    int64_t carried = tile->carries != NULL ? tile->carries[key] : 0;
    bool full = carried >= CARRY_MOST || carried <= -CARRY_MOST;
    int position = exact_unit(tile->grids, -1) - SUPER_LOWEST;
    ret->carry = full ? 0 : take_bits(ret->rest, position, CARRY_BITS);
    ret->has_rest = false;
    for (size_t i = 0; i < SUPER_LIMBS; i++)
        ret->has_rest |= ret->rest[i] != 0;
}

static void note_rest(struct exact_tile *tile, const uint64_t *rest)
{
    int first = 0, last = SUPER_LIMBS - 1;
    while (rest[first] == 0)
        first++;
    while (rest[last] == 0)
        last--;
    exact_tile_note_range(tile, SUPER_LOWEST + first * 64 + __builtin_ctzll(rest[first]),
                          SUPER_LOWEST + last * 64 + 64 - __builtin_clzll(rest[last]));
}

static void add_limbs(uint64_t *limbs, const uint64_t *more)
{
    unsigned __int128 sum = 0;
    for (size_t i = 0; i < SUPER_LIMBS; i++) {
        sum += (unsigned __int128)limbs[i] + more[i];
        limbs[i] = (uint64_t)sum;
        sum >>= 64;
    }
}

static void subtract_limbs(uint64_t *limbs, const uint64_t *less)
{
    bool borrow = false;
    for (size_t i = 0; i < SUPER_LIMBS; i++) {
        bool under = __builtin_sub_overflow(limbs[i], less[i], &limbs[i]);
        under |= __builtin_sub_overflow(limbs[i], (uint64_t)borrow, &limbs[i]);
        borrow = under;
    }
}

/* The rest goes to the sparse store; nothing is changed where there is no room. */
static bool put_rest(struct exact_tile *tile, size_t key, const struct cut *cut)
{
    if (cut->carry != 0 && tile->carries == NULL) {
        tile->need = NEED_CARRIES;
        return false;
    }
    if (!cut->has_rest)
        return true;
    note_rest(tile, cut->rest);
    uint64_t *entry = exact_sparse_require(&tile->sparse, (uint32_t)key);
    if (entry == NULL) {
        tile->need = NEED_ENTRIES;
        return false;
    }
    if (cut->negative)
        subtract_limbs(entry, cut->rest);
    else
        add_limbs(entry, cut->rest);
    return true;
}

static void put_dense(struct exact_tile *tile, size_t key, const struct cut *cut)
{
    double sign = cut->negative ? -1 : 1;
    uint32_t number = (uint32_t)key;
    for (int g = 0; g < tile->grids.count; g++) {
        double unit = tile->split.limit[g] * 0x1p-52;
        tile->sums[key * tile->step + (size_t)g] += sign * (double)cut->grid[g] * unit;
    }
    if (cut->carry != 0)
        tile->carries[key] += cut->negative ? -(int64_t)cut->carry : (int64_t)cut->carry;
    exact_tile_carry_full(tile, &number, 1);
}

bool exact_tile_put(struct exact_tile *tile, size_t key, const uint64_t limbs[static SUPER_LIMBS])
{
    struct cut cut;
    if (tile->limbs != NULL) {
        add_limbs(tile->limbs + key * SUPER_LIMBS, limbs);
        return true;
    }
    cut_limbs(tile, key, limbs, &cut);
    if (!put_rest(tile, key, &cut))
        return false;
    put_dense(tile, key, &cut);
    return true;
}

/* Keys that were never added to are passed over quickly. */
static bool is_empty(const struct exact_tile *tile, size_t key)
{
    if (tile->limbs != NULL)
        return false;
    for (int g = 0; g < tile->grids.count; g++)
        if (tile->sums[key * tile->step + (size_t)g] != 0)
            return false;
    return (!tile->carried || tile->carries[key] == 0) &&
           exact_sparse_find(&tile->sparse, (uint32_t)key) == NULL;
}

/* Stops where the grids turn out not to hold the sums: NEED_GRIDS. */
static enum error_code fill(struct exact_tile *tile, const struct exact_tile *from,
                            struct error *error)
{
    uint64_t limbs[SUPER_LIMBS];
    for (size_t k = 0; k < from->key_count; k++) {
        if (is_empty(from, k))
            continue;
        exact_tile_wide(from, k, limbs);
        bool put = false;
        while (!put || tile->need != NEED_NOTHING) {
            put = put || exact_tile_put(tile, k, limbs);
            TRY(exact_tile_supply(tile, error));
            if (tile->need == NEED_GRIDS)
                return ERROR_NONE;
        }
    }
    return ERROR_NONE;
}

static enum error_code take_over(struct exact_tile *tile, const struct exact_tile *from,
                                 struct error *error)
{
    TRY(exact_tile_take_parts(tile, error));
    TRY(fill(tile, from, error));
    while (tile->need == NEED_GRIDS) {
        size_t key_count = tile->key_count;
        exact_tile_drop_parts(tile);
        tile->key_count = key_count;
        tile->grids = exact_tile_more_grids(tile);
        TRY(exact_tile_take_parts(tile, error));
        TRY(fill(tile, from, error));
    }
    return ERROR_NONE;
}

enum error_code exact_tile_regrid(struct exact_tile *tile, struct exact_grids grids,
                                  struct error *error)
{
    TRY(exact_check_grid_count(grids.count, error));
    struct exact_tile old = *tile;
    tile->grids = exact_grids_clamped(grids);
    enum error_code code = take_over(tile, &old, error);
    if (code != ERROR_NONE) {
        exact_tile_drop_parts(tile);
        *tile = old;
        return code;
    }
    tile->specials = old.specials;
    tile->has_specials = old.has_specials;
    old.specials = NULL;
    exact_tile_drop_parts(&old);
    return ERROR_NONE;
}
