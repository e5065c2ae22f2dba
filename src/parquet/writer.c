#include "parquet/writer.h"

#include <string.h>

#include "parquet/writer_footer.h"
#include "parquet/writer_state.h"

/* Bytes of chunk records that may wait in memory. */
#define CHUNKS_BYTES ((size_t)256 << 10)

struct parquet_writer_options parquet_writer_defaults(void)
{
    return (struct parquet_writer_options){.codec = CODEC_SNAPPY,
                                           .page_rows = 20000,
                                           .page_bytes = 1 << 20,
                                           .dictionary_bytes = 1 << 20,
                                           .page_version = 1,
                                           .page_index = true,
                                           .page_crc = true};
}

static struct parquet_column_options options_of(const struct column_field *fields, uint32_t column,
                                                const struct parquet_writer_options *options)
{
    bool text = fields[column].type.physical == COLUMN_BYTE_ARRAY;
    struct parquet_column_options ret = {.dictionary = text, .value_encoding = PARQUET_PLAIN};
    if (options->columns != NULL)
        ret = options->columns[column];
    if (fields[column].type.physical == COLUMN_BOOLEAN)
        ret.dictionary = false;
    return ret;
}

static bool encoding_fits(enum parquet_encoding encoding, enum column_physical physical)
{
    switch (encoding) {
    case PARQUET_PLAIN:
        return true;
    case PARQUET_DELTA_BINARY_PACKED:
        return physical == COLUMN_INT32 || physical == COLUMN_INT64;
    case PARQUET_BYTE_STREAM_SPLIT:
        return physical == COLUMN_INT32 || physical == COLUMN_INT64 || physical == COLUMN_FLOAT ||
               physical == COLUMN_DOUBLE || physical == COLUMN_FIXED;
    default:
        return false;
    }
}

static enum error_code check_field(const struct column_field *field,
                                   struct parquet_column_options options, struct error *error)
{
    const struct column_type *type = &field->type;
    bool timed = type->logical == COLUMN_TIME || type->logical == COLUMN_TIMESTAMP;
    enum error_code code = ERROR_NONE;
    if (!encoding_fits(options.value_encoding, type->physical))
        code = error_set(error, ERROR_UNSUPPORTED, "values of this type cannot be written as %s",
                         parquet_encoding_name((int)options.value_encoding));
    else if (type->physical == COLUMN_FIXED && type->type_length == 0)
        code = error_set(error, ERROR_UNSUPPORTED, "values of no bytes cannot be written");
    else if (timed && type->unit == COLUMN_SECONDS)
        code = error_set(error, ERROR_UNSUPPORTED, "Parquet has no times in whole seconds");
    if (code != ERROR_NONE)
        error_in_column(error, field->name);
    return code;
}

static enum error_code check(const struct column_field *fields, uint32_t field_count,
                             const struct parquet_writer_options *options, struct error *error)
{
    if (field_count == 0)
        return error_set(error, ERROR_UNSUPPORTED, "a file without columns cannot be written");
    if (options->page_rows == 0 || options->page_bytes == 0)
        return error_set(error, ERROR_INTERNAL, "a page needs room for a row");
    if (options->page_version != 1 && options->page_version != 2)
        return error_set(error, ERROR_INTERNAL, "data pages have version 1 or 2, not %d",
                         options->page_version);
    for (uint32_t i = 0; i < field_count; i++)
        TRY(check_field(&fields[i], options_of(fields, i, options), error));
    return ERROR_NONE;
}

static size_t longest_name(const struct column_field *fields, uint32_t field_count)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < field_count; i++) {
        size_t length = strlen(fields[i].name);
        longest = length > longest ? length : longest;
    }
    return longest;
}

size_t parquet_writer_size(const struct column_field *fields, uint32_t field_count,
                           const struct parquet_writer_options *options)
{
    size_t encoded = COPY_BYTES, body = 0, columns = 0;
    for (uint32_t i = 0; i < field_count; i++) {
        struct parquet_column_options column = options_of(fields, i, options);
        size_t column_encoded = column_writer_encoded_bytes(&fields[i], column, options);
        size_t column_body = column_writer_body_bytes(&fields[i], column, options);
        encoded = column_encoded > encoded ? column_encoded : encoded;
        body = column_body > body ? column_body : body;
        columns += column_writer_bytes(&fields[i], column, options);
    }
    size_t size = mem_charge_of(sizeof(struct parquet_writer));
    size += mem_charge_of(field_count * sizeof(struct column_writer)) + columns;
    size += mem_charge_of(encoded) + mem_charge_of(PAGE_HEADER_BYTES);
    if (options->codec != CODEC_UNCOMPRESSED)
        size += mem_charge_of(codec_bound(options->codec, body));
    size += codec_encoder_size(options->codec) + 2 * mem_charge_of(CHUNKS_BYTES);
    return size + mem_charge_of(FOOTER_PIECE_BYTES + longest_name(fields, field_count));
}

static enum error_code init_columns(struct parquet_writer *writer,
                                    const struct column_field *fields, uint32_t field_count,
                                    struct error *error)
{
    void *memory;
    TRY(mem_alloc_array(writer->account, field_count, sizeof *writer->columns, &memory, error));
    writer->columns = memory;
    for (uint32_t i = 0; i < field_count; i++) {
        struct parquet_column_options options = options_of(fields, i, &writer->options);
        column_writer_init(&writer->columns[i], &fields[i], options, &writer->options,
                           &writer->press, writer->output, writer->account);
    }
    writer->field_count = field_count;
    return ERROR_NONE;
}

