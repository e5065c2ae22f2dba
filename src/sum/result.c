#include "sum/result.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "sum/provenance.h"
#include "sum/rows_out.h"

/* A window of one result column. */
struct window {
    uint8_t *values;
    uint8_t *present;
};

struct result {
    struct sum *sum;
    struct output *output; /* NULL for a table */
    struct parquet_writer_options parquet;
    struct window *windows;      /* one an output column */
    struct column_slice *slices; /* keys, then outputs */
    /* Copying the first file's keys. */
    struct parquet_writer *writer;
    struct parquet_page_reader *reader;
    uint32_t row_group; /* next one of the first file */
    uint64_t rows_left; /* of the row group that is open */
    /* Decoding them. */
    struct batch_reader keys;
    struct rows_out out;
};

bool sum_copies_keys(const struct sum *sum)
{
    return sum->options.output != NULL && sum->options.format == SINK_PARQUET &&
           !sum->options.sort && sum->key_count > 0;
}

/* ---- memory ---- */

static size_t keys_size(const struct sum *sum)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sum->key_count; i++) {
        bytes += sum->facts.columns[i].reader_first;
        bytes += batch_reader_size(&sum->first.columns[sum->columns[i]].type, 1);
    }
    return bytes;
}

static size_t largest_key_size(const struct sum *sum)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sum->key_count; i++) {
        if (sum->facts.columns[i].reader_first > bytes)
            bytes = sum->facts.columns[i].reader_first;
    }
    return bytes;
}

static size_t windows_size(const struct sum *sum)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sum->output_count; i++) {
        size_t width = column_value_size(&sum->fields[sum->key_count + i].type);
        bytes += mem_charge_of(VALUE_TILE_WINDOW * width) + mem_charge_of(VALUE_TILE_WINDOW);
    }
    return bytes;
}

static size_t profiles_size(const struct sum *sum)
{
    uint64_t count = (uint64_t)sum->first.row_group_count * sum->key_count;
    if (count > PROFILES_MOST)
        return 0;
    size_t spools = (size_t)sum->options.threads * sum->key_count;
    return mem_charge_of((size_t)count * sizeof *sum->profiles) +
           mem_charge_of(spools * sizeof *sum->profile_spools) +
           spools * mem_charge_of(2 * PROFILE_SPOOL_BYTES);
}

size_t result_size(const struct sum *sum)
{
    struct parquet_writer_options parquet = rows_out_parquet(sum);
    size_t bytes = windows_size(sum) + PROVENANCE_BYTES;
    if (sum_copies_keys(sum))
        return bytes + parquet_writer_size(sum->fields, sum->field_count, &parquet) +
               largest_key_size(sum) + profiles_size(sum);
    return bytes + rows_out_size(sum, sum->options.sort) + keys_size(sum);
}

/* ---- opening ---- */

static enum error_code open_windows(struct result *result, struct error *error)
{
    struct sum *sum = result->sum;
    struct mem_account *account = &sum->account;
    TRY(mem_alloc_array(account, sum->field_count, sizeof *result->slices, (void **)&result->slices,
                        error));
    TRY(mem_alloc_array(account, sum->output_count, sizeof *result->windows,
                        (void **)&result->windows, error));
    for (uint32_t i = 0; i < sum->output_count; i++) {
        size_t width = column_value_size(&sum->fields[sum->key_count + i].type);
        struct window *window = &result->windows[i];
        TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, width, (void **)&window->values, error));
        TRY(mem_alloc(account, VALUE_TILE_WINDOW, (void **)&window->present, error));
    }
    return ERROR_NONE;
}

static enum error_code open_copying(struct result *result, struct error *error)
{
    struct sum *sum = result->sum;
    TRY(parquet_page_reader_create(&sum->account, sum->key_page_limit, &result->reader, error));
    return parquet_writer_create(&sum->account, result->output, sum->fields, sum->field_count,
                                 &result->parquet, &result->writer, error);
}

static enum error_code open_decoding(struct result *result, struct error *error)
{
    struct sum *sum = result->sum;
    TRY(batch_reader_open(&result->keys, &sum->first_object, &sum->first, sum->columns,
                          sum->key_count, sum->key_page_limit, &sum->account, error));
    return rows_out_open(&result->out, sum, result->output, sum->options.sort, error);
}

