#include "sum/sorted.h"

#include <string.h>

#include "os/os.h"
#include "sum/groups.h"
#include "sum/key_survey.h"
#include "sum/slice.h"
#include "sum/wave.h"

/* Slots of a tile, as many as the cache holds and no fewer than are worth going round the files
 * for. */
#define SLOTS_LEAST 4096
#define SLOTS_MOST  ((uint64_t)1 << 18)
/* Descriptors for other things than inputs. */
#define FILES_SPARE 24

/* Where the merge stands in one file. */
struct sorted_file {
    struct row_reader *reader; /* NULL: not opened yet, or used up */
    bool ended;
    struct row_batch batch;
    struct slice_walk *walks; /* one a value column: the rest of the batch */
    uint32_t at;              /* the first row of the batch that no tile has taken */
    uint64_t last;            /* code of the row before */
    uint64_t bytes_told;
};

struct sorting {
    struct sum *sum;
    struct failure failure;
    struct wave wave;
    struct rows_out out;
    uint64_t slot_count; /* codes a tile */
    uint64_t tile_count;
    struct sorted_file *files;
    struct slice_walk *walks; /* of all files */
};

/* What one thread works with. */
struct merger {
    struct sorting *sorting;
    struct value_groups **groups; /* one a value column */
    uint8_t *met;                 /* one a slot */
    uint64_t *rows;               /* one a slot; NULL: they are not counted */
    uint32_t slots[BATCH_ROWS];
    uint64_t codes[VALUE_TILE_WINDOW];
    uint64_t row_counts[VALUE_TILE_WINDOW];
    struct group_window window;
};

/* ---- one file ---- */

/* Whether codes ascend, from the last row on; equal ones may follow each other. */
static bool ascends(const uint64_t *codes, uint32_t count, uint64_t last)
{
    uint32_t falls = codes[0] < last;
    for (uint32_t i = 1; i < count; i++)
        falls += codes[i] < codes[i - 1];
    return falls == 0;
}

static enum error_code give_up(atomic_bool *finding)
{
    atomic_store(finding, true);
    return ERROR_CANCELLED;
}

static void tell_progress(struct sum *sum, struct sorted_file *file)
{
    uint64_t bytes = row_reader_bytes(file->reader);
    atomic_fetch_add(&sum->progress->rows_done, file->batch.rows_read);
    atomic_fetch_add(&sum->progress->bytes_done, bytes - file->bytes_told);
    file->bytes_told = bytes;
}

static void leave_file(struct sum *sum, struct sorted_file *file)
{
    uint32_t row_groups, pages;
    row_reader_passed_over(file->reader, &row_groups, &pages);
    atomic_fetch_add(&sum->row_groups_passed_over, row_groups);
    atomic_fetch_add(&sum->pages_passed_over, pages);
    atomic_fetch_add(&sum->progress->files_done, 1);
    row_reader_close(file->reader);
    file->reader = NULL;
    file->ended = true;
}

static enum error_code read_batch(struct sum *sum, struct sorted_file *file, struct error *error)
{
    struct row_reader *reader = file->reader;
    bool outside;
    TRY(row_reader_next(reader, row_reader_row_count(reader), BATCH_ROWS, &file->batch, &outside,
                        error));
    if (outside)
        return give_up(&sum->keys_outside);
    tell_progress(sum, file);
    file->at = 0;
    uint32_t count = file->batch.row_count;
    if (count > 0) {
        for (uint32_t i = 0; i < sum->value_count; i++)
            slice_walk_begin(&file->walks[i], &sum->values[i].type, &file->batch.values[i]);
        if (!ascends(file->batch.codes, count, file->last))
            return give_up(&sum->keys_unsorted);
        file->last = file->batch.codes[count - 1];
        atomic_fetch_add(&sum->rows_selected, count);
    } else if (row_reader_row(reader) == row_reader_row_count(reader)) {
        leave_file(sum, file);
    }
    return ERROR_NONE;
}

