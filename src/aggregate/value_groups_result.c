#include <string.h>

#include "aggregate/value_groups_state.h"
#include "aggregate/value_result.h"

static enum error_code result_integer_sums(const struct value_groups *groups,
                                           const struct column_type *type, const uint32_t *keys,
                                           size_t count, uint8_t *values, size_t *ret_index,
                                           struct error *error)
{
    const struct aggregate_value *value = groups->value;
    size_t width = column_value_size(type);
    for (size_t i = 0; i < count; i++) {
        *ret_index = i;
        TRY(value_integer_sum(value, groups->words + (size_t)keys[i] * value->words, 1, 0, type,
                              values + i * width, error));
    }
    return ERROR_NONE;
}

static void result_sums(const struct value_groups *groups, const uint32_t *keys, size_t count,
                        uint8_t *values)
{
    double sums[VALUE_GROUPS_PIECE];
    for (size_t done = 0; done < count;) {
        size_t piece = count - done < VALUE_GROUPS_PIECE ? count - done : VALUE_GROUPS_PIECE;
        exact_tile_sums_at(groups->exact, keys + done, piece, sums);
        memcpy(values + done * sizeof *sums, sums, piece * sizeof *sums);
        done += piece;
    }
}

static void result_means(const struct value_groups *groups, const uint32_t *keys, size_t count,
                         uint8_t *values)
{
    const struct aggregate_value *value = groups->value;
    for (size_t i = 0; i < count; i++) {
        uint64_t rows = groups->counts[keys[i]];
        double mean;
        if (groups->words != NULL)
            mean = value_integer_mean(value, groups->words + (size_t)keys[i] * value->words, 1, 0,
                                      rows);
        else
            exact_tile_means_at(groups->exact, &keys[i], 1, &rows, &mean);
        memcpy(values + i * sizeof mean, &mean, sizeof mean);
    }
}

static void result_extrema(const uint8_t *best, size_t width, const uint32_t *keys, size_t count,
                           uint8_t *values)
{
    for (size_t i = 0; i < count; i++)
        memcpy(values + i * width, best + (size_t)keys[i] * width, width);
}

static void result_counts(const uint64_t *counts, const uint32_t *keys, size_t count,
                          uint8_t *values)
{
    for (size_t i = 0; i < count; i++)
        memcpy(values + i * sizeof *counts, &counts[keys[i]], sizeof *counts);
}

static enum error_code result_values(const struct value_groups *groups,
                                     enum aggregate_function function,
                                     const struct column_type *type, const uint32_t *keys,
                                     size_t count, uint8_t *values, size_t *ret_index,
                                     struct error *error)
{
    switch (function) {
    case AGGREGATE_SUM:
        if (groups->words != NULL)
            return result_integer_sums(groups, type, keys, count, values, ret_index, error);
        result_sums(groups, keys, count, values);
        break;
    case AGGREGATE_MEAN:
        result_means(groups, keys, count, values);
        break;
    case AGGREGATE_MIN:
        result_extrema(groups->minimum, groups->value->width, keys, count, values);
        break;
    case AGGREGATE_MAX:
        result_extrema(groups->maximum, groups->value->width, keys, count, values);
        break;
    case AGGREGATE_COUNT:
    case AGGREGATE_COUNT_ROWS:
        result_counts(groups->counts, keys, count, values);
        break;
    }
    return ERROR_NONE;
}

/* Whether what the function needs was asked for before any row was added. */
static bool is_kept(const struct value_groups *groups, enum aggregate_function function)
{
    bool sum = groups->words != NULL || groups->exact != NULL;
    switch (function) {
    case AGGREGATE_SUM:
        return sum;
    case AGGREGATE_MEAN:
        return sum && groups->counts != NULL;
    case AGGREGATE_MIN:
        return groups->minimum != NULL;
    case AGGREGATE_MAX:
        return groups->maximum != NULL;
    case AGGREGATE_COUNT:
        return groups->counts != NULL;
    case AGGREGATE_COUNT_ROWS:
        break; /* rows without a value are not known here */
    }
    return false;
}

enum error_code value_groups_result(struct value_groups *groups, enum aggregate_function function,
                                    const struct column_type *type, const uint32_t *keys,
                                    size_t count, uint8_t *values, uint8_t *present,
                                    struct column_slice *ret, size_t *ret_index,
                                    struct error *error)
{
    if (!is_kept(groups, function))
        return error_set(error, ERROR_INTERNAL, "aggregate %d was not asked for", (int)function);
    TRY(result_values(groups, function, type, keys, count, values, ret_index, error));
    struct column_slice slice = {
        .row_count = (uint32_t)count, .value_count = (uint32_t)count, .values = values};
    if (function != AGGREGATE_COUNT) {
        for (size_t i = 0; i < count; i++)
            present[i] = value_groups_has(groups, keys[i]);
        value_drop_empty(&slice, column_value_size(type), values, present);
    }
    *ret = slice;
    return ERROR_NONE;
}