enum error_code result_open(struct sum *sum, struct output *output, struct result **ret,
                            struct error *error)
{
    void *memory;
    TRY(mem_alloc(&sum->account, sizeof(struct result), &memory, error));
    struct result *result = memory;
    result->sum = sum;
    result->output = output;
    result->parquet = rows_out_parquet(sum);
    enum error_code code = open_windows(result, error);
    if (code == ERROR_NONE)
        code = sum_copies_keys(sum) ? open_copying(result, error) : open_decoding(result, error);
    if (code != ERROR_NONE) {
        result_destroy(result);
        return code;
    }
    *ret = result;
    return ERROR_NONE;
}

void result_destroy(struct result *result)
{
    if (result == NULL)
        return;
    parquet_writer_destroy(result->writer);
    parquet_page_reader_destroy(result->reader);
    rows_out_close(&result->out);
    batch_reader_close(&result->keys);
    for (uint32_t i = 0; result->windows != NULL && i < result->sum->output_count; i++) {
        mem_free(result->windows[i].values);
        mem_free(result->windows[i].present);
    }
    mem_free(result->windows);
    mem_free(result->slices);
    mem_free(result);
}

/* ---- results of a window ---- */

/* An overflow is worth nothing without the key it happened at. */
static void name_key(struct result *result, uint64_t row, struct error *error)
{
    struct sum *sum = result->sum;
    struct batch_reader reader;
    struct error ignored;
    char key[200];
    error_init(&ignored);
    enum error_code code =
        batch_reader_open(&reader, &sum->first_object, &sum->first, sum->columns, sum->key_count,
                          sum->key_page_limit, &sum->account, &ignored);
    if (code == ERROR_NONE)
        code = batch_reader_skip(&reader, row, &ignored);
    if (code == ERROR_NONE)
        code = batch_reader_next(&reader, 1, &ignored);
    if (code == ERROR_NONE && reader.row_count == 1) {
        batch_reader_describe(&reader, 0, key, sizeof key);
        size_t used = strlen(error->what);
        snprintf(error->what + used, sizeof error->what - used, " at the key %s", key);
    }
    batch_reader_close(&reader);
}

static void count_files(const struct sum *sum, uint32_t count, uint8_t *values,
                        struct column_slice *ret)
{
    uint64_t files = sum->catalog.file_count;
    for (uint32_t i = 0; i < count; i++)
        memcpy(values + 8 * i, &files, sizeof files);
    *ret = (struct column_slice){.row_count = count, .value_count = count, .values = values};
}

static enum error_code fill_window(struct result *result, uint32_t index, struct value_tile *tiles,
                                   uint64_t tile_row, size_t key, uint32_t count,
                                   struct error *error)
{
    struct sum *sum = result->sum;
    const struct sum_output *output = &sum->outputs[index];
    struct column_slice *slice = &result->slices[sum->key_count + index];
    struct window *window = &result->windows[index];
    if (output->function == AGGREGATE_COUNT_ROWS) {
        count_files(sum, count, window->values, slice);
        return ERROR_NONE;
    }
    size_t failed = 0;
    enum error_code code = value_tile_result(
        &tiles[output->value], output->function, &sum->fields[sum->key_count + index].type, key,
        count, window->values, window->present, slice, &failed, error);
    if (code == ERROR_OVERFLOW)
        name_key(result, tile_row + failed, error);
    return code;
}

/* ---- copying ---- */

/* The next chunk of a key, as it stands in the first file. */
static enum error_code copy_key(struct result *result, uint32_t group, uint32_t key,
                                struct error *error)
{
    struct sum *sum = result->sum;
    uint32_t column = sum->columns[key];
    const struct parquet_chunk_profile *profile = NULL;
    if (sum->profiles != NULL)
        profile = &sum->profiles[(size_t)group * sum->key_count + key];
    return parquet_writer_copy_chunk(
        result->writer, key, &sum->first_object, &sum->first.columns[column],
        &sum->first.row_groups[group].chunks[column], result->reader, profile, error);
}

