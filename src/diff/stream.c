#include "diff/stream.h"

#include <string.h>

enum error_code diff_stream_init(struct diff_stream *stream, struct diff_file *file,
                                 struct sorter *sorter, const struct diff_columns *columns,
                                 enum diff_side side, struct mem_account *account,
                                 struct mem_arena *arena, struct error *error)
{
    void *memory;
    *stream =
        (struct diff_stream){.file = file, .sorter = sorter, .columns = columns, .side = side};
    mem_buffer_init(&stream->key, account, MEM_NO_LIMIT);
    mem_buffer_init(&stream->older_key, account, MEM_NO_LIMIT);
    TRY(mem_arena_alloc_array(arena, columns->count, sizeof *stream->row, &memory, error));
    stream->row = memory;
    return ERROR_NONE;
}

void diff_stream_release(struct diff_stream *stream)
{
    mem_buffer_release(&stream->key);
    mem_buffer_release(&stream->older_key);
}

static enum error_code next_batch(struct diff_stream *stream, struct error *error)
{
    if (stream->sorter != NULL)
        TRY(sorter_next(stream->sorter, &stream->batch, error));
    else
        TRY(diff_file_next(stream->file, &stream->batch, error));
    row_walk_begin(&stream->walk, &stream->batch, stream->row);
    return ERROR_NONE;
}

static enum error_code make_key(struct diff_stream *stream, struct error *error)
{
    struct mem_buffer older = stream->older_key;
    stream->older_key = stream->key;
    stream->key = older;
    const struct diff_column *columns = stream->columns->columns;
    size_t size = 0;
    for (uint32_t i = 0; i < stream->columns->key_count; i++)
        size += diff_key_size(&columns[i].key, stream->row[i].value);
    if (size > stream->key.capacity)
        TRY(mem_buffer_renew(&stream->key, size, error));
    uint8_t *at = stream->key.data;
    for (uint32_t i = 0; i < stream->columns->key_count; i++)
        at = diff_key_write(&columns[i].key, stream->side, stream->row[i].value, at);
    stream->key.size = size;
    return ERROR_NONE;
}

enum error_code diff_stream_next(struct diff_stream *stream, struct error *error)
{
    stream->has_row = row_walk_next(&stream->walk);
    if (!stream->has_row) {
        TRY(next_batch(stream, error));
        stream->has_row = row_walk_next(&stream->walk);
    }
    if (!stream->has_row)
        return ERROR_NONE;
    stream->row_count++;
    return make_key(stream, error);
}

int diff_key_compare(const struct mem_buffer *a, const struct mem_buffer *b)
{
    int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}