/* Sees to it that there are rows, unless the file has ended. */
static enum error_code need_rows(struct sum *sum, struct sorted_file *file, uint64_t number,
                                 struct error *error)
{
    if (file->reader == NULL && !file->ended)
        TRY(row_reader_open(sum, number, ROW_KEYS_AND_VALUES, &file->reader, error));
    while (!file->ended && file->at == file->batch.row_count)
        TRY(read_batch(sum, file, error));
    return ERROR_NONE;
}

/* Rows of the batch, from at on, whose code is below end. */
static uint32_t rows_below(const struct sorted_file *file, uint64_t end)
{
    const uint64_t *codes = file->batch.codes;
    uint32_t low = file->at, high = file->batch.row_count;
    if (codes[high - 1] < end)
        return high - low;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (codes[middle] < end)
            low = middle + 1;
        else
            high = middle;
    }
    return low - file->at;
}

static void note_slots(struct merger *merger, const uint64_t *codes, uint32_t count, uint64_t base)
{
    for (uint32_t i = 0; i < count; i++) {
        merger->slots[i] = (uint32_t)(codes[i] - base);
        merger->met[merger->slots[i]] = 1;
    }
    for (uint32_t i = 0; merger->rows != NULL && i < count; i++)
        merger->rows[merger->slots[i]]++;
}

static enum error_code add_rows(struct merger *merger, struct sorted_file *file, uint32_t count,
                                uint64_t base, struct error *error)
{
    const struct sum *sum = merger->sorting->sum;
    note_slots(merger, file->batch.codes + file->at, count, base);
    for (uint32_t i = 0; i < sum->value_count; i++) {
        struct column_slice slice = slice_walk_take(&file->walks[i], count);
        enum error_code code = value_groups_add(merger->groups[i], merger->slots, &slice, error);
        if (code != ERROR_NONE) {
            error_in_column(error, sum->values[i].name);
            return code;
        }
    }
    file->at += count;
    return ERROR_NONE;
}

static enum error_code add_file(struct merger *merger, uint64_t number, uint64_t base, uint64_t end,
                                struct error *error)
{
    struct sorting *sorting = merger->sorting;
    struct sorted_file *file = &sorting->files[number];
    for (;;) {
        TRY(need_rows(sorting->sum, file, number, error));
        uint32_t count = file->ended ? 0 : rows_below(file, end);
        if (count == 0)
            return ERROR_NONE;
        TRY(add_rows(merger, file, count, base, error));
    }
}

/* ---- one tile ---- */

static enum error_code write_window(struct merger *merger, uint32_t count, struct error *error)
{
    struct sorting *sorting = merger->sorting;
    const struct sum *sum = sorting->sum;
    struct group_window *window = &merger->window;
    group_window_keys(window, merger->codes, NULL, count);
    for (uint32_t i = 0; i < sum->output_count; i++) {
        uint32_t field = sum->key_count + i;
        if (sum->outputs[i].function == AGGREGATE_COUNT_ROWS) {
            window->slices[field] = (struct column_slice){
                .row_count = count, .value_count = count, .values = merger->row_counts};
            continue;
        }
        TRY(group_window_output(window, merger->groups[sum->outputs[i].value], i, merger->slots,
                                count, error));
    }
    sorting->sum->report.result_rows += count;
    return rows_out_write(&sorting->out, count, window->slices, error);
}

/* The slots that were met, a window at a time. */
static enum error_code write_tile(struct merger *merger, uint64_t base, uint64_t slots,
                                  struct error *error)
{
    uint32_t count = 0;
    for (uint64_t slot = 0; slot < slots; slot++) {
        merger->slots[count] = (uint32_t)slot;
        merger->codes[count] = base + slot;
        merger->row_counts[count] = merger->rows != NULL ? merger->rows[slot] : 0;
        count += merger->met[slot];
        if (count == VALUE_TILE_WINDOW) {
            TRY(write_window(merger, count, error));
            count = 0;
        }
    }
    return count > 0 ? write_window(merger, count, error) : ERROR_NONE;
}

