/* Pages out of what has been filled: levels, the values' encoding, the press, the bookkeeping. */
#include "parquet/writer_column.h"
#include "parquet/writer_encode.h"

static bool has_indices(const struct column_writer *column)
{
    return column->dictionary_stage == DICTIONARY_OPEN;
}

size_t column_writer_encoded_bound(const struct column_field *field, enum parquet_encoding encoding,
                                   uint64_t values, uint64_t value_bytes)
{
    if (encoding == PARQUET_RLE_DICTIONARY)
        return 1 + encode_hybrid_bound(values, 32);
    if (encoding == PARQUET_DELTA_BINARY_PACKED)
        return encode_delta_bound(values, (unsigned)column_value_size(&field->type));
    if (field->type.physical == COLUMN_BOOLEAN)
        return (size_t)((values + 7) / 8);
    return encoding == PARQUET_PLAIN ? 0 : (size_t)value_bytes;
}

static size_t encode_indices(const struct column_writer *column, const uint8_t *values,
                             uint8_t *out)
{
    unsigned width = dictionary_width(&column->dictionary);
    *out = (uint8_t)width;
    return 1 + encode_hybrid((const uint32_t *)values, column->page_values, width, out + 1);
}

/* Encodes the page's values to out, which has the room that the bound says. */
static size_t encode(const struct column_writer *column, enum parquet_encoding encoding,
                     const uint8_t *values, uint8_t *out)
{
    size_t value_size = column_value_size(&column->field->type);
    switch (encoding) {
    case PARQUET_RLE_DICTIONARY:
        return encode_indices(column, values, out);
    case PARQUET_DELTA_BINARY_PACKED:
        return encode_delta(values, column->page_values, (unsigned)value_size, out);
    case PARQUET_BYTE_STREAM_SPLIT:
        encode_split(values, column->page_values, value_size, out);
        return column->value_bytes;
    default:
        return encode_booleans(values, column->page_values, out);
    }
}

/*
 * The encoded values, with headroom for levels before them: in the page itself where they are
 * written as they are, else in the press.
 */
static enum error_code encode_values(struct column_writer *column, enum parquet_encoding encoding,
                                     uint8_t **ret, size_t *ret_size, struct error *error)
{
    size_t headroom = column_writer_headroom(column->field, column->writer_options);
    uint8_t *values = column->page.data + headroom;
    bool as_is = encoding == PARQUET_PLAIN && column->field->type.physical != COLUMN_BOOLEAN;
    if (as_is) {
        *ret = values;
        *ret_size = column->value_bytes;
        return ERROR_NONE;
    }
    struct mem_buffer *out = &column->press->encoded;
    size_t bound = column_writer_encoded_bound(column->field, encoding, column->page_values,
                                               column->value_bytes);
    TRY(mem_buffer_renew(out, headroom + bound, error));
    *ret = out->data + headroom;
    *ret_size = encode(column, encoding, values, *ret);
    return ERROR_NONE;
}

/* Puts the levels right before the values, so that both are one piece; of v1 with their length. */
static void put_levels(const struct column_writer *column, uint8_t *values,
                       struct page_content *content)
{
    if (!column->field->nullable)
        return;
    uint8_t *room = values - column_writer_headroom(column->field, column->writer_options);
    const uint8_t *present = column->page_values < column->page_rows ? column->present.data : NULL;
    size_t size = encode_levels(present, column->page_rows, room);
    uint8_t *levels = values - size;
    memmove(levels, room, size);
    content->levels = levels;
    content->levels_size = size;
    if (content->version == 1) {
        uint32_t length = (uint32_t)size;
        memcpy(levels - sizeof length, &length, sizeof length);
        content->body = levels - sizeof length;
        content->body_size += size + sizeof length;
    }
}

/* Without a page index, statistics stand in the page headers, as other writers have it. */
static void put_page_statistics(const struct column_writer *column, struct page_content *content)
{
    if (column->writer_options->page_index)
        return;
    content->has_null_count = true;
    content->has_bounds = range_bounds(&column->page_range, &column->field->type, &content->least,
                                       &content->greatest);
}

static enum error_code emit_page(struct column_writer *column, const struct pressed_page *page,
                                 struct error *error)
{
    TRY(column_writer_emit(column, page->header, page->header_size, error));
    TRY(column_writer_emit(column, page->levels, page->levels_size, error));
    return column_writer_emit(column, page->body, page->body_size, error);
}

static enum error_code note(struct column_writer *column, const struct page_content *content,
                            const struct pressed_page *page, struct error *error)
{
    struct chunk_record *record = &column->record;
    struct page_entry entry = {.offset = record->data_size,
                               .first_row = record->rows,
                               .size = (uint32_t)page->size,
                               .null_count = content->null_count,
                               .rows = content->rows};
    TRY(column_writer_note_page(column, &column->page_range, &entry, error));
    record->rows += content->rows;
    record->null_count += content->null_count;
    record->data_size += page->size;
    record->decoded_size += page->decoded_size;
    record->encodings |= 1U << content->encoding | 1U << PARQUET_RLE;
    record->page_counts[content->version - 1][content->encoding]++;
    return ERROR_NONE;
}

enum error_code column_writer_flush(struct column_writer *column, struct error *error)
{
    if (column->page_rows == 0)
        return ERROR_NONE;
    struct page_content content = {.version = column->writer_options->page_version,
                                   .encoding = has_indices(column) ? PARQUET_RLE_DICTIONARY
                                                                   : column->options.value_encoding,
                                   .rows = column->page_rows,
                                   .null_count = column->page_rows - column->page_values};
    uint8_t *values;
    TRY(encode_values(column, content.encoding, &values, &content.body_size, error));
    content.body = values;
    put_levels(column, values, &content);
    put_page_statistics(column, &content);
    struct pressed_page page;
    TRY(page_press_make(column->press, &content, &page, error));
    TRY(emit_page(column, &page, error));
    TRY(note(column, &content, &page, error));
    column->value_bytes = 0;
    column->page_rows = column->page_values = 0;
    column->page_range = (struct value_range){0};
    return ERROR_NONE;
}

enum error_code column_writer_write_dictionary(struct column_writer *column, struct error *error)
{
    const struct dictionary *dictionary = &column->dictionary;
    static const uint8_t nothing[1];
    struct page_content content = {.encoding = PARQUET_PLAIN,
                                   .rows = dictionary->count,
                                   .body = dictionary->size > 0 ? dictionary->page : nothing,
                                   .body_size = dictionary->size};
    struct pressed_page page;
    TRY(page_press_make(column->press, &content, &page, error));
    TRY(output_write(column->output, page.header, page.header_size, error));
    TRY(output_write(column->output, page.body, page.body_size, error));
    struct chunk_record *record = &column->record;
    record->dictionary_size = page.size;
    record->dictionary_encoding = PARQUET_PLAIN;
    record->decoded_size += page.decoded_size;
    record->encodings |= 1U << PARQUET_PLAIN;
    return ERROR_NONE;
}
