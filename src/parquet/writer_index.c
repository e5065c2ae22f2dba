/* Page indexes: per chunk the bounds of its pages (ColumnIndex), and where they are (OffsetIndex).
 */
#include "parquet/writer_footer.h"

/* Entries read from the spool at a time. */
#define BATCH_ENTRIES 32

/* Called for the pages of a chunk in order. */
typedef void (*entry_visit)(void *context, const struct page_entry *entry);

static enum error_code visit_batch(struct footer_writer *footer, const struct page_entry *batch,
                                   uint64_t count, entry_visit visit, void *context,
                                   struct error *error)
{
    for (uint64_t i = 0; i < count; i++)
        visit(context, &batch[i]);
    return footer->piece.size > FOOTER_PIECE_BYTES / 2 ? footer_flush(footer, error) : ERROR_NONE;
}

static enum error_code visit_entries(struct footer_writer *footer, uint32_t column,
                                     const struct chunk_record *record, entry_visit visit,
                                     void *context, struct error *error)
{
    struct page_entry batch[BATCH_ENTRIES];
    const struct spool *entries = &footer->columns[column].entries;
    for (uint64_t done = 0; done < record->entry_count; done += BATCH_ENTRIES) {
        uint64_t left = record->entry_count - done;
        uint64_t count = left < BATCH_ENTRIES ? left : BATCH_ENTRIES;
        TRY(spool_read(entries, (record->first_entry + done) * sizeof *batch, batch,
                       (size_t)count * sizeof *batch, error));
        TRY(visit_batch(footer, batch, count, visit, context, error));
    }
    return ERROR_NONE;
}

/* What has to be known of all pages before a column index can be begun. */
struct survey {
    const struct column_type *type;
    bool possible; /* every page with values has bounds */
    bool ascending, descending;
    bool any; /* previous holds bounds */
    struct page_entry previous;
};

static void survey_entry(void *context, const struct page_entry *entry)
{
    struct survey *survey = context;
    if (entry->null_count == entry->rows)
        return;
    survey->possible &= entry->has_bounds;
    if (!survey->possible)
        return;
    if (survey->any) {
        int least = range_bound_compare(survey->type, &survey->previous.least, &entry->least);
        int greatest =
            range_bound_compare(survey->type, &survey->previous.greatest, &entry->greatest);
        survey->ascending &= least <= 0 && greatest <= 0;
        survey->descending &= least >= 0 && greatest >= 0;
    }
    survey->any = true;
    survey->previous = *entry;
}

static void put_null_page(void *context, const struct page_entry *entry)
{
    compact_element_bool(context, entry->null_count == entry->rows);
}

static void put_least(void *context, const struct page_entry *entry)
{
    compact_element_bytes(context, entry->least.bytes, entry->has_bounds ? entry->least.size : 0);
}

static void put_greatest(void *context, const struct page_entry *entry)
{
    compact_element_bytes(context, entry->greatest.bytes,
                          entry->has_bounds ? entry->greatest.size : 0);
}

static void put_null_count(void *context, const struct page_entry *entry)
{
    compact_element_int(context, entry->null_count);
}

/* One list of a column index: a value a page. */
static enum error_code put_list(struct footer_writer *footer, struct compact_writer *writer,
                                uint32_t column, const struct chunk_record *record, int field,
                                enum compact_type type, entry_visit visit, struct error *error)
{
    compact_list(writer, field, type, (uint32_t)record->entry_count);
    return visit_entries(footer, column, record, visit, writer, error);
}

