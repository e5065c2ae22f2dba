/*
 * Looking up keys. Many go in chunks through steps: their buckets are asked for, then candidates,
 * then these are compared, so that waiting for memory overlaps.
 */
#include "group/table.h"

/* A key for which there is no memory closes the table unless it is as long as this. */
#define LONG_KEY ((uint32_t)64 << 10)

/* The number in the first bucket from the place on whose bits of the hash are those of the word; 0:
 * there is none. There is always an empty bucket. */
static inline uint32_t candidate(const struct group_table *table, uint32_t word)
{
    unsigned bits = table->placing.bits;
    const uint32_t *bucket = table->buckets + (word >> (32 - bits));
    uint32_t wanted = word << bits, mask = ((uint32_t)1 << bits) - 1;
    while (*bucket != 0 && ((*bucket ^ wanted) & ~mask) != 0)
        bucket++;
    return *bucket & mask;
}

static inline bool is_key(const struct group_table *table, uint32_t number, uint64_t hash,
                          const struct key_bytes *key)
{
    if (table->hashes[number] != hash)
        return false;
    if (key == NULL)
        return true;
    struct key_bytes text = group_text(table->texts[number]);
    return text.size == key->size && memcmp(text.data, key->data, key->size) == 0;
}

/* Looks at all candidates; 0 and the empty bucket's index when the key is not there. */
static uint32_t search(const struct group_table *table, uint32_t word, uint64_t hash,
                       const struct key_bytes *key, size_t *ret_empty)
{
    unsigned bits = table->placing.bits;
    uint32_t wanted = word << bits, mask = ((uint32_t)1 << bits) - 1;
    size_t at = word >> (32 - bits);
    for (; table->buckets[at] != 0; at++) {
        uint32_t bucket = table->buckets[at];
        if (((bucket ^ wanted) & ~mask) == 0 && is_key(table, bucket & mask, hash, key))
            return bucket & mask;
    }
    *ret_empty = at;
    return 0;
}

static bool keep_text(struct group_table *table, const struct key_bytes *key, uint32_t number)
{
    struct error ignored;
    if (key == NULL)
        return true;
    size_t cost = group_texts_cost(&table->store, key->size);
    size_t left = mem_account_left(table->account);
    if (cost > 0 && (left < table->reserve || left - table->reserve < cost))
        return false;
    return group_texts_add(&table->store, key->data, key->size, &table->texts[number], &ignored) ==
           ERROR_NONE;
}

/* An empty bucket for a key that is not there, with room for its number; false: closed. */
static bool find_room(struct group_table *table, uint64_t hash, const struct key_bytes *key,
                      size_t *at, uint32_t *word)
{
    size_t place = *word >> (32 - table->placing.bits);
    if (table->count + 1 < table->capacity &&
        (uint64_t)table->count + 1 <= ((uint64_t)3 << table->placing.bits) / 4 &&
        *at - place < TABLE_PROBES_MOST)
        return !table->closed;
    if (!group_table_grow(table))
        return false;
    *word = table_word_of(&table->placing, hash, key);
    search(table, *word, hash, key, at);
    while (*at - (*word >> (32 - table->placing.bits)) >= TABLE_PROBES_MOST) {
        if (!group_table_grow_buckets(table)) {
            table->closed = true;
            return false;
        }
        *word = table_word_of(&table->placing, hash, key);
        search(table, *word, hash, key, at);
    }
    return true;
}

uint32_t group_table_find_one(const struct group_table *table, uint64_t hash,
                              const struct key_bytes *key)
{
    size_t empty;
    return search(table, table_word_of(&table->placing, hash, key), hash, key, &empty);
}

uint32_t group_table_take_one(struct group_table *table, uint64_t hash, const struct key_bytes *key)
{
    uint32_t word = table_word_of(&table->placing, hash, key);
    size_t at;
    uint32_t number = search(table, word, hash, key, &at);
    if (number != 0 || table->closed || !find_room(table, hash, key, &at, &word))
        return number;
    number = table->count + 1;
    if (!keep_text(table, key, number)) {
        table->closed = key->size < LONG_KEY;
        return 0;
    }
    table->hashes[number] = hash;
    table->buckets[at] = word << table->placing.bits | number;
    table->count = number;
    return number;
}

/* ---- many keys ---- */

/* A few rows on their way: where the search for each begins. */
struct chunk {
    const struct group_keys_slice *keys;
    uint32_t first, count;
    uint32_t words[TABLE_CHUNK];
};

static void make_words(const struct group_table *table, struct chunk *chunk)
{
    const struct table_placing placing = table->placing;
    const uint64_t *hashes = chunk->keys->hashes + chunk->first;
    for (uint32_t i = 0; i < chunk->count && !placing.scrambled; i++)
        chunk->words[i] = table_word(&placing, hashes[i]);
    for (uint32_t i = 0; i < chunk->count && placing.scrambled; i++) {
        struct key_bytes key = {NULL, 0};
        if (table->texts != NULL)
            key = group_row_key(chunk->keys, chunk->first + i);
        chunk->words[i] = table_word_of(&placing, hashes[i], table->texts != NULL ? &key : NULL);
    }
}

