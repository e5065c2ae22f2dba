#include "parquet/hybrid.h"

void hybrid_init(struct hybrid_reader *hybrid, const uint8_t *bytes, size_t size, unsigned width)
{
    *hybrid = (struct hybrid_reader){
        .kernels = parquet_kernels_chosen(), .cursor = cursor_over(bytes, size), .width = width};
}

/* Some writers cut the last group short: what is there is taken, and missing values are missed
 * later. */
static bool begin_packed(struct hybrid_reader *hybrid, uint64_t groups)
{
    uint64_t there = cursor_left(&hybrid->cursor);
    if (groups > UINT32_MAX)
        return false;
    uint64_t size = groups * hybrid->width;
    hybrid->left = groups * 8;
    if (size > there) {
        size = there;
        hybrid->left = there * 8 / hybrid->width;
    }
    hybrid->packed = true;
    hybrid->taken = 0;
    return cursor_bytes(&hybrid->cursor, (size_t)size, &hybrid->bytes);
}

static bool begin_repeated(struct hybrid_reader *hybrid, uint64_t count)
{
    uint32_t value = 0;
    if (!cursor_copy(&hybrid->cursor, &value, (hybrid->width + 7) / 8))
        return false;
    hybrid->packed = false;
    hybrid->left = count;
    hybrid->value = value;
    return hybrid->width == 32 || value >> hybrid->width == 0;
}

bool hybrid_need_run(struct hybrid_reader *hybrid)
{
    while (hybrid->left == 0) {
        uint64_t head;
        if (!cursor_varint(&hybrid->cursor, &head))
            return false;
        if (!((head & 1) != 0 ? begin_packed(hybrid, head >> 1)
                              : begin_repeated(hybrid, head >> 1)))
            return false;
    }
    return true;
}

static void take(struct hybrid_reader *hybrid, size_t count)
{
    hybrid->left -= count;
    hybrid->taken += count;
}

static size_t piece(const struct hybrid_reader *hybrid, size_t count)
{
    return hybrid->left < count ? (size_t)hybrid->left : count;
}

/* All bytes behind the run's first may be read: what is not of the run is shifted away. */
static size_t readable(const struct hybrid_reader *hybrid)
{
    return (size_t)(hybrid->cursor.end - hybrid->bytes);
}

/* The next count values of the current run. */
static void read_run(struct hybrid_reader *hybrid, uint32_t *out, size_t count)
{
    if (hybrid->packed) {
        hybrid->kernels->unpack_u32(hybrid->bytes, readable(hybrid), hybrid->width, hybrid->taken,
                                    count, out);
    } else {
        for (size_t i = 0; i < count; i++)
            out[i] = hybrid->value;
    }
    take(hybrid, count);
}

bool hybrid_read(struct hybrid_reader *hybrid, uint32_t *out, size_t count)
{
    while (count > 0) {
        if (!hybrid_need_run(hybrid))
            return false;
        size_t now = piece(hybrid, count);
        read_run(hybrid, out, now);
        out += now;
        count -= now;
    }
    return true;
}

bool hybrid_read_some(struct hybrid_reader *hybrid, uint32_t *out, size_t count, size_t *ret_count,
                      bool *ret_repeated)
{
    size_t done = 0;
    *ret_repeated = false;
    while (done < count && !*ret_repeated) {
        if (!hybrid_need_run(hybrid))
            return false;
        size_t now = piece(hybrid, count - done);
        if (!hybrid->packed && now >= HYBRID_LONG_RUN) {
            if (done > 0)
                break;
            *ret_repeated = true;
            *out = hybrid->value;
            take(hybrid, now);
        } else {
            read_run(hybrid, out + done, now);
        }
        done += now;
    }
    *ret_count = done;
    return true;
}

bool hybrid_read_bits(struct hybrid_reader *hybrid, uint8_t *out, size_t count)
{
    while (count > 0) {
        if (!hybrid_need_run(hybrid))
            return false;
        size_t now = piece(hybrid, count);
        if (hybrid->packed)
            hybrid->kernels->unpack_bits(hybrid->bytes, hybrid->taken, now, out);
        else
            memset(out, (int)hybrid->value, now);
        take(hybrid, now);
        out += now;
        count -= now;
    }
    return true;
}

bool hybrid_skip(struct hybrid_reader *hybrid, uint64_t count)
{
    while (count > 0) {
        if (!hybrid_need_run(hybrid))
            return false;
        uint64_t now = hybrid->left < count ? hybrid->left : count;
        take(hybrid, (size_t)now);
        count -= now;
    }
    return true;
}
