#include "arrow/stream_message.h"

#define CONTINUATION UINT32_MAX

enum { MESSAGE_VERSION = 0, MESSAGE_KIND = 1, MESSAGE_HEADER = 2, MESSAGE_BODY_SIZE = 3 };

/* The first four bytes of what is not a stream but may be taken for one. */
static const struct {
    char magic[5];
    const char *what;
} other_forms[] = {
    {"ARRO", "this is an Arrow file, not an Arrow stream"},
    {"FEA1", "this is a Feather file, not an Arrow stream"},
    {"PAR1", "this is a Parquet file, not an Arrow stream"},
};

static enum error_code refuse_other_form(const struct stream_input *input, uint32_t prefix,
                                         struct error *error)
{
    if (input->position != sizeof prefix)
        return ERROR_NONE;
    for (size_t i = 0; i < sizeof other_forms / sizeof other_forms[0]; i++) {
        if (memcmp(&prefix, other_forms[i].magic, sizeof prefix) == 0)
            return error_set(error, ERROR_INPUT, "%s", other_forms[i].what);
    }
    return ERROR_NONE;
}

/* The size of the metadata that comes next; 0 is the mark at a stream's end. */
static enum error_code read_prefix(struct stream_input *input, uint32_t *ret_size, bool *ret_ended,
                                   struct error *error)
{
    uint32_t size = 0;
    TRY(stream_input_begin(input, &size, sizeof size, ret_ended, error));
    if (*ret_ended)
        return ERROR_NONE;
    TRY(refuse_other_form(input, size, error));
    if (size == CONTINUATION)
        TRY(stream_input_read(input, &size, sizeof size, error));
    if (size > INT32_MAX)
        return stream_damaged(input, "a message has a negative size", error);
    *ret_size = size;
    return ERROR_NONE;
}

static enum error_code understand(const struct stream_input *input,
                                  const struct mem_buffer *metadata, struct stream_message *ret,
                                  struct error *error)
{
    struct flat_table message;
    if (!flat_root(metadata->data, metadata->size, &message) ||
        !flat_child(&message, MESSAGE_HEADER, &ret->header))
        return stream_damaged(input, "a message's metadata is no flatbuffer", error);
    ret->version = flat_i16(&message, MESSAGE_VERSION, 0);
    if (ret->version < STREAM_VERSION_4 || ret->version > STREAM_VERSION_5)
        return error_set(error, ERROR_UNSUPPORTED, "Arrow metadata of version %d: 4 and 5 are read",
                         ret->version + 1);
    ret->kind = (enum stream_message_kind)flat_u8(&message, MESSAGE_KIND, 0);
    if (ret->kind < STREAM_SCHEMA || ret->kind > STREAM_RECORD_BATCH)
        return error_set(error, ERROR_UNSUPPORTED,
                         "an Arrow message of kind %d, which is no batch of columns",
                         (int)ret->kind);
    int64_t body_size = flat_i64(&message, MESSAGE_BODY_SIZE, 0);
    if (body_size < 0)
        return stream_damaged(input, "a message's body has a negative size", error);
    ret->body_size = (uint64_t)body_size;
    return ERROR_NONE;
}

enum error_code stream_message_read(struct stream_input *input, struct mem_buffer *metadata,
                                    enum stream_step *ret_step, struct stream_message *ret,
                                    struct error *error)
{
    uint32_t size = 0;
    bool ended = false;
    TRY(read_prefix(input, &size, &ended, error));
    *ret_step = ended ? STREAM_STEP_END : size == 0 ? STREAM_STEP_MARK : STREAM_STEP_MESSAGE;
    if (*ret_step != STREAM_STEP_MESSAGE)
        return ERROR_NONE;
    TRY(mem_buffer_renew(metadata, size, error));
    TRY(stream_input_read(input, metadata->data, size, error));
    metadata->size = size;
    return understand(input, metadata, ret, error);
}
