/* Parquet through parquet/writer.h: batches are cut where a row group is full. */
#include "sink/ops.h"

/* Rows of a row group where the caller does not say. */
#define ROW_GROUP_ROWS ((uint64_t)1 << 20)

struct parquet_sink {
    struct sink base;
    struct parquet_writer *writer;
    uint64_t row_group_rows; /* of a full one */
    uint64_t rows;           /* of the row group that is open; 0: none is */
};

static uint32_t count_present(const struct column_slice *slice, uint32_t first, uint32_t count)
{
    if (slice->present == NULL)
        return count;
    uint32_t values = 0;
    for (uint32_t i = 0; i < count; i++)
        values += slice->present[first + i] != 0;
    return values;
}

/* Rows first to first + count; skipped is how many values stand before them. */
static struct column_slice part_of(const struct column_type *type, const struct column_slice *slice,
                                   uint32_t first, uint32_t count, uint32_t skipped)
{
    const uint8_t *values = slice->values;
    return (struct column_slice){
        .row_count = count,
        .value_count = count_present(slice, first, count),
        .present = slice->present != NULL ? slice->present + first : NULL,
        .values = values != NULL ? values + column_value_size(type) * skipped : NULL};
}

static enum error_code append_rows(struct parquet_sink *parquet, const struct column_batch *batch,
                                   uint32_t first, uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < batch->column_count; i++) {
        const struct column_slice *slice = &batch->slices[i];
        const struct column_type *type = &parquet->base.fields[i].type;
        bool whole = first == 0 && count == batch->row_count;
        uint32_t skipped = whole ? 0 : count_present(slice, 0, first);
        struct column_slice part = whole ? *slice : part_of(type, slice, first, count, skipped);
        TRY(parquet_writer_append(parquet->writer, i, &part, error));
    }
    return ERROR_NONE;
}

static enum error_code end_row_group(struct parquet_sink *parquet, struct error *error)
{
    parquet->rows = 0;
    return parquet_writer_end_row_group(parquet->writer, error);
}

static enum error_code parquet_sink_write(struct sink *sink, const struct column_batch *batch,
                                          struct error *error)
{
    struct parquet_sink *parquet = (struct parquet_sink *)sink;
    for (uint32_t row = 0; row < batch->row_count;) {
        if (parquet->rows == 0)
            TRY(parquet_writer_begin_row_group(parquet->writer, error));
        uint64_t room = parquet->row_group_rows - parquet->rows;
        uint32_t left = batch->row_count - row;
        uint32_t count = left < room ? left : (uint32_t)room;
        TRY(append_rows(parquet, batch, row, count, error));
        row += count;
        parquet->rows += count;
        if (parquet->rows == parquet->row_group_rows)
            TRY(end_row_group(parquet, error));
    }
    return ERROR_NONE;
}

static enum error_code parquet_sink_finish(struct sink *sink,
                                           const struct parquet_key_value *key_values,
                                           uint32_t key_value_count, struct error *error)
{
    struct parquet_sink *parquet = (struct parquet_sink *)sink;
    if (parquet->rows > 0)
        TRY(end_row_group(parquet, error));
    return parquet_writer_finish(parquet->writer, key_values, key_value_count, error);
}

static void parquet_sink_destroy(struct sink *sink)
{
    parquet_writer_destroy(((struct parquet_sink *)sink)->writer);
}

static const struct sink_ops parquet_ops = {parquet_sink_write, parquet_sink_finish,
                                            parquet_sink_destroy};

enum error_code parquet_sink_open(const struct sink *base,
                                  const struct parquet_writer_options *options,
                                  uint64_t row_group_rows, struct sink **ret, struct error *error)
{
    const struct parquet_writer_options defaults = parquet_writer_defaults();
    struct sink *sink;
    TRY(sink_create(sizeof(struct parquet_sink), base, &sink, error));
    sink->ops = &parquet_ops;
    struct parquet_sink *parquet = (struct parquet_sink *)sink;
    parquet->row_group_rows = row_group_rows > 0 ? row_group_rows : ROW_GROUP_ROWS;
    enum error_code code =
        parquet_writer_create(base->account, base->output, base->fields, base->field_count,
                              options != NULL ? options : &defaults, &parquet->writer, error);
    if (code == ERROR_NONE)
        *ret = sink;
    else
        mem_free(sink);
    return code;
}

size_t parquet_sink_size(const struct column_field *fields, uint32_t field_count,
                         const struct parquet_writer_options *options)
{
    const struct parquet_writer_options defaults = parquet_writer_defaults();
    return mem_charge_of(sizeof(struct parquet_sink)) +
           parquet_writer_size(fields, field_count, options != NULL ? options : &defaults);
}
