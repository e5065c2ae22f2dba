/* Runs and packed groups: levels from bits, dictionary indices from integers. */
#include "parquet/writer_encode.h"

/* Groups of eight equal levels that are worth a run of their own: a run costs two bytes or more. */
#define LEVEL_RUN_GROUPS 4

size_t encode_levels_bound(uint64_t rows)
{
    /* Headers take at most as much as what they stand for, and one run at the end. */
    return (size_t)((rows + 7) / 8 * 2 + 16);
}

static uint8_t *put_level_run(uint8_t *out, uint64_t rows, bool level)
{
    out = encode_varint(out, rows << 1);
    *out++ = level;
    return out;
}

/* Groups from first on that all hold the same level, and may be a run. */
static size_t equal_groups(const uint8_t *present, size_t first, size_t whole)
{
    uint8_t group = present[first];
    if (group != 0 && group != 0xff)
        return 0;
    size_t end = first + 1;
    while (end < whole && present[end] == group)
        end++;
    return end - first >= LEVEL_RUN_GROUPS ? end - first : 0;
}

static uint8_t *put_level_bits(uint8_t *out, const uint8_t *present, size_t groups)
{
    if (groups == 0)
        return out;
    out = encode_varint(out, (uint64_t)groups << 1 | 1);
    memcpy(out, present, groups);
    return out + groups;
}

size_t encode_levels(const uint8_t *present, uint32_t rows, uint8_t *out)
{
    uint8_t *at = out;
    if (present == NULL)
        return (size_t)(put_level_run(at, rows, true) - out);
    size_t groups = ((size_t)rows + 7) / 8;
    size_t whole = rows / 8; /* the last group, if cut, is always written as bits */
    size_t literal = 0;
    for (size_t i = 0; i < groups;) {
        size_t equal = i < whole ? equal_groups(present, i, whole) : 0;
        if (equal == 0) {
            i++;
            continue;
        }
        at = put_level_bits(at, present + literal, i - literal);
        at = put_level_run(at, (uint64_t)equal * 8, present[i] != 0);
        i += equal;
        literal = i;
    }
    at = put_level_bits(at, present + literal, groups - literal);
    return (size_t)(at - out);
}

size_t encode_hybrid_bound(uint64_t count, unsigned width)
{
    uint64_t groups = (count + 7) / 8;
    /* A group of eight costs at most its bits and a header; a run of eight or more at most 5 + 4
     * bytes. */
    return (size_t)(groups * (width > 4 ? width + 5 : 9) + 16);
}

/* Equal values from first on, as far as they go. */
static size_t equal_values(const uint32_t *values, size_t first, size_t count)
{
    size_t end = first + 1;
    while (end < count && values[end] == values[first])
        end++;
    return end - first;
}

static uint8_t *put_run(uint8_t *out, uint32_t value, size_t length, unsigned width)
{
    size_t size = (width + 7) / 8;
    out = encode_varint(out, (uint64_t)length << 1);
    memcpy(out, &value, size);
    return out + size;
}

/* Packs values, padded with zeros to groups of eight. */
static uint8_t *put_packed(uint8_t *out, const uint32_t *values, size_t count, unsigned width)
{
    if (count == 0)
        return out;
    size_t groups = (count + 7) / 8;
    struct bit_packer packer = {encode_varint(out, (uint64_t)groups << 1 | 1), 0, 0};
    for (size_t i = 0; i < count; i++)
        bit_packer_put(&packer, values[i], width);
    for (size_t i = count; i < groups * 8; i++)
        bit_packer_put(&packer, 0, width);
    return bit_packer_finish(&packer);
}

size_t encode_hybrid(const uint32_t *values, size_t count, unsigned width, uint8_t *out)
{
    uint8_t *at = out;
    size_t literal = 0;
    for (size_t i = 0; i < count;) {
        size_t equal = equal_values(values, i, count);
        if (equal <
            8) { /* packed values come in groups of eight, so a run may begin behind one only */
            i += 8;
            continue;
        }
        at = put_packed(at, values + literal, i - literal, width);
        at = put_run(at, values[i], equal, width);
        i += equal;
        literal = i;
    }
    if (literal < count)
        at = put_packed(at, values + literal, count - literal, width);
    return (size_t)(at - out);
}
