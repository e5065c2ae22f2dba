#include "parquet/values.h"

/* Decoded values of a slice take at most this much, but for single values that are larger. */
#define SLICE_BYTES ((size_t)64 << 10)

typedef enum error_code (*value_opener)(struct value_reader *values,
                                        const struct value_source *source, struct error *error);

#define BIT(physical)  (UINT32_C(1) << (physical))
#define ALL_TYPES      UINT32_C(0xff)
#define INTEGERS       (BIT(COLUMN_INT32) | BIT(COLUMN_INT64))
#define SPLIT_TYPES    (INTEGERS | BIT(COLUMN_FLOAT) | BIT(COLUMN_DOUBLE) | BIT(COLUMN_FIXED))
#define NOT_BOOLEAN    (ALL_TYPES & ~BIT(COLUMN_BOOLEAN))
#define BYTES_OR_FIXED (BIT(COLUMN_BYTE_ARRAY) | BIT(COLUMN_FIXED))

/* Which encodings there are, and for which physical types. */
static const struct {
    value_opener open;
    uint32_t types;
} encodings[] = {
    [PARQUET_PLAIN] = {values_plain_open, ALL_TYPES},
    [PARQUET_PLAIN_DICTIONARY] = {values_dictionary_open, NOT_BOOLEAN},
    [PARQUET_RLE] = {values_runs_open, BIT(COLUMN_BOOLEAN)},
    [PARQUET_DELTA_BINARY_PACKED] = {values_delta_open, INTEGERS},
    [PARQUET_DELTA_LENGTH_BYTE_ARRAY] = {values_delta_length_open, BIT(COLUMN_BYTE_ARRAY)},
    [PARQUET_DELTA_BYTE_ARRAY] = {values_delta_bytes_open, BYTES_OR_FIXED},
    [PARQUET_RLE_DICTIONARY] = {values_dictionary_open, NOT_BOOLEAN},
    [PARQUET_BYTE_STREAM_SPLIT] = {values_split_open, SPLIT_TYPES},
};

uint32_t value_reader_most(const struct column_type *type)
{
    size_t fitting = SLICE_BYTES / column_value_size(type);
    if (fitting > PARQUET_SLICE_ROWS)
        return PARQUET_SLICE_ROWS;
    return fitting > 0 ? (uint32_t)fitting : 1;
}

enum error_code value_damaged(struct error *error, const char *problem)
{
    return error_set(error, ERROR_INPUT, "a page is damaged: %s", problem);
}

enum error_code value_room(struct value_reader *values, uint32_t count, void **ret,
                           struct error *error)
{
    struct mem_buffer *buffer = &values->memory->buffers[PAGE_BUFFER_VALUES];
    uint32_t most = values->most > count ? values->most : count;
    TRY(page_memory_renew(values->memory, buffer, most * values->width, error));
    *ret = buffer->data;
    return ERROR_NONE;
}

enum error_code value_reader_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error)
{
    int encoding = source->encoding;
    const char *name = parquet_encoding_name(encoding);
    values->width = column_value_size(values->type);
    values->most = value_reader_most(values->type);
    values->bytes = cursor_over(source->bytes, source->size);
    values->taken = 0;
    if (name == NULL)
        return error_set(error, ERROR_UNSUPPORTED, "encoding number %d is unknown", encoding);
    if ((size_t)encoding >= sizeof encodings / sizeof encodings[0] ||
        (encodings[encoding].types & BIT(values->type->physical)) == 0)
        return error_set(error, ERROR_INPUT, "encoding %s does not fit the column's type", name);
    return encodings[encoding].open(values, source, error);
}

enum error_code value_reader_read(struct value_reader *values, uint32_t count, const void **ret,
                                  uint32_t *ret_count, struct error *error)
{
    return values->kind->read(values, count, ret, ret_count, error);
}

enum error_code value_reader_skip(struct value_reader *values, uint32_t count, struct error *error)
{
    if (values->kind->skip != NULL)
        return values->kind->skip(values, count, error);
    while (count > 0) {
        const void *dropped;
        uint32_t read;
        TRY(values->kind->read(values, count, &dropped, &read, error));
        count -= read;
    }
    return ERROR_NONE;
}