/* First step: asks for the buckets. */
static void begin_chunk(const struct group_table *table, struct chunk *chunk,
                        const struct group_keys_slice *keys, uint32_t first)
{
    uint32_t left = first < keys->row_count ? keys->row_count - first : 0;
    chunk->keys = keys;
    chunk->first = first;
    chunk->count = left < TABLE_CHUNK ? left : TABLE_CHUNK;
    make_words(table, chunk);
    for (uint32_t i = 0; i < chunk->count; i++)
        __builtin_prefetch(table->buckets + (chunk->words[i] >> (32 - table->placing.bits)));
}

/* Second step: finds candidates and asks for what tells whether they are the keys. */
static void find_candidates(const struct group_table *table, const struct chunk *chunk,
                            uint32_t *numbers)
{
    numbers += chunk->first;
    for (uint32_t i = 0; i < chunk->count; i++) {
        numbers[i] = candidate(table, chunk->words[i]);
        __builtin_prefetch(table->hashes + numbers[i]);
        if (table->texts != NULL)
            __builtin_prefetch(table->texts + numbers[i]);
    }
}

/* Between the second and the third, where keys have bytes. */
static void ask_for_texts(const struct group_table *table, const struct chunk *chunk,
                          const uint32_t *numbers)
{
    for (uint32_t i = 0; i < chunk->count; i++)
        __builtin_prefetch(table->texts[numbers[chunk->first + i]]);
}

/* Third step: whether a candidate is the key; if not, all candidates are looked at. */
static inline uint32_t confirm(const struct group_table *table, const struct chunk *chunk,
                               uint32_t i, uint32_t number)
{
    uint64_t hash = chunk->keys->hashes[chunk->first + i];
    struct key_bytes text, *key = NULL;
    size_t empty;
    if (table->texts != NULL) {
        text = group_row_key(chunk->keys, chunk->first + i);
        key = &text;
    }
    if (number == 0 || is_key(table, number, hash, key))
        return number;
    return search(table, chunk->words[i], hash, key, &empty);
}

static uint32_t confirm_chunk(const struct group_table *table, const struct chunk *chunk,
                              uint32_t *numbers)
{
    uint32_t missing = 0;
    numbers += chunk->first;
    for (uint32_t i = 0; i < chunk->count; i++) {
        numbers[i] = confirm(table, chunk, i, numbers[i]);
        missing += numbers[i] == 0;
    }
    return missing;
}

/* The third step where keys may be put in. Candidates were looked for before those of the rows in
 * front were: what has none, or another, is looked for again. */
static uint32_t take_chunk(struct group_table *table, const struct chunk *chunk, uint32_t *numbers)
{
    const uint64_t *hashes = chunk->keys->hashes + chunk->first;
    uint32_t missing = 0;
    numbers += chunk->first;
    for (uint32_t i = 0; i < chunk->count; i++) {
        struct key_bytes text, *key = NULL;
        if (table->texts != NULL) {
            text = group_row_key(chunk->keys, chunk->first + i);
            key = &text;
        }
        if (numbers[i] == 0 || !is_key(table, numbers[i], hashes[i], key))
            numbers[i] = group_table_take_one(table, hashes[i], key);
        missing += numbers[i] == 0;
    }
    return missing;
}

/* Each chunk is in another step, so that one waits for memory while another is worked on. taking is
 * the table, or NULL where nothing is to be put in. */
static uint32_t look_up(const struct group_table *table, struct group_table *taking,
                        const struct group_keys_slice *keys, uint32_t *numbers)
{
    struct chunk chunks[4];
    uint32_t missing = 0, count = (keys->row_count + TABLE_CHUNK - 1) / TABLE_CHUNK;
    for (uint32_t step = 0; step < count + 3; step++) {
        if (step < count)
            begin_chunk(table, &chunks[step % 4], keys, step * TABLE_CHUNK);
        if (step >= 1 && step - 1 < count)
            find_candidates(table, &chunks[(step - 1) % 4], numbers);
        if (step >= 2 && step - 2 < count && table->texts != NULL)
            ask_for_texts(table, &chunks[(step - 2) % 4], numbers);
        if (step >= 3 && taking != NULL)
            missing += take_chunk(taking, &chunks[(step - 3) % 4], numbers);
        if (step >= 3 && taking == NULL)
            missing += confirm_chunk(table, &chunks[(step - 3) % 4], numbers);
    }
    return missing;
}

uint32_t group_table_find(const struct group_table *table, const struct group_keys_slice *keys,
                          uint32_t *numbers)
{
    return look_up(table, NULL, keys, numbers);
}

uint32_t group_table_take(struct group_table *table, const struct group_keys_slice *keys,
                          uint32_t *numbers)
{
    return look_up(table, table, keys, numbers);
}
