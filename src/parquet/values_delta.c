#include "parquet/lengths.h"
#include "parquet/values.h"

/* Values of byte arrays put together at once: their lengths stand on the stack. */
#define TEXT_BATCH 1024

/* Values that share all of the one before cost a file nothing: what a page may make of that is
 * bounded, by what fits Arrow's offsets. */
#define TEXT_MOST ((size_t)INT32_MAX)

static enum error_code ends_early(struct error *error)
{
    return value_damaged(error, "its differences end too early");
}

static enum error_code read_integers(struct value_reader *values, uint32_t count, const void **ret,
                                     uint32_t *ret_count, struct error *error)
{
    void *out;
    count = count < values->most ? count : values->most;
    TRY(value_room(values, count, &out, error));
    bool read = values->type->physical == COLUMN_INT64 ? delta_read(&values->delta, out, count)
                                                       : delta_read_u32(&values->delta, out, count);
    if (!read)
        return ends_early(error);
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static const struct value_kind integer_kind = {read_integers, NULL};

enum error_code values_delta_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error)
{
    values->kind = &integer_kind;
    if (source->size == 0) {
        values->delta = (struct delta_reader){0};
        return ERROR_NONE;
    }
    if (!delta_init(&values->delta, source->bytes, source->size, source->row_count))
        return value_damaged(error, "its differences make no sense");
    return ERROR_NONE;
}

/* Starts a stream of lengths at the cursor and moves the cursor behind it. */
static enum error_code open_lengths(struct cursor *cursor, uint32_t most, struct delta_reader *ret,
                                    struct error *error)
{
    if (!delta_init(ret, cursor->at, cursor_left(cursor), most))
        return value_damaged(error, "its lengths make no sense");
    struct delta_reader end = *ret;
    if (!delta_finish(&end) || !cursor_skip(cursor, cursor_left(cursor) - cursor_left(&end.cursor)))
        return value_damaged(error, "its lengths end too early");
    return ERROR_NONE;
}

static enum error_code read_lengths_apart(struct value_reader *values, uint32_t count,
                                          const void **ret, uint32_t *ret_count,
                                          struct error *error)
{
    uint32_t lengths[TEXT_BATCH];
    const uint8_t *bytes;
    void *room;
    count = count < TEXT_BATCH ? count : TEXT_BATCH;
    if (!delta_read_u32(&values->delta, lengths, count))
        return value_damaged(error, "its lengths end too early");
    if (!cursor_bytes(&values->bytes, (size_t)lengths_sum(lengths, count), &bytes))
        return value_damaged(error, "a length points outside of it");
    TRY(value_room(values, count, &room, error));
    lengths_point(bytes, lengths, count, room);
    *ret = room;
    *ret_count = count;
    return ERROR_NONE;
}

static const struct value_kind lengths_kind = {read_lengths_apart, NULL};

enum error_code values_delta_length_open(struct value_reader *values,
                                         const struct value_source *source, struct error *error)
{
    values->kind = &lengths_kind;
    values->delta = (struct delta_reader){0};
    if (source->size == 0)
        return ERROR_NONE;
    return open_lengths(&values->bytes, source->row_count, &values->delta, error);
}

/* Lengths of some values that share their beginnings with the value before. */
struct text_batch {
    uint32_t count;
    size_t size;        /* of all values together */
    size_t suffix_size; /* of what the page has of them */
    uint32_t prefixes[TEXT_BATCH];
    uint32_t suffixes[TEXT_BATCH];
    uint32_t sizes[TEXT_BATCH];
};

static bool read_lengths(struct value_reader *values, struct text_batch *batch, uint32_t count)
{
    batch->count = count;
    return delta_read_u32(&values->prefixes, batch->prefixes, count) &&
           delta_read_u32(&values->delta, batch->suffixes, count);
}

static bool have_width(const struct value_reader *values, const struct text_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch->sizes[i] != values->width)
            return false;
    }
    return true;
}

/* Each value begins with no more than the value before has, and all end with what the page has.
 * Values of fixed length have it. How many fit the room for text, at least one, is in *ret. */
