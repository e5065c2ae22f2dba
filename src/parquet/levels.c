#include "parquet/levels.h"

/* Bytes of levels turned round at once. */
#define PIECE_BYTES 64

void levels_init_none(struct level_reader *levels)
{
    *levels = (struct level_reader){.form = LEVELS_NONE};
}

bool levels_init_runs(struct level_reader *levels, const uint8_t *bytes, size_t size,
                      uint64_t row_count)
{
    *levels = (struct level_reader){.form = LEVELS_RUNS};
    hybrid_init(&levels->runs, bytes, size, 1);
    if (row_count == 0)
        return true;
    if (!hybrid_need_run(&levels->runs))
        return false;
    if (!levels->runs.packed && levels->runs.value == 1 && levels->runs.left >= row_count)
        levels->form = LEVELS_NONE;
    return true;
}

void levels_init_packed(struct level_reader *levels, const uint8_t *bits, uint64_t row_count)
{
    *levels = (struct level_reader){.form = LEVELS_PACKED, .bits = bits, .count = row_count};
    hybrid_init(&levels->runs, NULL, 0, 1);
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

bool levels_read(struct level_reader *levels, uint8_t *present, uint32_t count, uint32_t *ret_ones)
{
    *ret_ones = count;
    if (levels->form == LEVELS_NONE) {
        memset(present, 1, count);
        return true;
    }
    if (!(levels->form == LEVELS_RUNS ? hybrid_read_bits(&levels->runs, present, count)
                                      : read_packed(levels, present, count)))
        return false;
    *ret_ones = (uint32_t)levels->runs.kernels->count_ones(present, count);
    return true;
}
