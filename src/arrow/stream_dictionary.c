#include "arrow/stream_dictionary.h"

#include "column/expand.h"

void stream_dictionary_init(struct stream_dictionary *dictionary, struct mem_account *account,
                            const struct column_type *type, const struct stream_type *layout)
{
    *dictionary = (struct stream_dictionary){.type = *type};
    stream_array_init(&dictionary->array, account, layout);
    mem_buffer_init(&dictionary->values, account, SIZE_MAX);
    mem_buffer_init(&dictionary->present, account, SIZE_MAX);
    mem_arena_init(&dictionary->texts, account);
}

static void forget(struct stream_dictionary *dictionary)
{
    mem_buffer_release(&dictionary->values);
    mem_buffer_release(&dictionary->present);
    mem_arena_release(&dictionary->texts);
    dictionary->count = 0;
}

void stream_dictionary_release(struct stream_dictionary *dictionary)
{
    forget(dictionary);
    stream_array_release(&dictionary->array);
}

/* Lets texts point to copies, which live as long as the dictionary. */
static enum error_code keep_texts(struct stream_dictionary *dictionary, struct column_bytes *texts,
                                  uint32_t count, struct error *error)
{
    size_t whole = 0;
    void *memory = NULL;
    for (uint32_t i = 0; i < count; i++)
        whole += texts[i].size;
    TRY(mem_arena_alloc(&dictionary->texts, whole, &memory, error));
    uint8_t *at = memory;
    for (uint32_t i = 0; i < count; i++) {
        if (texts[i].size > 0)
            memcpy(at, texts[i].data, texts[i].size);
        texts[i].data = at;
        at += texts[i].size;
    }
    return ERROR_NONE;
}

/* From the first null on there is a byte for every entry. */
static enum error_code keep_presence(struct stream_dictionary *dictionary,
                                     const struct column_slice *slice, struct error *error)
{
    struct mem_buffer *present = &dictionary->present;
    if (slice->present == NULL && present->size == 0)
        return ERROR_NONE;
    size_t size = dictionary->count + slice->row_count;
    TRY(mem_buffer_reserve(present, size, error));
    if (present->size == 0)
        memset(present->data, 1, dictionary->count);
    if (slice->present != NULL)
        memcpy(present->data + dictionary->count, slice->present, slice->row_count);
    else
        memset(present->data + dictionary->count, 1, slice->row_count);
    present->size = size;
    return ERROR_NONE;
}

static enum error_code keep_values(struct stream_dictionary *dictionary,
                                   const struct column_slice *slice, struct error *error)
{
    static const uint8_t nothing[1];
    struct mem_buffer *values = &dictionary->values;
    size_t width = dictionary->array.type.out_width, size;
    if (__builtin_mul_overflow(width, slice->row_count, &size) ||
        __builtin_add_overflow(values->size, size, &size))
        size = SIZE_MAX;
    TRY(mem_buffer_reserve(values, size, error));
    uint8_t *out = values->data + values->size;
    if (slice->present != NULL)
        expand_values(slice->present, slice->value_count > 0 ? slice->values : nothing, width,
                      slice->row_count, out);
    else
        memcpy(out, slice->values, width * slice->row_count);
    if (dictionary->type.physical == COLUMN_BYTE_ARRAY)
        TRY(keep_texts(dictionary, (struct column_bytes *)out, slice->row_count, error));
    values->size = size;
    return ERROR_NONE;
}

static enum error_code keep_rows(struct stream_dictionary *dictionary, uint64_t first,
                                 uint32_t count, struct error *error)
{
    struct column_slice slice;
    TRY(stream_array_slice(&dictionary->array, first, count, &slice, error));
    TRY(keep_presence(dictionary, &slice, error));
    TRY(keep_values(dictionary, &slice, error));
    dictionary->count += count;
    return ERROR_NONE;
}

enum error_code stream_dictionary_add(struct stream_dictionary *dictionary,
                                      const struct stream_batch *batch, bool is_delta,
                                      struct error *error)
{
    if (!is_delta)
        forget(dictionary);
    TRY(stream_array_bind(&dictionary->array, batch, (struct stream_position){0}, error));
    if (batch->row_count > UINT32_MAX - dictionary->count)
        return error_set(error, ERROR_UNSUPPORTED, "an Arrow dictionary of more than 2^32 values");
    for (uint64_t first = 0; first < batch->row_count; first += STREAM_SLICE_ROWS) {
        uint64_t left = batch->row_count - first;
        TRY(keep_rows(dictionary, first,
                      left < STREAM_SLICE_ROWS ? (uint32_t)left : STREAM_SLICE_ROWS, error));
    }
    return ERROR_NONE;
}

/* Rows whose entry is null become rows without a value. */
static enum error_code drop_nulls(const struct stream_dictionary *dictionary,
                                  struct stream_array *array, uint32_t *indices,
                                  struct column_slice *slice, struct error *error)
{
    uint32_t taken = 0, kept = 0;
    if (dictionary->present.size == 0)
        return ERROR_NONE;
    if (slice->present == NULL) {
        TRY(mem_buffer_renew(&array->present, STREAM_SLICE_ROWS, error));
        memset(array->present.data, 1, slice->row_count);
        slice->present = array->present.data;
    }
    for (uint32_t i = 0; i < slice->row_count; i++) {
        uint8_t *present = &array->present.data[i];
        if (*present == 0)
            continue;
        uint32_t index = indices[taken++];
        *present = dictionary->present.data[index];
        indices[kept] = index;
        kept += *present;
    }
    slice->value_count = kept;
    return ERROR_NONE;
}

static enum error_code read_indices(const struct stream_dictionary *dictionary,
                                    struct stream_array *array, bool is_signed, uint64_t first,
                                    const struct column_slice *slice, struct mem_buffer *ret,
                                    struct error *error)
{
    const uint8_t *dense = NULL;
    TRY(stream_array_dense(array, first, slice, &dense, error));
    TRY(mem_buffer_renew(ret, STREAM_SLICE_ROWS * sizeof(uint32_t), error));
    if (!stream_indices(dense, array->type.width, is_signed, slice->value_count, dictionary->count,
                        (uint32_t *)ret->data))
        return error_set(error, ERROR_INPUT,
                         "an Arrow batch is damaged: an index lies outside its dictionary");
    return ERROR_NONE;
}

enum error_code stream_dictionary_slice(const struct stream_dictionary *dictionary,
                                        struct stream_array *array, bool is_signed, uint64_t first,
                                        uint32_t count, struct stream_lookup *lookup,
                                        struct column_slice *ret, struct error *error)
{
    struct column_slice slice;
    size_t width = dictionary->array.type.out_width, size;
    TRY(stream_array_presence(array, first, count, &slice, error));
    if (slice.value_count > 0) {
        TRY(read_indices(dictionary, array, is_signed, first, &slice, &lookup->indices, error));
        uint32_t *indices = (uint32_t *)lookup->indices.data;
        TRY(drop_nulls(dictionary, array, indices, &slice, error));
        if (__builtin_mul_overflow(width, (size_t)slice.value_count, &size))
            size = SIZE_MAX;
        TRY(mem_buffer_renew(&lookup->values, size, error));
        stream_gather(dictionary->values.data, width, indices, slice.value_count,
                      lookup->values.data);
        slice.values = slice.value_count > 0 ? (const void *)lookup->values.data : "";
    }
    *ret = slice;
    return ERROR_NONE;
}
