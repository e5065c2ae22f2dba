/* Random values of every type that a key column can have, with a liking for the edges; the same
 * ones on every machine for the same seed. */
#ifndef TEST_KEY_VALUES_H
#define TEST_KEY_VALUES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "column/column.h"
#include "mem/mem.h"

#define UINT(kind, bits)                                                                           \
    {                                                                                              \
        .physical = COLUMN_##kind, .logical = COLUMN_INTEGER, .bit_width = bits                    \
    }
#define TIMED(kind, what, in)                                                                      \
    {                                                                                              \
        .physical = COLUMN_##kind, .logical = COLUMN_##what, .unit = COLUMN_##in                   \
    }
#define FIXED(kind, length)                                                                        \
    {                                                                                              \
        .physical = COLUMN_FIXED, .logical = COLUMN_##kind, .type_length = length, .precision = 9  \
    }

static const struct column_type value_types[] = {
    {.physical = COLUMN_BOOLEAN},
    {.physical = COLUMN_INT32},
    {.physical = COLUMN_INT64},
    {.physical = COLUMN_INT96},
    {.physical = COLUMN_FLOAT},
    {.physical = COLUMN_DOUBLE},
    {.physical = COLUMN_BYTE_ARRAY},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 20, .scale = 2},
    {.physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .precision = 9, .scale = 2},
    {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 18, .scale = 2},
    {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
    {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 16, .is_signed = true},
    UINT(INT32, 8),
    UINT(INT32, 32),
    UINT(INT64, 64),
    TIMED(INT32, TIME, MILLISECONDS),
    TIMED(INT64, TIME, NANOSECONDS),
    TIMED(INT64, TIMESTAMP, MICROSECONDS),
    FIXED(PLAIN, 1),
    FIXED(PLAIN, 5),
    FIXED(PLAIN, 8),
    FIXED(PLAIN, 21),
    FIXED(DECIMAL, 3),
    FIXED(DECIMAL, 8),
    FIXED(DECIMAL, 16),
    FIXED(FLOAT16, 2),
    FIXED(UUID, 16),
    FIXED(INTERVAL, 12),
};
#define VALUE_TYPES (sizeof value_types / sizeof value_types[0])
/* Room for a value of any of them. */
#define VALUE_MOST 24

/* A pseudo-random sequence (splitmix64). */
static inline uint64_t value_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline uint64_t value_integer(uint64_t *state)
{
    static const uint64_t edges[] = {0, 1, UINT64_MAX, INT64_MAX, 1ull << 63, INT32_MAX, 1u << 31};
    uint64_t random = value_random(state);
    switch (random >> 60 & 3) {
    case 0:
        return edges[random % 7];
    case 1:
        return random % 5;
    case 2:
        return -(random % 5);
    default:
        return random;
    }
}

static inline double value_double(uint64_t *state)
{
    static const double edges[] = {0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e308, -1e308};
    double value;
    uint64_t bits = value_random(state);
    switch (bits % 4) {
    case 0:
        return edges[bits >> 8 & 7];
    case 1: /* infinities and many kinds of NaN */
        bits |= 0x7ff0000000000000 | (bits & 16 ? 1ull << 51 : 0);
        bits &= bits & 32 ? UINT64_MAX : ~0xfffffffffffffull;
        break;
    default:
        break;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Bytes of few kinds, so that prefixes and equal values are met; a few are long. */
static inline uint32_t value_bytes(uint64_t *state, uint8_t *bytes, uint32_t most)
{
    static const uint8_t kinds[] = {0, 0, 1, 127, 128, 254, 255, 255};
    uint32_t size = (uint32_t)(value_random(state) % (most + 1));
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = kinds[value_random(state) % 8];
    return size;
}

static inline struct column_bytes value_text(uint64_t *state, struct mem_arena *arena)
{
    uint8_t some[400];
    char *copy;
    struct error error;
    uint64_t kind = value_random(state);
    uint32_t size = value_bytes(state, some, kind % 16 == 0 ? sizeof some : kind % 3 ? 4 : 14);
    assert_int_equal(mem_arena_copy(arena, some, size, &copy, &error), ERROR_NONE);
    return (struct column_bytes){(const uint8_t *)copy, size};
}

/* Moments that can be written in several ways. */
static inline void value_int96(uint64_t *state, uint8_t *ret)
{
    uint64_t random = value_random(state);
    int64_t nanoseconds = (int64_t)(random >> 8 & 3) * 43200000000000;
    uint32_t julian = 2440588 + (uint32_t)(random % 3);
    if (random >> 16 & 1)
        nanoseconds = (int64_t)value_integer(state);
    if (random >> 17 & 1)
        julian = (uint32_t)value_integer(state);
    memcpy(ret, &nanoseconds, sizeof nanoseconds);
    memcpy(ret + 8, &julian, sizeof julian);
}

/* Writes a value of a type as it stands in a slice; bytes of byte arrays go to the arena. */
static inline void value_make(uint64_t *state, const struct column_type *type,
                              struct mem_arena *arena, uint8_t *ret)
{
    uint64_t integer = value_integer(state);
    double number = value_double(state);
    float single = (float)number;
    uint32_t bits = (uint32_t)value_random(state);
    struct column_bytes bytes;
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        *ret = integer & 1;
        break;
    case COLUMN_INT96:
        value_int96(state, ret);
        break;
    case COLUMN_FLOAT:
        if (bits % 3 == 0)
            memcpy(&single, &bits, sizeof single);
        memcpy(ret, &single, 4);
        break;
    case COLUMN_DOUBLE:
        memcpy(ret, &number, 8);
        break;
    case COLUMN_BYTE_ARRAY:
        bytes = value_text(state, arena);
        memcpy(ret, &bytes, sizeof bytes);
        break;
    case COLUMN_FIXED:
        memset(ret, integer & 1 ? 255 : 0, type->type_length);
        value_bytes(state, ret, type->type_length);
        break;
    default:
        memcpy(ret, &integer, column_value_size(type));
        break;
    }
}

static inline int value_sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Says with which seed a test goes on, so that a failure can be had again. */
static inline uint64_t value_seed(const char *what, uint64_t seed)
{
    print_message("%s: seed %llu\n", what, (unsigned long long)seed);
    return seed;
}

#endif
