#include "arrow/stream_array.h"

enum { BATCH_LENGTH = 0, BATCH_NODES = 1, BATCH_BUFFERS = 2, BATCH_COMPRESSION = 3 };
enum { BATCH_VARIADIC = 4 };
enum { COMPRESSION_CODEC = 0, COMPRESSION_METHOD = 1 };

/* FieldNode and Buffer are structs of two 64-bit integers each. */
#define PAIR_BYTES 16

static enum error_code damaged(const char *what, struct error *error)
{
    return error_set(error, ERROR_INPUT, "an Arrow batch is damaged: %s", what);
}

static enum error_code read_compression(const struct flat_table *table,
                                        enum stream_compression *ret, struct error *error)
{
    struct flat_table compression;
    *ret = STREAM_UNCOMPRESSED;
    if (!flat_child(table, BATCH_COMPRESSION, &compression))
        return ERROR_NONE;
    uint8_t codec = flat_u8(&compression, COMPRESSION_CODEC, STREAM_LZ4_FRAME);
    if (flat_u8(&compression, COMPRESSION_METHOD, 0) != 0 || codec > STREAM_ZSTD)
        return error_set(error, ERROR_UNSUPPORTED,
                         "an Arrow batch is compressed in a way that is not known");
    *ret = (enum stream_compression)codec;
    return ERROR_NONE;
}

enum error_code stream_batch_read(const struct flat_table *table, struct stream_batch *ret,
                                  struct error *error)
{
    int64_t length = flat_i64(table, BATCH_LENGTH, 0);
    *ret = (struct stream_batch){.table = *table};
    if (length < 0)
        return damaged("its number of rows is negative", error);
    ret->row_count = (uint64_t)length;
    /* A missing vector is an empty one, and then too small for any column. */
    if (!flat_vector(table, BATCH_NODES, PAIR_BYTES, &ret->nodes))
        ret->nodes.count = 0;
    if (!flat_vector(table, BATCH_BUFFERS, PAIR_BYTES, &ret->buffers))
        ret->buffers.count = 0;
    if (!flat_vector(table, BATCH_VARIADIC, sizeof(int64_t), &ret->variadic))
        ret->variadic.count = 0;
    return read_compression(table, &ret->compression, error);
}

static bool pass(uint32_t *at, uint64_t step, uint32_t end)
{
    if (step > end - *at)
        return false;
    *at += (uint32_t)step;
    return true;
}

bool stream_position_pass(const struct stream_batch *batch, const struct stream_extent *extent,
                          struct stream_position *at)
{
    for (uint32_t i = 0; i < extent->views; i++) {
        int64_t texts = 0;
        if (!flat_value(&batch->table, &batch->variadic, at->variadic, &texts, sizeof texts) ||
            texts < 0 || !pass(&at->buffer, (uint64_t)texts, batch->buffers.count))
            return false;
        at->variadic++;
    }
    return pass(&at->node, extent->nodes, batch->nodes.count) &&
           pass(&at->buffer, extent->buffers, batch->buffers.count);
}
