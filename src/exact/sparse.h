/*
 * The sparse store of a tile: superaccumulators for the few keys that met a value which the dense
 * grids could not take.
 *
 * An open-addressing table leads from a key to its entry; entries are handed out in order and never
 * given back before the next begin. The arrays belong to the tile's block, hold anything at first,
 * and are cleaned when they are needed: a store that stays empty is never touched.
 */
#ifndef WEIR_EXACT_SPARSE_H
#define WEIR_EXACT_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exact_sparse {
    uint32_t *slots; /* entry + 1, or 0 for an empty slot; slot_count is a power of two */
    size_t slot_count;
    uint32_t *keys;  /* of each entry */
    uint64_t *limbs; /* SUPER_LIMBS of each entry */
    size_t bound;    /* entries there can be */
    size_t count;    /* entries there are */
};

/* Entries and slots of the store of a tile with key_count keys. */
size_t exact_sparse_bound(size_t key_count);
size_t exact_sparse_slots(size_t bound);

/* The limbs of a key, or NULL. */
uint64_t *exact_sparse_find(const struct exact_sparse *sparse, uint32_t key);

/* The same, with a new entry of value 0 where there is none; NULL when the store is full. */
uint64_t *exact_sparse_require(struct exact_sparse *sparse, uint32_t key);

/* Copies all entries to a store without any; its bound is no lower. */
void exact_sparse_copy(struct exact_sparse *to, const struct exact_sparse *from);
#endif