static enum error_code put_column_index(struct footer_writer *footer, uint32_t column,
                                        const struct chunk_record *record,
                                        const struct survey *survey, struct error *error)
{
    struct compact_writer writer;
    compact_init(&writer, &footer->piece, error);
    TRY(put_list(footer, &writer, column, record, 1, COMPACT_TRUE, put_null_page, error));
    TRY(put_list(footer, &writer, column, record, 2, COMPACT_BINARY, put_least, error));
    TRY(put_list(footer, &writer, column, record, 3, COMPACT_BINARY, put_greatest, error));
    /* BoundaryOrder: 0 unordered, 1 ascending, 2 descending. */
    compact_field_i32(&writer, 4, survey->ascending ? 1 : survey->descending ? 2 : 0);
    TRY(put_list(footer, &writer, column, record, 5, COMPACT_I64, put_null_count, error));
    return compact_finish(&writer);
}

struct location_context {
    struct compact_writer *writer;
    uint64_t base; /* of the first data page in the file */
};

static void put_location(void *context, const struct page_entry *entry)
{
    const struct location_context *at = context;
    compact_begin_element(at->writer);
    compact_field_i64(at->writer, 1, (int64_t)(at->base + entry->offset));
    compact_field_i32(at->writer, 2, (int32_t)entry->size);
    compact_field_i64(at->writer, 3, (int64_t)entry->first_row);
    compact_end(at->writer);
}

static enum error_code put_offset_index(struct footer_writer *footer, uint32_t column,
                                        const struct chunk_record *record, struct error *error)
{
    struct compact_writer writer;
    struct location_context context = {&writer, record->offset + record->dictionary_size};
    compact_init(&writer, &footer->piece, error);
    compact_list(&writer, 1, COMPACT_STRUCT, (uint32_t)record->entry_count);
    TRY(visit_entries(footer, column, record, put_location, &context, error));
    return compact_finish(&writer);
}

/* Flushes an index and tells where it stands. */
static enum error_code end_index(struct footer_writer *footer, uint64_t start, uint64_t *ret_offset,
                                 uint32_t *ret_size, struct error *error)
{
    TRY(footer_flush(footer, error));
    uint64_t size = output_position(footer->output) - start;
    if (size > INT32_MAX)
        return error_set(error, ERROR_UNSUPPORTED, "a page index is longer than Parquet allows");
    *ret_offset = start;
    *ret_size = (uint32_t)size;
    return ERROR_NONE;
}

static enum error_code write_column_index(struct footer_writer *footer, uint32_t column,
                                          struct chunk_record *record, struct error *error)
{
    struct survey survey = {.type = &footer->columns[column].field->type,
                            .possible = true,
                            .ascending = true,
                            .descending = true};
    TRY(visit_entries(footer, column, record, survey_entry, &survey, error));
    if (!survey.possible)
        return ERROR_NONE;
    uint64_t start = output_position(footer->output);
    TRY(put_column_index(footer, column, record, &survey, error));
    return end_index(footer, start, &record->column_index_offset, &record->column_index_size,
                     error);
}

static enum error_code write_offset_index(struct footer_writer *footer, uint32_t column,
                                          struct chunk_record *record, struct error *error)
{
    uint64_t start = output_position(footer->output);
    TRY(put_offset_index(footer, column, record, error));
    return end_index(footer, start, &record->offset_index_offset, &record->offset_index_size,
                     error);
}

typedef enum error_code (*index_write)(struct footer_writer *footer, uint32_t column,
                                       struct chunk_record *record, struct error *error);

static enum error_code write_all(struct footer_writer *footer, index_write write,
                                 struct error *error)
{
    uint64_t count = (uint64_t)footer->row_group_count * footer->field_count;
    for (uint64_t i = 0; i < count; i++) {
        struct chunk_record record;
        TRY(spool_read(footer->chunks, i * sizeof record, &record, sizeof record, error));
        if (record.entry_count == 0)
            continue;
        TRY(write(footer, (uint32_t)(i % footer->field_count), &record, error));
        TRY(spool_write(footer->chunks, i * sizeof record, &record, sizeof record, error));
    }
    return ERROR_NONE;
}

enum error_code footer_write_indexes(struct footer_writer *footer, struct error *error)
{
    TRY(write_all(footer, write_column_index, error));
    return write_all(footer, write_offset_index, error);
}
