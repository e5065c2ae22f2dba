#include "aggregate/value_groups_state.h"

static enum error_code merge_exact(struct value_groups *groups, const uint32_t *keys,
                                   const struct exact_tile *from, const uint32_t *from_keys,
                                   size_t count, struct error *error)
{
    while (count > 0) {
        size_t taken = exact_tile_merge(groups->exact, keys, from, from_keys, count);
        keys += taken;
        from_keys += taken;
        count -= taken;
        if (count > 0)
            TRY(exact_tile_make_room(groups->exact, error));
    }
    return ERROR_NONE;
}

/* An extremum that keys of one side have seen. */
struct extremum {
    const uint8_t *best, *seen; /* of the side that is added */
    uint8_t *into, *into_seen;
    bool greatest;
};

static void merge_extremum(const struct value_groups *groups, const struct extremum *extremum,
                           const uint32_t *keys, const uint32_t *from_keys, size_t count)
{
    const struct aggregate_value *value = groups->value;
    for (size_t i = 0; extremum->into != NULL && i < count; i++)
        if (extremum->seen[from_keys[i]] != 0)
            extrema_update_at(value->extrema, value->width, extremum->greatest, extremum->into,
                              extremum->into_seen, &keys[i],
                              extremum->best + (size_t)from_keys[i] * value->width, 1);
}

static void note(struct value_groups *groups, uint32_t key, uint64_t count)
{
    if (groups->counts != NULL)
        groups->counts[key] += count;
    if (groups->seen != NULL)
        groups->seen[key] |= count > 0;
}

/* from_keys are the keys of a tile, at most VALUE_GROUPS_PIECE of them. */
static enum error_code add_tile_keys(struct value_groups *groups, const uint32_t *keys,
                                     const struct value_tile *tile, const uint32_t *from_keys,
                                     size_t count, struct error *error)
{
    struct extremum least = {tile->minimum, tile->seen_minimum, groups->minimum,
                             groups->seen_minimum, false};
    struct extremum most = {tile->maximum, tile->seen_maximum, groups->maximum,
                            groups->seen_maximum, true};
    if (groups->exact != NULL)
        TRY(merge_exact(groups, keys, tile->exact, from_keys, count, error));
    for (size_t i = 0; groups->words != NULL && i < count; i++)
        integer_sums_merge(groups->words, groups->value->words, keys[i], tile->words + from_keys[i],
                           tile->capacity);
    merge_extremum(groups, &least, keys, from_keys, count);
    merge_extremum(groups, &most, keys, from_keys, count);
    for (size_t i = 0; i < count; i++)
        note(groups, keys[i], tile->added - tile->missing[from_keys[i]]);
    return ERROR_NONE;
}

enum error_code value_groups_add_tile(struct value_groups *groups, const uint32_t *keys,
                                      struct value_tile *tile, size_t first_key, size_t count,
                                      struct error *error)
{
    uint32_t from_keys[VALUE_GROUPS_PIECE];
    while (count > 0) {
        size_t piece = count < VALUE_GROUPS_PIECE ? count : VALUE_GROUPS_PIECE;
        for (size_t i = 0; i < piece; i++)
            from_keys[i] = (uint32_t)(first_key + i);
        TRY(add_tile_keys(groups, keys, tile, from_keys, piece, error));
        keys += piece;
        first_key += piece;
        count -= piece;
    }
    return ERROR_NONE;
}

enum error_code value_groups_merge(struct value_groups *groups, const uint32_t *keys,
                                   struct value_groups *from, const uint32_t *from_keys,
                                   size_t count, struct error *error)
{
    struct extremum least = {from->minimum, from->seen_minimum, groups->minimum,
                             groups->seen_minimum, false};
    struct extremum most = {from->maximum, from->seen_maximum, groups->maximum,
                            groups->seen_maximum, true};
    unsigned words = groups->value->words;
    if (groups->exact != NULL)
        TRY(merge_exact(groups, keys, from->exact, from_keys, count, error));
    for (size_t i = 0; groups->words != NULL && i < count; i++)
        integer_sums_merge(groups->words, words, keys[i],
                           from->words + (size_t)from_keys[i] * words, 1);
    merge_extremum(groups, &least, keys, from_keys, count);
    merge_extremum(groups, &most, keys, from_keys, count);
    for (size_t i = 0; i < count; i++)
        note(groups, keys[i],
             from->counts != NULL ? from->counts[from_keys[i]]
                                  : (uint64_t)value_groups_has(from, from_keys[i]));
    return ERROR_NONE;
}
