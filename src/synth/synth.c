#include "synth/synth.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "os/os.h"
#include "synth/layout.h"
#include "synth/values.h"

/* Rows made at a time: they stay in the first-level cache on their way to the writer. */
#define BLOCK_ROWS 2048

/* More days than this would leave the years that timestamps can name. */
#define DATES_AT_MOST 1000000

/* One run: what is the same for all threads, and what they share. */
struct run {
    const struct synth_options *options;
    struct mem_account *account;
    struct layout layout;
    struct column_field fields[SYNTH_COLUMNS];
    uint64_t rows; /* of a file */
    uint64_t row_group_rows;
    synth_progress progress;
    void *context;
    atomic_uint_fast64_t next_file;
    atomic_bool abandoned; /* by a failure of any thread */
    pthread_mutex_t mutex; /* guards what follows, and progress */
    uint64_t files_done, bytes;
    bool failed;
    struct error error; /* the first failure */
};

static int64_t units_of_day(enum column_unit unit)
{
    int64_t seconds = 86400;
    return unit == COLUMN_NANOSECONDS    ? seconds * 1000000000
           : unit == COLUMN_MICROSECONDS ? seconds * 1000000
                                         : seconds * 1000;
}

/* A block of one column's values. */
static void make_block(const struct run *run, uint64_t file, uint32_t column, uint64_t row,
                       size_t count, void *block)
{
    uint64_t dates = run->options->dates;
    if (column == 0)
        values_paths(row, dates, count, block);
    else if (column == 1)
        values_dates(row, dates, units_of_day(run->layout.unit), count, block);
    else
        values_numbers(values_stream(run->options->seed, file), row, count, block);
}

static enum error_code write_chunk(const struct run *run, struct parquet_writer *writer,
                                   uint64_t file, uint32_t column, uint64_t first, uint64_t end,
                                   struct error *error)
{
    uint64_t block[BLOCK_ROWS];
    for (uint64_t row = first; row < end; row += BLOCK_ROWS) {
        uint32_t count = end - row < BLOCK_ROWS ? (uint32_t)(end - row) : BLOCK_ROWS;
        make_block(run, file, column, row, count, block);
        struct column_slice slice = {count, count, NULL, block};
        TRY(parquet_writer_append(writer, column, &slice, error));
    }
    return parquet_writer_end_chunk(writer, column, error);
}

static enum error_code write_row_groups(const struct run *run, struct parquet_writer *writer,
                                        uint64_t file, struct error *error)
{
    uint64_t end;
    for (uint64_t first = 0; first < run->rows; first = end) {
        uint64_t left = run->rows - first;
        end = first + (left < run->row_group_rows ? left : run->row_group_rows);
        TRY(parquet_writer_begin_row_group(writer, error));
        for (uint32_t column = 0; column < SYNTH_COLUMNS; column++) {
            TRY(os_check_stop(error));
            TRY(write_chunk(run, writer, file, column, first, end, error));
        }
        TRY(parquet_writer_end_row_group(writer, error));
    }
    return parquet_writer_finish(writer, NULL, 0, error);
}

static enum error_code write_to(const struct run *run, struct output *output, uint64_t file,
                                struct error *error)
{
    struct parquet_writer *writer;
    TRY(parquet_writer_create(run->account, output, run->fields, SYNTH_COLUMNS,
                              &run->layout.options, &writer, error));
    enum error_code code = write_row_groups(run, writer, file, error);
    parquet_writer_destroy(writer);
    return code;
}

static enum error_code write_file(const struct run *run, uint64_t file, uint64_t *ret_bytes,
                                  struct error *error)
{
    char path[4096];
    int length =
        snprintf(path, sizeof path, "%s/sim-%05" PRIu64 ".parquet", run->options->folder, file);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(error, ERROR_USAGE, "the name of the folder is too long");
    struct output output;
    TRY(output_open(&output, path, run->options->overwrite, run->account, error));
    enum error_code code = write_to(run, &output, file, error);
    *ret_bytes = output_position(&output);
    if (code == ERROR_NONE)
        code = output_commit(&output, error);
    output_abort(&output);
    if (code != ERROR_NONE)
        error_in_file(error, path);
    return code;
}

