#include "parquet/gather.h"
#include "parquet/values.h"

static bool is_long_run(const struct hybrid_reader *runs, size_t count)
{
    return !runs->packed && runs->left >= HYBRID_LONG_RUN && count >= HYBRID_LONG_RUN;
}

/* What is left of a run is one index, however long it is; else some are unpacked. */
static bool read_indexes(struct hybrid_reader *runs, uint32_t *out, size_t count, size_t *ret_count,
                         bool *ret_repeated)
{
    if (!hybrid_need_run(runs))
        return false;
    if (is_long_run(runs, count)) {
        *out = runs->value;
        *ret_repeated = true;
        *ret_count = runs->left < count ? (size_t)runs->left : count;
        return hybrid_skip(runs, *ret_count);
    }
    count = count < PARQUET_SLICE_ROWS ? count : PARQUET_SLICE_ROWS;
    return hybrid_read_some(runs, out, count, ret_count, ret_repeated);
}

enum error_code values_indexes_read(struct value_reader *values, uint32_t count,
                                    const uint32_t **ret, uint32_t *ret_count, bool *ret_repeated,
                                    struct error *error)
{
    struct mem_buffer *buffer = &values->memory->buffers[PAGE_BUFFER_VALUES];
    TRY(page_memory_renew(values->memory, buffer, VALUE_INDEXES_BYTES, error));
    uint32_t *indexes = (uint32_t *)(void *)buffer->data;
    size_t read;
    if (!read_indexes(&values->hybrid, indexes, count, &read, ret_repeated))
        return value_damaged(error, "its dictionary indices end too early");
    if (gather_greatest(indexes, *ret_repeated ? 1 : read) >= values->dictionary->count)
        return value_damaged(error, "an index lies outside its dictionary");
    *ret = indexes;
    *ret_count = (uint32_t)read;
    return ERROR_NONE;
}
