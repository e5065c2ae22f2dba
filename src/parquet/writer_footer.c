#include "parquet/writer_footer.h"

#include <string.h>

/* In the form that readers take apart: "<application> version <version> (build <build>)". */
#define CREATED_BY "weir version " WEIR_VERSION " (build " WEIR_VERSION ")"

enum error_code footer_flush(struct footer_writer *footer, struct error *error)
{
    TRY(output_write(footer->output, footer->piece.data, footer->piece.size, error));
    footer->piece.size = 0;
    return ERROR_NONE;
}

enum error_code footer_read_chunk(const struct footer_writer *footer, uint32_t row_group,
                                  uint32_t column, struct chunk_record *ret, struct error *error)
{
    uint64_t index = (uint64_t)row_group * footer->field_count + column;
    return spool_read(footer->chunks, index * sizeof *ret, ret, sizeof *ret, error);
}

static enum error_code put_schema(struct footer_writer *footer, struct compact_writer *writer,
                                  struct error *error)
{
    compact_list(writer, 2, COMPACT_STRUCT, footer->field_count + 1);
    compact_schema_root(writer, footer->field_count);
    for (uint32_t i = 0; i < footer->field_count; i++) {
        compact_schema_element(writer, footer->columns[i].field);
        TRY(writer->code);
        TRY(footer_flush(footer, error));
    }
    return writer->code;
}

static void put_encodings(struct compact_writer *writer, uint32_t encodings)
{
    compact_list(writer, 2, COMPACT_I32, (uint32_t)__builtin_popcount(encodings));
    for (int encoding = 0; encoding < 32; encoding++) {
        if ((encodings >> encoding & 1) != 0)
            compact_element_int(writer, encoding);
    }
}

static uint32_t count_page_kinds(const struct chunk_record *record)
{
    uint32_t kinds = record->dictionary_size > 0;
    for (int version = 0; version < 2; version++) {
        for (int encoding = 0; encoding < PAGE_ENCODINGS; encoding++)
            kinds += record->page_counts[version][encoding] > 0;
    }
    return kinds;
}

static void put_page_kind(struct compact_writer *writer, int type, int encoding, uint32_t count)
{
    compact_begin_element(writer);
    compact_field_i32(writer, 1, type);
    compact_field_i32(writer, 2, encoding);
    compact_field_i32(writer, 3, (int32_t)count);
    compact_end(writer);
}

static void put_encoding_stats(struct compact_writer *writer, const struct chunk_record *record)
{
    /* PageType: 0 data, 2 dictionary, 3 data v2. */
    static const int types[] = {0, 3};
    compact_list(writer, 13, COMPACT_STRUCT, count_page_kinds(record));
    if (record->dictionary_size > 0)
        put_page_kind(writer, 2, (int)record->dictionary_encoding, 1);
    for (int version = 0; version < 2; version++) {
        for (int encoding = 0; encoding < PAGE_ENCODINGS; encoding++) {
            uint32_t count = record->page_counts[version][encoding];
            if (count > 0)
                put_page_kind(writer, types[version], encoding, count);
        }
    }
}

static void put_column_metadata(struct compact_writer *writer, const struct column_field *field,
                                const struct chunk_record *record)
{
    compact_begin(writer, 3);
    compact_field_i32(writer, 1, (int32_t)field->type.physical);
    put_encodings(writer, record->encodings);
    compact_list(writer, 3, COMPACT_BINARY, 1);
    compact_element_bytes(writer, field->name, strlen(field->name));
    compact_field_i32(writer, 4, (int32_t)record->codec);
    compact_field_i64(writer, 5, (int64_t)record->rows);
    compact_field_i64(writer, 6, (int64_t)record->decoded_size);
    compact_field_i64(writer, 7, (int64_t)(record->dictionary_size + record->data_size));
    compact_field_i64(writer, 9, (int64_t)(record->offset + record->dictionary_size));
    if (record->dictionary_size > 0)
        compact_field_i64(writer, 11, (int64_t)record->offset);
    compact_statistics(writer, 12, (int64_t)record->null_count,
                       record->has_bounds ? &record->least : NULL, &record->greatest);
    put_encoding_stats(writer, record);
    compact_end(writer);
}

static void put_chunk(struct compact_writer *writer, const struct column_field *field,
                      const struct chunk_record *record)
{
    compact_begin_element(writer);
    compact_field_i64(writer, 2, 0); /* deprecated: no metadata beside the chunk */
    put_column_metadata(writer, field, record);
    if (record->offset_index_size > 0) {
        compact_field_i64(writer, 4, (int64_t)record->offset_index_offset);
        compact_field_i32(writer, 5, (int32_t)record->offset_index_size);
    }
    if (record->column_index_size > 0) {
        compact_field_i64(writer, 6, (int64_t)record->column_index_offset);
        compact_field_i32(writer, 7, (int32_t)record->column_index_size);
    }
    compact_end(writer);
}

