#include "parquet/writer_column.h"

/* Bytes of pages that may wait in memory, and of page index entries. */
#define WAITING_BYTES ((size_t)256 << 10)
#define ENTRIES_BYTES ((size_t)64 << 10)

/* A page buffer up to this size is kept from row group to row group. */
#define KEPT_PAGE_BYTES ((size_t)8 << 20)

void column_writer_init(struct column_writer *column, const struct column_field *field,
                        struct parquet_column_options options,
                        const struct parquet_writer_options *writer_options,
                        struct page_press *press, struct output *output,
                        struct mem_account *account)
{
    *column = (struct column_writer){.field = field,
                                     .options = options,
                                     .writer_options = writer_options,
                                     .press = press,
                                     .output = output};
    mem_buffer_init(&column->page, account, MEM_NO_LIMIT);
    mem_buffer_init(&column->present, account, MEM_NO_LIMIT);
    dictionary_init(&column->dictionary, &field->type, writer_options->dictionary_bytes, account);
    spool_init(&column->waiting, account, WAITING_BYTES, NULL);
    spool_init(&column->entries, account, ENTRIES_BYTES, NULL);
}

void column_writer_release(struct column_writer *column)
{
    mem_buffer_release(&column->page);
    mem_buffer_release(&column->present);
    dictionary_release(&column->dictionary);
    spool_release(&column->waiting);
    spool_release(&column->entries);
}

/* A buffer that grows holds its old block until the new one is filled. */
static size_t growing(size_t maximum)
{
    return 2 * mem_charge_of(maximum);
}

size_t column_writer_bytes(const struct column_field *field, struct parquet_column_options options,
                           const struct parquet_writer_options *writer_options)
{
    size_t bytes = mem_charge_of(column_writer_page_bytes(field, options, writer_options));
    bytes += growing(WAITING_BYTES) + growing(ENTRIES_BYTES);
    if (field->nullable)
        bytes +=
            mem_charge_of((size_t)((column_writer_rows_at_most(field, writer_options) + 7) / 8));
    if (options.dictionary)
        bytes += dictionary_bytes(&field->type, writer_options->dictionary_bytes);
    return bytes;
}

