/*
 * A table from keys to numbers 1, 2, 3 ..., with what is added up for each.
 *
 * Buckets hold numbers, found by linear probing from a place that is the leading bits of the hash
 * (behind those that all keys of the table share); the bits of a bucket that its number does not
 * need hold the next bits of the hash, so hardly a wrong key is ever looked at. Since places follow
 * the hash, buckets are nearly in the order of hashes, and ordering keys at the end costs little.
 * Where hashes crowd, however far buckets are doubled, somebody chose the keys so: then places come
 * from a second hash with a random seed, and keys are sorted at the end.
 *
 * Number 0 is no key.
 *
 * A table grows while memory allows; from the first refusal on it is closed and takes no new keys.
 * It belongs to one thread at a time.
 */
#ifndef WEIR_GROUP_TABLE_H
#define WEIR_GROUP_TABLE_H

#include "group/texts.h"
#include "group/totals.h"

/* Where a key's search begins. */
struct table_placing {
    unsigned bits; /* log2 of the places */
    unsigned skip; /* leading bits of the hash that say nothing */
    bool scrambled;
    uint64_t seed; /* of the second hash */
};

struct group_table {
    const struct group_shape *shape;
    struct mem_account *account;
    size_t reserve; /* bytes of the account that must be left when the table grows */
    bool closed;
    uint32_t count;    /* the highest number in use */
    uint32_t capacity; /* numbers there is room for, 0 included */
    struct table_placing placing;
    uint32_t *buckets;     /* places, and a few more; 0: empty */
    uint64_t *hashes;      /* by number */
    const uint8_t **texts; /* by number, of GROUP_BYTES: see group_text */
    struct group_texts store;
    struct group_totals totals;
    uint32_t *order; /* group_table_order: numbers by hash, then key; in place of buckets */
};

#define TABLE_PROBES_MOST 512
#define TABLE_CHUNK       32

/* An empty table with room for so many keys. skip: leading bits of the hash that its keys share.
 * Half-built tables are fit for release. */
CHECKED enum error_code group_table_init(struct group_table *table, const struct group_shape *shape,
                                         unsigned skip, size_t keys, struct mem_account *account,
                                         struct error *error);
void group_table_release(struct group_table *table);
/* Forgets all keys; keeps the memory of numbers. */
CHECKED enum error_code group_table_clear(struct group_table *table, struct error *error);

/* Bytes held by a table of so many keys of so many bytes each. */
size_t group_table_size(const struct group_shape *shape, size_t keys, size_t key_bytes);

/* Numbers of the keys of rows, 0 for those that are not there. Returns how many those are. */
uint32_t group_table_find(const struct group_table *table, const struct group_keys_slice *keys,
                          uint32_t *numbers);
/* The same; keys that are not there are put in as long as the table is open and can grow. */
uint32_t group_table_take(struct group_table *table, const struct group_keys_slice *keys,
                          uint32_t *numbers);
/* The number of one key; 0: not there. key is NULL for codes. */
uint32_t group_table_find_one(const struct group_table *table, uint64_t hash,
                              const struct key_bytes *key);
/* The number of one key, put in if need be; 0: not there. key is NULL for codes. */
uint32_t group_table_take_one(struct group_table *table, uint64_t hash,
                              const struct key_bytes *key);

/* Orders the keys; nothing can be found or put in any more. order has count numbers. */
void group_table_order(struct group_table *table);
/* <0, 0, >0: keys of two tables by hash, then bytes. */
int group_table_compare(const struct group_table *a, uint32_t a_number, const struct group_table *b,
                        uint32_t b_number);

/* ---- for the files of the table ---- */

uint64_t group_table_second_hash(const struct table_placing *placing, uint64_t hash,
                                 const struct key_bytes *key);

/* The place and, below it, the bits that go into a bucket. */
static inline uint32_t table_word(const struct table_placing *placing, uint64_t hash)
{
    return (uint32_t)(hash << placing->skip >> 32);
}

static inline uint32_t table_word_of(const struct table_placing *placing, uint64_t hash,
                                     const struct key_bytes *key)
{
    if (placing->scrambled)
        return (uint32_t)(group_table_second_hash(placing, hash, key) >> 32);
    return table_word(placing, hash);
}

/* Makes room for one more key; false closes the table. */
CHECKED bool group_table_grow(struct group_table *table);
/* Doubles the buckets; false: no memory, all is as before. */
CHECKED bool group_table_grow_buckets(struct group_table *table);

#endif
