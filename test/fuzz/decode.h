/*
 * What the targets of the encodings share: an input is a head that chooses type and counts, and the
 * bytes of a page's values. They are decoded at once, in pieces, and behind a skip; all three must
 * tell the same values or fail alike, and nothing may stay allocated.
 *
 * The head: physical type; bytes of a fixed value less one; 16 bits each of the page's rows and of
 * the values asked for in one piece; 16 bits of values passed over.
 */
#ifndef WEIR_FUZZ_DECODE_H
#define WEIR_FUZZ_DECODE_H

#include "memory.h"
#include "parquet/values.h"

#define DECODE_HEAD 8
/* Values that share their beginnings can be long beyond all proportion to the input; this much of
 * them is enough. */
#define DECODE_TEXT ((uint64_t)4 << 20)

struct decoding {
    struct column_type type;
    struct value_source source;
    const struct dictionary *dictionary;
    uint32_t piece;
    uint32_t skipped;
};

/* Hashes of the values in order. */
struct decoded {
    uint64_t *hashes;
    uint32_t count;
    uint32_t wanted;
    uint64_t bytes;
};

static inline uint32_t decode_u16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

/* types has a bit for each physical type that the encoding has. Reads the head; the rest is the
 * page. */
static inline bool decoding_init(struct decoding *ret, const uint8_t *data, size_t size,
                                 int encoding, uint32_t types)
{
    if (size < DECODE_HEAD || (types >> (data[0] & 7) & 1) == 0)
        return false;
    *ret = (struct decoding){.piece = 1 + decode_u16(data + 4), .skipped = decode_u16(data + 6)};
    ret->type.physical = data[0] & 7;
    ret->type.type_length = ret->type.physical == COLUMN_FIXED ? 1u + data[1] : 0;
    uint32_t rows = decode_u16(data + 2);
    ret->source =
        (struct value_source){encoding, data + DECODE_HEAD, size - DECODE_HEAD, rows, rows};
    return true;
}

static inline uint64_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint64_t hash = UINT64_C(1469598103934665603) ^ size;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static inline uint64_t hash_value(const struct column_type *type, const void *values,
                                  uint32_t index, uint64_t *bytes)
{
    size_t width = column_value_size(type);
    const uint8_t *value = (const uint8_t *)values + index * width;
    if (type->physical != COLUMN_BYTE_ARRAY) {
        *bytes += width;
        return hash_bytes(value, width);
    }
    struct column_bytes text;
    memcpy(&text, value, sizeof text);
    *bytes += text.size;
    return hash_bytes(text.data, text.size);
}

/* Reads up to the count wanted, piece by piece, or until there is text enough. */
static inline bool decode_values(struct value_reader *values, struct decoded *decoded,
                                 uint32_t piece)
{
    struct error error;
    error_init(&error);
    while (decoded->count < decoded->wanted && decoded->bytes < DECODE_TEXT) {
        const void *found;
        uint32_t left = decoded->wanted - decoded->count, count;
        uint32_t asked = left < piece ? left : piece;
        if (value_reader_read(values, asked, &found, &count, &error) != ERROR_NONE)
            return false;
        demand(count >= 1 && count <= asked);
        for (uint32_t i = 0; i < count; i++)
            decoded->hashes[decoded->count++] = hash_value(values->type, found, i, &decoded->bytes);
    }
    decoded->wanted = decoded->count;
    return true;
}

static inline bool decode_open(struct value_reader *values, const struct decoding *decoding,
                               struct page_reader_memory *memory)
{
    struct error error;
    error_init(&error);
    *values = (struct value_reader){.type = &decoding->type, .memory = memory};
    values->dictionary = decoding->dictionary;
    return value_reader_open(values, &decoding->source, &error) == ERROR_NONE;
}

/* What was readable at once is readable behind a skip, and the same. */
static inline void decode_behind_skip(const struct decoding *decoding,
                                      struct page_reader_memory *memory,
                                      const struct decoded *whole, uint64_t *hashes)
{
    struct value_reader values;
    struct error error;
    uint32_t skipped = whole->wanted == 0 ? 0 : decoding->skipped % (whole->wanted + 1);
    struct decoded rest = {.hashes = hashes, .wanted = whole->wanted - skipped};
    error_init(&error);
    demand(decode_open(&values, decoding, memory));
    if (skipped > 0)
        demand(value_reader_skip(&values, skipped, &error) == ERROR_NONE);
    demand(decode_values(&values, &rest, UINT32_MAX));
    demand(memcmp(hashes, whole->hashes + skipped, rest.count * sizeof *hashes) == 0);
}

static inline void decode_all_ways(const struct decoding *decoding,
                                   struct page_reader_memory *memory, struct decoded *whole,
                                   uint64_t *again)
{
    struct value_reader values;
    if (!decode_open(&values, decoding, memory))
        return;
    whole->wanted = decoding->source.row_count;
    bool good = decode_values(&values, whole, UINT32_MAX);
    struct decoded pieces = {.hashes = again, .wanted = whole->wanted};
    demand(decode_open(&values, decoding, memory));
    bool good_in_pieces = decode_values(&values, &pieces, decoding->piece);
    demand(good == good_in_pieces || whole->bytes >= DECODE_TEXT || pieces.bytes >= DECODE_TEXT);
    uint32_t both = whole->count < pieces.count ? whole->count : pieces.count;
    demand(memcmp(again, whole->hashes, both * sizeof *again) == 0);
    if (good)
        decode_behind_skip(decoding, memory, whole, again);
}

/* The whole test of an input for an encoding. */
static inline void decode_and_compare(const struct decoding *decoding)
{
    struct mem_account account;
    struct page_reader_memory memory;
    size_t room = sizeof(uint64_t) * (decoding->source.row_count + PARQUET_SLICE_ROWS);
    struct decoded whole = {.hashes = calloc(1, room)};
    uint64_t *again = calloc(1, room);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    page_memory_init(&memory, &account, (size_t)16 << 20);
    decode_all_ways(decoding, &memory, &whole, again);
    page_memory_release(&memory);
    demand(atomic_load(&account.used) == 0);
    free(again);
    free(whole.hashes);
}

#endif
