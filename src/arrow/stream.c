#include "arrow/stream.h"

#include "arrow/stream_message.h"
#include "arrow/stream_schema.h"

enum { DICTIONARY_ID = 0, DICTIONARY_DATA = 1, DICTIONARY_DELTA = 2 };

/* Where the descriptor stands. */
enum stream_place { BEFORE_SCHEMA, WITHIN_STREAM, AT_END };

struct arrow_stream {
    struct mem_account account; /* its limit is what batches may take */
    struct stream_input input;
    enum stream_place place;
    struct mem_buffer metadata; /* of the last message */
    struct mem_buffer body;     /* of the last batch */
    struct stream_decoders decoders;
    struct stream_schema schema;
    struct stream_batch batch; /* no rows where there is none */
};

enum error_code arrow_stream_open(struct mem_account *account, int descriptor, size_t limit,
                                  struct arrow_stream **ret, struct error *error)
{
    void *memory = NULL;
    TRY(mem_alloc(account, sizeof(struct arrow_stream), &memory, error));
    struct arrow_stream *stream = memory;
    mem_account_init(&stream->account, "batches of an Arrow stream", account, limit);
    stream->input = (struct stream_input){.descriptor = descriptor};
    mem_buffer_init(&stream->metadata, &stream->account, SIZE_MAX);
    mem_buffer_init(&stream->body, &stream->account, SIZE_MAX);
    codec_state_init(&stream->decoders.codecs, &stream->account);
    lz4_frame_decoder_init(&stream->decoders.lz4, &stream->account);
    stream_schema_init(&stream->schema, &stream->account);
    *ret = stream;
    return ERROR_NONE;
}

void arrow_stream_close(struct arrow_stream *stream)
{
    if (stream == NULL)
        return;
    stream_schema_release(&stream->schema);
    codec_state_release(&stream->decoders.codecs);
    lz4_frame_decoder_release(&stream->decoders.lz4);
    mem_buffer_release(&stream->metadata);
    mem_buffer_release(&stream->body);
    mem_free(stream);
}

/* The next message within a stream; notes where the stream is over. */
static enum error_code next_message(struct arrow_stream *stream, enum stream_step *ret_step,
                                    struct stream_message *ret, struct error *error)
{
    TRY(stream_message_read(&stream->input, &stream->metadata, ret_step, ret, error));
    if (*ret_step == STREAM_STEP_MARK)
        stream->place = BEFORE_SCHEMA;
    if (*ret_step == STREAM_STEP_END)
        stream->place = AT_END;
    return ERROR_NONE;
}

static enum error_code pass_over_rest(struct arrow_stream *stream, struct error *error)
{
    while (stream->place == WITHIN_STREAM) {
        enum stream_step step;
        struct stream_message message;
        TRY(next_message(stream, &step, &message, error));
        if (step == STREAM_STEP_MESSAGE)
            TRY(stream_input_skip(&stream->input, message.body_size, error));
    }
    return ERROR_NONE;
}

enum error_code arrow_stream_next_schema(struct arrow_stream *stream, bool *ret_more,
                                         struct error *error)
{
    enum stream_step step = STREAM_STEP_END;
    struct stream_message message;
    stream->batch = (struct stream_batch){0};
    TRY(pass_over_rest(stream, error));
    stream_schema_release(&stream->schema);
    if (stream->place != AT_END)
        TRY(next_message(stream, &step, &message, error));
    *ret_more = step != STREAM_STEP_END;
    if (step == STREAM_STEP_END)
        return ERROR_NONE;
    if (step == STREAM_STEP_MARK || message.kind != STREAM_SCHEMA)
        return stream_damaged(&stream->input, "it does not begin with a schema", error);
    TRY(stream_input_skip(&stream->input, message.body_size, error));
    TRY(stream_schema_read(&stream->schema, &message, error));
    stream->place = WITHIN_STREAM;
    return ERROR_NONE;
}

uint32_t arrow_stream_column_count(const struct arrow_stream *stream)
{
    return stream->schema.column_count;
}

const struct column_field *arrow_stream_field(const struct arrow_stream *stream, uint32_t column)
{
    return &stream->schema.columns[column].field;
}

const char *arrow_stream_unsupported(const struct arrow_stream *stream, uint32_t column)
{
    return stream->schema.columns[column].unread;
}

static enum error_code read_body(struct arrow_stream *stream, const struct stream_message *message,
                                 const struct flat_table *table, struct stream_batch *ret,
                                 struct error *error)
{
    TRY(stream_batch_read(table, ret, error));
    TRY(mem_buffer_renew(&stream->body, message->body_size, error));
    TRY(stream_input_read(&stream->input, stream->body.data, message->body_size, error));
    ret->body = (struct stream_bytes){stream->body.data, message->body_size};
    ret->decoders = &stream->decoders;
    return ERROR_NONE;
}

