/* Integers, and what is an integer inside: dates, times, timestamps. */
#include <string.h>

#include "key/cast_kinds.h"

#define BLOCK 256

bool cast_is_integer(const struct column_type *type)
{
    return (type->physical == COLUMN_INT32 || type->physical == COLUMN_INT64) &&
           (type->logical == COLUMN_PLAIN || type->logical == COLUMN_INTEGER);
}

bool cast_is_unsigned(const struct column_type *type)
{
    return type->logical == COLUMN_INTEGER && !type->is_signed;
}

static unsigned width_of(const struct column_type *type)
{
    if (type->logical == COLUMN_INTEGER)
        return type->bit_width;
    return type->physical == COLUMN_INT32 ? 32 : 64;
}

static struct column_type integer_type(unsigned width, bool is_signed)
{
    return (struct column_type){.physical = width > 32 ? COLUMN_INT64 : COLUMN_INT32,
                                .logical = COLUMN_INTEGER,
                                .is_signed = is_signed,
                                .bit_width = (uint8_t)width};
}

/* The wider of two of one sign; else a signed type with a bit more than the unsigned one, as far as
 * there is one. */
bool cast_unify_integers(const struct column_type *a, const struct column_type *b,
                         struct column_type *ret)
{
    if (!cast_is_integer(a) || !cast_is_integer(b))
        return false;
    unsigned a_width = width_of(a), b_width = width_of(b);
    if (cast_is_unsigned(a) != cast_is_unsigned(b)) {
        unsigned *width = cast_is_unsigned(a) ? &a_width : &b_width;
        *width = *width < 64 ? 2 * *width : 64;
    }
    unsigned width = a_width > b_width ? a_width : b_width;
    *ret = integer_type(width, !cast_is_unsigned(a) || !cast_is_unsigned(b));
    return true;
}

/* ---- values: to 64 bits, times a factor, to the target; each step a loop over a block, which says
 * how many values went well ---- */

static size_t load_int96(const uint8_t *values, size_t count, int64_t *ret)
{
    size_t i = 0;
    while (i < count && cast_int96(values + i * 12, &ret[i]))
        i++;
    return i;
}

static size_t load(const struct key_cast *cast, const uint8_t *values, size_t count, int64_t *ret)
{
    if (cast->from.physical == COLUMN_INT96)
        return load_int96(values, count, ret);
    if (cast->from.physical == COLUMN_INT64) {
        memcpy(ret, values, count * sizeof *ret);
        size_t good = 0;
        if (!cast_is_unsigned(&cast->from) || cast_is_unsigned(&cast->to))
            return count;
        while (good < count && ret[good] >= 0)
            good++;
        return good;
    }
    bool is_unsigned = cast_is_unsigned(&cast->from);
    for (size_t i = 0; i < count; i++) {
        int32_t value;
        memcpy(&value, values + i * sizeof value, sizeof value);
        ret[i] = is_unsigned ? (int64_t)(uint32_t)value : value;
    }
    return count;
}

static size_t multiply(int64_t *values, size_t count, int64_t factor)
{
    size_t i = 0;
    while (factor != 1 && i < count && !__builtin_mul_overflow(values[i], factor, &values[i]))
        i++;
    return factor != 1 ? i : count;
}

static size_t store32(const struct column_type *to, const int64_t *values, size_t count,
                      uint8_t *ret)
{
    bool is_unsigned = cast_is_unsigned(to);
    size_t i = 0;
    for (; i < count; i++) {
        int32_t value = (int32_t)values[i];
        if (values[i] != (is_unsigned ? (int64_t)(uint32_t)value : value))
            break;
        memcpy(ret + i * sizeof value, &value, sizeof value);
    }
    return i;
}

static size_t store(const struct column_type *to, const int64_t *values, size_t count, uint8_t *ret)
{
    if (to->physical == COLUMN_INT32)
        return store32(to, values, count, ret);
    if (to->physical == COLUMN_INT64)
        memcpy(ret, values, count * sizeof *values);
    for (size_t i = 0; to->physical == COLUMN_DOUBLE && i < count; i++) {
        double number = (double)values[i]; /* of 32 bits: exact */
        memcpy(ret + i * sizeof number, &number, sizeof number);
    }
    return count;
}

size_t cast_integers(const struct key_cast *cast, const uint8_t *values, size_t count, uint8_t *ret)
{
    int64_t block[BLOCK];
    size_t from_size = column_value_size(&cast->from), to_size = column_value_size(&cast->to);
    int64_t factor = cast_time_factor(&cast->from, &cast->to);
    for (size_t done = 0; done < count; done += BLOCK) {
        size_t wanted = count - done < BLOCK ? count - done : BLOCK;
        size_t good = load(cast, values + done * from_size, wanted, block);
        good = multiply(block, good, factor);
        good = store(&cast->to, block, good, ret + done * to_size);
        if (good < wanted)
            return done + good;
    }
    return count;
}
