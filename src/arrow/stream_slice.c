#include "arrow/stream_array.h"

enum { VALIDITY = 0, VALUES = 1, TEXT = 2 };

static struct stream_bytes part(const struct stream_array *array, size_t index)
{
    return ((const struct stream_bytes *)array->parts.data)[index];
}

static enum error_code all_absent(struct stream_array *array, struct column_slice *slice,
                                  struct error *error)
{
    TRY(mem_buffer_renew(&array->present, STREAM_SLICE_ROWS, error));
    memset(array->present.data, 0, slice->row_count);
    slice->present = array->present.data;
    return ERROR_NONE;
}

enum error_code stream_array_presence(struct stream_array *array, uint64_t first, uint32_t count,
                                      struct column_slice *ret, struct error *error)
{
    *ret = (struct column_slice){.row_count = count, .values = ""};
    if (array->type.layout == STREAM_NOTHING)
        return all_absent(array, ret, error);
    ret->value_count = count;
    if (!array->has_nulls)
        return ERROR_NONE;
    TRY(mem_buffer_renew(&array->present, STREAM_SLICE_ROWS, error));
    ret->value_count =
        stream_bits_to_bytes(part(array, VALIDITY).data, first, count, array->present.data);
    if (ret->value_count < count)
        ret->present = array->present.data;
    return ERROR_NONE;
}

/* Room for a value more than there are, which loops without branches write. */
static enum error_code make_room(struct mem_buffer *buffer, uint32_t count, size_t width,
                                 size_t slack, struct error *error)
{
    size_t size;
    if (__builtin_mul_overflow((size_t)count + 1, width, &size) || size > SIZE_MAX - slack)
        size = SIZE_MAX - slack;
    return mem_buffer_renew(buffer, size + slack, error);
}

static enum error_code dense_bits(struct stream_array *array, uint64_t first,
                                  const struct column_slice *slice, const uint8_t **ret,
                                  struct error *error)
{
    TRY(mem_buffer_renew(&array->dense, 2 * (STREAM_SLICE_ROWS + 1), error));
    uint8_t *all = array->dense.data, *some = all + STREAM_SLICE_ROWS;
    stream_bits_to_bytes(part(array, VALUES).data, first, slice->row_count, all);
    *ret = all;
    if (slice->present != NULL) {
        stream_compact(slice->present, all, 1, slice->row_count, some);
        *ret = some;
    }
    return ERROR_NONE;
}

enum error_code stream_array_dense(struct stream_array *array, uint64_t first,
                                   const struct column_slice *slice, const uint8_t **ret,
                                   struct error *error)
{
    size_t width = array->type.width;
    if (array->type.layout == STREAM_BITS)
        return dense_bits(array, first, slice, ret, error);
    const uint8_t *values = part(array, VALUES).data + first * width;
    *ret = values;
    if (slice->present == NULL)
        return ERROR_NONE;
    TRY(make_room(&array->dense, slice->value_count, width, 0, error));
    stream_compact(slice->present, values, width, slice->row_count, array->dense.data);
    *ret = array->dense.data;
    return ERROR_NONE;
}

static enum error_code wrong_text(struct error *error)
{
    return error_set(error, ERROR_INPUT,
                     "an Arrow batch is damaged: a text lies outside its buffer, or is longer "
                     "than 4 GiB");
}

static enum error_code slice_texts(struct stream_array *array, uint64_t first,
                                   struct column_slice *slice, struct error *error)
{
    size_t width = array->type.layout == STREAM_TEXT_32 ? sizeof(int32_t) : sizeof(int64_t);
    const uint8_t *offsets = part(array, VALUES).data + first * width;
    TRY(make_room(&array->values, slice->value_count, sizeof(struct column_bytes), 0, error));
    slice->values = array->values.data;
    if (!stream_texts(offsets, width, slice->present, slice->row_count, part(array, TEXT),
                      (struct column_bytes *)array->values.data))
        return wrong_text(error);
    return ERROR_NONE;
}

static enum error_code convert_views(const struct stream_array *array, const uint8_t *views,
                                     uint32_t count, struct error *error)
{
    const struct stream_bytes *parts = (const struct stream_bytes *)array->parts.data;
    size_t texts = array->parts.size / sizeof *parts - TEXT;
    if (!stream_views(views, count, parts + TEXT, texts, (struct column_bytes *)array->values.data))
        return wrong_text(error);
    return ERROR_NONE;
}

static enum error_code no_equal(const struct stream_type *type, struct error *error)
{
    switch (type->conversion) {
    case STREAM_DAYS:
        return error_set(error, ERROR_INPUT,
                         "a date of milliseconds is no whole day within 32 bits of days");
    case STREAM_DECIMAL_128:
    case STREAM_DECIMAL_256:
        return error_set(error, ERROR_INPUT, "a decimal does not fit the digits that its type has");
    default:
        return error_set(error, ERROR_OVERFLOW, "a time in seconds does not fit as milliseconds");
    }
}

static enum error_code convert(struct stream_array *array, const uint8_t *dense,
                               struct column_slice *slice, struct error *error)
{
    const struct stream_type *type = &array->type;
    slice->values = dense;
    if (type->conversion == STREAM_KEEP || slice->value_count == 0)
        return ERROR_NONE;
    TRY(make_room(&array->values, slice->value_count, type->out_width, STREAM_CONVERT_SLACK,
                  error));
    slice->values = array->values.data;
    if (type->conversion == STREAM_VIEW)
        return convert_views(array, dense, slice->value_count, error);
    if (!stream_convert(type, dense, slice->value_count, array->values.data))
        return no_equal(type, error);
    return ERROR_NONE;
}

enum error_code stream_array_slice(struct stream_array *array, uint64_t first, uint32_t count,
                                   struct column_slice *ret, struct error *error)
{
    const uint8_t *dense = NULL;
    struct column_slice slice;
    TRY(stream_array_presence(array, first, count, &slice, error));
    if (slice.value_count > 0 &&
        (array->type.layout == STREAM_TEXT_32 || array->type.layout == STREAM_TEXT_64)) {
        TRY(slice_texts(array, first, &slice, error));
    } else if (slice.value_count > 0) {
        TRY(stream_array_dense(array, first, &slice, &dense, error));
        TRY(convert(array, dense, &slice, error));
    }
    *ret = slice;
    return ERROR_NONE;
}