static enum error_code read_dictionary(struct arrow_stream *stream,
                                       const struct stream_message *message, struct error *error)
{
    struct flat_table data;
    struct stream_batch batch;
    int64_t id = flat_i64(&message->header, DICTIONARY_ID, 0);
    bool is_delta = flat_u8(&message->header, DICTIONARY_DELTA, 0) != 0;
    struct stream_dictionary *dictionary = stream_schema_dictionary(&stream->schema, id);
    if (dictionary == NULL)
        return stream_input_skip(&stream->input, message->body_size, error);
    if (!flat_child(&message->header, DICTIONARY_DATA, &data))
        return stream_damaged(&stream->input, "a dictionary without values", error);
    TRY(read_body(stream, message, &data, &batch, error));
    return stream_dictionary_add(dictionary, &batch, is_delta, error);
}

/* A column that takes a bit a row sets a limit; without any, a batch could have rows without end.
 */
static enum error_code check_rows(const struct arrow_stream *stream,
                                  const struct stream_batch *batch, struct error *error)
{
    if (batch->row_count / 8 <= stream->account.limit)
        return ERROR_NONE;
    return error_set(error, ERROR_UNSUPPORTED, "an Arrow batch of %llu rows",
                     (unsigned long long)batch->row_count);
}

/* Finds where each column begins; what lies there is looked at when it is asked for. */
static enum error_code place_columns(struct arrow_stream *stream, const struct stream_batch *batch,
                                     struct error *error)
{
    struct stream_position at = {0};
    for (uint32_t i = 0; i < stream->schema.column_count; i++) {
        struct stream_column *column = &stream->schema.columns[i];
        column->position = at;
        column->is_bound = false;
        if (!stream_position_pass(batch, &column->extent, &at))
            return stream_damaged(&stream->input, "a batch has fewer columns than its schema",
                                  error);
    }
    return ERROR_NONE;
}

static enum error_code read_batch(struct arrow_stream *stream, const struct stream_message *message,
                                  struct error *error)
{
    struct stream_batch batch;
    TRY(read_body(stream, message, &message->header, &batch, error));
    TRY(check_rows(stream, &batch, error));
    TRY(place_columns(stream, &batch, error));
    stream->batch = batch;
    return ERROR_NONE;
}

enum error_code arrow_stream_next_batch(struct arrow_stream *stream, uint64_t *ret_rows,
                                        bool *ret_more, struct error *error)
{
    stream->batch = (struct stream_batch){0};
    while (stream->place == WITHIN_STREAM) {
        enum stream_step step;
        struct stream_message message;
        TRY(next_message(stream, &step, &message, error));
        if (step != STREAM_STEP_MESSAGE)
            break;
        if (message.kind == STREAM_SCHEMA)
            return stream_damaged(&stream->input, "a schema stands among its batches", error);
        if (message.kind == STREAM_RECORD_BATCH) {
            TRY(read_batch(stream, &message, error));
            *ret_rows = stream->batch.row_count;
            *ret_more = true;
            return ERROR_NONE;
        }
        TRY(read_dictionary(stream, &message, error));
    }
    *ret_rows = 0;
    *ret_more = false;
    return ERROR_NONE;
}

static enum error_code bind(struct arrow_stream *stream, struct stream_column *column,
                            struct error *error)
{
    if (column->is_bound)
        return ERROR_NONE;
    if (column->unread != NULL)
        return error_set(error, ERROR_UNSUPPORTED, "the column is %s, which cannot be read",
                         column->unread);
    TRY(stream_array_bind(&column->array, &stream->batch, column->position, error));
    column->is_bound = true;
    return ERROR_NONE;
}

static enum error_code slice_column(struct arrow_stream *stream, struct stream_column *column,
                                    uint64_t first, uint32_t count, struct column_slice *ret,
                                    struct error *error)
{
    struct column_slice slice;
    TRY(bind(stream, column, error));
    if (column->dictionary != NULL)
        TRY(stream_dictionary_slice(column->dictionary, &column->array,
                                    column->field.arrow.index_signed, first, count, &column->lookup,
                                    &slice, error));
    else
        TRY(stream_array_slice(&column->array, first, count, &slice, error));
    if (slice.present != NULL && !column->field.nullable &&
        column->field.type.logical != COLUMN_UNKNOWN)
        return error_set(error, ERROR_INPUT, "there are nulls where the schema allows none");
    *ret = slice;
    return ERROR_NONE;
}

enum error_code arrow_stream_slice(struct arrow_stream *stream, uint32_t column, uint64_t first,
                                   uint32_t count, struct column_slice *ret, struct error *error)
{
    if (column >= stream->schema.column_count || count > STREAM_SLICE_ROWS ||
        first > stream->batch.row_count || count > stream->batch.row_count - first)
        return error_set(error, ERROR_INTERNAL, "rows of an Arrow batch that it does not have");
    struct stream_column *asked = &stream->schema.columns[column];
    enum error_code code = slice_column(stream, asked, first, count, ret, error);
    if (code != ERROR_NONE)
        error_in_column(error, asked->field.name);
    return code;
}
