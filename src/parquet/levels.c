#include "parquet/levels.h"

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
}

static bool read_packed(struct level_reader *levels, uint8_t *present, uint32_t count)
{
    if (count > levels->count - levels->taken)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bit = levels->taken + i;
        present[i] = levels->bits[bit / 8] >> (7 - bit % 8) & 1;
    }
    levels->taken += count;
    return true;
}

static uint32_t count_ones(const uint8_t *present, uint32_t count)
{
    uint32_t ones = 0;
    for (uint32_t i = 0; i < count; i++)
        ones += present[i];
    return ones;
}

bool levels_read(struct level_reader *levels, uint8_t *present, uint32_t count, uint32_t *ret_ones)
{
    bool read = true;
    if (levels->form == LEVELS_NONE)
        memset(present, 1, count);
    else if (levels->form == LEVELS_RUNS)
        read = hybrid_read_bits(&levels->runs, present, count);
    else
        read = read_packed(levels, present, count);
    if (read)
        *ret_ones = count_ones(present, count);
    return read;
}
