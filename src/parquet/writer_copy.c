/* Chunks of other files, byte for byte, with statistics and page index made from what they hold. */
#include <string.h>

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

/* A page of the source, decoded: also the form in which a profile keeps it. */
struct copied_page {
    bool open;
    uint64_t offset; /* of its header in the chunk */
    struct page_entry entry;
    struct value_range range;
};

typedef enum error_code (*page_done)(void *context, struct copied_page *page, struct error *error);

static enum error_code end_page(struct copied_page *page, page_done done, void *context,
                                struct error *error)
{
    if (!page->open)
        return ERROR_NONE;
    page->open = false;
    return done(context, page, error);
}

static enum error_code begin_page(struct copied_page *page, const struct parquet_page *source,
                                  page_done done, void *context, struct error *error)
{
    if (page->open && page->offset == source->offset)
        return ERROR_NONE;
    TRY(end_page(page, done, context, error));
    /* Every byte, since a profile keeps pages as they lie in memory. */
    memset(page, 0, sizeof *page);
    page->open = true;
    page->offset = source->offset;
    page->entry.size = source->header_size + source->compressed_size;
    return ERROR_NONE;
}

static void take_slice(struct copied_page *page, const struct column_type *type,
                       const struct column_slice *slice)
{
    page->entry.rows += slice->row_count;
    page->entry.null_count += slice->row_count - slice->value_count;
    range_update(&page->range, type, slice->values, slice->value_count);
}

/* Decodes the chunk that the reader is at and hands over page after page. */
static enum error_code decode(struct parquet_page_reader *reader, const struct column_type *type,
                              page_done done, void *context, struct error *error)
{
    struct copied_page page = {0};
    struct column_slice slice;
    for (;;) {
        TRY(parquet_page_reader_next(reader, UINT32_MAX, &slice, error));
        if (slice.row_count == 0)
            return end_page(&page, done, context, error);
        TRY(begin_page(&page, parquet_page_reader_page(reader), done, context, error));
        take_slice(&page, type, &slice);
    }
}

/* Takes a page into the column's record and index. */
static enum error_code note_page(void *context, struct copied_page *page, struct error *error)
{
    struct column_writer *column = context;
    page->entry.offset = page->offset - column->record.dictionary_size;
    page->entry.first_row = column->record.rows;
    column->record.rows += page->entry.rows;
    column->record.null_count += page->entry.null_count;
    return column_writer_note_page(column, &page->range, &page->entry, error);
}

static enum error_code keep_page(void *context, struct copied_page *page, struct error *error)
{
    return spool_append(context, page, sizeof *page, error);
}

struct parquet_profiler {
    struct spool *pages;
    uint64_t start; /* of the chunk's records */
    struct copied_page page;
};

enum error_code parquet_profiler_create(struct mem_account *account, struct spool *pages,
                                        struct parquet_profiler **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct parquet_profiler), &memory, error));
    *ret = memory;
    (*ret)->pages = pages;
    (*ret)->start = pages->size;
    return ERROR_NONE;
}

void parquet_profiler_destroy(struct parquet_profiler *profiler)
{
    mem_free(profiler);
}

enum error_code parquet_profiler_take(struct parquet_profiler *profiler,
                                      const struct column_type *type,
                                      const struct parquet_page *page,
                                      const struct column_slice *slice, struct error *error)
{
    TRY(begin_page(&profiler->page, page, keep_page, profiler->pages, error));
    take_slice(&profiler->page, type, slice);
    return ERROR_NONE;
}

enum error_code parquet_profiler_end(struct parquet_profiler *profiler,
                                     struct parquet_chunk_profile *ret, struct error *error)
{
    struct spool *pages = profiler->pages;
    TRY(end_page(&profiler->page, keep_page, pages, error));
    *ret = (struct parquet_chunk_profile){pages, profiler->start, pages->size - profiler->start};
    profiler->start = pages->size;
    return ERROR_NONE;
}

static enum error_code note_profile(struct column_writer *column,
                                    const struct parquet_chunk_profile *profile,
                                    struct error *error)
{
    struct copied_page page;
    for (uint64_t done = 0; done < profile->size; done += sizeof page) {
        TRY(spool_read(profile->pages, profile->offset + done, &page, sizeof page, error));
        TRY(note_page(column, &page, error));
    }
    return ERROR_NONE;
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
                                  struct parquet_page_reader *reader,
                                  const struct parquet_chunk_profile *profile, struct error *error)
{
    struct chunk_record *record = &column->record;
    struct page_survey survey = {record, false};
    TRY(column_writer_begin_copy(column, error));
    record->codec = chunk->codec;
    record->encodings = chunk->encodings;
    TRY(parquet_visit_pages(object, source, chunk, survey_page, &survey, error));
    if (profile != NULL) {
        TRY(note_profile(column, profile, error));
    } else {
        TRY(parquet_page_reader_open(reader, object, source, chunk, NULL, error));
        TRY(decode(reader, &source->type, note_page, column, error));
    }
    record->data_size = chunk->length - record->dictionary_size;
    record->decoded_size = chunk->decoded_length;
    return copy_bytes(column, object, chunk, error);
}

enum error_code
parquet_writer_copy_chunk(struct parquet_writer *writer, uint32_t column,
                          const struct store_object *object, const struct parquet_column *source,
                          const struct parquet_chunk *chunk, struct parquet_page_reader *reader,
                          const struct parquet_chunk_profile *profile, struct error *error)
{
    struct column_writer *target;
    TRY(writer_open_column(writer, column, &target, error));
    TRY(check_source(target, source, error));
    if (chunk->value_count > 0)
        TRY(copy_chunk(target, object, source, chunk, reader, profile, error));
    return parquet_writer_end_chunk(writer, column, error);
}
