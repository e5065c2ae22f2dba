/* Arrow IPC through arrow/ipc.h. Small batches are put together: each costs those who read them. */
#include <string.h>

#include "arrow/ipc.h"
#include "sink/gathered.h"
#include "sink/ops.h"

struct arrow_sink {
    struct sink base;
    struct arrow_writer writer;
    struct gathered gathered; /* not written yet */
};

static enum error_code write_output(void *context, const void *bytes, size_t size,
                                    struct error *error)
{
    return output_write(context, bytes, size, error);
}

static enum error_code write_gathered(struct arrow_sink *arrow, struct error *error)
{
    const struct column_batch batch = gathered_batch(&arrow->gathered);
    if (batch.row_count == 0)
        return ERROR_NONE;
    TRY(arrow_writer_batch(&arrow->writer, &batch, error));
    gathered_clear(&arrow->gathered);
    return ERROR_NONE;
}

static enum error_code arrow_sink_write(struct sink *sink, const struct column_batch *batch,
                                        struct error *error)
{
    struct arrow_sink *arrow = (struct arrow_sink *)sink;
    bool wanted = gathered_wants(&arrow->gathered, batch);
    if (wanted && gathered_add(&arrow->gathered, batch))
        return ERROR_NONE;
    TRY(write_gathered(arrow, error));
    if (wanted && gathered_add(&arrow->gathered, batch))
        return ERROR_NONE;
    return arrow_writer_batch(&arrow->writer, batch, error);
}

/* Arrow's schema says what "ARROW:schema" says, so that entry is not repeated inside it. */
static uint32_t convert_key_values(const struct parquet_key_value *from, uint32_t count,
                                   struct arrow_key_value *ret)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (from[i].value == NULL || strcmp(from[i].key, "ARROW:schema") == 0)
            continue;
        ret[kept++] = (struct arrow_key_value){from[i].key, from[i].value, from[i].value_size};
    }
    return kept;
}

static enum error_code arrow_sink_finish(struct sink *sink,
                                         const struct parquet_key_value *key_values,
                                         uint32_t key_value_count, struct error *error)
{
    struct arrow_sink *arrow = (struct arrow_sink *)sink;
    void *memory;
    TRY(write_gathered(arrow, error));
    TRY(mem_alloc_array(sink->account, key_value_count, sizeof(struct arrow_key_value), &memory,
                        error));
    struct arrow_key_value *converted = memory;
    uint32_t count = convert_key_values(key_values, key_value_count, converted);
    enum error_code code = arrow_writer_finish(&arrow->writer, converted, count, error);
    mem_free(memory);
    return code;
}

static void arrow_sink_destroy(struct sink *sink)
{
    struct arrow_sink *arrow = (struct arrow_sink *)sink;
    gathered_close(&arrow->gathered);
    arrow_writer_release(&arrow->writer);
}

static const struct sink_ops arrow_ops = {arrow_sink_write, arrow_sink_finish, arrow_sink_destroy};

enum error_code arrow_sink_open(const struct sink *base, bool stream, struct sink **ret,
                                struct error *error)
{
    struct sink *sink;
    TRY(sink_create(sizeof(struct arrow_sink), base, &sink, error));
    struct arrow_sink *arrow = (struct arrow_sink *)sink;
    sink->ops = &arrow_ops;
    enum error_code code =
        gathered_open(&arrow->gathered, base->account, base->fields, base->field_count, error);
    if (code == ERROR_NONE)
        code = arrow_writer_open(&arrow->writer, base->account, base->fields, base->field_count,
                                 stream ? ARROW_STREAM : ARROW_FILE, write_output, base->output,
                                 error);
    if (code == ERROR_NONE) {
        *ret = sink;
        return ERROR_NONE;
    }
    gathered_close(&arrow->gathered);
    mem_free(sink);
    return code;
}

size_t arrow_sink_size(const struct column_field *fields, uint32_t field_count)
{
    return mem_charge_of(sizeof(struct arrow_sink)) + gathered_size(fields, field_count) +
           arrow_writer_size(fields, field_count);
}
