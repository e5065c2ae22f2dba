#include "sum/sum_int.h"

#include <string.h>
#include <sys/stat.h>

#include "arrow/stream.h"
#include "os/os.h"
#include "parquet/writer.h"
#include "sum/frames.h"
#include "sum/key_survey.h"
#include "sum/ways.h"
#include "sum/where.h"

/* Code and data of libraries that become resident only when they are used. */
#define CODE_BYTES  ((uint64_t)3 << 20)
#define STACK_BYTES ((uint64_t)128 << 10)

void failure_init(struct failure *failure, struct error *error)
{
    pthread_mutex_init(&failure->mutex, NULL);
    atomic_init(&failure->stop, false);
    failure->code = ERROR_NONE;
    failure->error = error;
}

void failure_report(struct failure *failure, enum error_code code, const struct error *error)
{
    if (code == ERROR_NONE)
        return;
    pthread_mutex_lock(&failure->mutex);
    /* A thread that was merely told to stop has nothing to say. */
    bool silent = error->code == ERROR_NONE;
    if (failure->code == ERROR_NONE && !silent) {
        failure->code = code;
        *failure->error = *error;
    }
    pthread_mutex_unlock(&failure->mutex);
    atomic_store(&failure->stop, true);
}

static void set_ceiling(struct sum *sum)
{
    sum->base = os_resident_bytes() + CODE_BYTES + sum->options.threads * STACK_BYTES;
    sum->ceiling = sum->options.memory;
    sum->ceiling_origin = "--memory";
    if (sum->ceiling == 0) {
        sum->ceiling = os_memory_available() / 5 * 4;
        sum->ceiling_origin = "80 % of the memory available";
    }
    uint64_t work = sum->ceiling > sum->base ? sum->ceiling - sum->base : 0;
    mem_account_init(&sum->account, "the sum", NULL, work);
}

static enum error_code check_options(const struct sum_options *options, struct error *error)
{
    if (options->key_count > SUM_KEYS_MOST)
        return error_set(error, ERROR_USAGE, "%zu key columns are too many: %d is the most",
                         options->key_count, SUM_KEYS_MOST);
    if (options->aggregate_count == 0)
        return error_set(error, ERROR_USAGE, "nothing to compute: no aggregate was named");
    if (options->aggregate_count > SUM_VALUES_MOST)
        return error_set(error, ERROR_USAGE, "%zu aggregates are too many: %d is the most",
                         options->aggregate_count, SUM_VALUES_MOST);
    if (options->input_count == 0 && !options->arrow_stream)
        return error_set(error, ERROR_USAGE, "no input was named");
    return ERROR_NONE;
}

static unsigned thread_count(unsigned asked)
{
    unsigned count = asked > 0 ? asked : os_processor_count();
    return count < SUM_THREADS_MOST ? count : SUM_THREADS_MOST;
}

/* The ceiling may be below what the bare program needs: say so before anything is allocated. */
static enum error_code check_ceiling(const struct sum *sum, struct error *error)
{
    const uint64_t least = sum->base + ((uint64_t)4 << 20);
    if (sum->ceiling >= least)
        return ERROR_NONE;
    char ceiling[24], smallest[24];
    mem_format_size(sum->ceiling, ceiling);
    mem_format_size((least + ((1 << 20) - 1)) >> 20 << 20, smallest);
    enum error_code code =
        error_set(error, ERROR_MEMORY, "%s (%s) are too little: the program alone takes %s",
                  ceiling, sum->ceiling_origin, smallest);
    /* What files need is not known yet: something to begin with. */
    uint64_t begin = 2 * least >> 20;
    error_hint(error, "--memory %lluMiB", (unsigned long long)(begin < 64 ? 64 : begin));
    return code;
}

static enum error_code open_output(struct sum *sum, struct error *error)
{
    sum->output.descriptor = -1;
    if (sum->options.output == NULL)
        return ERROR_NONE;
    TRY(output_open(&sum->output, sum->options.output, sum->options.overwrite, &sum->account,
                    error));
    sum->output_open = true;
    struct stat status;
    if (stat(sum->options.output, &status) == 0 && S_ISREG(status.st_mode)) {
        sum->replaced.device = (uint64_t)status.st_dev;
        sum->replaced.inode = (uint64_t)status.st_ino;
    }
    return ERROR_NONE;
}

