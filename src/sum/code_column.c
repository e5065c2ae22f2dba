#include "sum/code_column.h"

#include <string.h>

/* Stands in the table for a value that the domain does not have: never a part of a code. */
#define OUTSIDE UINT64_MAX

/* Values cast at once. */
#define CAST_ROWS 4096

size_t code_column_size(const struct column_type *type, uint64_t dictionary_entries)
{
    return mem_charge_of((size_t)dictionary_entries * sizeof(uint64_t)) +
           mem_charge_of(CAST_ROWS * column_value_size(type));
}

enum error_code code_column_open(struct code_column *ret, const struct store_object *object,
                                 const struct parquet_metadata *metadata, uint32_t column,
                                 const struct key_domain *domain, const struct column_type *type,
                                 uint64_t stride, size_t limit, struct mem_account *account,
                                 struct error *error)
{
    *ret = (struct code_column){.object = object,
                                .metadata = metadata,
                                .column = column,
                                .domain = domain,
                                .stride = stride};
    key_cast_init(&ret->cast, &metadata->columns[column].type, type);
    mem_buffer_init(&ret->cast_values, account, SIZE_MAX / 2);
    mem_buffer_init(&ret->table, account, SIZE_MAX / 2);
    return parquet_page_reader_create(account, limit, &ret->pages, error);
}

void code_column_close(struct code_column *column)
{
    parquet_page_reader_destroy(column->pages);
    column->pages = NULL;
    mem_buffer_release(&column->cast_values);
    mem_buffer_release(&column->table);
}

static const struct parquet_row_group *group_of(const struct code_column *column)
{
    return &column->metadata->row_groups[column->row_group];
}

static enum error_code located(const struct code_column *column, enum error_code code,
                               struct error *error)
{
    if (code == ERROR_NONE)
        return code;
    error_in_file(error, column->object->path);
    error_in_row_group(error, column->row_group);
    error_in_column(error, column->metadata->columns[column->column].path);
    return code;
}

/* ---- values ---- */

static size_t width_of(const struct code_column *column)
{
    return column_value_size(&column->cast.to);
}

/* Looks up all values of the chunk's dictionary, if it has one. One that the domain does not have
 * may be used by no row. */
static enum error_code make_table(struct code_column *column, struct error *error)
{
    const void *values;
    uint32_t count;
    TRY(parquet_page_reader_dictionary(column->pages, &values, &count, error));
    TRY(mem_buffer_renew(&column->table, (size_t)count * sizeof(uint64_t) + 1, error));
    uint64_t *table = (uint64_t *)column->table.data;
    memset(table, 0, (size_t)count * sizeof *table);
    TRY(key_cast_through(&column->cast, values, count, &column->cast_values, &values, error));
    const uint8_t *bytes = values;
    for (size_t done = 0; done < count;) {
        done += key_domain_add_numbers(column->domain, bytes + done * width_of(column),
                                       count - done, column->stride, table + done);
        if (done < count)
            table[done++] = OUTSIDE;
    }
    return ERROR_NONE;
}

/* ---- from chunk to chunk ---- */

/* Leaves row groups that are used up; the next row must exist. */
static enum error_code need_chunk(struct code_column *column, struct error *error)
{
    while (column->row_group < column->metadata->row_group_count &&
           column->row == column->row_group_begin + group_of(column)->row_count) {
        column->row_group_begin += group_of(column)->row_count;
        column->row_group++;
        column->open = false;
    }
    if (column->row_group == column->metadata->row_group_count)
        return error_set(error, ERROR_INTERNAL, "rows are asked for beyond the file's end");
    if (column->open)
        return ERROR_NONE;
    TRY(parquet_page_reader_open(column->pages, column->object,
                                 &column->metadata->columns[column->column],
                                 &group_of(column)->chunks[column->column], NULL, error));
    column->open = true;
    return make_table(column, error);
}

static uint64_t rows_left_in_group(const struct code_column *column)
{
    return column->row_group_begin + group_of(column)->row_count - column->row;
}

static enum error_code skip_rows(struct code_column *column, uint64_t rows, struct error *error)
{
    while (rows > 0) {
        uint64_t left =
            column->row_group < column->metadata->row_group_count ? rows_left_in_group(column) : 0;
        uint64_t now = rows < left ? rows : left;
        /* A row group that is passed as a whole is not opened. */
        if (now < left || left == 0) {
            TRY(need_chunk(column, error));
            if (left == 0)
                continue;
            TRY(parquet_page_reader_skip(column->pages, now, error));
        }
        column->row += now;
        rows -= now;
    }
    return ERROR_NONE;
}