enum error_code parquet_writer_create(struct mem_account *account, struct output *output,
                                      const struct column_field *fields, uint32_t field_count,
                                      const struct parquet_writer_options *options,
                                      struct parquet_writer **ret, struct error *error)
{
    void *memory;
    TRY(check(fields, field_count, options, error));
    TRY(mem_alloc(account, sizeof(struct parquet_writer), &memory, error));
    struct parquet_writer *writer = memory;
    writer->account = account;
    writer->output = output;
    writer->options = *options;
    writer->longest_name = longest_name(fields, field_count);
    page_press_init(&writer->press, options->codec, options->level, options->page_crc, account);
    spool_init(&writer->chunks, account, CHUNKS_BYTES, NULL);
    enum error_code code = init_columns(writer, fields, field_count, error);
    if (code == ERROR_NONE)
        code = output_write(output, "PAR1", 4, error);
    if (code != ERROR_NONE) {
        parquet_writer_destroy(writer);
        return code;
    }
    *ret = writer;
    return ERROR_NONE;
}

void parquet_writer_destroy(struct parquet_writer *writer)
{
    if (writer == NULL)
        return;
    for (uint32_t i = 0; i < writer->field_count; i++)
        column_writer_release(&writer->columns[i]);
    mem_free(writer->columns);
    page_press_release(&writer->press);
    spool_release(&writer->chunks);
    mem_free(writer);
}

/* Gives their turn to as many columns as are ready for it. */
static enum error_code advance(struct parquet_writer *writer, struct error *error)
{
    while (writer->current < writer->field_count) {
        struct column_writer *column = &writer->columns[writer->current];
        if (!column->placed)
            TRY(column_writer_place(column, error));
        if (column->stage != COLUMN_ENDED)
            return ERROR_NONE;
        writer->current++;
    }
    return ERROR_NONE;
}

enum error_code parquet_writer_begin_row_group(struct parquet_writer *writer, struct error *error)
{
    if (writer->in_row_group)
        return error_set(error, ERROR_INTERNAL, "a row group is still open");
    for (uint32_t i = 0; i < writer->field_count; i++)
        TRY(column_writer_begin(&writer->columns[i], error));
    writer->in_row_group = true;
    writer->current = 0;
    return advance(writer, error);
}

enum error_code writer_open_column(struct parquet_writer *writer, uint32_t column,
                                   struct column_writer **ret, struct error *error)
{
    if (!writer->in_row_group || column >= writer->field_count)
        return error_set(error, ERROR_INTERNAL, "no row group, or no column %u", column);
    if (writer->columns[column].stage == COLUMN_ENDED)
        return error_set(error, ERROR_INTERNAL, "column %u has ended in this row group", column);
    *ret = &writer->columns[column];
    return ERROR_NONE;
}

enum error_code parquet_writer_append(struct parquet_writer *writer, uint32_t column,
                                      const struct column_slice *slice, struct error *error)
{
    struct column_writer *target;
    TRY(writer_open_column(writer, column, &target, error));
    return column_writer_append(target, slice, error);
}

enum error_code parquet_writer_end_chunk(struct parquet_writer *writer, uint32_t column,
                                         struct error *error)
{
    struct column_writer *target;
    TRY(writer_open_column(writer, column, &target, error));
    TRY(column_writer_end(target, error));
    return advance(writer, error);
}

static enum error_code check_rows(const struct parquet_writer *writer, struct error *error)
{
    uint64_t rows = writer->columns[0].record.rows;
    for (uint32_t i = 1; i < writer->field_count; i++) {
        const struct column_writer *column = &writer->columns[i];
        if (column->record.rows == rows)
            continue;
        enum error_code code =
            error_set(error, ERROR_INTERNAL, "a column has %llu rows where the first has %llu",
                      (unsigned long long)column->record.rows, (unsigned long long)rows);
        error_in_column(error, column->field->name);
        return code;
    }
    return ERROR_NONE;
}

enum error_code parquet_writer_end_row_group(struct parquet_writer *writer, struct error *error)
{
    if (!writer->in_row_group)
        return error_set(error, ERROR_INTERNAL, "no row group is open");
    for (uint32_t i = 0; i < writer->field_count; i++) {
        if (writer->columns[i].stage != COLUMN_ENDED)
            TRY(parquet_writer_end_chunk(writer, i, error));
    }
    TRY(check_rows(writer, error));
    writer->in_row_group = false;
    uint64_t rows = writer->columns[0].record.rows;
    if (rows == 0)
        return ERROR_NONE;
    for (uint32_t i = 0; i < writer->field_count; i++) {
        const struct chunk_record *record = &writer->columns[i].record;
        TRY(spool_append(&writer->chunks, record, sizeof *record, error));
    }
    writer->row_group_count++;
    writer->row_count += rows;
    return ERROR_NONE;
}

enum error_code parquet_writer_finish(struct parquet_writer *writer,
                                      const struct parquet_key_value *key_values,
                                      uint32_t key_value_count, struct error *error)
{
    if (writer->in_row_group)
        return error_set(error, ERROR_INTERNAL, "a row group is still open");
    struct footer_writer footer = {.output = writer->output,
                                   .chunks = &writer->chunks,
                                   .columns = writer->columns,
                                   .field_count = writer->field_count,
                                   .row_group_count = writer->row_group_count,
                                   .row_count = writer->row_count};
    size_t piece = FOOTER_PIECE_BYTES + writer->longest_name;
    mem_buffer_init(&footer.piece, writer->account, piece);
    enum error_code code = mem_buffer_reserve(&footer.piece, piece, error);
    if (code == ERROR_NONE)
        code = footer_write_indexes(&footer, error);
    if (code == ERROR_NONE)
        code = footer_write(&footer, key_values, key_value_count, error);
    mem_buffer_release(&footer.piece);
    return code;
}
