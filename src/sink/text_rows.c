#include "sink/text_rows.h"

static enum error_code begin(struct text_rows *rows, struct error *error)
{
    void *walks;
    TRY(text_output_open(&rows->text, &rows->base, error));
    TRY(mem_alloc_array(rows->base.account, rows->base.field_count, sizeof(struct column_walk),
                        &walks, error));
    rows->walks = walks;
    return ERROR_NONE;
}

enum error_code text_rows_open(const struct sink *base, const struct sink_ops *ops,
                               struct sink **ret, struct error *error)
{
    struct sink *sink;
    TRY(sink_create(sizeof(struct text_rows), base, &sink, error));
    sink->ops = ops;
    enum error_code code = begin((struct text_rows *)sink, error);
    if (code == ERROR_NONE)
        *ret = sink;
    else
        sink_destroy(sink);
    return code;
}

void text_rows_begin_batch(struct text_rows *rows, const struct column_batch *batch)
{
    const struct sink *sink = &rows->base;
    for (uint32_t i = 0; i < sink->field_count; i++)
        rows->walks[i] = column_walk_over(&sink->fields[i], &batch->slices[i]);
}

enum error_code text_rows_finish(struct sink *sink, const struct parquet_key_value *key_values,
                                 uint32_t key_value_count, struct error *error)
{
    (void)key_values;
    (void)key_value_count;
    return text_output_flush(&((struct text_rows *)sink)->text, error);
}

void text_rows_destroy(struct sink *sink)
{
    struct text_rows *rows = (struct text_rows *)sink;
    text_output_close(&rows->text);
    mem_free(rows->walks);
}

size_t text_rows_size(uint32_t field_count)
{
    return mem_charge_of(sizeof(struct text_rows)) + mem_charge_of(TEXT_OUTPUT_BYTES) +
           mem_charge_of(field_count * sizeof(struct column_walk));
}
