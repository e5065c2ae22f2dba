#include "arrow/arrow_batch.h"
#include "arrow/stream_message.h"

enum { DICTIONARY_ID = 0, DICTIONARY_DATA = 1, DICTIONARY_DELTA = 2 };

enum error_code arrow_stream_open(struct mem_account *account, int descriptor, size_t limit,
                                  struct arrow_stream **ret, struct error *error)
{
    void *memory = NULL;
    TRY(mem_alloc(account, sizeof(struct arrow_stream), &memory, error));
    struct arrow_stream *stream = memory;
    mem_account_init(&stream->account, "batches of an Arrow stream", account, limit);
    stream->input = (struct stream_input){.descriptor = descriptor};
    mem_buffer_init(&stream->metadata, &stream->account, SIZE_MAX);
    codec_state_init(&stream->decoders.codecs, &stream->account);
    lz4_frame_decoder_init(&stream->decoders.lz4, &stream->account);
    mem_account_init(&stream->shared, "dictionaries of an Arrow stream", &stream->account,
                     MEM_NO_LIMIT);
    stream_schema_init(&stream->schema, &stream->shared);
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
    mem_free(stream);
}

void arrow_stream_stop_at(struct arrow_stream *stream, const atomic_bool *stop)
{
    stream->input.stop = stop;
}

size_t arrow_stream_limit(const struct arrow_stream *stream)
{
    return stream->account.limit;
}

size_t arrow_stream_shared_bytes(const struct arrow_stream *stream)
{
    return atomic_load(&stream->shared.used);
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

/* Passes over the body of a message that nobody took. */
static enum error_code pass_over(struct arrow_stream *stream, struct error *error)
{
    if (!stream->is_pending)
        return ERROR_NONE;
    stream->is_pending = false;
    return stream_input_skip(&stream->input, stream->pending.body_size, error);
}

static enum error_code pass_over_rest(struct arrow_stream *stream, struct error *error)
{
    TRY(pass_over(stream, error));
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
    TRY(pass_over_rest(stream, error));
    stream->generation++;
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

static bool is_wanted(const struct arrow_stream *stream, const struct stream_message *message)
{
    int64_t id = flat_i64(&message->header, DICTIONARY_ID, 0);
    return message->kind != STREAM_DICTIONARY_BATCH ||
           stream_schema_dictionary(&stream->schema, id) != NULL;
}

enum error_code arrow_stream_next(struct arrow_stream *stream, enum arrow_step *ret,
                                  uint64_t *ret_size, struct error *error)
{
    *ret = ARROW_STEP_END;
    *ret_size = 0;
    TRY(pass_over(stream, error));
    while (stream->place == WITHIN_STREAM && !stream->is_pending) {
        enum stream_step step;
        TRY(next_message(stream, &step, &stream->pending, error));
        if (step != STREAM_STEP_MESSAGE)
            return ERROR_NONE;
        if (stream->pending.kind == STREAM_SCHEMA)
            return stream_damaged(&stream->input, "a schema stands among its batches", error);
        stream->is_pending = true;
        if (!is_wanted(stream, &stream->pending))
            TRY(pass_over(stream, error));
    }
    if (!stream->is_pending)
        return ERROR_NONE;
    bool is_batch = stream->pending.kind == STREAM_RECORD_BATCH;
    *ret = is_batch ? ARROW_STEP_BATCH : ARROW_STEP_DICTIONARY;
    *ret_size = stream->pending.body_size;
    return ERROR_NONE;
}

static enum error_code check_pending(struct arrow_stream *stream, enum stream_message_kind kind,
                                     struct error *error)
{
    if (!stream->is_pending || stream->pending.kind != kind)
        return error_set(error, ERROR_INTERNAL, "an Arrow stream has something else to take");
    return ERROR_NONE;
}

static enum error_code read_body(struct arrow_stream *stream, struct mem_buffer *body,
                                 const struct flat_table *table, struct stream_decoders *decoders,
                                 struct stream_batch *ret, struct error *error)
{
    size_t size = stream->pending.body_size;
    TRY(stream_batch_read(table, ret, error));
    TRY(mem_buffer_renew(body, size, error));
    stream->is_pending = false;
    TRY(stream_input_read(&stream->input, body->data, size, error));
    ret->body = (struct stream_bytes){body->data, size};
    ret->decoders = decoders;
    return ERROR_NONE;
}

static enum error_code read_dictionary(struct arrow_stream *stream, struct mem_buffer *body,
                                       struct error *error)
{
    struct flat_table data;
    struct stream_batch batch;
    const struct flat_table *header = &stream->pending.header;
    bool is_delta = flat_u8(header, DICTIONARY_DELTA, 0) != 0;
    struct stream_dictionary *dictionary =
        stream_schema_dictionary(&stream->schema, flat_i64(header, DICTIONARY_ID, 0));
    if (!flat_child(header, DICTIONARY_DATA, &data))
        return stream_damaged(&stream->input, "a dictionary without values", error);
    TRY(read_body(stream, body, &data, &stream->decoders, &batch, error));
    return stream_dictionary_add(dictionary, &batch, is_delta, error);
}

enum error_code arrow_stream_take_dictionary(struct arrow_stream *stream, struct error *error)
{
    struct mem_buffer body;
    TRY(check_pending(stream, STREAM_DICTIONARY_BATCH, error));
    mem_buffer_init(&body, &stream->account, SIZE_MAX);
    enum error_code code = read_dictionary(stream, &body, error);
    mem_buffer_release(&body);
    return code;
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

/* The metadata is viewed by the batch, so it goes with it. */
static void hand_over_metadata(struct arrow_stream *stream, struct arrow_batch *batch)
{
    struct mem_buffer handed = stream->metadata;
    stream->metadata = batch->metadata;
    batch->metadata = handed;
}

enum error_code arrow_stream_take(struct arrow_stream *stream, struct arrow_batch *batch,
                                  struct error *error)
{
    struct stream_batch read;
    batch->batch = (struct stream_batch){0};
    TRY(check_pending(stream, STREAM_RECORD_BATCH, error));
    TRY(arrow_batch_fit(batch, error));
    hand_over_metadata(stream, batch);
    TRY(read_body(stream, &batch->body, &stream->pending.header, &batch->decoders, &read, error));
    TRY(check_rows(stream, &read, error));
    if (!arrow_batch_place(batch, &read))
        return stream_damaged(&stream->input, "a batch has fewer columns than its schema", error);
    return ERROR_NONE;
}
