#include "exact/integers.h"

#include <string.h>

#include "exact/one_key.h"

/* The widest sums: five words. */
#define WORDS_MOST 5

unsigned integer_words(enum integer_source source, uint32_t value_size)
{
    if (source != INTEGER_BIG_ENDIAN || value_size <= 8)
        return 2;
    return value_size <= 16 ? 3 : WORDS_MOST;
}

/* Two words: low + value, and high + the value's sign + the carry. */
static inline void add_pair(uint64_t *low, uint64_t *high, uint64_t value, uint64_t sign)
{
    uint64_t sum = *low + value;
    *high += sign + (sum < value);
    *low = sum;
}

#define ADD_LOOP(name, type, sign_of)                                                              \
    static void name(uint64_t *restrict low, uint64_t *restrict high, const uint8_t *values,       \
                     size_t count)                                                                 \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            type value;                                                                            \
            memcpy(&value, values + i * sizeof value, sizeof value);                               \
            add_pair(&low[i], &high[i], (uint64_t)value, sign_of(value));                          \
        }                                                                                          \
    }

#define SIGN_OF_SIGNED(value)   ((uint64_t)((int64_t)(value) >> 63))
#define SIGN_OF_UNSIGNED(value) (0)

ADD_LOOP(add_i32, int32_t, SIGN_OF_SIGNED)
ADD_LOOP(add_u32, uint32_t, SIGN_OF_UNSIGNED)
ADD_LOOP(add_i64, int64_t, SIGN_OF_SIGNED)
ADD_LOOP(add_u64, uint64_t, SIGN_OF_UNSIGNED)
ADD_LOOP(add_u8, uint8_t, SIGN_OF_UNSIGNED)

/* size big-endian bytes, at most 8 * count of them, as count words with the sign extended. */
static void load_big_endian(const uint8_t *bytes, size_t size, uint64_t *ret, size_t count)
{
    uint64_t sign = size > 0 && bytes[0] >> 7 != 0 ? UINT64_MAX : 0;
    for (size_t w = 0; w < count; w++)
        ret[w] = sign;
    for (size_t i = 0; i < size; i++) {
        size_t place = size - 1 - i, shift = place % 8 * 8;
        uint64_t *word = &ret[place / 8];
        *word = (*word & ~(UINT64_C(0xff) << shift)) | (uint64_t)bytes[i] << shift;
    }
}

static void add_words(uint64_t *sums, size_t key_count, const uint64_t *value, size_t words)
{
    uint64_t carry = 0;
    for (size_t w = 0; w < words; w++) {
        unsigned __int128 sum = (unsigned __int128)sums[w * key_count] + value[w] + carry;
        sums[w * key_count] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

static uint64_t load_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return __builtin_bswap64(word);
}

/* The common width of decimal(38): two loads instead of sixteen. */
static void add_16_bytes(uint64_t *sums, size_t key_count, const uint8_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t high = load_word(values + i * 16);
        uint64_t value[3] = {load_word(values + i * 16 + 8), high, SIGN_OF_SIGNED(high)};
        add_words(sums + i, key_count, value, 3);
    }
}

static void add_big_endian(uint64_t *sums, size_t key_count, size_t size, const uint8_t *values,
                           size_t count)
{
    size_t words = integer_words(INTEGER_BIG_ENDIAN, (uint32_t)size);
    for (size_t i = 0; i < count; i++) {
        uint64_t value[WORDS_MOST];
        load_big_endian(values + i * size, size, value, words);
        add_words(sums + i, key_count, value, words);
    }
}

void integer_sums_add(uint64_t *sums, size_t key_count, enum integer_source source,
                      uint32_t value_size, size_t first_key, const void *values, size_t count)
{
    uint64_t *low = sums + first_key, *high = low + key_count;
    switch (source) {
    case INTEGER_I32:
        add_i32(low, high, values, count);
        break;
    case INTEGER_U32:
        add_u32(low, high, values, count);
        break;
    case INTEGER_I64:
        add_i64(low, high, values, count);
        break;
    case INTEGER_U64:
        add_u64(low, high, values, count);
        break;
    case INTEGER_BOOLEAN:
        add_u8(low, high, values, count);
        break;
    case INTEGER_BIG_ENDIAN:
        if (value_size == 16)
            add_16_bytes(low, key_count, values, count);
        else
            add_big_endian(low, key_count, value_size, values, count);
        break;
    }
}

