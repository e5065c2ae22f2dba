#include "exact/extrema.h"

#include <string.h>

#include "exact/one_key.h"

/*
 * Each loop compares ordered integers: order_x maps a float, a sign and a magnitude, to an integer
 * whose order is the one that is wanted, by turning round what is below the sign of negative ones.
 * Every NaN becomes the same one, so that the result does not depend on which came first. No
 * branches: the compiler is to make vectors of it.
 */
static inline int16_t order_float16(uint16_t bits)
{
    return (int16_t)(bits ^ (uint16_t)((int16_t)bits >> 15) >> 1);
}

static inline int32_t order_float(uint32_t bits)
{
    return (int32_t)(bits ^ (uint32_t)((int32_t)bits >> 31) >> 1);
}

static inline int64_t order_double(uint64_t bits)
{
    return (int64_t)(bits ^ (uint64_t)((int64_t)bits >> 63) >> 1);
}

static inline uint16_t one_nan_float16(uint16_t bits)
{
    return (bits & 0x7fff) > 0x7c00 ? 0x7e00 : bits;
}

static inline uint32_t one_nan_float(uint32_t bits)
{
    return (bits & UINT32_MAX >> 1) > 0x7f800000 ? 0x7fc00000 : bits;
}

static inline uint64_t one_nan_double(uint64_t bits)
{
    const uint64_t infinity = UINT64_C(0x7ff) << 52;
    return (bits & UINT64_MAX >> 1) > infinity ? infinity | UINT64_C(1) << 51 : bits;
}

#define AS_IT_IS(value) (value)

/* The loops for one type: the smallest or the greatest value so far stays. */
#define EXTREMA_STEP(type, order, prepare, at)                                                     \
    type value;                                                                                    \
    memcpy(&value, values + i * sizeof value, sizeof value);                                       \
    value = prepare(value);                                                                        \
    bool better = greatest ? order(value) > order(best[at]) : order(value) < order(best[at]);      \
    best[at] = (better | (seen[at] == 0)) ? value : best[at];                                      \
    seen[at] = 1;

#define EXTREMA_LOOP(name, type, order, prepare)                                                   \
    static void name(type *restrict best, uint8_t *restrict seen, const uint8_t *values,           \
                     size_t count, bool greatest)                                                  \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            EXTREMA_STEP(type, order, prepare, i)                                                  \
        }                                                                                          \
    }                                                                                              \
    static void name##_mixed(type *restrict best, uint8_t *restrict seen,                          \
                             const uint32_t *restrict keys, const uint8_t *values, size_t count,   \
                             bool greatest)                                                        \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            EXTREMA_STEP(type, order, prepare, keys[i])                                            \
        }                                                                                          \
    }                                                                                              \
    static void name##_run(type *best_of_key, uint8_t *seen_of_key, const uint8_t *values,         \
                           size_t count, bool greatest)                                            \
    {                                                                                              \
        type best[1] = {*best_of_key};                                                             \
        uint8_t seen[1] = {*seen_of_key};                                                          \
        for (size_t i = 0; i < count; i++) {                                                       \
            EXTREMA_STEP(type, order, prepare, 0)                                                  \
        }                                                                                          \
        *best_of_key = best[0];                                                                    \
        *seen_of_key = seen[0];                                                                    \
    }                                                                                              \
    static void name##_at(type *best, uint8_t *seen, const uint32_t *keys, const uint8_t *values,  \
                          size_t count, bool greatest)                                             \
    {                                                                                              \
        for (size_t piece, i = 0; i < count; i += piece) {                                         \
            piece = one_key_piece(count - i);                                                      \
            const uint8_t *at = values + i * sizeof(type);                                         \
            if (is_one_key(keys + i, piece))                                                       \
                name##_run(best + keys[i], seen + keys[i], at, piece, greatest);                   \
            else                                                                                   \
                name##_mixed(best, seen, keys + i, at, piece, greatest);                           \
        }                                                                                          \
    }

EXTREMA_LOOP(update_u8, uint8_t, AS_IT_IS, AS_IT_IS)
EXTREMA_LOOP(update_i32, int32_t, AS_IT_IS, AS_IT_IS)
EXTREMA_LOOP(update_u32, uint32_t, AS_IT_IS, AS_IT_IS)
EXTREMA_LOOP(update_i64, int64_t, AS_IT_IS, AS_IT_IS)
EXTREMA_LOOP(update_u64, uint64_t, AS_IT_IS, AS_IT_IS)
EXTREMA_LOOP(update_float16, uint16_t, order_float16, one_nan_float16)
EXTREMA_LOOP(update_float, uint32_t, order_float, one_nan_float)
EXTREMA_LOOP(update_double, uint64_t, order_double, one_nan_double)

