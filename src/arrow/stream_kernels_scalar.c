#include <string.h>

#include "arrow/stream_kernels.h"

/* Bit i of a byte as byte i of a word. */
static inline uint64_t spread(uint64_t bits)
{
    uint64_t apart = (bits * UINT64_C(0x0101010101010101)) & UINT64_C(0x8040201008040201);
    return (apart + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
}

uint32_t stream_bits_to_bytes(const uint8_t *bits, uint64_t first, uint32_t count, uint8_t *out)
{
    const uint8_t *at = bits + first / 8;
    unsigned shift = first % 8;
    uint32_t ones = 0, i = 0;
    for (; i + 8 <= count; i += 8, at++) {
        unsigned byte = at[0] >> shift;
        if (shift != 0)
            byte |= (unsigned)at[1] << (8 - shift);
        uint64_t bytes = spread(byte & 0xff);
        memcpy(out + i, &bytes, sizeof bytes);
        ones += (uint32_t)__builtin_popcount(byte & 0xff);
    }
    for (; i < count; i++) {
        uint64_t bit = first + i;
        out[i] = bits[bit / 8] >> (bit % 8) & 1;
        ones += out[i];
    }
    return ones;
}

static inline void compact(const uint8_t *present, const uint8_t *values, size_t width,
                           uint32_t count, uint8_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        memcpy(out, values + width * i, width);
        out += present[i] != 0 ? width : 0;
    }
}

void stream_compact(const uint8_t *present, const uint8_t *values, size_t width, uint32_t count,
                    uint8_t *out)
{
    switch (width) {
    case 1:
        compact(present, values, 1, count, out);
        return;
    case 2:
        compact(present, values, 2, count, out);
        return;
    case 4:
        compact(present, values, 4, count, out);
        return;
    case 8:
        compact(present, values, 8, count, out);
        return;
    case 16:
        compact(present, values, 16, count, out);
        return;
    default:
        compact(present, values, width, count, out);
        return;
    }
}

#define LOAD(type, values, i)                                                                      \
    ({                                                                                             \
        type loaded_;                                                                              \
        memcpy(&loaded_, (values) + sizeof loaded_ * (i), sizeof loaded_);                         \
        loaded_;                                                                                   \
    })

#define WIDEN(type)                                                                                \
    for (uint32_t i = 0; i < count; i++)                                                           \
        out[i] = LOAD(type, values, i);

static bool widen(enum stream_conversion conversion, const uint8_t *values, uint32_t count,
                  int32_t *out)
{
    switch (conversion) {
    case STREAM_FROM_INT8:
        for (uint32_t i = 0; i < count; i++)
            out[i] = (values[i] ^ 0x80) - 0x80;
        return true;
    case STREAM_FROM_INT16:
        WIDEN(int16_t)
        return true;
    case STREAM_FROM_UINT8:
        WIDEN(uint8_t)
        return true;
    default:
        WIDEN(uint16_t)
        return true;
    }
}

static bool seconds_32(const uint8_t *values, uint32_t count, int32_t *out)
{
    bool overflow = false;
    for (uint32_t i = 0; i < count; i++)
        overflow |= __builtin_mul_overflow(LOAD(int32_t, values, i), 1000, &out[i]);
    return !overflow;
}

static bool seconds_64(const uint8_t *values, uint32_t count, int64_t *out)
{
    bool overflow = false;
    for (uint32_t i = 0; i < count; i++)
        overflow |= __builtin_mul_overflow(LOAD(int64_t, values, i), INT64_C(1000), &out[i]);
    return !overflow;
}

#define DAY_MILLISECONDS 86400000

static bool days(const uint8_t *values, uint32_t count, int32_t *out)
{
    bool bad = false;
    for (uint32_t i = 0; i < count; i++) {
        int64_t milliseconds = LOAD(int64_t, values, i);
        int64_t day = milliseconds / DAY_MILLISECONDS;
        bad |= day * DAY_MILLISECONDS != milliseconds || day != (int32_t)day;
        out[i] = (int32_t)day;
    }
    return !bad;
}

/* The value is moved to the upper end, so that its bytes come first when turned round; what is
 * written behind them is overwritten by the next value. */
static bool decimals_128(const uint8_t *values, uint32_t count, uint32_t bytes, uint8_t *out)
{
    unsigned unused = 128 - 8 * bytes;
    bool bad = false;
    for (uint32_t i = 0; i < count; i++) {
        unsigned __int128 value = LOAD(unsigned __int128, values, i);
        unsigned __int128 moved = value << unused;
        bad |= (unsigned __int128)((__int128)moved >> unused) != value;
        const uint64_t turned[2] = {__builtin_bswap64((uint64_t)(moved >> 64)),
                                    __builtin_bswap64((uint64_t)moved)};
        memcpy(out + (size_t)bytes * i, turned, sizeof turned);
    }
    return !bad;
}

#define WIDEST_DECIMAL 32

static bool decimals_256(const uint8_t *values, uint32_t count, uint32_t bytes, uint8_t *out)
{
    bool bad = false;
    for (uint32_t i = 0; i < count; i++, values += WIDEST_DECIMAL, out += bytes) {
        uint8_t sign = values[bytes - 1] >> 7 != 0 ? 0xff : 0;
        for (uint32_t k = bytes; k < WIDEST_DECIMAL; k++)
            bad |= values[k] != sign;
        for (uint32_t k = 0; k < bytes; k++)
            out[k] = values[bytes - 1 - k];
    }
    return !bad;
}