enum error_code sum_create(const struct sum_options *options, struct sum_progress *progress,
                           struct sum **ret, struct error *error)
{
    TRY(check_options(options, error));
    void *memory;
    TRY(mem_alloc(NULL, sizeof(struct sum), &memory, error));
    struct sum *sum = memory;
    sum->options = *options;
    sum->options.threads = thread_count(options->threads);
    sum->progress = progress;
    set_ceiling(sum);
    mem_arena_init(&sum->arena, &sum->account);
    mem_buffer_init(&sum->scratch, &sum->account, SIZE_MAX / 2);
    mem_buffer_init(&sum->facts.borders, &sum->account, SIZE_MAX / 2);
    mem_buffer_init(&sum->aligned, &sum->account, SIZE_MAX / 2);
    catalog_init(&sum->catalog, &sum->account, 0, 0, 0); /* empty until the survey */
    enum error_code code = check_ceiling(sum, error);
    if (code == ERROR_NONE)
        code = sum_parse_where(sum, error);
    if (code == ERROR_NONE)
        code = open_output(sum, error);
    if (code != ERROR_NONE) {
        sum_destroy(sum);
        return code;
    }
    *ret = sum;
    return ERROR_NONE;
}

void sum_destroy(struct sum *sum)
{
    if (sum == NULL)
        return;
    if (sum->output_open)
        output_abort(&sum->output);
    sum_close_profiles(sum);
    sum_forget_keys(sum);
    mem_buffer_release(&sum->aligned);
    catalog_release(&sum->catalog);
    if (sum->first_read)
        parquet_metadata_release(&sum->first);
    store_close(&sum->first_object);
    arrow_stream_close(sum->stream);
    mem_buffer_release(&sum->scratch);
    mem_buffer_release(&sum->facts.borders);
    mem_arena_release(&sum->arena);
    mem_free(sum);
}

enum error_code sum_open_file(const struct catalog_record *record, struct store_object *ret,
                              struct error *error)
{
    struct store_object object;
    TRY(store_open(&object, record->path, error));
    enum error_code code = store_check_identity(&object, &record->head->identity, error);
    if (code != ERROR_NONE) {
        store_close(&object);
        return code;
    }
    *ret = object;
    return ERROR_NONE;
}

enum error_code sum_explain_file(const struct store_object *object,
                                 const struct catalog_record *record, enum error_code code,
                                 struct error *error)
{
    struct error changed;
    error_init(&changed);
    if (code != ERROR_CANCELLED &&
        store_recheck_identity(object, &record->head->identity, &changed) != ERROR_NONE) {
        *error = changed;
        code = changed.code;
    }
    error_in_file(error, record->path);
    return code;
}

size_t sum_files_a_thread(const struct sum *sum, size_t most)
{
    const size_t spare = 24; /* standard streams, spools, the first file, the output */
    size_t limit = os_open_files_limit();
    size_t each = limit > spare ? (limit - spare) / sum->plan.threads : 1;
    return each < 1 ? 1 : each > most ? most : each;
}

enum error_code sum_plan(struct sum *sum, const struct sum_plan **ret, struct error *error)
{
    if (!sum->planned) {
        uint64_t start = os_now_ns();
        TRY(sum->options.arrow_stream ? frames_survey(sum, error) : sum_survey(sum, error));
        TRY(sum->options.arrow_stream ? frames_plan(sum, error) : sum_make_plan(sum, error));
        sum->report.listing_ns = os_now_ns() - start;
        sum->planned = true;
    }
    atomic_store(&sum->progress->rows_total, sum->plan.row_count);
    atomic_store(&sum->progress->bytes_total, sum->plan.bytes_to_read);
    *ret = &sum->plan;
    return ERROR_NONE;
}

enum error_code sum_run(struct sum *sum, struct sum_report *ret, struct error *error)
{
    const struct sum_plan *plan;
    TRY(sum_plan(sum, &plan, error));
    sum->report.memory_figure = plan->memory_figure;
    TRY(sum_take_way(sum, error));
    sum->report.bytes_read = atomic_load(&sum->progress->bytes_done);
    sum->report.row_groups_passed_over = atomic_load(&sum->row_groups_passed_over);
    sum->report.pages_passed_over = atomic_load(&sum->pages_passed_over);
    sum->report.rows_read = sum->facts.row_count;
    sum->report.rows_selected =
        sum->filter != NULL ? atomic_load(&sum->rows_selected) : sum->facts.row_count;
    sum->report.peak_bytes = os_peak_resident_bytes();
    atomic_store(&sum->progress->phase, SUM_PHASE_DONE);
    *ret = sum->report;
    return ERROR_NONE;
}
