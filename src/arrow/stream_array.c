#include "arrow/stream_array.h"

/* FieldNode and Buffer of Message.fbs. */
struct field_node {
    int64_t length;
    int64_t null_count;
};
struct buffer_place {
    int64_t offset;
    int64_t length;
};

/* Stands where a buffer has no bytes, so that no pointer is NULL. */
static const uint8_t no_bytes[1];

void stream_array_init(struct stream_array *array, struct mem_account *account,
                       const struct stream_type *type)
{
    *array = (struct stream_array){.type = *type};
    mem_buffer_init(&array->parts, account, SIZE_MAX);
    mem_buffer_init(&array->unpacked, account, SIZE_MAX);
    mem_buffer_init(&array->present, account, SIZE_MAX);
    mem_buffer_init(&array->dense, account, SIZE_MAX);
    mem_buffer_init(&array->values, account, SIZE_MAX);
}

void stream_array_release(struct stream_array *array)
{
    mem_buffer_release(&array->parts);
    mem_buffer_release(&array->unpacked);
    mem_buffer_release(&array->present);
    mem_buffer_release(&array->dense);
    mem_buffer_release(&array->values);
}

static enum error_code damaged(const char *what, struct error *error)
{
    return error_set(error, ERROR_INPUT, "an Arrow batch is damaged: %s", what);
}

static struct stream_bytes *parts_of(const struct stream_array *array)
{
    return (struct stream_bytes *)array->parts.data;
}

static size_t part_count(const struct stream_array *array)
{
    return array->parts.size / sizeof(struct stream_bytes);
}

static enum error_code read_node(struct stream_array *array, const struct stream_batch *batch,
                                 uint32_t index, struct error *error)
{
    struct field_node node;
    if (!flat_value(&batch->table, &batch->nodes, index, &node, sizeof node))
        return damaged("it has too few columns", error);
    if (node.length < 0 || (uint64_t)node.length != batch->row_count)
        return damaged("a column has another number of rows than the batch", error);
    if (node.null_count < 0 || node.null_count > node.length)
        return damaged("a column has an impossible number of nulls", error);
    array->length = (uint64_t)node.length;
    array->has_nulls = node.null_count > 0;
    return ERROR_NONE;
}

static enum error_code find_part(const struct stream_batch *batch, uint32_t index,
                                 struct stream_bytes *ret, struct error *error)
{
    struct buffer_place place;
    if (!flat_value(&batch->table, &batch->buffers, index, &place, sizeof place))
        return damaged("it has too few buffers", error);
    if (place.offset < 0 || place.length < 0 || (uint64_t)place.offset > batch->body.size ||
        (uint64_t)place.length > batch->body.size - (uint64_t)place.offset)
        return damaged("a buffer lies outside its body", error);
    *ret = (struct stream_bytes){no_bytes, 0};
    if (place.length > 0)
        *ret = (struct stream_bytes){batch->body.data + place.offset, (size_t)place.length};
    return ERROR_NONE;
}

/* How many buffers the array has at its place. */
static enum error_code count_parts(const struct stream_array *array,
                                   const struct stream_batch *batch, uint32_t variadic,
                                   uint32_t *ret, struct error *error)
{
    static const uint8_t fixed[] = {[STREAM_NOTHING] = 0, [STREAM_BITS] = 2,    [STREAM_FIXED] = 2,
                                    [STREAM_TEXT_32] = 3, [STREAM_TEXT_64] = 3, [STREAM_VIEWS] = 2};
    int64_t texts = 0;
    if (array->type.layout == STREAM_VIEWS &&
        !flat_value(&batch->table, &batch->variadic, variadic, &texts, sizeof texts))
        return damaged("the number of a column's texts is missing", error);
    if (texts < 0 || texts > batch->buffers.count)
        return damaged("a column has an impossible number of texts", error);
    *ret = fixed[array->type.layout] + (uint32_t)texts;
    return ERROR_NONE;
}

static enum error_code find_parts(struct stream_array *array, const struct stream_batch *batch,
                                  struct stream_position at, struct error *error)
{
    uint32_t count = 0;
    TRY(count_parts(array, batch, at.variadic, &count, error));
    TRY(mem_buffer_renew(&array->parts, count * sizeof(struct stream_bytes), error));
    for (uint32_t i = 0; i < count; i++) {
        struct stream_bytes part;
        TRY(find_part(batch, at.buffer + i, &part, error));
        if (i == 0 && !array->has_nulls)
            part.size = 0; /* not looked at, so not unpacked either */
        TRY(mem_buffer_append(&array->parts, &part, sizeof part, error));
    }
    return ERROR_NONE;
}

/* A compressed buffer begins with the size of what it was made of; -1: it is stored. */
#define STORED (-1)