static void note_file(struct run *run, uint64_t bytes)
{
    pthread_mutex_lock(&run->mutex);
    run->files_done++;
    run->bytes += bytes;
    if (run->progress != NULL)
        run->progress(run->context, run->files_done, run->bytes);
    pthread_mutex_unlock(&run->mutex);
}

static void note_failure(struct run *run, const struct error *error)
{
    atomic_store(&run->abandoned, true);
    pthread_mutex_lock(&run->mutex);
    if (!run->failed)
        run->error = *error;
    run->failed = true;
    pthread_mutex_unlock(&run->mutex);
}

/* Writes files until none is left. */
static void work(void *context, unsigned index)
{
    (void)index;
    struct run *run = context;
    struct error error;
    error_init(&error);
    while (!atomic_load(&run->abandoned)) {
        uint64_t bytes, file = atomic_fetch_add(&run->next_file, 1);
        if (file >= run->options->files)
            return;
        if (write_file(run, file, &bytes, &error) == ERROR_NONE)
            note_file(run, bytes);
        else
            note_failure(run, &error);
    }
}

/* As many threads as there are processors, files and memory for. */
static unsigned thread_count(const struct run *run)
{
    uint64_t threads = os_processor_count();
    if (threads > run->options->files)
        threads = run->options->files;
    size_t writer = parquet_writer_size(run->fields, SYNTH_COLUMNS, &run->layout.options);
    size_t each = writer + mem_charge_of((size_t)256 << 10) + ((size_t)64 << 10);
    size_t fitting = mem_account_left(run->account) / each;
    if (threads > fitting)
        threads = fitting;
    return threads > 0 ? (unsigned)threads : 1;
}

/* Makes a folder and those above it. */
static enum error_code make_folder(const char *folder, struct error *error)
{
    char path[4096];
    size_t length = strlen(folder);
    if (length >= sizeof path)
        return error_set(error, ERROR_USAGE, "the name of the folder is too long");
    memcpy(path, folder, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        path[i] = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            enum error_code code = error_set_errno(error, errno, "cannot make the folder");
            error_in_file(error, path);
            return code;
        }
        path[i] = folder[i];
    }
    return ERROR_NONE;
}

static enum error_code check(const struct synth_options *options, uint64_t *ret_rows,
                             struct error *error)
{
    if (options->files == 0 || options->paths == 0 || options->dates == 0)
        return error_set(error, ERROR_USAGE, "at least one file, path and date is needed");
    if (options->dates > DATES_AT_MOST)
        return error_set(error, ERROR_USAGE, "at most %d dates can be made", DATES_AT_MOST);
    if (__builtin_mul_overflow(options->paths, options->dates, ret_rows) || *ret_rows > INT64_MAX)
        return error_set(error, ERROR_USAGE, "a file cannot have so many rows");
    return ERROR_NONE;
}

static enum error_code run_all(struct run *run, struct error *error)
{
    if (pthread_mutex_init(&run->mutex, NULL) != 0)
        return error_set(error, ERROR_INTERNAL, "no mutex");
    enum error_code code = os_run_threads(thread_count(run), work, run, &run->abandoned, error);
    if (code == ERROR_NONE && run->failed) {
        *error = run->error;
        code = error->code;
    }
    pthread_mutex_destroy(&run->mutex);
    return code;
}

enum error_code synth_write(const struct synth_options *options, struct mem_account *account,
                            synth_progress progress, void *context, struct error *error)
{
    struct run run = {.options = options,
                      .account = account,
                      .layout = layout_of(options->layout),
                      .progress = progress,
                      .context = context};
    TRY(check(options, &run.rows, error));
    TRY(make_folder(options->folder, error));
    run.row_group_rows = layout_row_group_rows(&run.layout, run.rows);
    /* A page of all rows must not ask for room for more rows than there are. */
    if (run.layout.options.page_rows > run.rows)
        run.layout.options.page_rows = (uint32_t)run.rows;
    layout_fields(&run.layout, run.fields);
    return run_all(&run, error);
}