static bool measure(const struct value_reader *values, struct text_batch *batch, uint32_t *ret)
{
    if (!lengths_join(batch->prefixes, batch->suffixes, batch->count, values->last_size,
                      batch->sizes) ||
        (values->type->physical == COLUMN_FIXED && !have_width(values, batch)))
        return false;
    batch->size = (size_t)lengths_sum(batch->sizes, batch->count);
    batch->suffix_size = (size_t)lengths_sum(batch->suffixes, batch->count);
    *ret = batch->count;
    if (batch->size > VALUE_TEXT_BYTES)
        *ret = lengths_fitting(batch->sizes, batch->count, VALUE_TEXT_BYTES);
    return *ret < batch->count || batch->suffix_size <= cursor_left(&values->bytes);
}

/* Reads the lengths of as many values as fit; a batch that was too long is read again, shorter. */
static enum error_code plan_batch(struct value_reader *values, struct text_batch *batch,
                                  uint32_t count, struct error *error)
{
    struct delta_reader prefixes = values->prefixes, suffixes = values->delta;
    uint32_t fits;
    if (!read_lengths(values, batch, count < TEXT_BATCH ? count : TEXT_BATCH))
        return value_damaged(error, "its lengths end too early");
    if (!measure(values, batch, &fits))
        return value_damaged(error, "a length makes no sense");
    if (fits == batch->count)
        return ERROR_NONE;
    values->prefixes = prefixes;
    values->delta = suffixes;
    if (!read_lengths(values, batch, fits) || !measure(values, batch, &fits))
        return value_damaged(error, "its lengths end too early");
    return ERROR_NONE;
}

/* The next batch begins with this one's last value, and overwrites it. */
static enum error_code keep_last(struct value_reader *values, const struct text_batch *batch,
                                 const uint8_t *text, struct error *error)
{
    struct mem_buffer *last = &values->memory->buffers[PAGE_BUFFER_LAST];
    TRY(page_memory_renew(values->memory, last, values->last_size, error));
    if (values->last_size > 0)
        memcpy(last->data, text + batch->size - values->last_size, values->last_size);
    return ERROR_NONE;
}

/* Puts the values together in text. */
static bool join_batch(struct value_reader *values, const struct text_batch *batch, uint8_t *text)
{
    const uint8_t *last = values->memory->buffers[PAGE_BUFFER_LAST].data, *bytes;
    size_t readable = cursor_left(&values->bytes);
    if (!cursor_bytes(&values->bytes, batch->suffix_size, &bytes))
        return false;
    values->delta.kernels->join(last, bytes, readable, batch->prefixes, batch->suffixes,
                                batch->count, text, batch->size);
    values->last_size = batch->sizes[batch->count - 1];
    return true;
}

/* Values of fixed length stand as a slice wants them; others are pointed to. */
static enum error_code read_joined(struct value_reader *values, uint32_t count, const void **ret,
                                   uint32_t *ret_count, struct error *error)
{
    struct text_batch batch;
    struct mem_buffer *text = &values->memory->buffers[PAGE_BUFFER_TEXT];
    void *room;
    TRY(plan_batch(values, &batch, count, error));
    if (batch.size > values->text_left)
        return value_damaged(error, "its values are longer than 2 GiB together");
    values->text_left -= batch.size;
    TRY(page_memory_renew(values->memory, text, batch.size + 1, error));
    if (!join_batch(values, &batch, text->data))
        return value_damaged(error, "a length points outside of it");
    TRY(keep_last(values, &batch, text->data, error));
    *ret = text->data;
    *ret_count = batch.count;
    if (values->type->physical == COLUMN_FIXED)
        return ERROR_NONE;
    TRY(value_room(values, batch.count, &room, error));
    lengths_point(text->data, batch.sizes, batch.count, room);
    *ret = room;
    return ERROR_NONE;
}

static const struct value_kind joined_kind = {read_joined, NULL};

enum error_code values_delta_bytes_open(struct value_reader *values,
                                        const struct value_source *source, struct error *error)
{
    values->kind = &joined_kind;
    values->last_size = 0;
    values->text_left = TEXT_MOST;
    values->prefixes = (struct delta_reader){0};
    values->delta = (struct delta_reader){0};
    if (source->size == 0)
        return ERROR_NONE;
    TRY(open_lengths(&values->bytes, source->row_count, &values->prefixes, error));
    return open_lengths(&values->bytes, source->row_count, &values->delta, error);
}