/* What is behind the size, and what it becomes; *ret_size is 0 where nothing has to be done. */
static enum error_code open_part(const struct stream_batch *batch, struct stream_bytes *part,
                                 size_t *ret_size, struct error *error)
{
    int64_t size = 0;
    *ret_size = 0;
    if (part->size == 0)
        return ERROR_NONE;
    if (part->size < sizeof size)
        return damaged("a compressed buffer is too short", error);
    memcpy(&size, part->data, sizeof size);
    part->data += sizeof size;
    part->size -= sizeof size;
    if (size == STORED)
        return ERROR_NONE;
    if (size == 0) {
        part->size = 0;
        return ERROR_NONE;
    }
    bool plausible = size > 0;
    if (plausible && batch->compression == STREAM_ZSTD)
        plausible = codec_is_plausible(CODEC_ZSTD, part->data, part->size, (size_t)size);
    else if (plausible)
        plausible = lz4_frame_is_plausible(part->size, (size_t)size);
    if (!plausible)
        return damaged("a compressed buffer cannot have the size it says", error);
    *ret_size = (size_t)size;
    return ERROR_NONE;
}

static enum error_code unpack_part(const struct stream_batch *batch,
                                   const struct stream_bytes *part, uint8_t *out, size_t size,
                                   struct error *error)
{
    if (batch->compression == STREAM_ZSTD)
        return codec_decompress(&batch->decoders->codecs, CODEC_ZSTD, part->data, part->size, out,
                                size, error);
    return lz4_frame_decode(&batch->decoders->lz4, part->data, part->size, out, size, error);
}

/* Bytes that all buffers of the array become, each at a multiple of 64. */
static enum error_code unpacked_size(const struct stream_array *array,
                                     const struct stream_batch *batch, size_t *ret,
                                     struct error *error)
{
    size_t whole = 0;
    for (size_t i = 0; i < part_count(array); i++) {
        struct stream_bytes part = parts_of(array)[i];
        size_t size = 0;
        TRY(open_part(batch, &part, &size, error));
        if (size > SIZE_MAX / 4 - whole)
            return damaged("its buffers become too large", error);
        whole += (size + 63) / 64 * 64;
    }
    *ret = whole;
    return ERROR_NONE;
}

static enum error_code unpack(struct stream_array *array, const struct stream_batch *batch,
                              struct error *error)
{
    size_t whole = 0, at = 0;
    if (batch->compression == STREAM_UNCOMPRESSED)
        return ERROR_NONE;
    TRY(unpacked_size(array, batch, &whole, error));
    TRY(mem_buffer_renew(&array->unpacked, whole, error));
    for (size_t i = 0; i < part_count(array); i++) {
        struct stream_bytes *part = &parts_of(array)[i];
        size_t size = 0;
        TRY(open_part(batch, part, &size, error));
        if (size == 0)
            continue;
        uint8_t *out = array->unpacked.data + at;
        TRY(unpack_part(batch, part, out, size, error));
        *part = (struct stream_bytes){out, size};
        at += (size + 63) / 64 * 64;
    }
    return ERROR_NONE;
}

/* Whether size bytes hold count values of width bytes. */
static bool holds(size_t size, uint64_t count, size_t width)
{
    return count <= size / width;
}

static bool values_fit(const struct stream_array *array)
{
    const struct stream_bytes *parts = parts_of(array);
    switch (array->type.layout) {
    case STREAM_NOTHING:
        return true;
    case STREAM_BITS:
        return array->length / 8 + (array->length % 8 != 0) <= parts[1].size;
    case STREAM_TEXT_32:
        return array->length == 0 || holds(parts[1].size, array->length + 1, sizeof(int32_t));
    case STREAM_TEXT_64:
        return array->length == 0 || holds(parts[1].size, array->length + 1, sizeof(int64_t));
    default:
        return holds(parts[1].size, array->length, array->type.width);
    }
}

static enum error_code check_parts(const struct stream_array *array, struct error *error)
{
    if (array->type.layout == STREAM_NOTHING)
        return ERROR_NONE;
    uint64_t bitmap = array->length / 8 + (array->length % 8 != 0);
    if (array->has_nulls && bitmap > parts_of(array)[0].size)
        return damaged("a column's validity is shorter than its rows", error);
    if (!values_fit(array))
        return damaged("a column has fewer values than rows", error);
    return ERROR_NONE;
}

enum error_code stream_array_bind(struct stream_array *array, const struct stream_batch *batch,
                                  struct stream_position at, struct error *error)
{
    TRY(read_node(array, batch, at.node, error));
    TRY(find_parts(array, batch, at, error));
    TRY(unpack(array, batch, error));
    return check_parts(array, error);
}

enum error_code stream_array_measure(struct stream_array *array, const struct stream_batch *batch,
                                     struct stream_position at, size_t *ret, struct error *error)
{
    *ret = 0;
    if (batch->compression == STREAM_UNCOMPRESSED)
        return ERROR_NONE;
    TRY(read_node(array, batch, at.node, error));
    TRY(find_parts(array, batch, at, error));
    return unpacked_size(array, batch, ret, error);
}
