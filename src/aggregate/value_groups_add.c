#include <string.h>

#include "aggregate/value_groups_state.h"
#include "aggregate/value_widen.h"
#include "exact/one_key.h"

/* Most bytes of a decimal that was widened. */
#define WIDEST 32

static size_t add_exact_values(struct value_groups *groups, const uint32_t *keys,
                               const uint8_t *values, size_t count)
{
    float widened[VALUE_GROUPS_PIECE];
    if (groups->value->arithmetic == VALUE_DOUBLE)
        return exact_tile_add_at(groups->exact, keys, values, count);
    if (groups->value->arithmetic == VALUE_FLOAT)
        return exact_tile_add_floats_at(groups->exact, keys, values, count);
    size_t piece = count < VALUE_GROUPS_PIECE ? count : VALUE_GROUPS_PIECE;
    value_widen_halves(values, piece, widened);
    return exact_tile_add_floats_at(groups->exact, keys, widened, piece);
}

/* Fewer taken than given need not mean that room is missing, but then making it does nothing. */
static enum error_code add_exact(struct value_groups *groups, const uint32_t *keys,
                                 const uint8_t *values, size_t count, struct error *error)
{
    while (count > 0) {
        size_t taken = add_exact_values(groups, keys, values, count);
        keys += taken;
        values += taken * groups->value->width;
        count -= taken;
        if (count > 0)
            TRY(exact_tile_make_room(groups->exact, error));
    }
    return ERROR_NONE;
}

static enum error_code add_sums(struct value_groups *groups, const uint32_t *keys,
                                const uint8_t *values, size_t count, struct error *error)
{
    const struct aggregate_value *value = groups->value;
    if (groups->exact != NULL)
        return add_exact(groups, keys, values, count, error);
    if (groups->words != NULL)
        integer_sums_add_at(groups->words, value->source, value->width, keys, values, count);
    return ERROR_NONE;
}

static void add_extrema(struct value_groups *groups, const uint32_t *keys, const uint8_t *values,
                        size_t count)
{
    const struct aggregate_value *value = groups->value;
    if (groups->minimum != NULL)
        extrema_update_at(value->extrema, value->width, false, groups->minimum,
                          groups->seen_minimum, keys, values, count);
    if (groups->maximum != NULL)
        extrema_update_at(value->extrema, value->width, true, groups->maximum, groups->seen_maximum,
                          keys, values, count);
}

static void note_piece(const struct value_groups *groups, const uint32_t *restrict keys,
                       size_t count)
{
    uint64_t *restrict counts = groups->counts;
    uint8_t *restrict seen = groups->seen;
    bool one = is_one_key(keys, count);
    if (counts != NULL && one)
        counts[keys[0]] += count;
    for (size_t i = 0; counts != NULL && !one && i < count; i++)
        counts[keys[i]]++;
    for (size_t i = 0; seen != NULL && i < (one ? 1 : count); i++)
        seen[keys[i]] = 1;
}

static void note(const struct value_groups *groups, const uint32_t *keys, size_t count)
{
    if (groups->counts == NULL && groups->seen == NULL)
        return;
    for (size_t piece, i = 0; i < count; i += piece) {
        piece = one_key_piece(count - i);
        note_piece(groups, keys + i, piece);
    }
}

/* One value for each key, in the accumulators' form. */
static enum error_code add_values(struct value_groups *groups, const uint32_t *keys,
                                  const void *values, size_t count, struct error *error)
{
    TRY(add_sums(groups, keys, values, count, error));
    add_extrema(groups, keys, values, count);
    note(groups, keys, count);
    return ERROR_NONE;
}

/* The keys of rows that have a value. */
static size_t keys_present(const uint32_t *keys, const uint8_t *present, size_t count,
                           uint32_t *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        ret[kept] = keys[i];
        kept += present[i] != 0;
    }
    return kept;
}

static enum error_code add_widened(struct value_groups *groups, const uint32_t *keys,
                                   const uint8_t *values, size_t count, struct error *error)
{
    uint8_t widened[VALUE_GROUPS_PIECE * WIDEST];
    if (!groups->value->widened)
        return add_values(groups, keys, values, count, error);
    TRY(value_widen_decimals(groups->value, (const struct column_bytes *)values, count, widened,
                             error));
    return add_values(groups, keys, widened, count, error);
}

enum error_code value_groups_add(struct value_groups *groups, const uint32_t *keys,
                                 const struct column_slice *slice, struct error *error)
{
    uint32_t kept[VALUE_GROUPS_PIECE];
    const uint8_t *values = slice->values;
    size_t width =
        groups->value->widened ? sizeof(struct column_bytes) : (size_t)groups->value->width;
    if (slice->present == NULL && !groups->value->widened)
        return add_values(groups, keys, values, slice->row_count, error);
    for (size_t row = 0; row < slice->row_count;) {
        size_t left = slice->row_count - row;
        size_t piece = left < VALUE_GROUPS_PIECE ? left : VALUE_GROUPS_PIECE, count = piece;
        const uint32_t *now = keys + row;
        if (slice->present != NULL) {
            count = keys_present(now, slice->present + row, piece, kept);
            now = kept;
        }
        TRY(add_widened(groups, now, values, count, error));
        values += count * width;
        row += piece;
    }
    return ERROR_NONE;
}
