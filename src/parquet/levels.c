#include "parquet/levels.h"

/* Bytes of levels turned round at once. */
#define PIECE_BYTES 64
/* Levels of more than a bit decoded at once. */
#define WIDE_PIECE 512

void levels_init_none(struct level_reader *levels)
{
    *levels = (struct level_reader){.form = LEVELS_NONE};
}

static unsigned width_of(uint16_t maximum)
{
    return maximum > 0 ? 32 - (unsigned)__builtin_clz(maximum) : 0;
}

bool levels_init_runs(struct level_reader *levels, const uint8_t *bytes, size_t size,
                      uint64_t count, uint16_t maximum)
{
    *levels = (struct level_reader){.form = maximum > 1 ? LEVELS_WIDE_RUNS : LEVELS_RUNS,
                                    .maximum = maximum};
    hybrid_init(&levels->runs, bytes, size, width_of(maximum));
    if (count == 0)
        return true;
    if (!hybrid_need_run(&levels->runs))
        return false;
    if (!levels->runs.packed && levels->runs.value == maximum && levels->runs.left >= count)
        levels->form = LEVELS_NONE;
    return true;
}

size_t levels_packed_size(uint64_t count, uint16_t maximum)
{
    return (size_t)((count * width_of(maximum) + 7) / 8);
}

void levels_init_packed(struct level_reader *levels, const uint8_t *bits, uint64_t count,
                        uint16_t maximum)
{
    *levels = (struct level_reader){.form = maximum > 1 ? LEVELS_WIDE_PACKED : LEVELS_PACKED,
                                    .bits = bits,
                                    .count = count,
                                    .maximum = maximum};
    hybrid_init(&levels->runs, NULL, 0, width_of(maximum));
}

static uint8_t turned_round(uint8_t byte)
{
    byte = (uint8_t)((byte & 0xf0) >> 4 | (byte & 0x0f) << 4);
    byte = (uint8_t)((byte & 0xcc) >> 2 | (byte & 0x33) << 2);
    return (uint8_t)((byte & 0xaa) >> 1 | (byte & 0x55) << 1);
}

static bool read_packed(struct level_reader *levels, uint8_t *present, uint32_t count)
{
    if (count > levels->count - levels->taken)
        return false;
    while (count > 0) {
        uint8_t bits[PIECE_BYTES];
        uint32_t phase = (uint32_t)(levels->taken % 8);
        uint32_t fitting = PIECE_BYTES * 8 - phase, now = count < fitting ? count : fitting;
        for (uint32_t i = 0; i < (phase + now + 7) / 8; i++)
            bits[i] = turned_round(levels->bits[levels->taken / 8 + i]);
        levels->runs.kernels->unpack_bits(bits, phase, now, present);
        levels->taken += now;
        present += now;
        count -= now;
    }
    return true;
}

static bool to_bytes(const uint32_t *found, size_t count, uint16_t maximum, uint8_t *present)
{
    uint32_t beyond = 0;
    for (size_t i = 0; i < count; i++) {
        present[i] = found[i] == maximum;
        beyond |= found[i] > maximum;
    }
    return beyond == 0;
}

static bool read_wide_runs(struct level_reader *levels, uint8_t *present, uint32_t count)
{
    while (count > 0) {
        uint32_t found[WIDE_PIECE];
        size_t wanted = count < WIDE_PIECE ? count : WIDE_PIECE, now;
        bool repeated;
        if (!hybrid_read_some(&levels->runs, found, wanted, &now, &repeated) ||
            !to_bytes(found, repeated ? 1 : now, levels->maximum, present))
            return false;
        if (repeated)
            memset(present, present[0], now);
        present += now;
        count -= (uint32_t)now;
    }
    return true;
}

/* The level whose highest bit is at a place; it lies in at most three bytes. */
static uint32_t packed_level(const uint8_t *bits, uint64_t at, unsigned width)
{
    unsigned end = (unsigned)(at % 8) + width, bytes = (end + 7) / 8;
    uint32_t word = 0;
    for (unsigned i = 0; i < bytes; i++)
        word = word << 8 | bits[at / 8 + i];
    return word >> (bytes * 8 - end) & ((UINT32_C(1) << width) - 1);
}

static bool read_wide_packed(struct level_reader *levels, uint8_t *present, uint32_t count)
{
    unsigned width = levels->runs.width;
    if (count > levels->count - levels->taken)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t level = packed_level(levels->bits, (levels->taken + i) * width, width);
        if (level > levels->maximum)
            return false;
        present[i] = level == levels->maximum;
    }
    levels->taken += count;
    return true;
}

static bool read_form(struct level_reader *levels, uint8_t *present, uint32_t count)
{
    switch (levels->form) {
    case LEVELS_RUNS:
        return hybrid_read_bits(&levels->runs, present, count);
    case LEVELS_PACKED:
        return read_packed(levels, present, count);
    case LEVELS_WIDE_RUNS:
        return read_wide_runs(levels, present, count);
    default:
        return read_wide_packed(levels, present, count);
    }
}

bool levels_read(struct level_reader *levels, uint8_t *present, uint32_t count, uint32_t *ret_ones)
{
    *ret_ones = count;
    if (levels->form == LEVELS_NONE) {
        memset(present, 1, count);
        return true;
    }
    if (!read_form(levels, present, count))
        return false;
    *ret_ones = (uint32_t)levels->runs.kernels->count_ones(present, count);
    return true;
}

bool levels_pass(struct level_reader *levels, uint32_t count)
{
    uint8_t present[WIDE_PIECE];
    if (levels->form == LEVELS_NONE)
        return true;
    if (levels->form == LEVELS_RUNS) /* no bit is above 1 */
        return hybrid_skip(&levels->runs, count);
    while (count > 0) {
        uint32_t now = count < WIDE_PIECE ? count : WIDE_PIECE;
        if (!read_form(levels, present, now))
            return false;
        count -= now;
    }
    return true;
}
