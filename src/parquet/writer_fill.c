/* Values and levels into the page that is being filled. */
#include "parquet/writer_column.h"
#include "parquet/writer_encode.h"

/* Rows looked at in one step where each may be null. */
#define BLOCK_ROWS 4096

uint64_t column_writer_rows_at_most(const struct column_field *field,
                                    const struct parquet_writer_options *options)
{
    /* Nulls take no bytes of values: their bits are what is limited. */
    uint64_t by_levels = field->nullable ? (uint64_t)options->page_bytes * 8 : UINT32_MAX;
    return options->page_rows < by_levels ? options->page_rows : by_levels;
}

size_t column_writer_headroom(const struct column_field *field,
                              const struct parquet_writer_options *options)
{
    if (!field->nullable)
        return 0;
    size_t levels = 4 + encode_levels_bound(column_writer_rows_at_most(field, options));
    return (levels + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
}

/* Bytes a value takes in the page buffer at least. */
static size_t unit_of(const struct column_field *field)
{
    return field->type.physical == COLUMN_BYTE_ARRAY ? sizeof(uint32_t)
                                                     : column_value_size(&field->type);
}

/* Bytes of values of one size in a page: at least one value. */
static size_t capacity_for(const struct column_field *field,
                           const struct parquet_writer_options *options, size_t unit)
{
    uint64_t rows = column_writer_rows_at_most(field, options);
    uint64_t bytes = options->page_bytes;
    if (field->type.physical != COLUMN_BYTE_ARRAY && rows * unit < bytes)
        bytes = rows * unit;
    return bytes > unit ? (size_t)bytes : unit;
}

size_t column_writer_page_bytes(const struct column_field *field,
                                struct parquet_column_options options,
                                const struct parquet_writer_options *writer_options)
{
    size_t values = capacity_for(field, writer_options, unit_of(field));
    if (options.dictionary) {
        size_t indices = capacity_for(field, writer_options, sizeof(uint32_t));
        values = indices > values ? indices : values;
    }
    return column_writer_headroom(field, writer_options) + values;
}

static uint32_t count_present(const uint8_t *present, uint32_t rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++)
        count += present[i];
    return count;
}

/* The most rows from the start that hold no more than this many values. */
static uint32_t rows_of_values(const uint8_t *present, uint32_t rows, uint32_t values)
{
    if (present == NULL)
        return values < rows ? values : rows;
    uint32_t row = 0;
    for (uint32_t seen = 0; row < rows; row++) {
        seen += present[row];
        if (seen > values)
            break;
    }
    return row;
}

/* Values of fixed width that go into the page, as they are. */
static uint32_t fill_fixed(struct column_writer *column, const void *values, uint32_t count)
{
    size_t unit = unit_of(column->field);
    size_t room = capacity_for(column->field, column->writer_options, unit) - column->value_bytes;
    if (count > room / unit)
        count = (uint32_t)(room / unit);
    size_t headroom = column_writer_headroom(column->field, column->writer_options);
    memcpy(column->page.data + headroom + column->value_bytes, values, count * unit);
    column->value_bytes += count * unit;
    return count;
}

/* Byte arrays with their lengths. One longer than a page gets a page, and a larger buffer. */
static enum error_code fill_texts(struct column_writer *column, const uint8_t *values,
                                  uint32_t count, uint32_t *ret_done, struct error *error)
{
    size_t headroom = column_writer_headroom(column->field, column->writer_options);
    size_t most = capacity_for(column->field, column->writer_options, sizeof(uint32_t));
    uint32_t done = 0;
    for (; done < count; done++) {
        struct column_bytes text;
        memcpy(&text, values + done * sizeof text, sizeof text);
        size_t size = sizeof text.size + text.size;
        if (column->value_bytes + size > most) {
            if (column->value_bytes > 0)
                break;
            TRY(mem_buffer_renew(&column->page, headroom + size, error));
        }
        uint8_t *at = column->page.data + headroom + column->value_bytes;
        memcpy(at, &text.size, sizeof text.size);
        if (text.size > 0)
            memcpy(at + sizeof text.size, text.data, text.size);
        column->value_bytes += size;
    }
    *ret_done = done;
    return ERROR_NONE;
}

