/*
 * Values in the order of their column. Private to the filter room.
 *
 * Values of up to 64 bits have a key, an unsigned integer in the same order: so each comparison
 * with a number is a range of keys, whatever the type. -0 has the key of 0, and all NaN have the
 * greatest key. Floats and halves have the keys of their doubles.
 */
#ifndef WEIR_FILTER_ORDER_KEY_H
#define WEIR_FILTER_ORDER_KEY_H

#include <string.h>

#include "column/column.h"

enum value_form {
    FORM_BOOLEAN,
    FORM_INT32,
    FORM_UINT32,
    FORM_INT64,
    FORM_UINT64,
    FORM_HALF,
    FORM_FLOAT,
    FORM_DOUBLE,    /* up to here values have keys */
    FORM_BYTES,     /* byte by byte, a text before its continuations */
    FORM_DECIMAL,   /* big-endian two's complement of any length */
    FORM_INT96,     /* nanoseconds of the day, Julian day */
    FORM_NONE,      /* there are no values but NULL */
    FORM_UNORDERED, /* intervals */
    FORM_COUNT
};

enum value_form value_form_of(const struct column_type *type);

static inline bool value_form_has_key(enum value_form form)
{
    return form <= FORM_DOUBLE;
}

static inline bool value_form_is_float(enum value_form form)
{
    return form == FORM_HALF || form == FORM_FLOAT || form == FORM_DOUBLE;
}

#define KEY_SIGN ((uint64_t)1 << 63)
#define KEY_NAN  UINT64_MAX

static inline uint64_t key_of_int64(int64_t value)
{
    return (uint64_t)value ^ KEY_SIGN;
}

static inline uint64_t key_of_double(double value)
{
    uint64_t bits;
    double positive_zero = value + 0.0; /* of -0, too */
    memcpy(&bits, &positive_zero, sizeof bits);
    uint64_t turned = bits ^ ((uint64_t)((int64_t)bits >> 63) | KEY_SIGN);
    return value != value ? KEY_NAN : turned;
}

/* The double of a key that is not a NaN's. */
static inline double key_to_double(uint64_t key)
{
    uint64_t bits = key & KEY_SIGN ? key ^ KEY_SIGN : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The loops over dense values at any address; one of each per instruction set. */
struct value_kernels {
    void (*keys)(enum value_form form, const void *values, size_t count, uint64_t *keys);
    /* ret[i] is 1 where the key of value i is low to low + span, turned over by 1 in inverted. */
    void (*in_range)(enum value_form form, const void *values, size_t count, uint64_t low,
                     uint64_t span, uint8_t inverted, uint8_t *ret);
};

extern const struct value_kernels value_kernels_scalar;
#ifdef __x86_64__
extern const struct value_kernels value_kernels_avx2;
extern const struct value_kernels value_kernels_avx512;
#endif

/* Those for os_instruction_set(). */
const struct value_kernels *value_kernels_chosen(void);

/* The key of one value of a form that has them. */
uint64_t value_key(enum value_form form, const void *value);

/* A value that has no key, in place. */
struct column_bytes value_bytes(const struct column_type *type, const void *values, size_t i);

/* Order of two values of a form without keys. */
int value_bytes_compare(enum value_form form, struct column_bytes a, struct column_bytes b);

#endif