static enum error_code begin_tile(struct merger *merger, uint64_t slots, struct error *error)
{
    const struct sum *sum = merger->sorting->sum;
    memset(merger->met, 0, slots);
    if (merger->rows != NULL)
        memset(merger->rows, 0, slots * sizeof *merger->rows);
    for (uint32_t i = 0; i < sum->value_count; i++)
        TRY(value_groups_clear(merger->groups[i], error));
    return ERROR_NONE;
}

static enum error_code merge_tile(struct merger *merger, uint64_t tile, struct error *error)
{
    struct sorting *sorting = merger->sorting;
    struct sum *sum = sorting->sum;
    uint64_t base = tile * sorting->slot_count, left = sum->space.span - base;
    uint64_t slots = left < sorting->slot_count ? left : sorting->slot_count;
    TRY(begin_tile(merger, slots, error));
    for (uint64_t file = 0; file < sum->catalog.file_count; file++) {
        if (!wave_wait(&sorting->wave, tile, file))
            return ERROR_CANCELLED;
        TRY(add_file(merger, file, base, base + slots, error));
        TRY(os_check_stop(error));
        wave_leave(&sorting->wave, tile, file);
    }
    if (!wave_wait_finished(&sorting->wave, tile))
        return ERROR_CANCELLED;
    TRY(write_tile(merger, base, slots, error));
    wave_finish(&sorting->wave, tile);
    return ERROR_NONE;
}

/* ---- threads ---- */

static enum error_code merger_open(struct merger *merger, struct error *error)
{
    struct sum *sum = merger->sorting->sum;
    size_t slots = (size_t)merger->sorting->slot_count;
    TRY(exact_check_environment(error));
    TRY(mem_alloc(&sum->account, slots, (void **)&merger->met, error));
    if (sum_counts_rows(sum))
        TRY(mem_alloc_array(&sum->account, slots, sizeof *merger->rows, (void **)&merger->rows,
                            error));
    TRY(mem_alloc_array(&sum->account, sum->value_count, sizeof *merger->groups,
                        (void **)&merger->groups, error));
    for (uint32_t i = 0; i < sum->value_count; i++) {
        double magnitude = sum->facts.columns[sum->key_count + i].magnitude;
        TRY(value_groups_create(&sum->values[i], exact_grids_for(magnitude), &sum->account,
                                &merger->groups[i], error));
        TRY(value_groups_reserve(merger->groups[i], slots, error));
    }
    return group_window_open(&merger->window, sum, error);
}

static void merger_close(struct merger *merger)
{
    const struct sum *sum = merger->sorting->sum;
    for (uint32_t i = 0; merger->groups != NULL && i < sum->value_count; i++)
        value_groups_destroy(merger->groups[i]);
    mem_free(merger->groups);
    mem_free(merger->met);
    mem_free(merger->rows);
    group_window_close(&merger->window);
    mem_free(merger);
}

static enum error_code merge_tiles(struct merger *merger, struct error *error)
{
    struct sorting *sorting = merger->sorting;
    uint64_t tile;
    while (!atomic_load(&sorting->failure.stop) &&
           (tile = wave_take(&sorting->wave)) < sorting->tile_count)
        TRY(merge_tile(merger, tile, error));
    return ERROR_NONE;
}

static void merge_thread(void *context, unsigned index)
{
    struct sorting *sorting = context;
    struct merger *merger = NULL;
    struct error error;
    (void)index;
    error_init(&error);
    enum error_code code =
        mem_alloc(&sorting->sum->account, sizeof *merger, (void **)&merger, &error);
    if (code == ERROR_NONE) {
        merger->sorting = sorting;
        code = merger_open(merger, &error);
        if (code == ERROR_NONE)
            code = merge_tiles(merger, &error);
        merger_close(merger);
    }
    failure_report(&sorting->failure, code, &error);
    wave_wake(&sorting->wave);
}

/* ---- all ---- */

