#include "parquet/kernels.h"

#include <string.h>

static inline uint64_t load_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Value number index, from bytes that end with the values: nothing behind them is touched. */
static inline uint64_t unpack_one(const uint8_t *in, size_t in_size, unsigned width, size_t index)
{
    size_t bit = index * width;
    size_t first = bit / 8, last = (bit + width + 7) / 8;
    uint8_t bytes[16] = {0};
    if (last > in_size)
        last = in_size;
    memcpy(bytes, in + first, last - first);
    unsigned shift = (unsigned)(bit % 8);
    uint64_t value = load_u64(bytes) >> shift;
    if (shift > 0)
        value |= load_u64(bytes + 8) << (64 - shift);
    return width < 64 ? value & ((UINT64_C(1) << width) - 1) : value;
}

/* Eight values take width bytes, so every group starts on a byte. With width known, shifts are
 * constants. */
__attribute__((always_inline)) static inline void unpack_groups(const uint8_t *in, unsigned width,
                                                                size_t groups, uint32_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (size_t group = 0; group < groups; group++) {
        for (unsigned i = 0; i < 8; i++)
            out[i] = (uint32_t)((load_u64(in + i * width / 8) >> (i * width % 8)) & mask);
        in += width;
        out += 8;
    }
}

#define GROUPS_OF(width)                                                                           \
    static void groups_##width(const uint8_t *in, size_t groups, uint32_t *out)                    \
    {                                                                                              \
        unpack_groups(in, width, groups, out);                                                     \
    }
GROUPS_OF(1)
GROUPS_OF(2)
GROUPS_OF(3)
GROUPS_OF(4)
GROUPS_OF(5)
GROUPS_OF(6)
GROUPS_OF(7)
GROUPS_OF(8)
GROUPS_OF(9)
GROUPS_OF(10)
GROUPS_OF(11)
GROUPS_OF(12)
GROUPS_OF(13)
GROUPS_OF(14)
GROUPS_OF(15)
GROUPS_OF(16)
GROUPS_OF(17)
GROUPS_OF(18)
GROUPS_OF(19)
GROUPS_OF(20)
GROUPS_OF(21)
GROUPS_OF(22)
GROUPS_OF(23)
GROUPS_OF(24)
GROUPS_OF(25)
GROUPS_OF(26)
GROUPS_OF(27)
GROUPS_OF(28)
GROUPS_OF(29)
GROUPS_OF(30)
GROUPS_OF(31)
GROUPS_OF(32)

typedef void (*group_unpacker)(const uint8_t *in, size_t groups, uint32_t *out);

static const group_unpacker unpackers[33] = {
    NULL,      groups_1,  groups_2,  groups_3,  groups_4,  groups_5,  groups_6,
    groups_7,  groups_8,  groups_9,  groups_10, groups_11, groups_12, groups_13,
    groups_14, groups_15, groups_16, groups_17, groups_18, groups_19, groups_20,
    groups_21, groups_22, groups_23, groups_24, groups_25, groups_26, groups_27,
    groups_28, groups_29, groups_30, groups_31, groups_32};

/* Groups whose 64-bit loads stay within the bytes: the last load starts 7 width / 8 into a group.
 */
static size_t safe_groups(size_t in_size, unsigned width, size_t wanted)
{
    size_t reach = 7 * (size_t)width / 8 + 8;
    if (in_size < reach)
        return 0;
    size_t safe = (in_size - reach) / width + 1;
    return safe < wanted ? safe : wanted;
}

void unpack_u32_scalar(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                       uint32_t *out)
{
    size_t end = skip + count;
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    for (; skip % 8 != 0 && skip < end; skip++)
        *out++ = (uint32_t)unpack_one(in, in_size, width, skip);
    if (skip == end)
        return;
    size_t start = skip / 8 * width;
    size_t groups = safe_groups(in_size - start, width, (end - skip) / 8);
    unpackers[width](in + start, groups, out);
    out += groups * 8;
    for (skip += groups * 8; skip < end; skip++)
        *out++ = (uint32_t)unpack_one(in, in_size, width, skip);
}

void unpack_u64_scalar(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                       uint64_t *out)
{
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    uint64_t mask = width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX;
    size_t i = 0;
    /* A load of 8 bytes holds any value of up to 57 bits, wherever it starts in a byte. */
    for (; width <= 57 && i < count; i++) {
        size_t bit = (skip + i) * width;
        if (bit / 8 + 8 > in_size)
            break;
        out[i] = (load_u64(in + bit / 8) >> (bit % 8)) & mask;
    }
    for (; i < count; i++)
        out[i] = unpack_one(in, in_size, width, skip + i);
}

uint32_t delta_u32_scalar(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                          size_t count, uint32_t minimum, uint32_t last, uint32_t *out)
{
    unpack_u32_scalar(in, in_size, width, skip, count, out);
    for (size_t i = 0; i < count; i++) {
        last += minimum + out[i];
        out[i] = last;
    }
    return last;
}

uint64_t delta_u64_scalar(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                          size_t count, uint64_t minimum, uint64_t last, uint64_t *out)
{
    unpack_u64_scalar(in, in_size, width, skip, count, out);
    for (size_t i = 0; i < count; i++) {
        last += minimum + out[i];
        out[i] = last;
    }
    return last;
}

/* The eight bits of a byte as eight bytes: seven by one multiplication, whose copies do not meet.
 */
static inline uint64_t spread_bits(uint8_t byte)
{
    uint64_t low = (byte & 0x7fu) * UINT64_C(0x0002040810204081) & UINT64_C(0x0101010101010101);
    return low | (uint64_t)(byte >> 7) << 56;
}

void unpack_bits_scalar(const uint8_t *in, size_t skip, size_t count, uint8_t *out)
{
    size_t end = skip + count;
    for (; skip % 8 != 0 && skip < end; skip++)
        *out++ = in[skip / 8] >> (skip % 8) & 1;
    for (; skip + 8 <= end; skip += 8) {
        uint64_t eight = spread_bits(in[skip / 8]);
        memcpy(out, &eight, sizeof eight);
        out += 8;
    }
    for (; skip < end; skip++)
        *out++ = in[skip / 8] >> (skip % 8) & 1;
}

/* Eight bytes at once: their sum, at most 8, comes together in the highest byte of a product. */
size_t count_ones_scalar(const uint8_t *bytes, size_t count)
{
    size_t ones = 0;
    for (; count >= 8; count -= 8) {
        ones += load_u64(bytes) * UINT64_C(0x0101010101010101) >> 56;
        bytes += 8;
    }
    for (size_t i = 0; i < count; i++)
        ones += bytes[i];
    return ones;
}