bool stream_convert(const struct stream_type *type, const uint8_t *values, uint32_t count,
                    uint8_t *out)
{
    switch (type->conversion) {
    case STREAM_SECONDS_32:
        return seconds_32(values, count, (int32_t *)out);
    case STREAM_SECONDS_64:
        return seconds_64(values, count, (int64_t *)out);
    case STREAM_DAYS:
        return days(values, count, (int32_t *)out);
    case STREAM_DECIMAL_128:
        return decimals_128(values, count, type->out_width, out);
    case STREAM_DECIMAL_256:
        return decimals_256(values, count, type->out_width, out);
    default:
        return widen(type->conversion, values, count, (int32_t *)out);
    }
}

/* A text between two offsets; an absent one is empty and never wrong. */
static inline bool take_text(uint64_t start, uint64_t end, bool present, struct stream_bytes text,
                             struct column_bytes *out)
{
    bool fits = start <= end && end <= text.size && end - start <= UINT32_MAX;
    out->data = text.data + (fits ? start : 0);
    out->size = fits ? (uint32_t)(end - start) : 0;
    return fits || !present;
}

/* Negative offsets become very large ones. */
#define TAKE_TEXTS(type, is_present)                                                               \
    for (uint32_t i = 0; i < count; i++) {                                                         \
        bool here = is_present;                                                                    \
        fit &= take_text((uint64_t)(int64_t)LOAD(type, offsets, i),                                \
                         (uint64_t)(int64_t)LOAD(type, offsets, i + 1), here, text, out);          \
        out += here;                                                                               \
    }

bool stream_texts(const uint8_t *offsets, size_t width, const uint8_t *present, uint32_t count,
                  struct stream_bytes text, struct column_bytes *out)
{
    bool fit = true;
    if (width == 4 && present == NULL)
        TAKE_TEXTS(int32_t, true)
    else if (width == 4)
        TAKE_TEXTS(int32_t, present[i] != 0)
    else if (present == NULL)
        TAKE_TEXTS(int64_t, true)
    else
        TAKE_TEXTS(int64_t, present[i] != 0)
    return fit;
}

/* A view: its size, then 12 bytes of text, or 4 of them and where the whole stands. */
#define VIEW_BYTES  16
#define VIEW_INLINE 12

struct view {
    int32_t size;
    uint8_t prefix[4];
    int32_t buffer;
    int32_t offset;
};
_Static_assert(sizeof(struct view) == VIEW_BYTES, "a view as Arrow has it");

static bool take_view(const struct view *view, const struct stream_bytes *texts, size_t text_count,
                      struct column_bytes *out)
{
    if (view->buffer < 0 || (size_t)view->buffer >= text_count || view->offset < 0)
        return false;
    const struct stream_bytes *text = &texts[view->buffer];
    if ((size_t)view->offset > text->size || (size_t)view->size > text->size - (size_t)view->offset)
        return false;
    *out = (struct column_bytes){text->data + view->offset, (uint32_t)view->size};
    return true;
}

bool stream_views(const uint8_t *views, uint32_t count, const struct stream_bytes *texts,
                  size_t text_count, struct column_bytes *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct view view = LOAD(struct view, views, i);
        if (view.size < 0)
            return false;
        if (view.size <= VIEW_INLINE)
            out[i] = (struct column_bytes){views + (size_t)VIEW_BYTES * i + 4, (uint32_t)view.size};
        else if (!take_view(&view, texts, text_count, &out[i]))
            return false;
    }
    return true;
}

/* Negative indices become very large ones. */
#define TAKE_INDICES(type)                                                                         \
    for (uint32_t i = 0; i < count; i++) {                                                         \
        uint64_t index = (uint64_t)LOAD(type, indices, i);                                         \
        bad |= index >= limit;                                                                     \
        out[i] = (uint32_t)index;                                                                  \
    }

bool stream_indices(const uint8_t *indices, size_t width, bool is_signed, uint32_t count,
                    uint64_t limit, uint32_t *out)
{
    bool bad = false;
    if (width == 1 && is_signed)
        TAKE_INDICES(int8_t)
    else if (width == 1)
        TAKE_INDICES(uint8_t)
    else if (width == 2 && is_signed)
        TAKE_INDICES(int16_t)
    else if (width == 2)
        TAKE_INDICES(uint16_t)
    else if (width == 4 && is_signed)
        TAKE_INDICES(int32_t)
    else if (width == 4)
        TAKE_INDICES(uint32_t)
    else
        TAKE_INDICES(uint64_t)
    return !bad;
}

static inline void gather(const uint8_t *values, size_t width, const uint32_t *indices,
                          uint32_t count, uint8_t *out)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy(out + width * i, values + width * indices[i], width);
}

void stream_gather(const uint8_t *values, size_t width, const uint32_t *indices, uint32_t count,
                   uint8_t *out)
{
    switch (width) {
    case 1:
        gather(values, 1, indices, count, out);
        return;
    case 4:
        gather(values, 4, indices, count, out);
        return;
    case 8:
        gather(values, 8, indices, count, out);
        return;
    case 16:
        gather(values, 16, indices, count, out);
        return;
    default:
        gather(values, width, indices, count, out);
        return;
    }
}
