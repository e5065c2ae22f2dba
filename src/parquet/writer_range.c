#include "parquet/writer_range.h"

#include <math.h>
#include <string.h>

enum range_kind {
    RANGE_NONE, /* no order */
    RANGE_I32,
    RANGE_U32,
    RANGE_I64,
    RANGE_U64,
    RANGE_FLOAT,
    RANGE_DOUBLE,
    RANGE_HALF,
    RANGE_FIXED, /* boolean or fixed bytes, by column_value_compare */
    RANGE_DECIMAL_BYTES,
    RANGE_TEXT /* unsigned bytes, may be cut */
};

static enum range_kind kind_of_fixed(const struct column_type *type)
{
    if (type->logical == COLUMN_INTERVAL || type->type_length > RANGE_BYTES)
        return RANGE_NONE;
    return type->logical == COLUMN_FLOAT16 && type->type_length == 2 ? RANGE_HALF : RANGE_FIXED;
}

static enum range_kind kind_of(const struct column_type *type)
{
    bool is_unsigned = type->logical == COLUMN_INTEGER && !type->is_signed;
    if (type->logical == COLUMN_UNKNOWN)
        return RANGE_NONE;
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return RANGE_FIXED;
    case COLUMN_INT32:
        return is_unsigned ? RANGE_U32 : RANGE_I32;
    case COLUMN_INT64:
        return is_unsigned ? RANGE_U64 : RANGE_I64;
    case COLUMN_INT96:
        return RANGE_NONE;
    case COLUMN_FLOAT:
        return RANGE_FLOAT;
    case COLUMN_DOUBLE:
        return RANGE_DOUBLE;
    case COLUMN_BYTE_ARRAY:
        return type->logical == COLUMN_DECIMAL ? RANGE_DECIMAL_BYTES : RANGE_TEXT;
    case COLUMN_FIXED:
        return kind_of_fixed(type);
    }
    return RANGE_NONE;
}

static bool is_utf8(const struct column_type *type)
{
    return type->logical == COLUMN_STRING || type->logical == COLUMN_ENUM ||
           type->logical == COLUMN_JSON;
}

static void set_bound(struct range_bound *bound, const void *bytes, size_t size)
{
    bound->size = (uint8_t)size;
    bound->exact = true;
    if (size > 0)
        memcpy(bound->bytes, bytes, size);
}

/* One numeric type: start from what is there, or from the ends of the type, and look at the array.
 */
#define UPDATE_NUMBERS(range, type, kernel, top, bottom)                                           \
    do {                                                                                           \
        type low_ = (top), high_ = (bottom);                                                       \
        if ((range)->any) {                                                                        \
            memcpy(&low_, (range)->least.bytes, sizeof low_);                                      \
            memcpy(&high_, (range)->greatest.bytes, sizeof high_);                                 \
        }                                                                                          \
        kernel(values, count, &low_, &high_);                                                      \
        if (low_ <= high_) {                                                                       \
            (range)->any = true;                                                                   \
            set_bound(&(range)->least, &low_, sizeof low_);                                        \
            set_bound(&(range)->greatest, &high_, sizeof high_);                                   \
        }                                                                                          \
    } while (0)

