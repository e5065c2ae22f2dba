/*
 * The loops over values that have keys: one for each form, made from how its key is had. Private to
 * the filter room.
 *
 * Each file that includes it is compiled for an instruction set; the loops are plain ones that
 * compilers turn into vectors of it. All give the same.
 */
#ifndef WEIR_FILTER_ORDER_KEY_LOOPS_H
#define WEIR_FILTER_ORDER_KEY_LOOPS_H

#include "filter/order_key.h"

/* Values may lie at any address. */
#define DEFINE_LOAD(name, type)                                                                    \
    static inline type load_##name(const uint8_t *values, size_t i)                                \
    {                                                                                              \
        type value;                                                                                \
        memcpy(&value, values + i * sizeof value, sizeof value);                                   \
        return value;                                                                              \
    }

DEFINE_LOAD(u16, uint16_t)
DEFINE_LOAD(i32, int32_t)
DEFINE_LOAD(u32, uint32_t)
DEFINE_LOAD(i64, int64_t)
DEFINE_LOAD(u64, uint64_t)
DEFINE_LOAD(float, float)
DEFINE_LOAD(double, double)

/* IEEE 754 binary16: a subnormal is a multiple of 2^-24, others get the exponent of a double. */
static inline double half_to_double(uint16_t bits)
{
    uint64_t sign = (uint64_t)(bits >> 15) << 63, exponent = bits >> 10 & 31, part = bits & 1023;
    double value = (double)part * 0x1p-24;
    uint64_t wide;
    if (exponent > 0) {
        wide = (exponent == 31 ? 2047 : exponent - 15 + 1023) << 52 | part << 42;
        memcpy(&value, &wide, sizeof value);
    }
    return sign != 0 ? -value : value;
}

/* form, its key for value i of values */
#define FORMS(make)                                                                                \
    make(FORM_BOOLEAN, (uint64_t)(values[i] != 0));                                                \
    make(FORM_INT32, key_of_int64(load_i32(values, i)));                                           \
    make(FORM_UINT32, (uint64_t)load_u32(values, i));                                              \
    make(FORM_INT64, key_of_int64(load_i64(values, i)));                                           \
    make(FORM_UINT64, load_u64(values, i));                                                        \
    make(FORM_HALF, key_of_double(half_to_double(load_u16(values, i))));                           \
    make(FORM_FLOAT, key_of_double((double)load_float(values, i)));                                \
    make(FORM_DOUBLE, key_of_double(load_double(values, i)))

#define FILL_KEYS(form, key)                                                                       \
    case form:                                                                                     \
        for (size_t i = 0; i < count; i++)                                                         \
            keys[i] = (key);                                                                       \
        break

static void keys_of_values(enum value_form form, const void *dense, size_t count, uint64_t *keys)
{
    const uint8_t *values = dense;
    switch (form) {
        FORMS(FILL_KEYS);
    default: /* has no keys */
        break;
    }
}

#define TEST_KEYS(form, key)                                                                       \
    case form:                                                                                     \
        for (size_t i = 0; i < count; i++)                                                         \
            ret[i] = (uint8_t)(((key)-low <= span) ^ inverted);                                    \
        break

static void keys_in_range(enum value_form form, const void *dense, size_t count, uint64_t low,
                          uint64_t span, uint8_t inverted, uint8_t *ret)
{
    const uint8_t *values = dense;
    switch (form) {
        FORMS(TEST_KEYS);
    default: /* has no keys */
        break;
    }
}

#endif
