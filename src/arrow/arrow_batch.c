#include "arrow/arrow_batch.h"

static void init_decoders(struct arrow_batch *batch)
{
    codec_state_init(&batch->decoders.codecs, &batch->account);
    lz4_frame_decoder_init(&batch->decoders.lz4, &batch->account);
}

enum error_code arrow_batch_open(struct arrow_stream *stream, struct arrow_batch **ret,
                                 struct error *error)
{
    void *memory;
    TRY(mem_alloc(&stream->account, sizeof(struct arrow_batch), &memory, error));
    struct arrow_batch *batch = memory;
    mem_account_init(&batch->account, "a batch of an Arrow stream", &stream->account, MEM_NO_LIMIT);
    batch->stream = stream;
    mem_buffer_init(&batch->metadata, &stream->account, SIZE_MAX);
    mem_buffer_init(&batch->body, &batch->account, SIZE_MAX);
    init_decoders(batch);
    *ret = batch;
    return ERROR_NONE;
}

static void release_columns(struct arrow_batch *batch)
{
    for (uint32_t i = 0; i < batch->column_count; i++) {
        struct batch_column *column = &batch->columns[i];
        stream_array_release(&column->array);
        mem_buffer_release(&column->lookup.indices);
        mem_buffer_release(&column->lookup.values);
    }
    mem_free(batch->columns);
    batch->columns = NULL;
    batch->column_count = 0;
}

void arrow_batch_clear(struct arrow_batch *batch)
{
    release_columns(batch);
    codec_state_release(&batch->decoders.codecs);
    lz4_frame_decoder_release(&batch->decoders.lz4);
    init_decoders(batch);
    mem_buffer_release(&batch->body);
    mem_buffer_release(&batch->metadata);
    batch->batch = (struct stream_batch){0};
}

void arrow_batch_close(struct arrow_batch *batch)
{
    if (batch == NULL)
        return;
    arrow_batch_clear(batch);
    mem_free(batch);
}

uint64_t arrow_batch_rows(const struct arrow_batch *batch)
{
    return batch->generation == batch->stream->generation ? batch->batch.row_count : 0;
}

size_t arrow_batch_bytes(const struct arrow_batch *batch)
{
    return atomic_load(&batch->account.used);
}

enum error_code arrow_batch_fit(struct arrow_batch *batch, struct error *error)
{
    const struct stream_schema *schema = &batch->stream->schema;
    void *memory;
    if (batch->columns != NULL && batch->generation == batch->stream->generation)
        return ERROR_NONE;
    release_columns(batch);
    TRY(mem_alloc_array(&batch->account, schema->column_count, sizeof *batch->columns, &memory,
                        error));
    batch->columns = memory;
    batch->column_count = schema->column_count;
    batch->generation = batch->stream->generation;
    for (uint32_t i = 0; i < schema->column_count; i++) {
        struct batch_column *column = &batch->columns[i];
        stream_array_init(&column->array, &batch->account, &schema->columns[i].type);
        mem_buffer_init(&column->lookup.indices, &batch->account, SIZE_MAX);
        mem_buffer_init(&column->lookup.values, &batch->account, SIZE_MAX);
    }
    return ERROR_NONE;
}

bool arrow_batch_place(struct arrow_batch *batch, const struct stream_batch *read)
{
    struct stream_position at = {0};
    for (uint32_t i = 0; i < batch->column_count; i++) {
        struct batch_column *column = &batch->columns[i];
        column->position = at;
        column->is_bound = false;
        if (!stream_position_pass(read, &batch->stream->schema.columns[i].extent, &at))
            return false;
    }
    batch->batch = *read;
    return true;
}

/* The column, if the batch is of the schema that there is now. */
static const struct stream_column *column_of(const struct arrow_batch *batch, uint32_t column)
{
    bool is_there = column < batch->column_count && batch->generation == batch->stream->generation;
    return is_there ? &batch->stream->schema.columns[column] : NULL;
}

static enum error_code measure(struct arrow_batch *batch, uint32_t index, size_t *ret,
                               struct error *error)
{
    const struct stream_column *described = column_of(batch, index);
    struct batch_column *column = &batch->columns[index];
    *ret = 0;
    if (described == NULL || described->unread != NULL || column->is_bound)
        return ERROR_NONE;
    enum error_code code =
        stream_array_measure(&column->array, &batch->batch, column->position, ret, error);
    if (code != ERROR_NONE)
        error_in_column(error, described->field.name);
    return code;
}

enum error_code arrow_batch_unpacked_bytes(struct arrow_batch *batch, const uint32_t *columns,
                                           uint32_t column_count, uint64_t *ret,
                                           struct error *error)
{
    uint64_t whole = 0;
    for (uint32_t i = 0; i < column_count; i++) {
        size_t size;
        TRY(measure(batch, columns[i], &size, error));
        if (__builtin_add_overflow(whole, size, &whole))
            whole = UINT64_MAX;
    }
    *ret = whole;
    return ERROR_NONE;
}

static enum error_code bind(struct arrow_batch *batch, const struct stream_column *described,
                            struct batch_column *column, struct error *error)
{
    if (column->is_bound)
        return ERROR_NONE;
    if (described->unread != NULL)
        return error_set(error, ERROR_UNSUPPORTED, "the column is %s, which cannot be read",
                         described->unread);
    TRY(stream_array_bind(&column->array, &batch->batch, column->position, error));
    column->is_bound = true;
    return ERROR_NONE;
}

static enum error_code slice_column(struct arrow_batch *batch,
                                    const struct stream_column *described,
                                    struct batch_column *column, uint64_t first, uint32_t count,
                                    struct column_slice *ret, struct error *error)
{
    struct column_slice slice;
    TRY(bind(batch, described, column, error));
    if (described->dictionary != NULL)
        TRY(stream_dictionary_slice(described->dictionary, &column->array,
                                    described->field.arrow.index_signed, first, count,
                                    &column->lookup, &slice, error));
    else
        TRY(stream_array_slice(&column->array, first, count, &slice, error));
    if (slice.present != NULL && !described->field.nullable &&
        described->field.type.logical != COLUMN_UNKNOWN)
        return error_set(error, ERROR_INPUT, "there are nulls where the schema allows none");
    *ret = slice;
    return ERROR_NONE;
}

enum error_code arrow_batch_slice(struct arrow_batch *batch, uint32_t column, uint64_t first,
                                  uint32_t count, struct column_slice *ret, struct error *error)
{
    const struct stream_column *described = column_of(batch, column);
    uint64_t rows = arrow_batch_rows(batch);
    if (described == NULL || count > STREAM_SLICE_ROWS || first > rows || count > rows - first)
        return error_set(error, ERROR_INTERNAL, "rows of an Arrow batch that it does not have");
    enum error_code code =
        slice_column(batch, described, &batch->columns[column], first, count, ret, error);
    if (code != ERROR_NONE)
        error_in_column(error, described->field.name);
    return code;
}