static bool half_is_nan(const uint8_t *value)
{
    uint16_t bits;
    memcpy(&bits, value, sizeof bits);
    return (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
}

static void update_fixed(struct value_range *range, const struct column_type *type,
                         const uint8_t *values, size_t count, bool halves)
{
    size_t size = column_value_size(type);
    for (size_t i = 0; i < count; i++, values += size) {
        if (halves && half_is_nan(values))
            continue;
        if (!range->any || column_value_compare(type, values, range->least.bytes) < 0)
            set_bound(&range->least, values, size);
        if (!range->any || column_value_compare(type, values, range->greatest.bytes) > 0)
            set_bound(&range->greatest, values, size);
        range->any = true;
    }
}

/* Order of bytes against a bound of the same type. */
static int compare_with_bound(const struct column_type *type, struct column_bytes bytes,
                              const struct range_bound *bound)
{
    struct column_bytes other = {bound->bytes, bound->size};
    return column_value_compare(type, &bytes, &other);
}

/* Texts as lower and as upper candidates; they differ when ranges are merged. */
static void take_text(struct value_range *range, const struct column_type *type,
                      struct column_bytes low, struct column_bytes high)
{
    bool cut = type->logical != COLUMN_DECIMAL;
    if (!cut && (low.size > RANGE_BYTES || high.size > RANGE_BYTES)) {
        range->unknown = true;
        return;
    }
    if (!range->any || compare_with_bound(type, low, &range->least) <= 0)
        range_cut_least(low, is_utf8(type), &range->least);
    if ((!range->any || compare_with_bound(type, high, &range->greatest) >= 0) &&
        !range_cut_greatest(high, is_utf8(type), &range->greatest))
        range->unknown = true;
    range->any = true;
}

/* The first eight bytes as a number in their order; shorter texts end in zeros. */
static uint64_t prefix_of(const uint8_t *bytes, size_t size)
{
    uint64_t prefix = 0;
    if (size > 0)
        memcpy(&prefix, bytes, size < sizeof prefix ? size : sizeof prefix);
    return __builtin_bswap64(prefix);
}

/* A text whose prefix lies between those of the bounds lies between the bounds. Decimals have
 * another order. */
static void update_text(struct value_range *range, const struct column_type *type,
                        const uint8_t *values, size_t count)
{
    bool ordered = type->logical != COLUMN_DECIMAL;
    for (size_t i = 0; i < count && !range->unknown;) {
        uint64_t least = prefix_of(range->least.bytes, range->least.size);
        uint64_t greatest = prefix_of(range->greatest.bytes, range->greatest.size);
        struct column_bytes text;
        for (; i < count; i++) {
            memcpy(&text, values + i * sizeof text, sizeof text);
            uint64_t prefix = prefix_of(text.data, text.size);
            if (!(ordered && range->any && prefix > least && prefix < greatest))
                break;
        }
        if (i < count)
            take_text(range, type, text, text);
        i++;
    }
}

void range_update(struct value_range *range, const struct column_type *type, const void *values,
                  size_t count)
{
    if (count == 0)
        return;
    enum range_kind kind = kind_of(type);
    switch (kind) {
    case RANGE_NONE:
        range->unknown = true;
        break;
    case RANGE_I32:
        UPDATE_NUMBERS(range, int32_t, range_i32, INT32_MAX, INT32_MIN);
        break;
    case RANGE_U32:
        UPDATE_NUMBERS(range, uint32_t, range_u32, UINT32_MAX, 0);
        break;
    case RANGE_I64:
        UPDATE_NUMBERS(range, int64_t, range_i64, INT64_MAX, INT64_MIN);
        break;
    case RANGE_U64:
        UPDATE_NUMBERS(range, uint64_t, range_u64, UINT64_MAX, 0);
        break;
    case RANGE_FLOAT:
        UPDATE_NUMBERS(range, float, range_float, INFINITY, -INFINITY);
        break;
    case RANGE_DOUBLE:
        UPDATE_NUMBERS(range, double, range_double, (double)INFINITY, (double)-INFINITY);
        break;
    case RANGE_HALF:
    case RANGE_FIXED:
        update_fixed(range, type, values, count, kind == RANGE_HALF);
        break;
    case RANGE_DECIMAL_BYTES:
    case RANGE_TEXT:
        update_text(range, type, values, count);
        break;
    }
}

static void merge_text(struct value_range *range, const struct column_type *type,
                       const struct value_range *other)
{
    take_text(range, type, (struct column_bytes){other->least.bytes, other->least.size},
              (struct column_bytes){other->greatest.bytes, other->greatest.size});
    /* A bound that was cut stays so, whichever range it came from. */
    if (range_bound_compare(type, &range->least, &other->least) == 0)
        range->least.exact = other->least.exact;
    if (range_bound_compare(type, &range->greatest, &other->greatest) == 0)
        range->greatest.exact = other->greatest.exact;
}

void range_merge(struct value_range *range, const struct column_type *type,
                 const struct value_range *other)
{
    range->unknown |= other->unknown;
    if (!other->any || range->unknown)
        return;
    if (!range->any) {
        *range = *other;
        return;
    }
    if (type->physical == COLUMN_BYTE_ARRAY) {
        merge_text(range, type, other);
        return;
    }
    range_update(range, type, other->least.bytes, 1);
    range_update(range, type, other->greatest.bytes, 1);
}

/* A zero bound has the sign that keeps both zeros inside: readers may compare bits. */
static void sign_zero(const struct column_type *type, struct range_bound *bound, bool negative)
{
    enum range_kind kind = kind_of(type);
    if (kind != RANGE_FLOAT && kind != RANGE_DOUBLE && kind != RANGE_HALF)
        return;
    uint8_t *top = &bound->bytes[bound->size - 1];
    uint8_t rest = *top & 0x7f;
    for (unsigned i = 0; i + 1 < bound->size; i++)
        rest |= bound->bytes[i];
    if (rest == 0)
        *top = negative ? 0x80 : 0;
}

bool range_bounds(const struct value_range *range, const struct column_type *type,
                  struct range_bound *ret_least, struct range_bound *ret_greatest)
{
    if (!range->any || range->unknown)
        return false;
    *ret_least = range->least;
    *ret_greatest = range->greatest;
    sign_zero(type, ret_least, true);
    sign_zero(type, ret_greatest, false);
    return true;
}

int range_bound_compare(const struct column_type *type, const struct range_bound *a,
                        const struct range_bound *b)
{
    if (type->physical == COLUMN_BYTE_ARRAY)
        return compare_with_bound(type, (struct column_bytes){a->bytes, a->size}, b);
    return column_value_compare(type, a->bytes, b->bytes);
}
