/* DELTA_BINARY_PACKED: blocks of 128 differences in four groups of 32, each with its own width. */
#include "parquet/writer_encode.h"

#define BLOCK_VALUES 128
#define GROUP_VALUES 32
#define GROUPS       (BLOCK_VALUES / GROUP_VALUES)

size_t encode_delta_bound(uint64_t count, unsigned value_size)
{
    uint64_t blocks = count / BLOCK_VALUES + 1;
    return (size_t)(32 + blocks * (10 + GROUPS + (uint64_t)BLOCK_VALUES * value_size));
}

static uint8_t *put_zigzag(uint8_t *out, int64_t value)
{
    return encode_varint(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static int64_t load(const uint8_t *values, size_t index, unsigned value_size)
{
    int64_t wide;
    int32_t narrow;
    if (value_size == 8) {
        memcpy(&wide, values + index * 8, 8);
        return wide;
    }
    memcpy(&narrow, values + index * 4, 4);
    return narrow;
}

/* Differences wrap around in the width of the values, as the format asks. */
static int64_t difference(const uint8_t *values, size_t index, unsigned value_size)
{
    uint64_t step =
        (uint64_t)load(values, index, value_size) - (uint64_t)load(values, index - 1, value_size);
    return value_size == 8 ? (int64_t)step : (int64_t)(int32_t)(uint32_t)step;
}

static unsigned width_of(const uint64_t *steps, size_t count)
{
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= steps[i];
    return any == 0 ? 0 : 64 - (unsigned)__builtin_clzll(any);
}

/* Packs one group; values behind the last are zero. */
static uint8_t *put_group(uint8_t *out, const uint64_t *steps, unsigned width)
{
    struct bit_packer packer = {out, 0, 0};
    for (size_t i = 0; width > 0 && i < GROUP_VALUES; i++)
        bit_packer_put(&packer, steps[i], width);
    return bit_packer_finish(&packer);
}

/* One block of count (1..128) differences. */
static uint8_t *put_block(uint8_t *out, const int64_t *differences, size_t count,
                          unsigned value_size)
{
    int64_t least = differences[0];
    for (size_t i = 1; i < count; i++)
        least = differences[i] < least ? differences[i] : least;
    uint64_t mask = value_size == 8 ? UINT64_MAX : UINT32_MAX;
    uint64_t steps[BLOCK_VALUES] = {0};
    for (size_t i = 0; i < count; i++)
        steps[i] = ((uint64_t)differences[i] - (uint64_t)least) & mask;
    out = put_zigzag(out, least);
    uint8_t *widths = out;
    out += GROUPS;
    for (size_t group = 0; group < GROUPS; group++) {
        const uint64_t *first = steps + group * GROUP_VALUES;
        widths[group] = (uint8_t)width_of(first, GROUP_VALUES);
        out = put_group(out, first, widths[group]);
    }
    return out;
}

size_t encode_delta(const void *values, size_t count, unsigned value_size, uint8_t *out)
{
    uint8_t *at = encode_varint(out, BLOCK_VALUES);
    at = encode_varint(at, GROUPS);
    at = encode_varint(at, count);
    at = put_zigzag(at, count > 0 ? load(values, 0, value_size) : 0);
    int64_t differences[BLOCK_VALUES];
    for (size_t first = 1; first < count; first += BLOCK_VALUES) {
        size_t left = count - first < BLOCK_VALUES ? count - first : BLOCK_VALUES;
        for (size_t i = 0; i < left; i++)
            differences[i] = difference(values, first + i, value_size);
        at = put_block(at, differences, left, value_size);
    }
    return (size_t)(at - out);
}
