#include "sum/batch_reader.h"

#include <stdio.h>
#include <string.h>

/* Fewer rows than this are not worth a batch of their own. */
#define LOOSE_ROWS 512

/* Text of one batch: 4096 values of a page at most. */
#define TEXT_LIMIT ((size_t)1 << 30)

static enum error_code open_column(struct batch_column *column, const struct store_object *object,
                                   const struct parquet_metadata *metadata, uint32_t index,
                                   size_t limit, struct mem_account *account, struct error *error)
{
    column->type = metadata->columns[index].type;
    column->width = column_value_size(&column->type);
    mem_buffer_init(&column->text, account, TEXT_LIMIT);
    TRY(mem_alloc_array(account, BATCH_ROWS, column->width, (void **)&column->own_values, error));
    TRY(mem_alloc(account, BATCH_ROWS, (void **)&column->own_present, error));
    TRY(mem_alloc(account, BATCH_ROWS, (void **)&column->all_present, error));
    memset(column->all_present, 1, BATCH_ROWS);
    return parquet_column_reader_open(&column->reader, object, metadata, index, account, limit,
                                      error);
}

enum error_code batch_reader_open(struct batch_reader *ret, const struct store_object *object,
                                  const struct parquet_metadata *metadata, const uint32_t *columns,
                                  uint32_t column_count, size_t limit, struct mem_account *account,
                                  struct error *error)
{
    *ret = (struct batch_reader){.column_count = column_count, .account = account};
    TRY(mem_alloc_array(account, column_count, sizeof *ret->columns, (void **)&ret->columns,
                        error));
    TRY(mem_alloc_array(account, column_count, sizeof *ret->slices, (void **)&ret->slices, error));
    for (uint32_t i = 0; i < column_count; i++)
        TRY(open_column(&ret->columns[i], object, metadata, columns[i], limit, account, error));
    return ERROR_NONE;
}

void batch_reader_close(struct batch_reader *reader)
{
    for (uint32_t i = 0; reader->columns != NULL && i < reader->column_count; i++) {
        struct batch_column *column = &reader->columns[i];
        parquet_column_reader_close(&column->reader);
        mem_buffer_release(&column->text);
        parquet_profiler_destroy(column->profile.profiler);
        mem_free(column->own_values);
        mem_free(column->own_present);
        mem_free(column->all_present);
    }
    mem_free(reader->columns);
    mem_free(reader->slices);
    memset(reader, 0, sizeof *reader);
}

size_t batch_reader_size(const struct column_type *types, uint32_t column_count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < column_count; i++) {
        bytes += mem_charge_of(BATCH_ROWS * column_value_size(&types[i]));
        bytes += 2 * mem_charge_of(BATCH_ROWS);
        if (types[i].physical == COLUMN_BYTE_ARRAY)
            bytes += (size_t)256 << 10;
    }
    return bytes;
}

/* Text moves into the batch's own bytes; until the batch is full an offset stands for the pointer.
 */
static enum error_code copy_text(struct batch_column *column, const struct column_slice *slice,
                                 struct error *error)
{
    struct column_bytes *to = (struct column_bytes *)column->own_values + column->value_count;
    const uint8_t *from = slice->values;
    for (uint32_t i = 0; i < slice->value_count; i++) {
        struct column_bytes text;
        memcpy(&text, from + i * sizeof text, sizeof text);
        to[i].data = (const uint8_t *)(uintptr_t)column->text.size;
        to[i].size = text.size;
        TRY(mem_buffer_append(&column->text, text.data, text.size, error));
    }
    return ERROR_NONE;
}

static enum error_code gather_slice(struct batch_column *column, const struct column_slice *slice,
                                    struct error *error)
{
    uint8_t *present = column->own_present + column->row_count;
    if (slice->present != NULL)
        memcpy(present, slice->present, slice->row_count);
    else
        memset(present, 1, slice->row_count);
    column->has_nulls = column->has_nulls || slice->value_count < slice->row_count;
    if (column->type.physical == COLUMN_BYTE_ARRAY)
        TRY(copy_text(column, slice, error));
    else
        memcpy(column->own_values + column->value_count * column->width, slice->values,
               slice->value_count * column->width);
    column->row_count += slice->row_count;
    column->value_count += slice->value_count;
    return ERROR_NONE;
}

static void resolve_text(struct batch_column *column)
{
    struct column_bytes *texts = (struct column_bytes *)column->own_values;
    for (uint32_t i = 0; i < column->value_count; i++)
        texts[i].data = column->text.data + (uintptr_t)texts[i].data;
}

enum error_code batch_reader_profile(struct batch_reader *reader, uint32_t begin_group,
                                     uint32_t end_group, struct spool *pages,
                                     struct parquet_chunk_profile *profiles, struct error *error)
{
    for (uint32_t i = 0; i < reader->column_count; i++) {
        struct batch_profile *profile = &reader->columns[i].profile;
        profile->profiles = profiles + i;
        profile->stride = reader->column_count;
        profile->group = begin_group;
        profile->end_group = end_group;
        TRY(parquet_profiler_create(reader->account, &pages[i], &profile->profiler, error));
    }
    return ERROR_NONE;
}