static uint64_t slots_of_tile(const struct sum *sum)
{
    size_t bytes = 1;
    for (uint32_t i = 0; i < sum->value_count; i++)
        bytes += aggregate_value_key_bytes(&sum->values[i]) + 2 * sizeof(double);
    uint64_t slots = os_l2_cache_bytes() / 2 / bytes;
    slots = slots < SLOTS_LEAST ? SLOTS_LEAST : slots > SLOTS_MOST ? SLOTS_MOST : slots;
    return slots < sum->space.span ? slots : sum->space.span;
}

static size_t tile_size(const struct sum *sum, uint64_t slots)
{
    size_t bytes = mem_charge_of(sizeof(struct merger)) + mem_charge_of((size_t)slots * 9);
    for (uint32_t i = 0; i < sum->value_count; i++)
        bytes += value_groups_size(&sum->values[i], (size_t)slots);
    return bytes;
}

static uint64_t work_size(const struct sum *sum)
{
    return sum->catalog.file_count * (uint64_t)row_reader_size(sum, sum->row_page_limit, true) +
           sum->row_threads * (uint64_t)tile_size(sum, slots_of_tile(sum));
}

bool sum_can_be_sorted(const struct sum *sum)
{
    if (!sum_is_dense(sum) || sum->key_count == 0 || sum->space.span == 0 ||
        sum->options.arrow_stream)
        return false;
    if (sum->output_open && !output_can_rewind(&sum->output))
        return false;
    uint64_t files = sum->catalog.file_count;
    if (files + FILES_SPARE > os_open_files_limit())
        return false;
    return work_size(sum) < sum->group_limit;
}

static enum error_code open_files(struct sorting *sorting, struct error *error)
{
    struct sum *sum = sorting->sum;
    size_t files = (size_t)sum->catalog.file_count;
    TRY(mem_alloc_array(&sum->account, files, sizeof *sorting->files, (void **)&sorting->files,
                        error));
    TRY(mem_alloc_array(&sum->account, files * sum->value_count, sizeof *sorting->walks,
                        (void **)&sorting->walks, error));
    for (size_t i = 0; i < files; i++)
        sorting->files[i].walks = sorting->walks + i * sum->value_count;
    return ERROR_NONE;
}

static void close_files(struct sorting *sorting)
{
    for (uint64_t i = 0; sorting->files != NULL && i < sorting->sum->catalog.file_count; i++)
        row_reader_close(sorting->files[i].reader);
    mem_free(sorting->files);
    mem_free(sorting->walks);
}

static enum error_code merge_files(struct sorting *sorting, struct error *error)
{
    struct sum *sum = sorting->sum;
    TRY(open_files(sorting, error));
    wave_init(&sorting->wave, sum->catalog.file_count, sum->row_threads, &sorting->failure.stop);
    TRY(os_run_threads(sum->row_threads, merge_thread, sorting, &sorting->failure.stop, error));
    if (atomic_load(&sum->keys_outside) || atomic_load(&sum->keys_unsorted))
        return ERROR_NONE;
    TRY(sorting->failure.code);
    return rows_out_finish(&sorting->out, error);
}

enum error_code sum_add_sorted(struct sum *sum, struct output *output, struct error *error)
{
    void *memory;
    TRY(mem_alloc(&sum->account, sizeof(struct sorting), &memory, error));
    struct sorting *sorting = memory;
    sorting->sum = sum;
    sum_promise(sum, work_size(sum));
    sorting->slot_count = slots_of_tile(sum);
    sorting->tile_count = (sum->space.span + sorting->slot_count - 1) / sorting->slot_count;
    failure_init(&sorting->failure, error);
    sum_widen_key_fields(sum);
    enum error_code code = rows_out_open(&sorting->out, sum, output, false, error);
    if (code == ERROR_NONE)
        code = merge_files(sorting, error);
    rows_out_close(&sorting->out);
    close_files(sorting);
    mem_free(sorting);
    return code;
}