struct row_group_totals {
    uint64_t rows, size, decoded_size, offset;
};

static enum error_code put_chunks(struct footer_writer *footer, struct compact_writer *writer,
                                  uint32_t row_group, struct row_group_totals *ret,
                                  struct error *error)
{
    struct row_group_totals totals = {0};
    for (uint32_t column = 0; column < footer->field_count; column++) {
        struct chunk_record record;
        TRY(footer_read_chunk(footer, row_group, column, &record, error));
        put_chunk(writer, footer->columns[column].field, &record);
        TRY(writer->code);
        TRY(footer_flush(footer, error));
        totals.rows = record.rows;
        totals.size += record.dictionary_size + record.data_size;
        totals.decoded_size += record.decoded_size;
        if (column == 0)
            totals.offset = record.offset;
    }
    *ret = totals;
    return ERROR_NONE;
}

static enum error_code put_row_group(struct footer_writer *footer, struct compact_writer *writer,
                                     uint32_t row_group, struct error *error)
{
    struct row_group_totals totals;
    compact_begin_element(writer);
    compact_list(writer, 1, COMPACT_STRUCT, footer->field_count);
    TRY(put_chunks(footer, writer, row_group, &totals, error));
    compact_field_i64(writer, 2, (int64_t)totals.decoded_size);
    compact_field_i64(writer, 3, (int64_t)totals.rows);
    compact_field_i64(writer, 5, (int64_t)totals.offset);
    compact_field_i64(writer, 6, (int64_t)totals.size);
    if (row_group <= INT16_MAX)
        compact_field_i16(writer, 7, (int16_t)row_group);
    compact_end(writer);
    return writer->code;
}

/* Values may be long, so they go to the output without a stay in the piece. */
static enum error_code put_text(struct footer_writer *footer, struct compact_writer *writer,
                                int field, const char *text, size_t size, struct error *error)
{
    compact_field_bytes_head(writer, field, size);
    TRY(writer->code);
    TRY(footer_flush(footer, error));
    return output_write(footer->output, text, size, error);
}

static enum error_code put_key_values(struct footer_writer *footer, struct compact_writer *writer,
                                      const struct parquet_key_value *entries, uint32_t count,
                                      struct error *error)
{
    if (count == 0)
        return ERROR_NONE;
    compact_list(writer, 5, COMPACT_STRUCT, count);
    for (uint32_t i = 0; i < count; i++) {
        compact_begin_element(writer);
        TRY(put_text(footer, writer, 1, entries[i].key, strlen(entries[i].key), error));
        if (entries[i].value != NULL)
            TRY(put_text(footer, writer, 2, entries[i].value, entries[i].value_size, error));
        compact_end(writer);
    }
    return writer->code;
}

static enum error_code put_column_orders(struct footer_writer *footer,
                                         struct compact_writer *writer, struct error *error)
{
    compact_list(writer, 7, COMPACT_STRUCT, footer->field_count);
    for (uint32_t i = 0; i < footer->field_count; i++) {
        compact_begin_element(writer);
        compact_field_empty(writer, 1); /* TypeDefinedOrder */
        compact_end(writer);
        TRY(writer->code);
        if (footer->piece.size > FOOTER_PIECE_BYTES / 2)
            TRY(footer_flush(footer, error));
    }
    return ERROR_NONE;
}

static enum error_code put_file(struct footer_writer *footer,
                                const struct parquet_key_value *key_values,
                                uint32_t key_value_count, struct error *error)
{
    struct compact_writer writer;
    compact_init(&writer, &footer->piece, error);
    compact_field_i32(&writer, 1, 2); /* version */
    TRY(put_schema(footer, &writer, error));
    compact_field_i64(&writer, 3, (int64_t)footer->row_count);
    compact_list(&writer, 4, COMPACT_STRUCT, footer->row_group_count);
    for (uint32_t i = 0; i < footer->row_group_count; i++)
        TRY(put_row_group(footer, &writer, i, error));
    TRY(put_key_values(footer, &writer, key_values, key_value_count, error));
    compact_field_bytes(&writer, 6, CREATED_BY, sizeof CREATED_BY - 1);
    TRY(put_column_orders(footer, &writer, error));
    TRY(compact_finish(&writer));
    return footer_flush(footer, error);
}

enum error_code footer_write(struct footer_writer *footer,
                             const struct parquet_key_value *key_values, uint32_t key_value_count,
                             struct error *error)
{
    uint64_t start = output_position(footer->output);
    TRY(put_file(footer, key_values, key_value_count, error));
    uint64_t size = output_position(footer->output) - start;
    if (size > INT32_MAX)
        return error_set(error, ERROR_UNSUPPORTED, "the footer is longer than Parquet allows");
    uint32_t length = (uint32_t)size;
    TRY(output_write(footer->output, &length, sizeof length, error));
    return output_write(footer->output, "PAR1", 4, error);
}