enum error_code code_column_skip(struct code_column *column, uint64_t rows, struct error *error)
{
    return located(column, skip_rows(column, rows, error), error);
}

/* ---- rows ---- */

/* codes[i] += table[indexes[i]]; false: one of them is outside. */
static bool add_table(const uint64_t *table, const uint32_t *indexes, uint32_t count,
                      uint64_t *codes)
{
    uint64_t greatest = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t part = table[indexes[i]];
        greatest = part > greatest ? part : greatest;
        codes[i] += part;
    }
    return greatest != OUTSIDE;
}

static bool add_repeated(const uint64_t *table, uint32_t index, uint32_t count, uint64_t *codes)
{
    uint64_t part = table[index];
    for (uint32_t i = 0; i < count; i++)
        codes[i] += part;
    return part != OUTSIDE;
}

/* The same where some rows have no value: the number of NULL is 0. */
static bool add_table_with_gaps(const uint64_t *table, const struct parquet_index_slice *slice,
                                uint64_t *codes)
{
    uint32_t next = 0;
    bool inside = true;
    for (uint32_t i = 0; i < slice->row_count; i++) {
        if (slice->present[i] == 0)
            continue;
        uint64_t part = table[slice->indexes[slice->repeated ? 0 : next]];
        inside = inside && part != OUTSIDE;
        codes[i] += part;
        next++;
    }
    return inside;
}

static bool add_coded(const struct code_column *column, const struct parquet_index_slice *slice,
                      uint64_t *codes)
{
    if (slice->value_count == 0)
        return true;
    const uint64_t *table = (const uint64_t *)column->table.data;
    if (slice->present != NULL)
        return add_table_with_gaps(table, slice, codes);
    if (slice->repeated)
        return add_repeated(table, slice->indexes[0], slice->row_count, codes);
    return add_table(table, slice->indexes, slice->row_count, codes);
}

/* Values of rows with gaps are looked up together, then spread. */
static bool add_values_with_gaps(const struct code_column *column,
                                 const struct parquet_index_slice *slice, const uint8_t *values,
                                 uint64_t *codes)
{
    uint64_t parts[256];
    uint32_t row = 0;
    for (uint32_t done = 0; done < slice->value_count;) {
        uint32_t piece = slice->value_count - done < 256 ? slice->value_count - done : 256;
        memset(parts, 0, piece * sizeof parts[0]);
        if (key_domain_add_numbers(column->domain, values + done * width_of(column), piece,
                                   column->stride, parts) < piece)
            return false;
        for (uint32_t i = 0; i < piece; row++)
            if (slice->present[row] != 0)
                codes[row] += parts[i++];
        done += piece;
    }
    return true;
}

static enum error_code add_values(struct code_column *column,
                                  const struct parquet_index_slice *slice, uint64_t *codes,
                                  bool *ret_outside, struct error *error)
{
    const void *values;
    TRY(key_cast_through(&column->cast, slice->values, slice->value_count, &column->cast_values,
                         &values, error));
    bool inside;
    if (slice->present != NULL)
        inside = add_values_with_gaps(column, slice, values, codes);
    else
        inside = key_domain_add_numbers(column->domain, values, slice->value_count, column->stride,
                                        codes) == slice->value_count;
    *ret_outside = *ret_outside || !inside;
    return ERROR_NONE;
}

static enum error_code add_rows(struct code_column *column, uint32_t count, uint64_t *codes,
                                bool *ret_outside, struct error *error)
{
    *ret_outside = false;
    while (count > 0 && !*ret_outside) {
        struct parquet_index_slice slice;
        TRY(need_chunk(column, error));
        TRY(parquet_page_reader_next_indexes(column->pages, count, &slice, error));
        if (slice.row_count == 0)
            return error_set(error, ERROR_INPUT, "the column chunk ends too early");
        /* NULL is a value like others: a domain may lack it. */
        if (slice.value_count < slice.row_count && !key_domain_is_nullable(column->domain))
            *ret_outside = true;
        else if (slice.coded)
            *ret_outside = !add_coded(column, &slice, codes);
        else
            TRY(add_values(column, &slice, codes, ret_outside, error));
        column->row += slice.row_count;
        codes += slice.row_count;
        count -= slice.row_count;
    }
    return ERROR_NONE;
}

enum error_code code_column_add(struct code_column *column, uint32_t count, uint64_t *codes,
                                bool *ret_outside, struct error *error)
{
    return located(column, add_rows(column, count, codes, ret_outside, error), error);
}
