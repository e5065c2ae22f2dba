#include "sum/row_reader.h"

#include <string.h>

#include "filter/prune.h"
#include "sum/code_column.h"
#include "sum/match.h"

struct row_reader {
    struct sum *sum;
    uint64_t file;
    struct mem_buffer record_buffer;
    struct catalog_record record;
    struct store_object object;
    struct parquet_metadata metadata;
    bool metadata_read;
    uint32_t *columns; /* keys, values, then those of the filter, in this file */

    uint64_t row;
    struct row_ranges ranges; /* where a filter may take rows */
    size_t range;             /* the one that the next row is in or in front of */

    struct code_column *code_columns; /* one a key, where keys are codes; else NULL */
    uint64_t *codes;

    struct batch_reader batch; /* keys that are not codes, values, columns of the filter */
    uint32_t batch_keys;
    uint32_t value_count;
    uint32_t filter_count;
    struct row_encoder encoder;
};

/* ---- opening ---- */

static enum error_code read_footer(struct row_reader *reader, struct error *error)
{
    struct sum *sum = reader->sum;
    TRY(catalog_load(&sum->catalog, reader->file, &reader->record_buffer, &reader->record, error));
    TRY(sum_open_file(&reader->record, &reader->object, error));
    reader->object.path = reader->record.path;
    TRY(parquet_metadata_read(&reader->object, &sum->account, &reader->metadata, error));
    reader->metadata_read = true;
    if (reader->metadata.footer_hash != reader->record.head->footer_hash)
        return error_set(error, ERROR_CHANGED, "the file has changed since its footer was read");
    TRY(mem_alloc_array(&sum->account, sum_kept_columns(sum), sizeof *reader->columns,
                        (void **)&reader->columns, error));
    return sum_match_columns(sum, &reader->metadata, reader->columns, error);
}

static enum error_code open_code_columns(struct row_reader *reader, struct error *error)
{
    struct sum *sum = reader->sum;
    TRY(mem_alloc_array(&sum->account, BATCH_ROWS, sizeof *reader->codes, (void **)&reader->codes,
                        error));
    TRY(mem_alloc_array(&sum->account, sum->key_count, sizeof *reader->code_columns,
                        (void **)&reader->code_columns, error));
    for (uint32_t i = 0; i < sum->key_count; i++)
        TRY(code_column_open(&reader->code_columns[i], &reader->object, &reader->metadata,
                             reader->columns[i], sum->space.domains[i], &sum->key_types[i],
                             sum->space.strides[i], sum->row_page_limit, &sum->account, error));
    return ERROR_NONE;
}

static enum error_code open_batch(struct row_reader *reader, struct error *error)
{
    struct sum *sum = reader->sum;
    const uint32_t *columns = reader->columns + sum->key_count - reader->batch_keys;
    uint32_t count = reader->batch_keys + reader->value_count + reader->filter_count;
    void *types;
    TRY(batch_reader_open(&reader->batch, &reader->object, &reader->metadata, columns, count,
                          sum->row_page_limit, &sum->account, error));
    reader->batch.loose = true;
    TRY(mem_alloc_array(&sum->account, count, sizeof(struct column_type), &types, error));
    for (uint32_t i = 0; i < count; i++)
        ((struct column_type *)types)[i] = reader->batch.columns[i].type;
    enum error_code code = row_encoder_open(&reader->encoder, sum, types, reader->batch_keys,
                                            reader->value_count, reader->filter_count > 0, error);
    mem_free(types);
    return code;
}

static enum error_code prune(struct row_reader *reader, struct error *error)
{
    const struct sum *sum = reader->sum;
    return filter_prune(reader->encoder.filter.bound, &reader->object, &reader->metadata,
                        reader->columns + sum->key_count + sum->value_count, &reader->sum->account,
                        sum->row_page_limit, &reader->ranges, error);
}

static enum error_code open_parts(struct row_reader *reader, enum row_parts parts,
                                  struct error *error)
{
    struct sum *sum = reader->sum;
    TRY(read_footer(reader, error));
    reader->value_count = parts == ROW_KEYS ? 0 : sum->value_count;
    reader->filter_count = parts == ROW_KEYS ? 0 : sum->filter_count;
    reader->batch_keys = sum->has_space ? 0 : sum->key_count;
    if (sum->has_space)
        TRY(open_code_columns(reader, error));
    TRY(open_batch(reader, error));
    return reader->filter_count > 0 ? prune(reader, error) : ERROR_NONE;
}

enum error_code row_reader_open(struct sum *sum, uint64_t file, enum row_parts parts,
                                struct row_reader **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(&sum->account, sizeof(struct row_reader), &memory, error));
    struct row_reader *reader = memory;
    reader->sum = sum;
    reader->file = file;
    mem_buffer_init(&reader->record_buffer, &sum->account, SIZE_MAX / 2);
    reader->encoder.sum = sum;
    mem_buffer_init(&reader->encoder.bytes, &sum->account, SIZE_MAX / 2);
    mem_arena_init(&reader->encoder.filter.arena, &sum->account);
    row_ranges_init(&reader->ranges, &sum->account);
    enum error_code code = open_parts(reader, parts, error);
    if (code != ERROR_NONE) {
        if (reader->record.path != NULL)
            error_in_file(error, reader->record.path);
        row_reader_close(reader);
        return code;
    }
    *ret = reader;
    return ERROR_NONE;
}

