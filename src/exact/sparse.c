#include "exact/sparse.h"

#include <string.h>

#include "exact/superaccumulator.h"

/* A tile with more such keys than this is better done again with more grids: 17 KiB for 64 entries.
 */
#define ENTRIES_LEAST 1024
#define ENTRY_SHARE   32 /* of the keys, one in so many */

size_t exact_sparse_bound(size_t key_count)
{
    size_t bound = key_count / ENTRY_SHARE;
    if (bound < ENTRIES_LEAST)
        bound = ENTRIES_LEAST;
    return bound < key_count ? bound : key_count;
}

size_t exact_sparse_slots(size_t bound)
{
    size_t slots = 16;
    while (slots < 2 * bound)
        slots *= 2;
    return slots;
}

/* The slot that holds the key's entry, or the empty one where it would go. */
static size_t slot_of(const struct exact_sparse *sparse, uint32_t key)
{
    size_t mask = sparse->slot_count - 1;
    size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
    while (sparse->slots[slot] != 0 && sparse->keys[sparse->slots[slot] - 1] != key)
        slot = (slot + 1) & mask;
    return slot;
}

static uint64_t *limbs_of(const struct exact_sparse *sparse, size_t entry)
{
    return sparse->limbs + entry * SUPER_LIMBS;
}

uint64_t *exact_sparse_find(const struct exact_sparse *sparse, uint32_t key)
{
    if (sparse->count == 0)
        return NULL;
    size_t slot = slot_of(sparse, key);
    return sparse->slots[slot] != 0 ? limbs_of(sparse, sparse->slots[slot] - 1) : NULL;
}

uint64_t *exact_sparse_require(struct exact_sparse *sparse, uint32_t key)
{
    if (sparse->bound == 0)
        return NULL;
    if (sparse->count == 0)
        memset(sparse->slots, 0, sparse->slot_count * sizeof *sparse->slots);
    size_t slot = slot_of(sparse, key);
    if (sparse->slots[slot] != 0)
        return limbs_of(sparse, sparse->slots[slot] - 1);
    if (sparse->count == sparse->bound)
        return NULL;
    size_t entry = sparse->count++;
    sparse->slots[slot] = (uint32_t)entry + 1;
    sparse->keys[entry] = key;
    return memset(limbs_of(sparse, entry), 0, SUPER_LIMBS * sizeof(uint64_t));
}

void exact_sparse_copy(struct exact_sparse *to, const struct exact_sparse *from)
{
    for (size_t e = 0; e < from->count; e++)
        memcpy(exact_sparse_require(to, from->keys[e]), limbs_of(from, e),
               SUPER_LIMBS * sizeof(uint64_t));
}
