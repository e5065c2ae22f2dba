#include "sum/key_bounds.h"

#include <string.h>

#define SIGN ((uint64_t)1 << 63)

static bool is_unsigned(const struct column_type *type)
{
    return type->physical == COLUMN_BOOLEAN ||
           (type->logical == COLUMN_INTEGER && !type->is_signed);
}

void key_bounds_init(struct key_bounds *bounds, const struct column_type *type)
{
    *bounds = (struct key_bounds){.type = *type, .least = UINT64_MAX};
}

static void take(struct key_bounds *bounds, uint64_t least, uint64_t greatest)
{
    bounds->any = true;
    bounds->least = least < bounds->least ? least : bounds->least;
    bounds->greatest = greatest > bounds->greatest ? greatest : bounds->greatest;
}

static void add_words(struct key_bounds *bounds, const uint8_t *values, size_t count)
{
    uint64_t flip = is_unsigned(&bounds->type) ? 0 : SIGN;
    uint64_t least = UINT64_MAX, greatest = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        memcpy(&value, values + i * sizeof value, sizeof value);
        value ^= flip;
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    take(bounds, least, greatest);
}

static void add_halves(struct key_bounds *bounds, const uint8_t *values, size_t count)
{
    uint32_t flip = is_unsigned(&bounds->type) ? 0 : (uint32_t)1 << 31;
    uint32_t least = UINT32_MAX, greatest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        memcpy(&value, values + i * sizeof value, sizeof value);
        value ^= flip;
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    /* The order of 32 bits in 64: what lies below zero lies below 2^63. */
    uint64_t base = flip != 0 ? SIGN - ((uint64_t)1 << 31) : 0;
    take(bounds, base + least, base + greatest);
}

void key_bounds_add(struct key_bounds *bounds, const void *values, size_t count)
{
    if (count == 0)
        return;
    if (bounds->type.physical == COLUMN_INT64)
        add_words(bounds, values, count);
    else if (bounds->type.physical == COLUMN_INT32)
        add_halves(bounds, values, count);
    else
        take(bounds, 0, 1);
}

void key_bounds_merge(struct key_bounds *bounds, const struct key_bounds *other)
{
    if (other->any)
        take(bounds, other->least, other->greatest);
}

bool key_bounds_values(const struct key_bounds *bounds, uint64_t *ret_low, uint64_t *ret_high)
{
    /* Two's complement: the low 32 bits of a value are the value of 32 bits. */
    uint64_t flip = is_unsigned(&bounds->type) ? 0 : SIGN;
    *ret_low = bounds->least ^ flip;
    *ret_high = bounds->greatest ^ flip;
    return bounds->any;
}
