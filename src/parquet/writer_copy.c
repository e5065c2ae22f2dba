/* Chunks of other files, byte for byte, with statistics and page index made from what they hold. */
#include "parquet/writer_state.h"

static enum error_code check_source(const struct column_writer *column,
                                    const struct parquet_column *source, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (!column_type_equal(&column->field->type, &source->type))
        code = error_set(error, ERROR_MISMATCH, "a chunk of another type cannot be copied");
    else if (column->field->nullable != source->nullable)
        code = error_set(error, ERROR_MISMATCH,
                         "a chunk can only be copied where nulls are allowed as before");
    else if (column->page_rows > 0 || column->record.rows > 0)
        code = error_set(error, ERROR_INTERNAL, "a chunk cannot be copied behind rows");
    if (code != ERROR_NONE)
        error_in_column(error, column->field->name);
    return code;
}

/* What the page headers of the source tell. */
struct page_survey {
    struct chunk_record *record;
    bool any_data;
};

static enum error_code survey_page(void *context, const struct parquet_page *page,
                                   struct error *error)
{
    (void)error; /* nothing here can fail */
    struct page_survey *survey = context;
    struct chunk_record *record = survey->record;
    if (page->kind == PARQUET_PAGE_DICTIONARY) {
        record->dictionary_encoding = (enum parquet_encoding)page->encoding;
        return ERROR_NONE;
    }
    /* Only a dictionary page can stand before the first data page. */
    if (!survey->any_data)
        record->dictionary_size = page->offset;
    survey->any_data = true;
    if (page->encoding >= 0 && page->encoding < PAGE_ENCODINGS)
        record->page_counts[page->kind == PARQUET_PAGE_DATA_V2][page->encoding]++;
    return ERROR_NONE;
}

/* The page of the source that is being decoded. */
struct copied_page {
    bool open;
    uint64_t offset;
    struct page_entry entry;
    struct value_range range;
};

static enum error_code end_page(struct column_writer *column, struct copied_page *page,
                                struct error *error)
{
    if (!page->open)
        return ERROR_NONE;
    page->open = false;
    column->record.rows += page->entry.rows;
    column->record.null_count += page->entry.null_count;
    return column_writer_note_page(column, &page->range, &page->entry, error);
}

static enum error_code begin_page(struct column_writer *column, struct copied_page *page,
                                  const struct parquet_page *source, struct error *error)
{
    if (page->open && page->offset == source->offset)
        return ERROR_NONE;
    TRY(end_page(column, page, error));
    *page =
        (struct copied_page){.open = true,
                             .offset = source->offset,
                             .entry = {.offset = source->offset - column->record.dictionary_size,
                                       .first_row = column->record.rows,
                                       .size = source->header_size + source->compressed_size}};
    return ERROR_NONE;
}

static enum error_code decode(struct column_writer *column, struct parquet_page_reader *reader,
                              struct error *error)
{
    struct copied_page page = {0};
    struct column_slice slice;
    for (;;) {
        TRY(parquet_page_reader_next(reader, UINT32_MAX, &slice, error));
        if (slice.row_count == 0)
            return end_page(column, &page, error);
        TRY(begin_page(column, &page, parquet_page_reader_page(reader), error));
        page.entry.rows += slice.row_count;
        page.entry.null_count += slice.row_count - slice.value_count;
        range_update(&page.range, &column->field->type, slice.values, slice.value_count);
    }
}

static enum error_code copy_bytes(struct column_writer *column, const struct store_object *object,
                                  const struct parquet_chunk *chunk, struct error *error)
{
    if (column->direct)
        return output_copy_object(column->output, object, chunk->offset, chunk->length, error);
    struct mem_buffer *piece = &column->press->encoded;
    TRY(mem_buffer_renew(piece, COPY_BYTES, error));
    for (uint64_t done = 0; done < chunk->length;) {
        uint64_t left = chunk->length - done;
        size_t size = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        TRY(store_read(object, chunk->offset + done, piece->data, size, error));
        TRY(column_writer_emit(column, piece->data, size, error));
        done += size;
    }
    return ERROR_NONE;
}

static enum error_code copy_chunk(struct column_writer *column, const struct store_object *object,
                                  const struct parquet_column *source,
                                  const struct parquet_chunk *chunk,
                                  struct parquet_page_reader *reader, struct error *error)
{
    struct chunk_record *record = &column->record;
    struct page_survey survey = {record, false};
    TRY(column_writer_begin_copy(column, error));
    record->codec = chunk->codec;
    record->encodings = chunk->encodings;
    TRY(parquet_visit_pages(object, source, chunk, survey_page, &survey, error));
    TRY(parquet_page_reader_open(reader, object, source, chunk, NULL, error));
    TRY(decode(column, reader, error));
    record->data_size = chunk->length - record->dictionary_size;
    record->decoded_size = chunk->decoded_length;
    return copy_bytes(column, object, chunk, error);
}

enum error_code parquet_writer_copy_chunk(struct parquet_writer *writer, uint32_t column,
                                          const struct store_object *object,
                                          const struct parquet_column *source,
                                          const struct parquet_chunk *chunk,
                                          struct parquet_page_reader *reader, struct error *error)
{
    struct column_writer *target;
    TRY(writer_open_column(writer, column, &target, error));
    TRY(check_source(target, source, error));
    if (chunk->value_count > 0)
        TRY(copy_chunk(target, object, source, chunk, reader, error));
    return parquet_writer_end_chunk(writer, column, error);
}
