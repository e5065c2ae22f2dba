#include "aggregate/value_result.h"

#include <string.h>

#include "aggregate/value_tile.h"

static uint64_t count_of(const struct value_tile *tile, size_t key)
{
    return tile->added - tile->missing[key];
}

static void result_counts(const struct value_tile *tile, size_t first_key, size_t count,
                          uint8_t *values)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = count_of(tile, first_key + i);
        memcpy(values + 8 * i, &number, sizeof number);
    }
}

static enum error_code overflow(const struct aggregate_value *value, const uint64_t *sums,
                                size_t key_count, size_t key, struct error *error)
{
    char sum[96];
    integer_sum_text(sums, key_count, value->words, key, sum, sizeof sum);
    enum error_code code =
        error_set(error, ERROR_OVERFLOW, "the sum %s does not fit the result's type", sum);
    error_in_column(error, value->name);
    error_hint(error, "mean of the column, or fewer files at a time");
    return code;
}

/* Sum of one key as bytes of the result's type; false: it does not fit. */
static bool integer_result(const struct aggregate_value *value, const uint64_t *sums,
                           size_t key_count, size_t key, const struct column_type *type,
                           uint8_t *ret)
{
    if (type->physical == COLUMN_FIXED)
        return integer_sum_decimal(sums, key_count, value->words, key, (unsigned)type->precision,
                                   type->type_length, ret);
    if (type->logical == COLUMN_INTEGER && !type->is_signed) {
        uint64_t sum;
        bool fits = integer_sum_u64(sums, key_count, value->words, key, &sum);
        memcpy(ret, &sum, fits ? sizeof sum : 0);
        return fits;
    }
    int64_t sum;
    bool fits = integer_sum_i64(sums, key_count, value->words, key, &sum);
    memcpy(ret, &sum, fits ? sizeof sum : 0);
    return fits;
}

enum error_code value_integer_sum(const struct aggregate_value *value, const uint64_t *sums,
                                  size_t key_count, size_t key, const struct column_type *type,
                                  uint8_t *ret, struct error *error)
{
    if (integer_result(value, sums, key_count, key, type, ret))
        return ERROR_NONE;
    return overflow(value, sums, key_count, key, error);
}

double value_integer_mean(const struct aggregate_value *value, const uint64_t *sums,
                          size_t key_count, size_t key, uint64_t count)
{
    int32_t scale = value->type.logical == COLUMN_DECIMAL ? value->type.scale : 0;
    return count == 0 ? 0 : integer_mean(sums, key_count, value->words, key, count, scale);
}

void value_drop_empty(struct column_slice *slice, size_t width, uint8_t *values,
                      const uint8_t *present)
{
    size_t kept = 0;
    for (size_t i = 0; i < slice->row_count; i++) {
        if (present[i] != 0 && kept != i)
            memcpy(values + kept * width, values + i * width, width);
        kept += present[i];
    }
    slice->value_count = (uint32_t)kept;
    if (kept < slice->row_count)
        slice->present = present;
}

static enum error_code result_integer_sums(const struct value_tile *tile,
                                           const struct column_type *type, size_t first_key,
                                           size_t count, uint8_t *values, size_t *ret_key,
                                           struct error *error)
{
    size_t width = column_value_size(type);
    for (size_t i = 0; i < count; i++) {
        *ret_key = first_key + i;
        TRY(value_integer_sum(tile->value, tile->words, tile->capacity, first_key + i, type,
                              values + i * width, error));
    }
    return ERROR_NONE;
}

static void result_means(struct value_tile *tile, size_t first_key, size_t count, uint8_t *values)
{
    uint64_t counts[256];
    double means[256];
    for (size_t done = 0; done < count;) {
        size_t piece = count - done < 256 ? count - done : 256;
        size_t key = first_key + done;
        for (size_t i = 0; i < piece; i++)
            counts[i] = count_of(tile, key + i);
        if (tile->words == NULL)
            exact_tile_means(tile->exact, key, piece, counts, means);
        for (size_t i = 0; tile->words != NULL && i < piece; i++)
            means[i] =
                value_integer_mean(tile->value, tile->words, tile->capacity, key + i, counts[i]);
        memcpy(values + 8 * done, means, piece * sizeof means[0]);
        done += piece;
    }
}

static enum error_code result_values(struct value_tile *tile, enum aggregate_function function,
                                     const struct column_type *type, size_t first_key, size_t count,
                                     uint8_t *values, size_t *ret_key, struct error *error)
{
    size_t width = tile->value->width;
    switch (function) {
    case AGGREGATE_SUM:
        if (tile->words != NULL)
            return result_integer_sums(tile, type, first_key, count, values, ret_key, error);
        exact_tile_sums(tile->exact, first_key, count, (double *)values);
        return ERROR_NONE;
    case AGGREGATE_MEAN:
        result_means(tile, first_key, count, values);
        return ERROR_NONE;
    case AGGREGATE_MIN:
        memcpy(values, tile->minimum + first_key * width, count * width);
        return ERROR_NONE;
    case AGGREGATE_MAX:
        memcpy(values, tile->maximum + first_key * width, count * width);
        return ERROR_NONE;
    case AGGREGATE_COUNT:
    case AGGREGATE_COUNT_ROWS:
        result_counts(tile, first_key, count, values);
        return ERROR_NONE;
    }
    return error_set(error, ERROR_INTERNAL, "unknown aggregate %d", (int)function);
}

enum error_code value_tile_result(struct value_tile *tile, enum aggregate_function function,
                                  const struct column_type *type, size_t first_key, size_t count,
                                  uint8_t *values, uint8_t *present, struct column_slice *ret,
                                  size_t *ret_key, struct error *error)
{
    TRY(result_values(tile, function, type, first_key, count, values, ret_key, error));
    struct column_slice slice = {
        .row_count = (uint32_t)count, .value_count = (uint32_t)count, .values = values};
    bool counts = function == AGGREGATE_COUNT || function == AGGREGATE_COUNT_ROWS;
    if (!counts && (tile->any_missing || tile->added == 0)) {
        for (size_t i = 0; i < count; i++)
            present[i] = count_of(tile, first_key + i) > 0;
        value_drop_empty(&slice, column_value_size(type), values, present);
    }
    *ret = slice;
    return ERROR_NONE;
}
