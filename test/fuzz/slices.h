/*
 * Reads slices to their end and touches every byte that they point to.
 */
#ifndef WEIR_FUZZ_SLICES_H
#define WEIR_FUZZ_SLICES_H

#include "memory.h"
#include "parquet/column_reader.h"

/* A sanitizer sees a read outside of bounds only when it happens. */
static uint64_t touch(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + at[i];
    return sum;
}

static inline uint64_t touch_slice(const struct column_type *type, const struct column_slice *slice)
{
    uint64_t sum = touch(slice->values, slice->value_count * column_value_size(type));
    uint32_t ones = slice->row_count;
    if (slice->present != NULL) {
        ones = 0;
        for (uint32_t i = 0; i < slice->row_count; i++) {
            demand(slice->present[i] <= 1);
            ones += slice->present[i];
        }
    }
    demand(ones == slice->value_count);
    for (uint32_t i = 0; i < slice->value_count && type->physical == COLUMN_BYTE_ARRAY; i++) {
        struct column_bytes value;
        memcpy(&value, (const struct column_bytes *)slice->values + i, sizeof value);
        sum += touch(value.data, value.size);
    }
    return sum;
}

#endif