/* Bytes that a page in an encoding needs in the press, with headroom; 0: it is written as it is. */
static size_t encoded_bytes(const struct column_field *field, enum parquet_encoding encoding,
                            const struct parquet_writer_options *options)
{
    bool indices = encoding == PARQUET_RLE_DICTIONARY;
    size_t unit = indices ? sizeof(uint32_t) : column_value_size(&field->type);
    uint64_t rows = column_writer_rows_at_most(field, options);
    uint64_t values = options->page_bytes > unit ? options->page_bytes / unit : 1;
    values = values < rows ? values : rows;
    size_t bound = column_writer_encoded_bound(field, encoding, values, values * unit);
    return bound > 0 ? column_writer_headroom(field, options) + bound : 0;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t column_writer_encoded_bytes(const struct column_field *field,
                                   struct parquet_column_options options,
                                   const struct parquet_writer_options *writer_options)
{
    size_t bytes = encoded_bytes(field, options.value_encoding, writer_options);
    if (options.dictionary)
        bytes = larger(bytes, encoded_bytes(field, PARQUET_RLE_DICTIONARY, writer_options));
    return bytes;
}

size_t column_writer_body_bytes(const struct column_field *field,
                                struct parquet_column_options options,
                                const struct parquet_writer_options *writer_options)
{
    size_t bytes = larger(column_writer_page_bytes(field, options, writer_options),
                          column_writer_encoded_bytes(field, options, writer_options));
    return options.dictionary ? larger(bytes, writer_options->dictionary_bytes) : bytes;
}

static bool wants_dictionary(const struct column_writer *column)
{
    return column->options.dictionary && column->field->type.physical != COLUMN_BOOLEAN;
}

enum error_code column_writer_begin(struct column_writer *column, struct error *error)
{
    TRY(spool_clear(&column->waiting, error));
    dictionary_clear(&column->dictionary);
    column->dictionary_stage = wants_dictionary(column) ? DICTIONARY_OPEN : DICTIONARY_NONE;
    column->dictionary_full = false;
    column->stage = COLUMN_FILLING;
    column->placed = column->direct = false;
    column->range = (struct value_range){0};
    column->record =
        (struct chunk_record){.codec = column->writer_options->codec,
                              .first_entry = column->entries.size / sizeof(struct page_entry)};
    return ERROR_NONE;
}

enum error_code column_writer_emit(struct column_writer *column, const void *bytes, size_t size,
                                   struct error *error)
{
    if (size == 0)
        return ERROR_NONE;
    return column->direct ? output_write(column->output, bytes, size, error)
                          : spool_append(&column->waiting, bytes, size, error);
}

enum error_code column_writer_note_page(struct column_writer *column,
                                        const struct value_range *range, struct page_entry *entry,
                                        struct error *error)
{
    const struct column_type *type = &column->field->type;
    range_merge(&column->range, type, range);
    if (!column->writer_options->page_index)
        return ERROR_NONE;
    entry->has_bounds = range_bounds(range, type, &entry->least, &entry->greatest);
    column->record.entry_count++;
    return spool_append(&column->entries, entry, sizeof *entry, error);
}

/* Once placed and with a final dictionary, nothing needs to wait any longer. */
static enum error_code go_direct(struct column_writer *column, struct error *error)
{
    if (!column->placed || column->direct || column->dictionary_stage == DICTIONARY_OPEN)
        return ERROR_NONE;
    const struct chunk_record *record = &column->record;
    int version = column->writer_options->page_version;
    bool used = column->dictionary_stage == DICTIONARY_CLOSED &&
                record->page_counts[version - 1][PARQUET_RLE_DICTIONARY] > 0;
    if (used)
        TRY(column_writer_write_dictionary(column, error));
    TRY(output_copy_spool(column->output, &column->waiting, 0, column->waiting.size, error));
    column->direct = true;
    return spool_clear(&column->waiting, error);
}

static enum error_code close_dictionary(struct column_writer *column, struct error *error)
{
    TRY(column_writer_flush(column, error));
    column->dictionary_full = false;
    column->dictionary_stage = DICTIONARY_CLOSED;
    return go_direct(column, error);
}

enum error_code column_writer_begin_copy(struct column_writer *column, struct error *error)
{
    column->dictionary_stage = DICTIONARY_NONE;
    return go_direct(column, error);
}

enum error_code column_writer_place(struct column_writer *column, struct error *error)
{
    column->placed = true;
    column->record.offset = output_position(column->output);
    return go_direct(column, error);
}

static size_t slice_value_size(const struct column_writer *column)
{
    return column_value_size(&column->field->type);
}

enum error_code column_writer_append(struct column_writer *column, const struct column_slice *slice,
                                     struct error *error)
{
    struct column_slice left = *slice;
    uint64_t most = column_writer_rows_at_most(column->field, column->writer_options);
    while (left.row_count > 0) {
        uint32_t rows, values;
        TRY(column_writer_fill(column, &left, &rows, &values, error));
        left.row_count -= rows;
        left.value_count -= values;
        left.values = (const uint8_t *)left.values + values * slice_value_size(column);
        if (left.present != NULL)
            left.present += rows;
        if (column->dictionary_full)
            TRY(close_dictionary(column, error));
        else if (rows == 0 || column->page_rows == most)
            TRY(column_writer_flush(column, error));
    }
    return ERROR_NONE;
}

enum error_code column_writer_end(struct column_writer *column, struct error *error)
{
    TRY(column_writer_flush(column, error));
    if (column->dictionary_stage == DICTIONARY_OPEN)
        TRY(close_dictionary(column, error));
    struct chunk_record *record = &column->record;
    record->has_bounds =
        range_bounds(&column->range, &column->field->type, &record->least, &record->greatest);
    column->stage = COLUMN_ENDED;
    /* Columns with huge pages that follow each other need not all keep room for one. */
    if (column->page.capacity > KEPT_PAGE_BYTES)
        mem_buffer_release(&column->page);
    return ERROR_NONE;
}
