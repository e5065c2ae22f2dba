#include "parquet/values.h"

/* Values of byte arrays put together at once: their lengths stand on the stack. */
#define TEXT_BATCH 1024
#define INT_BATCH  256

static enum error_code ends_early(struct error *error)
{
    return value_damaged(error, "its differences end too early");
}

static bool read_int32(struct delta_reader *delta, uint32_t *out, uint32_t count)
{
    uint64_t wide[INT_BATCH];
    while (count > 0) {
        uint32_t now = count < INT_BATCH ? count : INT_BATCH;
        if (!delta_read(delta, wide, now))
            return false;
        for (uint32_t i = 0; i < now; i++)
            out[i] = (uint32_t)wide[i];
        out += now;
        count -= now;
    }
    return true;
}

static enum error_code read_integers(struct value_reader *values, uint32_t count, const void **ret,
                                     uint32_t *ret_count, struct error *error)
{
    void *out;
    count = count < values->most ? count : values->most;
    TRY(value_room(values, count, &out, error));
    bool read = values->type->physical == COLUMN_INT64 ? delta_read(&values->delta, out, count)
                                                       : read_int32(&values->delta, out, count);
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
    uint64_t lengths[TEXT_BATCH];
    void *room;
    count = count < TEXT_BATCH ? count : TEXT_BATCH;
    if (!delta_read(&values->delta, lengths, count))
        return value_damaged(error, "its lengths end too early");
    TRY(value_room(values, count, &room, error));
    struct column_bytes *out = room;
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] > UINT32_MAX ||
            !cursor_bytes(&values->bytes, (size_t)lengths[i], &out[i].data))
            return value_damaged(error, "a length points outside of it");
        out[i].size = (uint32_t)lengths[i];
    }
    *ret = out;
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
    size_t size; /* of all values together */
    uint64_t prefixes[TEXT_BATCH];
    uint64_t suffixes[TEXT_BATCH];
};

static bool read_lengths(struct value_reader *values, struct text_batch *batch, uint32_t count)
{
    batch->count = count;
    return delta_read(&values->prefixes, batch->prefixes, count) &&
           delta_read(&values->delta, batch->suffixes, count);
}

/* How many of the values fit the room for text, at least one; each is at most as long as the value
 * before and what the page has for it. */
static bool measure(const struct value_reader *values, struct text_batch *batch, uint32_t *ret)
{
    size_t last = values->last_size, left = cursor_left(&values->bytes);
    batch->size = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        uint64_t prefix = batch->prefixes[i], suffix = batch->suffixes[i];
        if (prefix > last || suffix > left || prefix + suffix > UINT32_MAX)
            return false;
        last = (size_t)(prefix + suffix);
        if (i > 0 && batch->size + last > VALUE_TEXT_BYTES) {
            *ret = i;
            return true;
        }
        left -= (size_t)suffix;
        batch->size += last;
    }
    *ret = batch->count;
    return true;
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
        return value_damaged(error, "a length points outside of it");
    if (fits == batch->count)
        return ERROR_NONE;
    values->prefixes = prefixes;
    values->delta = suffixes;
    if (!read_lengths(values, batch, fits) || !measure(values, batch, &fits))
        return value_damaged(error, "its lengths end too early");
    return ERROR_NONE;
}

/* Puts one value together at out from the value before and the next suffix. */
static bool join(struct value_reader *values, const uint8_t *last, size_t prefix, size_t suffix,
                 uint8_t *out)
{
    const uint8_t *bytes;
    if (!cursor_bytes(&values->bytes, suffix, &bytes))
        return false;
    if (prefix > 0)
        memcpy(out, last, prefix);
    if (suffix > 0)
        memcpy(out + prefix, bytes, suffix);
    return true;
}

/* Values of fixed length stand as a slice wants them; others are pointed to. */
static bool join_batch(struct value_reader *values, const struct text_batch *batch, uint8_t *text,
                       struct column_bytes *ret)
{
    bool fixed = values->type->physical == COLUMN_FIXED;
    const uint8_t *last = values->memory->buffers[PAGE_BUFFER_LAST].data;
    for (uint32_t i = 0; i < batch->count; i++) {
        size_t prefix = (size_t)batch->prefixes[i], suffix = (size_t)batch->suffixes[i];
        size_t size = prefix + suffix;
        if ((fixed && size != values->width) || !join(values, last, prefix, suffix, text))
            return false;
        if (!fixed)
            ret[i] = (struct column_bytes){text, (uint32_t)size};
        last = text;
        text += size;
        values->last_size = size;
    }
    return true;
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

static enum error_code read_joined(struct value_reader *values, uint32_t count, const void **ret,
                                   uint32_t *ret_count, struct error *error)
{
    struct text_batch batch;
    struct mem_buffer *text = &values->memory->buffers[PAGE_BUFFER_TEXT];
    void *room = NULL;
    TRY(plan_batch(values, &batch, count, error));
    TRY(page_memory_renew(values->memory, text, batch.size + 1, error));
    if (values->type->physical != COLUMN_FIXED)
        TRY(value_room(values, batch.count, &room, error));
    if (!join_batch(values, &batch, text->data, room))
        return value_damaged(error, "a value has the wrong length");
    TRY(keep_last(values, &batch, text->data, error));
    *ret = room != NULL ? room : text->data;
    *ret_count = batch.count;
    return ERROR_NONE;
}

static const struct value_kind joined_kind = {read_joined, NULL};

enum error_code values_delta_bytes_open(struct value_reader *values,
                                        const struct value_source *source, struct error *error)
{
    values->kind = &joined_kind;
    values->last_size = 0;
    values->prefixes = (struct delta_reader){0};
    values->delta = (struct delta_reader){0};
    if (source->size == 0)
        return ERROR_NONE;
    TRY(open_lengths(&values->bytes, source->row_count, &values->prefixes, error));
    return open_lengths(&values->bytes, source->row_count, &values->delta, error);
}