static enum error_code begin_row_group(struct result *result, struct error *error)
{
    struct sum *sum = result->sum;
    while (sum->first.row_groups[result->row_group].row_count == 0)
        result->row_group++;
    uint32_t group = result->row_group++;
    result->rows_left = sum->first.row_groups[group].row_count;
    TRY(parquet_writer_begin_row_group(result->writer, error));
    for (uint32_t key = 0; key < sum->key_count; key++)
        TRY(copy_key(result, group, key, error));
    return ERROR_NONE;
}

static enum error_code append_outputs(struct result *result, struct value_tile *tiles,
                                      uint64_t tile_row, size_t key, size_t count,
                                      struct error *error)
{
    struct sum *sum = result->sum;
    for (uint32_t i = 0; i < sum->output_count; i++) {
        for (size_t done = 0; done < count;) {
            size_t left = count - done;
            uint32_t piece = (uint32_t)(left < VALUE_TILE_WINDOW ? left : VALUE_TILE_WINDOW);
            TRY(fill_window(result, i, tiles, tile_row, key + done, piece, error));
            TRY(parquet_writer_append(result->writer, sum->key_count + i,
                                      &result->slices[sum->key_count + i], error));
            done += piece;
        }
    }
    return ERROR_NONE;
}

static enum error_code write_copying(struct result *result, struct value_tile *tiles,
                                     uint64_t tile_row, uint64_t count, struct error *error)
{
    for (uint64_t done = 0; done < count;) {
        if (result->rows_left == 0)
            TRY(begin_row_group(result, error));
        uint64_t left = count - done;
        uint64_t piece = left < result->rows_left ? left : result->rows_left;
        TRY(append_outputs(result, tiles, tile_row, (size_t)done, (size_t)piece, error));
        result->rows_left -= piece;
        done += piece;
        if (result->rows_left == 0)
            TRY(parquet_writer_end_row_group(result->writer, error));
    }
    return ERROR_NONE;
}

/* ---- decoding ---- */

static enum error_code write_decoding(struct result *result, struct value_tile *tiles,
                                      uint64_t tile_row, uint64_t count, struct error *error)
{
    struct sum *sum = result->sum;
    for (uint64_t done = 0; done < count;) {
        uint64_t left = count - done;
        uint32_t piece = (uint32_t)(left < VALUE_TILE_WINDOW ? left : VALUE_TILE_WINDOW);
        TRY(batch_reader_next(&result->keys, piece, error));
        if (sum->key_count > 0 && result->keys.row_count != piece)
            return error_set(error, ERROR_CHANGED, "the first file has fewer rows than before");
        for (uint32_t i = 0; i < sum->key_count; i++)
            result->slices[i] = result->keys.slices[i];
        for (uint32_t i = 0; i < sum->output_count; i++)
            TRY(fill_window(result, i, tiles, tile_row, (size_t)done, piece, error));
        TRY(rows_out_write(&result->out, piece, result->slices, error));
        done += piece;
    }
    return ERROR_NONE;
}

enum error_code result_write(struct result *result, struct value_tile *tiles, uint64_t first_row,
                             uint64_t count, struct error *error)
{
    enum error_code code = result->writer != NULL
                               ? write_copying(result, tiles, first_row, count, error)
                               : write_decoding(result, tiles, first_row, count, error);
    result->sum->report.result_rows += code == ERROR_NONE ? count : 0;
    return code;
}

/* ---- the end ---- */

static enum error_code finish_copying(struct result *result, const struct provenance *provenance,
                                      struct error *error)
{
    TRY(parquet_writer_finish(result->writer, provenance->entries, provenance->count, error));
    TRY(os_check_stop(error));
    return output_commit(result->output, error);
}

enum error_code result_finish(struct result *result, struct error *error)
{
    struct provenance provenance;
    if (result->writer == NULL)
        return rows_out_finish(&result->out, error);
    atomic_store(&result->sum->progress->phase, SUM_PHASE_WRITING);
    enum error_code code = provenance_make(result->sum, &provenance, error);
    if (code == ERROR_NONE)
        code = finish_copying(result, &provenance, error);
    provenance_release(&provenance);
    return code;
}
