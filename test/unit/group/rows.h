/*
 * Random rows and what their sums are, for tests of grouping: plain arrays, one entry a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group/group.h"
#include "group/hash.h"
#include "os/os.h"

#define VALUES    4
#define KEYS_MOST 200000
#define BATCH     4096
#define TEXT_MOST 64
#define THREADS   4
#define FRACTION  20 /* doubles are multiples of 2^-20, so that sums in integers are exact */
#define DECIMALS  6  /* bytes of a decimal, at most */
#define MIB       ((size_t)1 << 20)

enum pattern {
    SPREAD,    /* codes far apart, hashes as they are */
    SAME_BITS, /* hashes 0, 1, 2 ...: all leading bits are the same */
    FEW_HASHES /* of bytes: many keys share a hash */
};

/* What a test asks for. */
struct scene {
    enum group_keys kind;
    enum pattern pattern;
    uint32_t keys;
    uint32_t rows;  /* of each thread */
    unsigned nulls; /* one value of so many is missing; 0: none */
    unsigned skew;  /* the key is the least of so many drawn */
    bool ascending; /* keys come in order */
    unsigned threads;
    size_t limit;
    uint64_t expected;
    uint32_t long_key; /* every so many keys have long texts; 0: none */
    uint64_t seed;
};

/* What is expected of a key. */
struct expected {
    uint64_t rows, counts[VALUES];
    __int128 sums[3]; /* doubles in units, integers, decimals */
    int64_t minimum, maximum;
    bool met;
};

/* A batch of one thread. */
struct batch {
    uint32_t count;
    uint32_t keys[BATCH];
    uint64_t codes[BATCH], hashes[BATCH];
    uint32_t offsets[BATCH + 1];
    uint8_t bytes[BATCH * TEXT_MOST * 4];
    double doubles[BATCH];
    int64_t integers[BATCH];
    uint8_t decimals[BATCH][DECIMALS];
    struct column_bytes texts[2][BATCH];
    uint8_t present[VALUES][BATCH];
    struct column_slice slices[VALUES];
};

static inline uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return group_hash(*state);
}

/* ---- keys ---- */

static inline uint64_t code_of(const struct scene *scene, uint32_t key)
{
    if (scene->kind == GROUP_DENSE)
        return key;
    return scene->pattern == SAME_BITS ? group_code(key) : (uint64_t)key << 33 | key % 7;
}

static inline uint32_t text_of(const struct scene *scene, uint32_t key, char *text)
{
    uint32_t size = (uint32_t)snprintf(text, TEXT_MOST, "%u", key);
    uint32_t pad = key % 5;
    if (scene->long_key > 0 && key % scene->long_key == 0)
        pad = TEXT_MOST * 3;
    memset(text + size, '.', pad);
    return size + pad;
}

static inline uint64_t hash_of_text(const struct scene *scene, uint32_t key, const char *text,
                                    uint32_t size)
{
    if (scene->pattern == FEW_HASHES)
        return key % 3;
    return scene->pattern == SAME_BITS ? key : key_hash((const uint8_t *)text, size);
}

static inline uint32_t draw_key(const struct scene *scene, uint64_t *state, uint32_t row)
{
    if (scene->ascending)
        return (uint32_t)((uint64_t)row * scene->keys / scene->rows);
    uint32_t key = (uint32_t)(next_random(state) % scene->keys);
    for (unsigned i = 1; i < scene->skew; i++) {
        uint32_t other = (uint32_t)(next_random(state) % scene->keys);
        key = other < key ? other : key;
    }
    return key;
}

/* ---- batches ---- */

static inline void put_decimal(struct batch *batch, uint32_t at, int64_t value)
{
    for (int i = 0; i < DECIMALS; i++)
        batch->decimals[at][i] = (uint8_t)(value >> (8 * (DECIMALS - 1 - i)));
    unsigned skip = 0;
    while (skip + 1 < DECIMALS && batch->decimals[at][skip] == (value < 0 ? 0xff : 0) &&
           (batch->decimals[at][skip + 1] >= 0x80) == (value < 0))
        skip++;
    batch->texts[0][at] =
        (struct column_bytes){batch->decimals[at] + skip, (uint32_t)(DECIMALS - skip)};
}

static inline void put_key(const struct scene *scene, struct batch *batch, uint32_t row)
{
    char text[TEXT_MOST * 4];
    uint32_t key = batch->keys[row], size;
    if (row == 0)
        batch->offsets[0] = 0;
    if (scene->kind != GROUP_BYTES) {
        batch->codes[row] = code_of(scene, key);
        return;
    }
    size = text_of(scene, key, text);
    memcpy(batch->bytes + batch->offsets[row], text, size);
    batch->offsets[row + 1] = batch->offsets[row] + size;
    batch->hashes[row] = hash_of_text(scene, key, text, size);
}

static inline void put_values(const struct scene *scene, struct batch *batch, uint64_t *state,
                              uint32_t row, struct expected *expected)
{
    struct expected *of = &expected[batch->keys[row]];
    int64_t units = (int64_t)(next_random(state) % ((uint64_t)1 << 50)) - ((int64_t)1 << 49);
    int64_t integer = (int64_t)next_random(state) >> 24,
            decimal = (int64_t)next_random(state) >> 20;
    of->met = true;
    of->rows++;
    for (int v = 0; v < VALUES; v++) {
        bool there = v == 1 || scene->nulls == 0 || next_random(state) % scene->nulls != 0;
        batch->present[v][row] = there;
        uint32_t at = batch->slices[v].value_count;
        batch->slices[v].value_count += there;
        of->counts[v] += there;
        if (!there)
            continue;
        if (v == 0) {
            batch->doubles[at] = (double)units / (1 << FRACTION);
            of->sums[0] += units;
        } else if (v == 1) {
            batch->integers[at] = integer;
            of->sums[1] += integer;
            of->minimum = of->counts[1] == 1 || integer < of->minimum ? integer : of->minimum;
            of->maximum = of->counts[1] == 1 || integer > of->maximum ? integer : of->maximum;
        } else if (v == 2) {
            decimal >>= next_random(state) % 40;
            put_decimal(batch, at, decimal);
            of->sums[2] += decimal;
        } else {
            batch->texts[1][at] = (struct column_bytes){(const uint8_t *)"text", 4};
        }
    }
}

/* The next rows of a thread, and what they add to what is expected. */
static inline void make_batch(const struct scene *scene, uint64_t *state, uint32_t first,
                              struct batch *batch, struct expected *expected)
{
    uint32_t left = scene->rows - first;
    uint32_t count = 1 + (uint32_t)(next_random(state) % BATCH);
    batch->count = count < left ? count : left;
    const void *values[VALUES] = {batch->doubles, batch->integers, batch->texts[0],
                                  batch->texts[1]};
    for (int v = 0; v < VALUES; v++)
        batch->slices[v] = (struct column_slice){.row_count = batch->count, .values = values[v]};
    for (uint32_t row = 0; row < batch->count; row++) {
        batch->keys[row] = draw_key(scene, state, first + row);
        put_key(scene, batch, row);
        put_values(scene, batch, state, row, expected);
    }
    for (int v = 0; v < VALUES; v++)
        if (batch->slices[v].value_count < batch->count)
            batch->slices[v].present = batch->present[v];
}
