#include <string.h>

#include "column/expand.h"

/* Eight bytes at once: their sum, at most 8, comes together in the highest byte of a product. */
static size_t count_ones(const uint8_t *present, size_t count)
{
    size_t ones = 0;
    for (; count >= 8; count -= 8) {
        uint64_t eight;
        memcpy(&eight, present, sizeof eight);
        ones += eight * UINT64_C(0x0101010101010101) >> 56;
        present += 8;
    }
    for (size_t i = 0; i < count; i++)
        ones += present[i];
    return ones;
}

/* Without a branch, as nulls come at random: up to the last value, every row reads the next one,
 * and keeps all of its bits or none. width, of at most 8 bytes, is a constant in each loop. */
__attribute__((always_inline)) static inline size_t expand_words(const uint8_t *present,
                                                                 const uint8_t *values,
                                                                 size_t width, size_t count,
                                                                 uint8_t *out)
{
    size_t total = count_ones(present, count), used = 0, row = 0;
    for (; used < total; row++) {
        uint64_t value = 0;
        memcpy(&value, values + width * used, width);
        value &= 0 - (uint64_t)present[row];
        memcpy(out + width * row, &value, width);
        used += present[row];
    }
    memset(out + width * row, 0, width * (count - row));
    return used;
}

static size_t expand_4(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    return expand_words(present, values, 4, count, out);
}

static size_t expand_8(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    return expand_words(present, values, 8, count, out);
}

const struct expand_kernels expand_kernels_scalar = {expand_4, expand_8};