/* Notes a slice, which never reaches over the end of a row group. */
static enum error_code note_slice(struct batch_column *column, const struct column_slice *slice,
                                  struct error *error)
{
    struct batch_profile *profile = &column->profile;
    const struct parquet_row_group *groups = column->reader.metadata->row_groups;
    if (profile->profiler == NULL || slice->row_count == 0)
        return ERROR_NONE;
    while (profile->rows_left == 0 && profile->group < profile->end_group &&
           groups[profile->group].row_count == 0)
        profile->group++;
    if (profile->group == profile->end_group)
        return ERROR_NONE;
    if (profile->rows_left == 0)
        profile->rows_left = groups[profile->group].row_count;
    TRY(parquet_profiler_take(profile->profiler, &column->type,
                              parquet_page_reader_page(column->reader.pages), slice, error));
    profile->rows_left -= slice->row_count;
    if (profile->rows_left > 0)
        return ERROR_NONE;
    uint32_t group = profile->group++;
    return parquet_profiler_end(profile->profiler, &profile->profiles[group * profile->stride],
                                error);
}

static enum error_code next_slice(struct batch_column *column, uint32_t most,
                                  struct column_slice *ret, struct error *error)
{
    TRY(parquet_column_reader_next(&column->reader, most, ret, error));
    return note_slice(column, ret, error);
}

static void use_slice(struct batch_column *column, const struct column_slice *slice)
{
    column->values = slice->values;
    column->present = slice->present != NULL ? slice->present : column->all_present;
    column->has_nulls = slice->value_count < slice->row_count;
    column->row_count = slice->row_count;
    column->value_count = slice->value_count;
}

static bool is_aligned(const void *values)
{
    return (uintptr_t)values % sizeof(uint64_t) == 0;
}

/* Puts a batch together, beginning with a slice that was read. */
static enum error_code gather_slices(struct batch_column *column, struct column_slice *slice,
                                     uint32_t most, struct error *error)
{
    column->row_count = 0;
    column->value_count = 0;
    column->has_nulls = false;
    column->text.size = 0;
    while (slice->row_count > 0) {
        TRY(gather_slice(column, slice, error));
        if (column->row_count == most)
            break;
        TRY(next_slice(column, most - column->row_count, slice, error));
    }
    if (column->type.physical == COLUMN_BYTE_ARRAY)
        resolve_text(column);
    column->values = column->own_values;
    column->present = column->own_present;
    return ERROR_NONE;
}

/* most: rows wanted; least: with so many a slice is a batch by itself. */
static enum error_code fill_column(struct batch_column *column, uint32_t most, uint32_t least,
                                   bool anywhere, struct column_slice *ret, struct error *error)
{
    struct column_slice slice;
    TRY(next_slice(column, most, &slice, error));
    if (slice.row_count >= least && (anywhere || is_aligned(slice.values)))
        use_slice(column, &slice);
    else
        TRY(gather_slices(column, &slice, most, error));
    *ret = (struct column_slice){.row_count = column->row_count,
                                 .value_count = column->value_count,
                                 .present = column->has_nulls ? column->present : NULL,
                                 .values = column->values};
    return ERROR_NONE;
}

/* A loose reader lets the first column decide; pages of others mostly end at the same rows. */
enum error_code batch_reader_next(struct batch_reader *reader, uint32_t most, struct error *error)
{
    uint32_t rows = most < BATCH_ROWS ? most : BATCH_ROWS;
    for (uint32_t i = 0; i < reader->column_count; i++) {
        uint32_t least = reader->loose && i == 0 && rows > LOOSE_ROWS ? LOOSE_ROWS : rows;
        TRY(fill_column(&reader->columns[i], rows, least, reader->loose, &reader->slices[i],
                        error));
        if (i > 0 && reader->slices[i].row_count != reader->slices[0].row_count)
            return error_set(error, ERROR_INPUT, "columns have different numbers of rows");
        rows = reader->slices[0].row_count;
    }
    reader->first_row = reader->next_row;
    reader->row_count = reader->column_count > 0 ? rows : 0;
    reader->next_row += reader->row_count;
    return ERROR_NONE;
}

enum error_code batch_reader_skip(struct batch_reader *reader, uint64_t rows, struct error *error)
{
    for (uint32_t i = 0; i < reader->column_count; i++)
        TRY(parquet_column_reader_skip(&reader->columns[i].reader, rows, error));
    reader->next_row += rows;
    reader->row_count = 0;
    return ERROR_NONE;
}

const void *batch_reader_value(const struct batch_reader *reader, uint32_t column, uint32_t row)
{
    const struct batch_column *key = &reader->columns[column];
    if (!key->has_nulls)
        return key->values + row * key->width;
    uint32_t index = 0;
    for (uint32_t i = 0; i < row; i++)
        index += key->present[i];
    return key->present[row] != 0 ? key->values + index * key->width : NULL;
}

void batch_reader_describe(const struct batch_reader *reader, uint32_t row, char *buffer,
                           size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (uint32_t i = 0; i < reader->column_count && used + 1 < size; i++) {
        const struct batch_column *key = &reader->columns[i];
        const char *name = key->reader.metadata->columns[key->reader.column].name;
        const void *value = batch_reader_value(reader, i, row);
        char text[96] = "NULL";
        if (value != NULL)
            column_value_format(&key->type, value, text, sizeof text);
        int length = snprintf(buffer + used, size - used, "%s%s=%s", i > 0 ? ", " : "", name, text);
        used += length > 0 ? (size_t)length : 0;
    }
}
