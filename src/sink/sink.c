#include "sink/sink.h"

#include <string.h>
#include <strings.h>

#include "sink/ops.h"
#include "sink/text_rows.h"

struct name {
    const char *text;
    enum sink_format format;
};

bool sink_format_from_name(const char *name, enum sink_format *ret)
{
    static const struct name names[] = {
        {"parquet", SINK_PARQUET}, {"csv", SINK_CSV}, {"arrow", SINK_ARROW}, {"jsonl", SINK_JSONL}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].text) == 0) {
            *ret = names[i].format;
            return true;
        }
    }
    return false;
}

bool sink_format_from_path(const char *path, enum sink_format *ret)
{
    static const struct name endings[] = {
        {".parquet", SINK_PARQUET}, {".pq", SINK_PARQUET},   {".csv", SINK_CSV},
        {".arrow", SINK_ARROW},     {".arrows", SINK_ARROW}, {".feather", SINK_ARROW},
        {".ipc", SINK_ARROW},       {".jsonl", SINK_JSONL},  {".ndjson", SINK_JSONL}};
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++) {
        if (strcasecmp(dot, endings[i].text) == 0) {
            *ret = endings[i].format;
            return true;
        }
    }
    return false;
}

enum error_code sink_create(size_t size, const struct sink *base, struct sink **ret,
                            struct error *error)
{
    void *memory;
    TRY(mem_alloc(base->account, size, &memory, error));
    struct sink *sink = memory;
    *sink = *base;
    *ret = sink;
    return ERROR_NONE;
}

enum error_code sink_open(struct mem_account *account, struct output *output,
                          const struct column_field *fields, uint32_t field_count,
                          const struct sink_options *options, struct sink **ret,
                          struct error *error)
{
    const struct sink base = {
        .account = account, .output = output, .fields = fields, .field_count = field_count};
    switch (options->format) {
    case SINK_PARQUET:
        return parquet_sink_open(&base, options->parquet, options->row_group_rows, ret, error);
    case SINK_CSV:
        return csv_sink_open(&base, ret, error);
    case SINK_ARROW:
        return arrow_sink_open(&base, options->arrow_stream, ret, error);
    case SINK_JSONL:
        return jsonl_sink_open(&base, ret, error);
    case SINK_TABLE:
        return table_sink_open(&base, options->table_rows, ret, error);
    }
    return error_set(error, ERROR_INTERNAL, "unknown output format %d", (int)options->format);
}

size_t sink_size(const struct column_field *fields, uint32_t field_count,
                 const struct sink_options *options)
{
    switch (options->format) {
    case SINK_PARQUET:
        return parquet_sink_size(fields, field_count, options->parquet);
    case SINK_CSV:
    case SINK_JSONL:
        return text_rows_size(field_count);
    case SINK_ARROW:
        return arrow_sink_size(fields, field_count);
    case SINK_TABLE:
        return table_sink_size(field_count, options->table_rows);
    }
    return 0;
}

enum error_code sink_write(struct sink *sink, const struct column_batch *batch, struct error *error)
{
    if (batch->column_count != sink->field_count)
        return error_set(error, ERROR_INTERNAL, "a batch of %u columns for %u fields",
                         batch->column_count, sink->field_count);
    return sink->ops->write(sink, batch, error);
}

enum error_code sink_finish(struct sink *sink, const struct parquet_key_value *key_values,
                            uint32_t key_value_count, struct error *error)
{
    return sink->ops->finish(sink, key_values, key_value_count, error);
}

void sink_destroy(struct sink *sink)
{
    if (sink == NULL)
        return;
    sink->ops->destroy(sink);
    mem_free(sink);
}
