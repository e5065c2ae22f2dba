/*
 * Bloom filters, for the columns of which single values are asked.
 */
#include "filter/prune_state.h"

static bool may_contain(const void *context, const void *value)
{
    const struct column_knowledge *knowledge = context;
    const struct column_type *type = &knowledge->column->type;
    struct column_bytes bytes = {value, (uint32_t)column_value_size(type)};
    if (type->physical == COLUMN_BYTE_ARRAY || type->physical == COLUMN_FIXED)
        memcpy(&bytes, value, sizeof bytes);
    return bloom_filter_contains(&knowledge->bloom, bytes.data, bytes.size);
}

static enum error_code read_bloom(struct pruner *pruner, struct column_knowledge *knowledge)
{
    struct error scratch;
    const struct parquet_chunk *chunk = knowledge->chunk;
    uint64_t data_end = pruner->object->identity.size - pruner->metadata->footer_length;
    error_init(&scratch);
    enum error_code code =
        bloom_filter_read(&knowledge->bloom, pruner->object, chunk, data_end, &scratch);
    if (code == ERROR_NONE)
        pruner->ret->bytes_read += (uint64_t)knowledge->bloom.block_count * 32;
    else
        bloom_filter_release(&knowledge->bloom);
    return prune_forgive(pruner, code, &scratch);
}

enum error_code prune_read_bloom(struct pruner *pruner, uint32_t column)
{
    struct column_knowledge *knowledge = &pruner->columns[column];
    const struct parquet_chunk *chunk = knowledge->chunk;
    if (chunk->bloom_filter_offset == 0 || chunk->encrypted || chunk->elsewhere ||
        !filter_asks_for_values(pruner->filter, column))
        return ERROR_NONE;
    TRY(read_bloom(pruner, knowledge));
    if (knowledge->bloom.block_count > 0) {
        pruner->facts[column].may_contain = may_contain;
        pruner->facts[column].context = knowledge;
    }
    return ERROR_NONE;
}