/* Sums of one key stay in registers. */
#define ADD_AT_LOOP(name, type, sign_of)                                                           \
    static void name##_run(uint64_t *sums, const uint8_t *values, size_t count)                    \
    {                                                                                              \
        uint64_t low = sums[0], high = sums[1];                                                    \
        for (size_t i = 0; i < count; i++) {                                                       \
            type value;                                                                            \
            memcpy(&value, values + i * sizeof value, sizeof value);                               \
            add_pair(&low, &high, (uint64_t)value, sign_of(value));                                \
        }                                                                                          \
        sums[0] = low;                                                                             \
        sums[1] = high;                                                                            \
    }                                                                                              \
    static void name##_mixed(uint64_t *restrict sums, const uint32_t *restrict keys,               \
                             const uint8_t *values, size_t count)                                  \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            type value;                                                                            \
            memcpy(&value, values + i * sizeof value, sizeof value);                               \
            uint64_t *at = sums + (size_t)keys[i] * 2;                                             \
            add_pair(&at[0], &at[1], (uint64_t)value, sign_of(value));                             \
        }                                                                                          \
    }                                                                                              \
    static void name(uint64_t *sums, const uint32_t *keys, const uint8_t *values, size_t count)    \
    {                                                                                              \
        for (size_t piece, i = 0; i < count; i += piece) {                                         \
            piece = one_key_piece(count - i);                                                      \
            const uint8_t *at = values + i * sizeof(type);                                         \
            if (is_one_key(keys + i, piece))                                                       \
                name##_run(sums + (size_t)keys[i] * 2, at, piece);                                 \
            else                                                                                   \
                name##_mixed(sums, keys + i, at, piece);                                           \
        }                                                                                          \
    }

ADD_AT_LOOP(add_i32_at, int32_t, SIGN_OF_SIGNED)
ADD_AT_LOOP(add_u32_at, uint32_t, SIGN_OF_UNSIGNED)
ADD_AT_LOOP(add_i64_at, int64_t, SIGN_OF_SIGNED)
ADD_AT_LOOP(add_u64_at, uint64_t, SIGN_OF_UNSIGNED)
ADD_AT_LOOP(add_u8_at, uint8_t, SIGN_OF_UNSIGNED)

static void add_16_bytes_at(uint64_t *sums, const uint32_t *keys, const uint8_t *values,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_16_bytes(sums + (size_t)keys[i] * 3, 1, values + i * 16, 1);
}

static void add_big_endian_at(uint64_t *sums, size_t size, const uint32_t *keys,
                              const uint8_t *values, size_t count)
{
    size_t words = integer_words(INTEGER_BIG_ENDIAN, (uint32_t)size);
    for (size_t i = 0; i < count; i++)
        add_big_endian(sums + (size_t)keys[i] * words, 1, size, values + i * size, 1);
}

void integer_sums_add_at(uint64_t *sums, enum integer_source source, uint32_t value_size,
                         const uint32_t *keys, const void *values, size_t count)
{
    switch (source) {
    case INTEGER_I32:
        add_i32_at(sums, keys, values, count);
        break;
    case INTEGER_U32:
        add_u32_at(sums, keys, values, count);
        break;
    case INTEGER_I64:
        add_i64_at(sums, keys, values, count);
        break;
    case INTEGER_U64:
        add_u64_at(sums, keys, values, count);
        break;
    case INTEGER_BOOLEAN:
        add_u8_at(sums, keys, values, count);
        break;
    case INTEGER_BIG_ENDIAN:
        if (value_size == 16)
            add_16_bytes_at(sums, keys, values, count);
        else
            add_big_endian_at(sums, value_size, keys, values, count);
        break;
    }
}

void integer_sums_merge(uint64_t *sums, unsigned words, uint32_t key, const uint64_t *from,
                        size_t stride)
{
    uint64_t value[WORDS_MOST];
    for (unsigned w = 0; w < words; w++)
        value[w] = from[w * stride];
    add_words(sums + (size_t)key * words, 1, value, words);
}
