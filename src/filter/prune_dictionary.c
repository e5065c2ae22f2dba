/*
 * Dictionaries: all values that a chunk can have, where all its pages are encoded by one.
 */
#include "filter/prune_state.h"

/* A dictionary that is most of its chunk costs what it could save. */
#define SHARE_MOST 2

static bool is_worth_reading(const struct pruner *pruner, uint32_t column)
{
    const struct parquet_chunk *chunk = pruner->columns[column].chunk;
    const char *unsupported = pruner->columns[column].column->unsupported;
    if (chunk->coding != PARQUET_CODING_ALL || chunk->encrypted || chunk->elsewhere ||
        unsupported != NULL || chunk->data_page_offset <= chunk->offset)
        return false;
    uint64_t size = chunk->data_page_offset - chunk->offset;
    return size <= pruner->limit && size <= chunk->length / SHARE_MOST;
}

static enum error_code read_dictionary(struct pruner *pruner, struct column_knowledge *knowledge,
                                       struct filter_facts *facts, struct error *error)
{
    const void *values;
    uint32_t count;
    if (knowledge->reader == NULL)
        TRY(parquet_page_reader_create(&pruner->account, pruner->limit, &knowledge->reader, error));
    TRY(parquet_page_reader_open(knowledge->reader, pruner->object, knowledge->column,
                                 knowledge->chunk, NULL, error));
    TRY(parquet_page_reader_dictionary(knowledge->reader, &values, &count, error));
    if (count > 0) {
        facts->values = values;
        facts->value_count = count;
    }
    return ERROR_NONE;
}

enum error_code prune_read_dictionary(struct pruner *pruner, uint32_t column)
{
    struct error scratch;
    struct column_knowledge *knowledge = &pruner->columns[column];
    if (!is_worth_reading(pruner, column))
        return ERROR_NONE;
    uint64_t before =
        knowledge->reader != NULL ? parquet_page_reader_bytes_read(knowledge->reader) : 0;
    error_init(&scratch);
    enum error_code code = read_dictionary(pruner, knowledge, &pruner->facts[column], &scratch);
    if (knowledge->reader != NULL)
        pruner->ret->bytes_read += parquet_page_reader_bytes_read(knowledge->reader) - before;
    return prune_forgive(pruner, code, &scratch);
}
