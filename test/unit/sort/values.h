/* Random values of every type, with a liking for the edges; the same ones on every machine. */
#ifndef TEST_SORT_VALUES_H
#define TEST_SORT_VALUES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "column/column.h"
#include "mem/mem.h"

#define PHYSICAL(kind)                                                                             \
    {                                                                                              \
        .name = #kind, .type = {.physical = COLUMN_##kind}, .nullable = true                       \
    }
#define FIXED(kind, length)                                                                        \
    {                                                                                              \
        .name = #kind, .nullable = true, .type = {                                                 \
            .physical = COLUMN_FIXED,                                                              \
            .logical = COLUMN_##kind,                                                              \
            .type_length = length                                                                  \
        }                                                                                          \
    }

/* One field a way of ordering. */
static const struct column_field value_fields[] = {
    PHYSICAL(BOOLEAN),
    PHYSICAL(INT32),
    PHYSICAL(INT64),
    PHYSICAL(INT96),
    PHYSICAL(FLOAT),
    PHYSICAL(DOUBLE),
    PHYSICAL(BYTE_ARRAY),
    {.name = "uint32", .nullable = true, .type = {COLUMN_INT32, COLUMN_INTEGER, .bit_width = 32}},
    {.name = "uint64", .nullable = true, .type = {COLUMN_INT64, COLUMN_INTEGER, .bit_width = 64}},
    {.name = "int16",
     .nullable = true,
     .type = {COLUMN_INT32, COLUMN_INTEGER, .bit_width = 16, .is_signed = true}},
    {.name = "decimal", .nullable = true, .type = {COLUMN_BYTE_ARRAY, COLUMN_DECIMAL}},
    FIXED(PLAIN, 5),
    FIXED(DECIMAL, 9),
    FIXED(FLOAT16, 2),
    FIXED(UUID, 16),
};
#define VALUE_FIELDS (sizeof value_fields / sizeof value_fields[0])

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
    case 1:
        bits |= 0x7ff0000000000000 | (bits & 16 ? 1ull << 51 : 0);
        bits &= bits & 32 ? UINT64_MAX : ~0xfffffffffffffull;
        break;
    default:
        break;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Short bytes of few kinds, so that prefixes and equal values are met. */
static inline uint32_t value_bytes(uint64_t *state, uint8_t *bytes, uint32_t most)
{
    static const uint8_t kinds[] = {0, 0, 1, 127, 128, 254, 255, 255};
    uint32_t size = (uint32_t)(value_random(state) % (most + 1));
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = kinds[value_random(state) % 8];
    return size;
}

/* Writes a value of a type as it stands in a slice; bytes of byte arrays go to the arena. */
static inline void value_make(uint64_t *state, const struct column_type *type,
                              struct mem_arena *arena, uint8_t *ret)
{
    uint64_t integer = value_integer(state);
    double number = value_double(state);
    float single = (float)number;
    struct column_bytes bytes = {0};
    uint8_t some[20];
    char *copy;
    struct error error;
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        *ret = integer & 1;
        break;
    case COLUMN_INT96:
        integer %= 86400000000000;
        memcpy(ret + 8, &(uint32_t){(uint32_t)(value_random(state) % 3 + 2440587)}, 4);
        memcpy(ret, &integer, 8);
        break;
    case COLUMN_FLOAT:
        memcpy(ret, &single, 4);
        break;
    case COLUMN_DOUBLE:
        memcpy(ret, &number, 8);
        break;
    case COLUMN_BYTE_ARRAY:
        bytes.size = value_bytes(state, some, 12);
        assert_int_equal(mem_arena_copy(arena, some, bytes.size, &copy, &error), ERROR_NONE);
        bytes.data = (uint8_t *)copy;
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

#endif