typedef int compare_bytes(const uint8_t *left, const uint8_t *right, size_t size);

static int compare_unsigned(const uint8_t *left, const uint8_t *right, size_t size)
{
    return memcmp(left, right, size);
}

/* Two's complement: the sign decides, then the bytes as they stand. */
static int compare_signed(const uint8_t *left, const uint8_t *right, size_t size)
{
    if (size == 0)
        return 0;
    int left_sign = left[0] >> 7, right_sign = right[0] >> 7;
    if (left_sign != right_sign)
        return right_sign - left_sign;
    return memcmp(left, right, size);
}

/* 8 bytes of nanoseconds within the day, then 4 of the Julian day, both little-endian. */
static int compare_int96(const uint8_t *left, const uint8_t *right, size_t size)
{
    int64_t time[2];
    uint32_t day[2];
    (void)size;
    memcpy(&time[0], left, sizeof time[0]);
    memcpy(&time[1], right, sizeof time[1]);
    memcpy(&day[0], left + sizeof time[0], sizeof day[0]);
    memcpy(&day[1], right + sizeof time[1], sizeof day[1]);
    if (day[0] != day[1])
        return day[0] < day[1] ? -1 : 1;
    return (time[0] > time[1]) - (time[0] < time[1]);
}

static void update_bytes(uint8_t *best, uint8_t *seen, const uint8_t *values, size_t count,
                         size_t size, bool greatest, compare_bytes *compare)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *value = values + i * size;
        int order = seen[i] == 0 ? 0 : compare(value, best + i * size, size);
        bool better = greatest ? order > 0 : order < 0;
        if (seen[i] == 0 || better)
            memcpy(best + i * size, value, size);
        seen[i] = 1;
    }
}

void extrema_update(enum extrema_kind kind, uint32_t value_size, bool greatest, void *best,
                    uint8_t *seen, size_t first_key, const void *values, size_t count)
{
    seen += first_key;
    switch (kind) {
    case EXTREMA_U8:
        update_u8((uint8_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_I32:
        update_i32((int32_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_U32:
        update_u32((uint32_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_I64:
        update_i64((int64_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_U64:
        update_u64((uint64_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_FLOAT:
        update_float((uint32_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_DOUBLE:
        update_double((uint64_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_FLOAT16:
        update_float16((uint16_t *)best + first_key, seen, values, count, greatest);
        break;
    case EXTREMA_BYTES:
        update_bytes((uint8_t *)best + first_key * value_size, seen, values, count, value_size,
                     greatest, compare_unsigned);
        break;
    case EXTREMA_DECIMAL_BYTES:
        update_bytes((uint8_t *)best + first_key * value_size, seen, values, count, value_size,
                     greatest, compare_signed);
        break;
    case EXTREMA_INT96:
        update_bytes((uint8_t *)best + first_key * 12, seen, values, count, 12, greatest,
                     compare_int96);
        break;
    }
}

static void update_bytes_at(uint8_t *best, uint8_t *seen, const uint32_t *keys,
                            const uint8_t *values, size_t count, size_t size, bool greatest,
                            compare_bytes *compare)
{
    for (size_t i = 0; i < count; i++)
        update_bytes(best + keys[i] * size, seen + keys[i], values + i * size, 1, size, greatest,
                     compare);
}

void extrema_update_at(enum extrema_kind kind, uint32_t value_size, bool greatest, void *best,
                       uint8_t *seen, const uint32_t *keys, const void *values, size_t count)
{
    switch (kind) {
    case EXTREMA_U8:
        update_u8_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_I32:
        update_i32_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_U32:
        update_u32_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_I64:
        update_i64_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_U64:
        update_u64_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_FLOAT:
        update_float_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_DOUBLE:
        update_double_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_FLOAT16:
        update_float16_at(best, seen, keys, values, count, greatest);
        break;
    case EXTREMA_BYTES:
        update_bytes_at(best, seen, keys, values, count, value_size, greatest, compare_unsigned);
        break;
    case EXTREMA_DECIMAL_BYTES:
        update_bytes_at(best, seen, keys, values, count, value_size, greatest, compare_signed);
        break;
    case EXTREMA_INT96:
        update_bytes_at(best, seen, keys, values, count, 12, greatest, compare_int96);
        break;
    }
}
