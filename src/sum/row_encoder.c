#include "sum/row_encoder.h"

#include <string.h>

#include "key/encode.h"

static enum error_code open_keys(struct row_encoder *encoder, const struct column_type *types,
                                 struct error *error)
{
    struct sum *sum = encoder->sum;
    struct mem_account *account = &sum->account;
    uint32_t keys = encoder->key_count;
    TRY(mem_alloc_array(account, keys, sizeof *encoder->casts, (void **)&encoder->casts, error));
    TRY(mem_alloc_array(account, keys, sizeof *encoder->cast_values, (void **)&encoder->cast_values,
                        error));
    TRY(mem_alloc_array(account, keys, sizeof *encoder->key_slices, (void **)&encoder->key_slices,
                        error));
    for (uint32_t i = 0; i < keys; i++) {
        mem_buffer_init(&encoder->cast_values[i], account, SIZE_MAX / 2);
        key_cast_init(&encoder->casts[i], &types[i], &sum->key_types[i]);
    }
    TRY(mem_alloc_array(account, BATCH_ROWS + 1, sizeof *encoder->offsets,
                        (void **)&encoder->offsets, error));
    return mem_alloc_array(account, BATCH_ROWS, sizeof *encoder->hashes, (void **)&encoder->hashes,
                           error);
}

enum error_code row_encoder_open(struct row_encoder *ret, struct sum *sum,
                                 const struct column_type *types, uint32_t key_count,
                                 uint32_t value_count, bool filtered, struct error *error)
{
    uint32_t columns = key_count + value_count;
    *ret = (struct row_encoder){.sum = sum, .key_count = key_count, .value_count = value_count};
    mem_buffer_init(&ret->bytes, &sum->account, SIZE_MAX / 2);
    mem_arena_init(&ret->filter.arena, &sum->account);
    TRY(open_keys(ret, types, error));
    TRY(mem_alloc_array(&sum->account, columns, sizeof *ret->widths, (void **)&ret->widths, error));
    for (uint32_t i = 0; i < columns; i++)
        ret->widths[i] = column_value_size(&types[i]);
    bool used = filtered && sum->filter != NULL;
    return row_filter_open(&ret->filter, sum, used ? types + columns : NULL, columns, error);
}

void row_encoder_close(struct row_encoder *encoder)
{
    for (uint32_t i = 0; encoder->cast_values != NULL && i < encoder->key_count; i++)
        mem_buffer_release(&encoder->cast_values[i]);
    mem_free(encoder->casts);
    mem_free(encoder->cast_values);
    mem_free(encoder->key_slices);
    mem_buffer_release(&encoder->bytes);
    mem_free(encoder->offsets);
    mem_free(encoder->hashes);
    mem_free(encoder->widths);
    row_filter_close(&encoder->filter);
    memset(encoder, 0, sizeof *encoder);
}

size_t row_encoder_size(const struct sum *sum)
{
    size_t bytes = mem_charge_of(BATCH_ROWS * 3 * sizeof(uint64_t));
    for (uint32_t i = 0; i < sum->key_count + sum->value_count; i++) {
        size_t width = column_value_size(&sum->first.columns[sum->columns[i]].type);
        bytes += mem_charge_of(BATCH_ROWS * width) + mem_charge_of(BATCH_ROWS);
        bytes += sum->filter != NULL ? mem_charge_of(BATCH_ROWS * width) : 0;
    }
    return bytes;
}

static enum error_code cast_key(struct row_encoder *encoder, uint32_t key,
                                const struct column_slice *slice, struct error *error)
{
    struct column_slice *ret = &encoder->key_slices[key];
    *ret = *slice;
    enum error_code code = key_cast_through(&encoder->casts[key], slice->values, slice->value_count,
                                            &encoder->cast_values[key], &ret->values, error);
    if (code != ERROR_NONE)
        error_in_column(error, encoder->sum->fields[key].name);
    return code;
}

static enum error_code encode_keys(struct row_encoder *encoder, const struct column_slice *slices,
                                   uint32_t rows, struct row_batch *batch, struct error *error)
{
    for (uint32_t i = 0; i < encoder->key_count; i++)
        TRY(cast_key(encoder, i, &slices[i], error));
    TRY(key_encode(encoder->sum->key_types, encoder->key_count, encoder->key_slices, rows,
                   &encoder->bytes, encoder->offsets, encoder->hashes, error));
    batch->bytes = encoder->bytes.data;
    batch->offsets = encoder->offsets;
    batch->hashes = encoder->hashes;
    return ERROR_NONE;
}

enum error_code row_encoder_take(struct row_encoder *encoder, const struct column_slice *slices,
                                 uint64_t *codes, uint32_t row_count, struct row_batch *ret,
                                 struct error *error)
{
    uint32_t columns = encoder->key_count + encoder->value_count;
    uint32_t taken = row_filter_select(&encoder->filter, slices + columns, row_count);
    if (taken < row_count && taken > 0) {
        if (codes != NULL)
            row_filter_compact_codes(&encoder->filter, codes, row_count);
        TRY(row_filter_compact(&encoder->filter, slices, encoder->widths, &slices, error));
    }
    *ret = (struct row_batch){.row_count = taken,
                              .rows_read = row_count,
                              .codes = codes,
                              .values = slices + encoder->key_count};
    return codes != NULL || taken == 0 ? ERROR_NONE
                                       : encode_keys(encoder, slices, taken, ret, error);
}
