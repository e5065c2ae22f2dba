#include "sum/known_keys.h"

#include <string.h>
#include <xxhash.h>

/* Odd numbers without a pattern: fractional digits of the square roots of 2, 3, 5 and 7. */
#define MIX_VALUE  UINT64_C(0x6a09e667f3bcc909)
#define MIX_ROW    UINT64_C(0xbb67ae8584caa73b)
#define MIX_COLUMN UINT64_C(0x3c6ef372fe94f82b)
#define MIX_NULL   UINT64_C(0xa54ff53a5f1d36f1)

/* ---- digests ---- */

static void take(struct key_digest *digest, uint64_t value, uint64_t row, uint64_t column)
{
    uint64_t a = value ^ (MIX_VALUE + column * MIX_COLUMN);
    uint64_t b = (row + 1) * MIX_ROW ^ MIX_COLUMN;
    unsigned __int128 product = (unsigned __int128)a * (b | 1);
    uint64_t low = (uint64_t)product, high = (uint64_t)(product >> 64);
    low ^= high;
    digest->low += low * MIX_VALUE;
    digest->high += (high ^ low >> 29) * MIX_ROW;
}

static uint64_t word_of(const struct batch_column *column, const uint8_t *value)
{
    uint64_t word = 0;
    if (column->type.physical == COLUMN_BYTE_ARRAY) {
        const struct column_bytes *text = (const struct column_bytes *)(const void *)value;
        return XXH3_64bits(text->data, text->size);
    }
    if (column->width > sizeof word)
        return XXH3_64bits(value, column->width);
    memcpy(&word, value, column->width);
    return word;
}

static void add_words(struct key_digest *digest, const uint64_t *values, uint32_t count,
                      uint64_t first_row, uint32_t number)
{
    for (uint32_t row = 0; row < count; row++)
        take(digest, values[row], first_row + row, number);
}

static void add_column(struct key_digest *digest, const struct batch_column *column,
                       uint64_t first_row, uint32_t number)
{
    const uint8_t *value = column->values;
    if (!column->has_nulls && column->width == sizeof(uint64_t) &&
        column->type.physical != COLUMN_BYTE_ARRAY) {
        add_words(digest, (const uint64_t *)(const void *)value, column->row_count, first_row,
                  number);
        return;
    }
    for (uint32_t row = 0; row < column->row_count; row++) {
        bool there = !column->has_nulls || column->present[row] != 0;
        take(digest, there ? word_of(column, value) : MIX_NULL, first_row + row,
             there ? number : number + SUM_KEYS_MOST);
        value += there ? column->width : 0;
    }
}

void key_digest_add(struct key_digest *digest, const struct batch_reader *batch)
{
    for (uint32_t i = 0; i < batch->column_count; i++)
        add_column(digest, &batch->columns[i], batch->first_row, i);
}

/* ---- the cache ---- */

static void digest_columns(const struct sum *sum, uint8_t ret[static 16])
{
    XXH128_hash_t hash = {0, 0};
    for (uint32_t i = 0; i < sum->key_count; i++) {
        const char *name = sum->options.keys[i];
        char type[96];
        column_type_describe(&sum->first.columns[sum->columns[i]].type, type, sizeof type);
        hash = XXH3_128bits_withSeed(name, strlen(name) + 1, hash.low64 ^ hash.high64);
        hash = XXH3_128bits_withSeed(type, strlen(type) + 1, hash.low64 ^ hash.high64);
    }
    memcpy(ret, &hash.low64, sizeof hash.low64);
    memcpy(ret + sizeof hash.low64, &hash.high64, sizeof hash.high64);
}

static struct fingerprint_subject subject_of(const struct known_keys *known,
                                             const struct catalog_record *record)
{
    struct fingerprint_subject subject = {.identity = record->head->identity,
                                          .footer_hash = record->head->footer_hash};
    memcpy(subject.columns, known->columns, sizeof subject.columns);
    return subject;
}

enum error_code known_keys_open(struct known_keys *ret, struct sum *sum, struct error *error)
{
    *ret = (struct known_keys){.cache = NULL};
    if (sum->options.no_cache || sum->key_count == 0)
        return ERROR_NONE;
    TRY(fingerprint_cache_open(sum->options.cache, 0, &sum->account, &ret->cache, error));
    digest_columns(sum, ret->columns);
    if (ret->cache == NULL || sum->options.verify_keys)
        return ERROR_NONE;
    struct catalog_record record;
    TRY(catalog_load(&sum->catalog, 0, &sum->scratch, &record, error));
    struct fingerprint_subject subject = subject_of(ret, &record);
    ret->first_is_known = fingerprint_get(ret->cache, &subject, &ret->first) &&
                          ret->first.row_count == sum->first.row_count;
    return ERROR_NONE;
}

void known_keys_close(struct known_keys *known)
{
    fingerprint_cache_close(known->cache);
    known->cache = NULL;
}

bool known_keys_same(struct known_keys *known, const struct catalog_record *record)
{
    struct fingerprint found;
    struct fingerprint_subject subject = subject_of(known, record);
    return known->first_is_known && fingerprint_get(known->cache, &subject, &found) &&
           found.row_count == known->first.row_count &&
           memcmp(found.digest, known->first.digest, sizeof found.digest) == 0;
}

enum error_code known_keys_keep(struct known_keys *known, struct sum *sum,
                                const struct key_digest *digest, struct error *error)
{
    struct fingerprint fingerprint = {
        .row_count = sum->first.row_count, .unique = sum->unique, .strict_order = sum->ordered};
    if (known->cache == NULL)
        return ERROR_NONE;
    memcpy(fingerprint.digest, &digest->low, sizeof digest->low);
    memcpy(fingerprint.digest + sizeof digest->low, &digest->high, sizeof digest->high);
    for (uint64_t file = 0; file < sum->catalog.file_count; file++) {
        struct catalog_record record;
        if (!sum_is_aligned(sum, file))
            continue;
        TRY(catalog_load(&sum->catalog, file, &sum->scratch, &record, error));
        struct fingerprint_subject subject = subject_of(known, &record);
        fingerprint_put(known->cache, &subject, &fingerprint);
    }
    return ERROR_NONE;
}
