#include "sum/rows_out.h"

#include <string.h>

#include "os/os.h"
#include "sort/sort.h"
#include "sum/provenance.h"

/* Row groups of results that do not follow the first file's: what pyarrow writes. */
#define ROW_GROUP_ROWS ((uint64_t)1 << 20)

struct parquet_writer_options rows_out_parquet(const struct sum *sum)
{
    struct parquet_writer_options options = parquet_writer_defaults();
    options.codec = sum->options.compression;
    options.level = sum->options.compression_level;
    return options;
}

static struct sink_options sink_options(const struct sum *sum,
                                        const struct parquet_writer_options *parquet)
{
    bool table = sum->options.output == NULL;
    return (struct sink_options){
        .format = table ? SINK_TABLE : sum->options.format,
        .parquet = parquet,
        .row_group_rows = ROW_GROUP_ROWS,
        .arrow_stream = !table && strcmp(sum->options.output, "-") == 0,
        .table_rows = sum->options.table_rows,
    };
}

/* A quarter of the ceiling, within reason: more sorts in fewer runs, less leaves more for tiles. */
size_t rows_out_sort_size(const struct sum *sum)
{
    const uint64_t least = (uint64_t)4 << 20, most = (uint64_t)256 << 20;
    uint64_t limit = sum->ceiling / 4;
    return (size_t)(limit < least ? least : limit > most ? most : limit);
}

size_t rows_out_size(const struct sum *sum, bool sort)
{
    struct parquet_writer_options parquet = rows_out_parquet(sum);
    struct sink_options options = sink_options(sum, &parquet);
    return sink_size(sum->fields, sum->field_count, &options) + PROVENANCE_BYTES +
           (sort ? rows_out_sort_size(sum) : 0);
}

static enum error_code open_sorter(struct rows_out *out, struct error *error)
{
    struct sum *sum = out->sum;
    uint32_t keys[SUM_KEYS_MOST];
    uint32_t count = sum->key_count;
    for (uint32_t i = 0; i < count; i++)
        keys[i] = i;
    return sorter_create(&sum->account, rows_out_sort_size(sum), sum->options.folder, sum->fields,
                         sum->field_count, keys, count, &out->sorter, error);
}

enum error_code rows_out_open(struct rows_out *ret, struct sum *sum, struct output *output,
                              bool sort, struct error *error)
{
    *ret = (struct rows_out){.sum = sum, .output = output, .parquet = rows_out_parquet(sum)};
    struct sink_options options = sink_options(sum, &ret->parquet);
    if (sort && sum->key_count > 0)
        TRY(open_sorter(ret, error));
    return sink_open(&sum->account, output, sum->fields, sum->field_count, &options, &ret->sink,
                     error);
}

void rows_out_close(struct rows_out *out)
{
    sink_destroy(out->sink);
    sorter_destroy(out->sorter);
    out->sink = NULL;
    out->sorter = NULL;
}

enum error_code rows_out_write(struct rows_out *out, uint32_t row_count,
                               const struct column_slice *slices, struct error *error)
{
    struct column_batch batch = {.row_count = row_count,
                                 .column_count = out->sum->field_count,
                                 .fields = out->sum->fields,
                                 .slices = slices};
    return out->sorter != NULL ? sorter_add(out->sorter, &batch, error)
                               : sink_write(out->sink, &batch, error);
}

static enum error_code drain_sorter(struct rows_out *out, struct error *error)
{
    TRY(sorter_finish(out->sorter, error));
    for (;;) {
        struct column_batch batch;
        TRY(sorter_next(out->sorter, &batch, error));
        if (batch.row_count == 0)
            return ERROR_NONE;
        TRY(sink_write(out->sink, &batch, error));
        TRY(os_check_stop(error));
    }
}

static enum error_code finish_sink(struct rows_out *out, const struct provenance *provenance,
                                   struct error *error)
{
    TRY(sink_finish(out->sink, provenance->entries, provenance->count, error));
    TRY(os_check_stop(error));
    return out->output != NULL ? output_commit(out->output, error) : ERROR_NONE;
}

enum error_code rows_out_finish(struct rows_out *out, struct error *error)
{
    struct provenance provenance;
    atomic_store(&out->sum->progress->phase, SUM_PHASE_WRITING);
    if (out->sorter != NULL)
        TRY(drain_sorter(out, error));
    enum error_code code = provenance_make(out->sum, &provenance, error);
    if (code == ERROR_NONE)
        code = finish_sink(out, &provenance, error);
    provenance_release(&provenance);
    return code;
}
