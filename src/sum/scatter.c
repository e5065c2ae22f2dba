#include "sum/scatter.h"

#include "os/os.h"

/* Rows handed out at once where files are few: a row group as pyarrow writes it. */
#define UNIT_ROWS ((uint64_t)1 << 20)
/* With so many files for each thread whole files are handed out. */
#define MANY_FILES 4

/* A run of rows of one file. */
struct unit {
    uint64_t file, begin, end;
};

struct scatter {
    struct sum *sum;
    struct grouping *grouping;
    bool all_files;
    uint64_t unit_rows;
    struct failure failure;
    pthread_mutex_t mutex;
    /* Where the next unit begins; under the mutex. */
    struct mem_buffer record_buffer;
    uint64_t file, row, row_count;
    bool loaded;
};

/* What one thread works with. */
struct scatterer {
    struct scatter *scatter;
    struct row_reader *reader;
    struct group_feed *feed;
    uint64_t bytes_told;
};

/* ---- units ---- */

static bool takes_part(const struct scatter *scatter, uint64_t file)
{
    return scatter->all_files || !sum_is_aligned(scatter->sum, file);
}

/* Goes to the next file that takes part and has rows; false: there is none. */
static enum error_code need_file(struct scatter *scatter, bool *ret, struct error *error)
{
    const struct catalog *catalog = &scatter->sum->catalog;
    while (!scatter->loaded || scatter->row == scatter->row_count) {
        scatter->file += scatter->loaded;
        scatter->loaded = false;
        while (scatter->file < catalog->file_count && !takes_part(scatter, scatter->file))
            scatter->file++;
        *ret = scatter->file < catalog->file_count;
        if (!*ret)
            return ERROR_NONE;
        struct catalog_record record;
        TRY(catalog_load(catalog, scatter->file, &scatter->record_buffer, &record, error));
        scatter->row = 0;
        scatter->row_count = record.head->row_count;
        scatter->loaded = true;
    }
    *ret = true;
    return ERROR_NONE;
}

static enum error_code take_unit(struct scatter *scatter, struct unit *ret, bool *ret_more,
                                 struct error *error)
{
    pthread_mutex_lock(&scatter->mutex);
    enum error_code code = need_file(scatter, ret_more, error);
    if (code == ERROR_NONE && *ret_more) {
        uint64_t left = scatter->row_count - scatter->row;
        uint64_t rows = left < scatter->unit_rows ? left : scatter->unit_rows;
        *ret = (struct unit){scatter->file, scatter->row, scatter->row + rows};
        scatter->row += rows;
    }
    pthread_mutex_unlock(&scatter->mutex);
    return code;
}

/* ---- one unit ---- */

static void tell_progress(struct scatterer *scatterer, const struct row_batch *batch)
{
    struct sum_progress *progress = scatterer->scatter->sum->progress;
    uint64_t bytes = row_reader_bytes(scatterer->reader);
    atomic_fetch_add(&progress->rows_done, batch->rows_read);
    atomic_fetch_add(&progress->bytes_done, bytes - scatterer->bytes_told);
    scatterer->bytes_told = bytes;
}

static void leave_file(struct scatterer *scatterer)
{
    row_reader_close(scatterer->reader);
    scatterer->reader = NULL;
}

/* The reader of the unit's file, standing before the unit. */
static enum error_code need_reader(struct scatterer *scatterer, const struct unit *unit,
                                   struct error *error)
{
    struct row_reader *reader = scatterer->reader;
    if (reader != NULL &&
        (row_reader_file(reader) != unit->file || row_reader_row(reader) > unit->begin)) {
        leave_file(scatterer);
        reader = NULL;
    }
    if (reader == NULL) {
        TRY(row_reader_open(scatterer->scatter->sum, unit->file, ROW_KEYS_AND_VALUES,
                            &scatterer->reader, error));
        scatterer->bytes_told = 0;
    }
    return row_reader_seek(scatterer->reader, unit->begin, error);
}

static enum error_code scatter_unit(struct scatterer *scatterer, const struct unit *unit,
                                    struct error *error)
{
    struct scatter *scatter = scatterer->scatter;
    struct sum *sum = scatter->sum;
    TRY(need_reader(scatterer, unit, error));
    while (row_reader_row(scatterer->reader) < unit->end) {
        struct row_batch batch;
        bool outside;
        TRY(row_reader_next(scatterer->reader, unit->end, BATCH_ROWS, &batch, &outside, error));
        if (outside) {
            atomic_store(&sum->keys_outside, true);
            return ERROR_CANCELLED;
        }
        TRY(groups_feed(scatterer->feed, &batch, error));
        atomic_fetch_add(&sum->rows_selected, batch.row_count);
        tell_progress(scatterer, &batch);
        if (atomic_load(&scatter->failure.stop))
            return ERROR_CANCELLED;
        TRY(os_check_stop(error));
    }
    if (unit->end == row_reader_row_count(scatterer->reader)) {
        uint32_t row_groups, pages;
        row_reader_passed_over(scatterer->reader, &row_groups, &pages);
        atomic_fetch_add(&sum->row_groups_passed_over, row_groups);
        atomic_fetch_add(&sum->pages_passed_over, pages);
        atomic_fetch_add(&sum->progress->files_done, 1);
    }
    return ERROR_NONE;
}

/* ---- threads ---- */

static enum error_code scatter_units(struct scatterer *scatterer, struct error *error)
{
    struct scatter *scatter = scatterer->scatter;
    while (!atomic_load(&scatter->failure.stop)) {
        struct unit unit;
        bool more;
        TRY(take_unit(scatter, &unit, &more, error));
        if (!more)
            break;
        TRY(scatter_unit(scatterer, &unit, error));
    }
    return ERROR_NONE;
}

static void scatter_thread(void *context, unsigned index)
{
    struct scatter *scatter = context;
    struct scatterer scatterer = {.scatter = scatter};
    struct error error;
    (void)index;
    error_init(&error);
    enum error_code code = exact_check_environment(&error);
    if (code == ERROR_NONE)
        code = group_feed_open(scatter->grouping, &scatterer.feed, &error);
    if (code == ERROR_NONE)
        code = scatter_units(&scatterer, &error);
    leave_file(&scatterer);
    if (code == ERROR_NONE)
        code = group_feed_close(scatterer.feed, &error);
    else
        group_feed_abort(scatterer.feed);
    failure_report(&scatter->failure, code, &error);
}

enum error_code sum_scatter(struct sum *sum, struct grouping *grouping, bool all_files,
                            struct error *error)
{
    struct scatter scatter = {.sum = sum, .grouping = grouping, .all_files = all_files};
    bool many = sum->catalog.file_count / MANY_FILES >= sum->row_threads;
    scatter.unit_rows = many ? UINT64_MAX : UNIT_ROWS;
    failure_init(&scatter.failure, error);
    pthread_mutex_init(&scatter.mutex, NULL);
    mem_buffer_init(&scatter.record_buffer, &sum->account, SIZE_MAX / 2);
    enum error_code code =
        os_run_threads(sum->row_threads, scatter_thread, &scatter, &scatter.failure.stop, error);
    mem_buffer_release(&scatter.record_buffer);
    return code != ERROR_NONE ? code : scatter.failure.code;
}