static enum error_code fill_indices(struct column_writer *column, const void *values,
                                    uint32_t count, uint32_t *ret_done, struct error *error)
{
    size_t unit = sizeof(uint32_t), done;
    size_t room = capacity_for(column->field, column->writer_options, unit) - column->value_bytes;
    if (count > room / unit)
        count = (uint32_t)(room / unit);
    size_t headroom = column_writer_headroom(column->field, column->writer_options);
    uint32_t *indices = (uint32_t *)(column->page.data + headroom + column->value_bytes);
    TRY(dictionary_put(&column->dictionary, values, count, indices, &done, error));
    column->dictionary_full = done < count;
    column->value_bytes += done * unit;
    *ret_done = (uint32_t)done;
    return ERROR_NONE;
}

static enum error_code fill_values(struct column_writer *column, const void *values, uint32_t count,
                                   uint32_t *ret_done, struct error *error)
{
    if (column->dictionary_stage == DICTIONARY_OPEN)
        return fill_indices(column, values, count, ret_done, error);
    if (column->field->type.physical == COLUMN_BYTE_ARRAY)
        return fill_texts(column, values, count, ret_done, error);
    *ret_done = fill_fixed(column, values, count);
    return ERROR_NONE;
}

static void set_bits(uint8_t *bits, uint32_t first, uint32_t rows, const uint8_t *present)
{
    for (uint32_t i = 0; i < rows; i++) {
        unsigned bit = present == NULL || present[i] != 0;
        uint8_t *byte = &bits[(first + i) / 8];
        *byte = (uint8_t)(*byte | bit << ((first + i) % 8));
    }
}

/* Keeps which rows are there, from the first null of a page on. */
static enum error_code fill_levels(struct column_writer *column, const uint8_t *present,
                                   uint32_t rows, uint32_t values, struct error *error)
{
    bool nulls_before = column->page_values < column->page_rows;
    if (!nulls_before && values == rows)
        return ERROR_NONE;
    if (!column->field->nullable) {
        enum error_code code =
            error_set(error, ERROR_INTERNAL, "a null in a column that has none by its type");
        error_in_column(error, column->field->name);
        return code;
    }
    if (!nulls_before) {
        uint64_t most = column_writer_rows_at_most(column->field, column->writer_options);
        TRY(mem_buffer_renew(&column->present, (size_t)(most + 7) / 8, error));
        memset(column->present.data, 0, column->present.capacity);
        set_bits(column->present.data, 0, column->page_rows, NULL);
    }
    set_bits(column->present.data, column->page_rows, rows, present);
    return ERROR_NONE;
}

static enum error_code reserve_page(struct column_writer *column, struct error *error)
{
    if (column->page_rows > 0)
        return ERROR_NONE;
    size_t bytes = column_writer_page_bytes(column->field, column->options, column->writer_options);
    return mem_buffer_renew(&column->page, bytes, error);
}

enum error_code column_writer_fill(struct column_writer *column, const struct column_slice *slice,
                                   uint32_t *ret_rows, uint32_t *ret_values, struct error *error)
{
    uint64_t room =
        column_writer_rows_at_most(column->field, column->writer_options) - column->page_rows;
    uint32_t rows = slice->row_count < room ? slice->row_count : (uint32_t)room;
    if (slice->present != NULL && rows > BLOCK_ROWS)
        rows = BLOCK_ROWS;
    uint32_t values = slice->present == NULL ? rows : count_present(slice->present, rows);
    uint32_t done = 0;
    TRY(reserve_page(column, error));
    if (values > 0)
        TRY(fill_values(column, slice->values, values, &done, error));
    if (done < values)
        rows = rows_of_values(slice->present, rows, done);
    TRY(fill_levels(column, slice->present, rows, done, error));
    range_update(&column->page_range, &column->field->type, slice->values, done);
    column->page_rows += rows;
    column->page_values += done;
    *ret_rows = rows;
    *ret_values = done;
    return ERROR_NONE;
}