void row_reader_close(struct row_reader *reader)
{
    if (reader == NULL)
        return;
    uint32_t keys = reader->sum->key_count;
    for (uint32_t i = 0; reader->code_columns != NULL && i < keys; i++)
        code_column_close(&reader->code_columns[i]);
    mem_free(reader->code_columns);
    mem_free(reader->codes);
    batch_reader_close(&reader->batch);
    row_encoder_close(&reader->encoder);
    row_ranges_release(&reader->ranges);
    mem_free(reader->columns);
    if (reader->metadata_read)
        parquet_metadata_release(&reader->metadata);
    store_close(&reader->object);
    mem_buffer_release(&reader->record_buffer);
    mem_free(reader);
}

size_t row_reader_size(const struct sum *sum, size_t page_limit, bool coded)
{
    size_t bytes = mem_charge_of(sizeof(struct row_reader)) + sum->facts.largest_record +
                   row_encoder_size(sum);
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++) {
        const struct column_type *type = &sum->first.columns[sum->columns[i]].type;
        size_t pages = sum->facts.columns[i].reader_bound;
        pages = pages < page_limit ? pages : page_limit;
        bytes += batch_reader_size(type, 1) + code_column_size(type, 0);
        /* Of a key's dictionary also the parts of codes, and the texts one by one. */
        bytes += coded && i < sum->key_count ? 3 * pages : pages;
    }
    return bytes;
}

/* ---- where it stands ---- */

uint64_t row_reader_row_count(const struct row_reader *reader)
{
    return reader->metadata.row_count;
}

uint64_t row_reader_file(const struct row_reader *reader)
{
    return reader->file;
}

const struct parquet_metadata *row_reader_metadata(const struct row_reader *reader)
{
    return &reader->metadata;
}

uint64_t row_reader_row(const struct row_reader *reader)
{
    return reader->row;
}

uint64_t row_reader_bytes(const struct row_reader *reader)
{
    uint64_t bytes = reader->ranges.bytes_read;
    for (uint32_t i = 0; reader->code_columns != NULL && i < reader->sum->key_count; i++)
        bytes += parquet_page_reader_bytes_read(reader->code_columns[i].pages);
    for (uint32_t i = 0; i < reader->batch.column_count; i++)
        bytes += parquet_page_reader_bytes_read(reader->batch.columns[i].reader.pages);
    return bytes;
}

void row_reader_passed_over(const struct row_reader *reader, uint32_t *ret_row_groups,
                            uint32_t *ret_pages)
{
    *ret_row_groups = reader->ranges.row_groups_passed_over;
    *ret_pages = reader->ranges.pages_passed_over;
}

enum error_code row_reader_seek(struct row_reader *reader, uint64_t row, struct error *error)
{
    uint64_t rows = row - reader->row;
    if (rows == 0)
        return ERROR_NONE;
    for (uint32_t i = 0; reader->code_columns != NULL && i < reader->sum->key_count; i++)
        TRY(code_column_skip(&reader->code_columns[i], rows, error));
    TRY(batch_reader_skip(&reader->batch, rows, error));
    reader->row = row;
    return ERROR_NONE;
}

/* The rows that may be read next: from *begin up to the return value, both at most end. */
static uint64_t next_range(struct row_reader *reader, uint64_t end, uint64_t *begin)
{
    const struct row_range *ranges = (const struct row_range *)reader->ranges.ranges.data;
    size_t count = reader->ranges.ranges.size / sizeof *ranges;
    *begin = reader->row;
    if (reader->encoder.filter.bound == NULL)
        return end;
    while (reader->range < count && ranges[reader->range].end <= reader->row)
        reader->range++;
    if (reader->range == count) {
        *begin = end;
        return end;
    }
    uint64_t from = ranges[reader->range].begin, to = ranges[reader->range].end;
    if (from > *begin)
        *begin = from < end ? from : end;
    return to < end ? to : end;
}

/* ---- keys ---- */

static enum error_code read_codes(struct row_reader *reader, uint32_t rows, bool *ret_outside,
                                  struct error *error)
{
    memset(reader->codes, 0, rows * sizeof *reader->codes);
    *ret_outside = false;
    for (uint32_t i = 0; i < reader->sum->key_count && !*ret_outside; i++)
        TRY(code_column_add(&reader->code_columns[i], rows, reader->codes, ret_outside, error));
    return ERROR_NONE;
}

/* ---- rows ---- */

static enum error_code read_rows(struct row_reader *reader, uint64_t end, uint32_t most,
                                 struct row_batch *batch, bool *ret_outside, struct error *error)
{
    uint64_t begin, behind = next_range(reader, end, &begin);
    *batch = (struct row_batch){.rows_read = 0};
    *ret_outside = false;
    if (begin >= end)
        return row_reader_seek(reader, end, error);
    TRY(row_reader_seek(reader, begin, error));
    most = most < BATCH_ROWS ? most : BATCH_ROWS;
    uint32_t rows = behind - begin < most ? (uint32_t)(behind - begin) : most;
    TRY(batch_reader_next(&reader->batch, rows, error));
    if (reader->batch.column_count > 0)
        rows = reader->batch.row_count;
    if (rows == 0)
        return error_set(error, ERROR_INPUT, "the columns end before the rows do");
    if (reader->code_columns != NULL)
        TRY(read_codes(reader, rows, ret_outside, error));
    if (*ret_outside)
        return ERROR_NONE;
    reader->row += rows;
    return row_encoder_take(&reader->encoder, reader->batch.slices, reader->codes, rows, batch,
                            error);
}

enum error_code row_reader_next(struct row_reader *reader, uint64_t end, uint32_t most,
                                struct row_batch *ret, bool *ret_outside, struct error *error)
{
    enum error_code code = read_rows(reader, end, most, ret, ret_outside, error);
    return code == ERROR_NONE ? code : row_reader_explain(reader, code, error);
}

enum error_code row_reader_explain(struct row_reader *reader, enum error_code code,
                                   struct error *error)
{
    return sum_explain_file(&reader->object, &reader->record, code, error);
}
