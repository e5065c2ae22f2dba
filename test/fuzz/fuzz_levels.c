/*
 * Bytes taken for runs of lengths and packed bits of any width, and for definition levels in all
 * forms and widths: read at once, in pieces and behind a skip. The first bytes: width or form, 16
 * bits each of the count and of a piece; for levels of more than a bit, their maximum.
 */
#include "memory.h"
#include "parquet/levels.h"

#define HEAD 5

static bool read_pieces(struct hybrid_reader *hybrid, uint32_t *out, uint32_t count, uint32_t piece)
{
    for (uint32_t at = 0; at < count; at += piece) {
        uint32_t now = count - at < piece ? count - at : piece;
        if (!hybrid_read(hybrid, out + at, now))
            return false;
    }
    return true;
}

static void check_width(const uint32_t *values, uint32_t count, unsigned width)
{
    for (uint32_t i = 0; i < count; i++)
        demand(width == 32 || values[i] >> width == 0);
}

static void check_bits(const uint8_t *bytes, size_t size, const uint32_t *values, uint32_t count)
{
    struct hybrid_reader hybrid;
    uint8_t *bits = calloc(1, count + 1);
    hybrid_init(&hybrid, bytes, size, 1);
    demand(hybrid_read_bits(&hybrid, bits, count));
    for (uint32_t i = 0; i < count; i++)
        demand(bits[i] == values[i]);
    free(bits);
}

static void check_runs(const uint8_t *bytes, size_t size, unsigned width, uint32_t count,
                       uint32_t piece)
{
    struct hybrid_reader hybrid;
    uint32_t *whole = calloc(count + 1, sizeof *whole), *again = calloc(count + 1, sizeof *again);
    hybrid_init(&hybrid, bytes, size, width);
    bool good = hybrid_read(&hybrid, whole, count);
    hybrid_init(&hybrid, bytes, size, width);
    demand(read_pieces(&hybrid, again, count, piece) == good);
    if (good) {
        uint32_t skipped = piece < count ? piece : count;
        check_width(whole, count, width);
        demand(memcmp(whole, again, count * sizeof *whole) == 0);
        hybrid_init(&hybrid, bytes, size, width);
        demand(hybrid_skip(&hybrid, skipped) && hybrid_read(&hybrid, again, count - skipped));
        demand(memcmp(whole + skipped, again, (count - skipped) * sizeof *whole) == 0);
        if (width == 1)
            check_bits(bytes, size, whole, count);
    }
    free(whole);
    free(again);
}

static bool open_levels(struct level_reader *levels, const uint8_t *bytes, size_t size,
                        uint32_t count, uint16_t maximum, bool packed)
{
    if (!packed)
        return levels_init_runs(levels, bytes, size, count, maximum);
    if (size < levels_packed_size(count, maximum))
        return false;
    levels_init_packed(levels, bytes, count, maximum);
    return true;
}

static bool read_levels(struct level_reader *levels, uint8_t *present, uint32_t count,
                        uint32_t piece, uint32_t *ones)
{
    *ones = 0;
    for (uint32_t at = 0; at < count; at += piece) {
        uint32_t now = count - at < piece ? count - at : piece, found;
        if (!levels_read(levels, present + at, now, &found))
            return false;
        *ones += found;
    }
    return true;
}

static void check_levels(const uint8_t *bytes, size_t size, uint32_t count, uint32_t piece,
                         uint16_t maximum, bool packed)
{
    struct level_reader levels;
    uint32_t ones, ones_again, counted = 0;
    uint8_t *whole = calloc(1, count + 1), *again = calloc(1, count + 1);
    if (open_levels(&levels, bytes, size, count, maximum, packed)) {
        bool good = read_levels(&levels, whole, count, count + 1, &ones);
        demand(open_levels(&levels, bytes, size, count, maximum, packed));
        demand(read_levels(&levels, again, count, piece, &ones_again) == good);
        for (uint32_t i = 0; i < count && good; i++) {
            demand(whole[i] <= 1 && whole[i] == again[i]);
            counted += whole[i];
        }
        demand(!good || (ones == ones_again && ones == counted));
        demand(open_levels(&levels, bytes, size, count, maximum, packed));
        demand(levels_pass(&levels, count) == good);
    }
    free(whole);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    uint32_t count = data[1] | (uint32_t)data[2] << 8;
    uint32_t piece = 1u + (data[3] | (uint32_t)data[4] << 8);
    unsigned form = data[0] % 37;
    if (form <= 32)
        check_runs(data + HEAD, size - HEAD, form, count, piece);
    else if (form <= 34)
        check_levels(data + HEAD, size - HEAD, count, piece, 1, form == 34);
    else if (size >= HEAD + 2 && (data[HEAD] | data[HEAD + 1]) != 0)
        check_levels(data + HEAD + 2, size - HEAD - 2, count, piece,
                     (uint16_t)(data[HEAD] | data[HEAD + 1] << 8), form == 36);
    return 0;
}
