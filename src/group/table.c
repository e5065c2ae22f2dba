#include "group/table.h"

#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

#include "group/hash.h"
#include "os/os.h"

#define FEWEST_KEYS 255 /* room to begin with */
#define FEWEST_BITS 9
#define MOST_BITS   30

static size_t bucket_count(unsigned bits)
{
    return ((size_t)1 << bits) + TABLE_PROBES_MOST;
}

/* At most three of four places are in use. */
static uint32_t keys_most(unsigned bits)
{
    return (uint32_t)(((uint64_t)3 << bits) / 4);
}

static unsigned bits_for(size_t keys)
{
    unsigned bits = FEWEST_BITS;
    while (bits < MOST_BITS && keys_most(bits) < keys)
        bits++;
    return bits;
}

static size_t numbers_size(const struct group_shape *shape, size_t capacity)
{
    size_t size = mem_charge_of(capacity * sizeof(uint64_t));
    size += shape->keys == GROUP_BYTES ? mem_charge_of(capacity * sizeof(uint8_t *)) : 0;
    return size + group_totals_size(shape, capacity);
}

size_t group_table_size(const struct group_shape *shape, size_t keys, size_t key_bytes)
{
    size_t capacity = keys < FEWEST_KEYS ? FEWEST_KEYS + 1 : keys + 1;
    size_t size = numbers_size(shape, capacity);
    size += mem_charge_of(bucket_count(bits_for(keys)) * sizeof(uint32_t));
    if (shape->keys == GROUP_BYTES)
        size += keys * (sizeof(uint32_t) + key_bytes) * 9 / 8 + 4096;
    return size;
}

/* ---- growing ---- */

static bool may_take(const struct group_table *table, size_t bytes)
{
    size_t left = mem_account_left(table->account);
    return left >= table->reserve && left - table->reserve >= bytes;
}

uint64_t group_table_second_hash(const struct table_placing *placing, uint64_t hash,
                                 const struct key_bytes *key)
{
    if (key == NULL)
        return group_hash(hash ^ placing->seed);
    return XXH3_64bits_withSeed(key->data, key->size, placing->seed);
}

static void scramble(struct table_placing *placing)
{
    placing->scrambled = true;
    placing->skip = 0;
    if (getrandom(&placing->seed, sizeof placing->seed, GRND_NONBLOCK) != sizeof placing->seed)
        placing->seed = group_hash(os_now_ns());
}

static uint32_t word_of_number(const struct group_table *table, const struct table_placing *placing,
                               uint32_t number)
{
    if (!placing->scrambled || table->texts == NULL)
        return table_word_of(placing, table->hashes[number], NULL);
    struct key_bytes key = group_text(table->texts[number]);
    return table_word_of(placing, table->hashes[number], &key);
}

/* Puts all numbers into empty buckets; false: somewhere they crowd. */
static bool fill_buckets(const struct group_table *table, const struct table_placing *placing,
                         uint32_t *buckets)
{
    for (uint32_t number = 1; number <= table->count; number++) {
        uint32_t word = word_of_number(table, placing, number);
        size_t at = word >> (32 - placing->bits), end = at + TABLE_PROBES_MOST - 1;
        while (buckets[at] != 0 && at < end)
            at++;
        if (buckets[at] != 0)
            return false;
        buckets[at] = word << placing->bits | number;
    }
    return true;
}

static bool try_placing(struct group_table *table, const struct table_placing *placing,
                        bool *ret_crowded)
{
    struct error ignored;
    void *buckets;
    size_t size = bucket_count(placing->bits) * sizeof(uint32_t);
    *ret_crowded = false;
    if (!may_take(table, mem_charge_of(size)) ||
        mem_alloc(table->account, size, &buckets, &ignored) != ERROR_NONE)
        return false;
    mem_populate(buckets, size);
    *ret_crowded = !fill_buckets(table, placing, buckets);
    if (*ret_crowded) {
        mem_free(buckets);
        return false;
    }
    mem_free(table->buckets);
    table->buckets = buckets;
    table->placing = *placing;
    return true;
}

bool group_table_grow_buckets(struct group_table *table)
{
    struct table_placing placing = table->placing;
    bool crowded = true;
    while (crowded && placing.bits < MOST_BITS) {
        placing.bits++;
        /* Crowded where fewer than one place of 16 is taken: these hashes are no accident. */
        if (!placing.scrambled && table->count >> (placing.bits - 4) == 0 &&
            table->count >= TABLE_PROBES_MOST / 2) {
            scramble(&placing);
            placing.bits = bits_for((size_t)table->count * 2);
        }
        if (try_placing(table, &placing, &crowded))
            return true;
    }
    return false;
}

static enum error_code grow_array(struct mem_account *account, size_t used, size_t capacity,
                                  void **array, struct error *error)
{
    void *grown;
    TRY(mem_alloc_array(account, capacity, sizeof(uint64_t), &grown, error));
    if (used > 0)
        memcpy(grown, *array, used * sizeof(uint64_t));
    mem_free(*array);
    *array = grown;
    return ERROR_NONE;
}

static enum error_code reserve_numbers(struct group_table *table, uint32_t capacity,
                                       struct error *error)
{
    uint32_t used = table->capacity;
    TRY(group_totals_reserve(&table->totals, capacity, error));
    TRY(grow_array(table->account, used, capacity, (void **)&table->hashes, error));
    if (table->shape->keys == GROUP_BYTES)
        TRY(grow_array(table->account, used, capacity, (void **)&table->texts, error));
    table->capacity = capacity;
    return ERROR_NONE;
}

static bool grow_numbers(struct group_table *table, uint32_t more)
{
    struct error ignored;
    uint32_t capacity = table->capacity + more;
    return capacity < (uint32_t)1 << 31 && may_take(table, numbers_size(table->shape, capacity)) &&
           reserve_numbers(table, capacity, &ignored) == ERROR_NONE;
}

bool group_table_grow(struct group_table *table)
{
    if (table->closed)
        return false;
    bool ready = true;
    if (table->count + 1 >= table->capacity)
        ready =
            grow_numbers(table, table->capacity / 2) || grow_numbers(table, table->capacity / 8);
    if (ready && table->count + 1 > keys_most(table->placing.bits))
        ready = group_table_grow_buckets(table);
    table->closed = !ready;
    return ready;
}

/* ---- life ---- */

enum error_code group_table_init(struct group_table *table, const struct group_shape *shape,
                                 unsigned skip, size_t keys, struct mem_account *account,
                                 struct error *error)
{
    uint32_t capacity = (uint32_t)(keys < FEWEST_KEYS ? FEWEST_KEYS + 1 : keys + 1);
    *table = (struct group_table){.shape = shape, .account = account};
    table->placing = (struct table_placing){.bits = bits_for(keys), .skip = skip};
    group_texts_init(&table->store, account);
    TRY(group_totals_init(&table->totals, shape, account, error));
    TRY(mem_alloc_array(account, bucket_count(table->placing.bits), sizeof(uint32_t),
                        (void **)&table->buckets, error));
    return reserve_numbers(table, capacity, error);
}

void group_table_release(struct group_table *table)
{
    group_totals_release(&table->totals);
    group_texts_release(&table->store);
    mem_free(table->buckets);
    mem_free(table->hashes);
    mem_free(table->texts);
    *table = (struct group_table){.closed = true};
}

enum error_code group_table_clear(struct group_table *table, struct error *error)
{
    table->count = 0;
    table->closed = false;
    group_texts_release(&table->store);
    memset(table->buckets, 0, bucket_count(table->placing.bits) * sizeof(uint32_t));
    return group_totals_clear(&table->totals, error);
}
