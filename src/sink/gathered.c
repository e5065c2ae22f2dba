#include "sink/gathered.h"

#include <string.h>

static bool is_text(const struct column_field *field)
{
    return field->type.physical == COLUMN_BYTE_ARRAY;
}

/* As many rows as fit the bytes, their presence counted. */
static uint32_t rows_for(const struct column_field *fields, uint32_t field_count)
{
    size_t width = 1;
    for (uint32_t i = 0; i < field_count; i++)
        width += column_value_size(&fields[i].type) + 1;
    size_t rows = GATHERED_BYTES / width;
    return rows < GATHERED_ROWS ? (uint32_t)rows : GATHERED_ROWS;
}

static bool has_text(const struct column_field *fields, uint32_t field_count)
{
    for (uint32_t i = 0; i < field_count; i++)
        if (is_text(&fields[i]))
            return true;
    return false;
}

size_t gathered_size(const struct column_field *fields, uint32_t field_count)
{
    size_t rows = rows_for(fields, field_count);
    size_t bytes = mem_charge_of(field_count * sizeof(struct gathered_column)) +
                   mem_charge_of(field_count * sizeof(struct column_slice));
    for (uint32_t i = 0; i < field_count; i++)
        bytes += mem_charge_of(rows * column_value_size(&fields[i].type)) + mem_charge_of(rows);
    return bytes + (has_text(fields, field_count) ? mem_charge_of(GATHERED_BYTES) : 0);
}

static enum error_code open_column(struct gathered *gathered, struct mem_account *account,
                                   uint32_t index, struct error *error)
{
    struct gathered_column *column = &gathered->columns[index];
    const struct column_field *field = &gathered->fields[index];
    void *values, *present;
    column->width = column_value_size(&field->type);
    column->is_text = is_text(field);
    TRY(mem_alloc_array(account, gathered->rows_most, column->width, &values, error));
    column->values = values;
    TRY(mem_alloc(account, gathered->rows_most, &present, error));
    column->present = present;
    return ERROR_NONE;
}

enum error_code gathered_open(struct gathered *ret, struct mem_account *account,
                              const struct column_field *fields, uint32_t field_count,
                              struct error *error)
{
    void *columns, *slices, *text;
    *ret = (struct gathered){.fields = fields, .rows_most = rows_for(fields, field_count)};
    TRY(mem_alloc_array(account, field_count, sizeof *ret->columns, &columns, error));
    ret->columns = columns;
    ret->column_count = field_count;
    TRY(mem_alloc_array(account, field_count, sizeof *ret->slices, &slices, error));
    ret->slices = slices;
    for (uint32_t i = 0; i < field_count; i++)
        TRY(open_column(ret, account, i, error));
    if (!has_text(fields, field_count))
        return ERROR_NONE;
    TRY(mem_alloc(account, GATHERED_BYTES, &text, error));
    ret->text = text;
    return ERROR_NONE;
}

void gathered_close(struct gathered *gathered)
{
    for (uint32_t i = 0; i < gathered->column_count; i++) {
        mem_free(gathered->columns[i].values);
        mem_free(gathered->columns[i].present);
    }
    mem_free(gathered->columns);
    mem_free(gathered->slices);
    mem_free(gathered->text);
    *gathered = (struct gathered){0};
}

/* Bytes of all texts of a batch. */
static uint64_t text_size(const struct gathered *gathered, const struct column_batch *batch)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < batch->column_count; i++) {
        const struct column_slice *slice = &batch->slices[i];
        for (uint32_t v = 0; gathered->columns[i].is_text && v < slice->value_count; v++) {
            struct column_bytes bytes;
            memcpy(&bytes, (const uint8_t *)slice->values + v * sizeof bytes, sizeof bytes);
            size += bytes.size;
        }
    }
    return size;
}

bool gathered_wants(const struct gathered *gathered, const struct column_batch *batch)
{
    return batch->row_count <= gathered->rows_most / 2 &&
           (gathered->text == NULL || text_size(gathered, batch) <= GATHERED_BYTES / 2);
}

/* Lets the values point to copies of their text. */
static void keep_text(struct gathered *gathered, uint8_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, values += sizeof(struct column_bytes)) {
        struct column_bytes bytes;
        memcpy(&bytes, values, sizeof bytes);
        uint8_t *copy = gathered->text + gathered->text_size;
        if (bytes.size > 0)
            memcpy(copy, bytes.data, bytes.size);
        gathered->text_size += bytes.size;
        bytes.data = copy;
        memcpy(values, &bytes, sizeof bytes);
    }
}

static void add_slice(struct gathered *gathered, struct gathered_column *column,
                      const struct column_slice *slice)
{
    uint8_t *values = column->values + column->width * column->value_count;
    uint8_t *present = column->present + gathered->row_count;
    if (slice->value_count > 0)
        memcpy(values, slice->values, column->width * slice->value_count);
    if (column->is_text)
        keep_text(gathered, values, slice->value_count);
    if (slice->present != NULL)
        memcpy(present, slice->present, slice->row_count);
    else
        memset(present, 1, slice->row_count);
    column->value_count += slice->value_count;
}

bool gathered_add(struct gathered *gathered, const struct column_batch *batch)
{
    if (batch->row_count > gathered->rows_most - gathered->row_count)
        return false;
    if (gathered->text != NULL && text_size(gathered, batch) > GATHERED_BYTES - gathered->text_size)
        return false;
    for (uint32_t i = 0; i < batch->column_count; i++)
        add_slice(gathered, &gathered->columns[i], &batch->slices[i]);
    gathered->row_count += batch->row_count;
    return true;
}

struct column_batch gathered_batch(struct gathered *gathered)
{
    for (uint32_t i = 0; i < gathered->column_count; i++) {
        const struct gathered_column *column = &gathered->columns[i];
        bool has_nulls = column->value_count < gathered->row_count;
        gathered->slices[i] = (struct column_slice){.row_count = gathered->row_count,
                                                    .value_count = column->value_count,
                                                    .present = has_nulls ? column->present : NULL,
                                                    .values = column->values};
    }
    return (struct column_batch){gathered->row_count, gathered->column_count, gathered->fields,
                                 gathered->slices};
}

void gathered_clear(struct gathered *gathered)
{
    for (uint32_t i = 0; i < gathered->column_count; i++)
        gathered->columns[i].value_count = 0;
    gathered->row_count = 0;
    gathered->text_size = 0;
}
