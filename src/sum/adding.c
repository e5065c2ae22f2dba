/*
 * Adding: tiles of keys, each over all files, by threads that follow each other in a wave.
 *
 * A thread takes the next tile, adds every file's rows of it to its own accumulators, waits for its
 * turn and writes the results. When values do not fit the grids in use the tile is begun again with
 * better ones; when those leave room for fewer keys the tile is done in parts.
 */
#include <string.h>

#include "os/os.h"
#include "sum/file_pool.h"
#include "sum/fold.h"
#include "sum/result.h"
#include "sum/wave.h"

/* Files whose ranges are asked for before they are needed. */
#define FILES_AHEAD 8
#define POOL_MOST   128

struct adding {
    struct sum *sum;
    struct failure failure;
    struct wave wave;
    struct result *result; /* NULL: tiles go into groups */
    struct fold fold;
    atomic_uint_fast64_t tiles_again;
    atomic_uint_fast64_t bytes_read;
    uint64_t rows_ahead; /* of every file that may be asked for early; 0: see rows_ahead() */
};

/* What one thread works with. */
struct adder {
    struct adding *adding;
    struct sum *sum;
    struct value_tile *tiles; /* one a value column */
    struct parquet_page_reader *reader;
    struct mem_buffer record_buffer;
    struct mem_buffer ahead_buffer;
    struct file_pool pool;
    uint64_t bytes_told; /* of the reader's count, to the progress */
};

/* The rows under work: part of a tile. */
struct part {
    uint64_t tile;
    uint64_t begin, end; /* rows */
    bool last;           /* ends where the tile ends */
};

/* ---- one value column of one file ---- */

static enum error_code add_pages(struct adder *adder, struct value_tile *tile,
                                 const struct part *part, uint64_t *row, uint64_t end,
                                 enum exact_outcome *outcome, struct error *error)
{
    while (*row < end) {
        struct column_slice slice;
        uint64_t left = end - *row;
        uint32_t most = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
        TRY(parquet_page_reader_next(adder->reader, most, &slice, error));
        if (slice.row_count == 0)
            return error_set(error, ERROR_INPUT, "the column chunk ends %llu rows too early",
                             (unsigned long long)left);
        if (tile->value->widened)
            TRY(value_tile_widen(tile, &slice, &slice, error));
        *outcome = value_tile_add(tile, (size_t)(*row - part->begin), &slice);
        if (*outcome != EXACT_DONE)
            return ERROR_NONE;
        *row += slice.row_count;
    }
    return ERROR_NONE;
}

/* The rows of one row group that belong to the part. Moves position and row on. */
static enum error_code add_row_group(struct adder *adder, const struct store_object *object,
                                     const struct catalog_chunk *stored, uint32_t value,
                                     const struct part *part, struct catalog_position *position,
                                     uint64_t *row, enum exact_outcome *outcome,
                                     struct error *error)
{
    const struct sum *sum = adder->sum;
    struct parquet_chunk chunk = catalog_parquet_chunk(stored);
    struct parquet_column column =
        catalog_parquet_column(stored, &sum->first.columns[sum->values[value].column]);
    struct parquet_position from = {position->page_offset, position->page_row};
    uint64_t group_begin = position->file_row - position->page_row;
    uint64_t group_end = group_begin + chunk.value_count;
    uint64_t end = group_end < part->end ? group_end : part->end;
    TRY(parquet_page_reader_open(adder->reader, object, &column, &chunk, &from, error));
    if (*row > position->file_row)
        TRY(parquet_page_reader_skip(adder->reader, *row - position->file_row, error));
    TRY(add_pages(adder, &adder->tiles[value], part, row, end, outcome, error));
    if (*outcome != EXACT_DONE)
        return ERROR_NONE;
    if (end == group_end) {
        *position = (struct catalog_position){group_end, 0, 0, position->row_group + 1};
        return ERROR_NONE;
    }
    from = parquet_page_reader_position(adder->reader);
    position->page_offset = from.page_offset;
    position->page_row = from.page_row;
    position->file_row = group_begin + from.page_row;
    return ERROR_NONE;
}

/* Where a tile begins in a file: where the tile in front of it ended, or where a row group does. */
static enum error_code find_begin(const struct sum *sum, const struct catalog_record *record,
                                  uint64_t file, uint32_t value, uint64_t tile,
                                  struct catalog_position *ret, struct error *error)
{
    if (!sum->tile_early[tile])
        return catalog_read_position(&sum->catalog, file, value, tile, ret, error);
    *ret = catalog_row_group_position(&sum->catalog, record, sum->key_count + value,
                                      sum->tile_starts[tile]);
    return ERROR_NONE;
}

static enum error_code add_value(struct adder *adder, const struct store_object *object,
                                 const struct catalog_record *record, uint64_t file, uint32_t value,
                                 const struct part *part, enum exact_outcome *outcome,
                                 struct error *error)
{
    struct sum *sum = adder->sum;
    struct catalog_position position;
    TRY(find_begin(sum, record, file, value, part->tile, &position, error));
    for (uint64_t row = part->begin; row < part->end && *outcome == EXACT_DONE;) {
        if (position.row_group >= record->head->row_group_count)
            return error_set(error, ERROR_INPUT, "the row groups end before the rows do");
        size_t index = position.row_group * sum->catalog.column_count + sum->key_count + value;
        const struct catalog_chunk *chunk = &record->chunks[index];
        uint64_t row_group = position.row_group;
        uint64_t group_end = position.file_row - position.page_row + chunk->value_count;
        if (group_end <= row) {
            position = (struct catalog_position){group_end, 0, 0, row_group + 1};
            continue;
        }
        enum error_code code =
            add_row_group(adder, object, chunk, value, part, &position, &row, outcome, error);
        if (code != ERROR_NONE) {
            error_in_row_group(error, (int64_t)row_group);
            error_in_column(error, sum->values[value].name);
            return code;
        }
    }
    if (*outcome != EXACT_DONE || !part->last)
        return ERROR_NONE;
    return catalog_write_position(&sum->catalog, file, value, part->tile + 1, &position, error);
}

/* ---- one file ---- */

static void tell_progress(struct adder *adder, uint64_t rows)
{
    uint64_t bytes = parquet_page_reader_bytes_read(adder->reader);
    atomic_fetch_add(&adder->sum->progress->bytes_done, bytes - adder->bytes_told);
    atomic_fetch_add(&adder->sum->progress->rows_done, rows);
    adder->bytes_told = bytes;
}

static enum error_code add_values(struct adder *adder, const struct store_object *object,
                                  const struct catalog_record *record, uint64_t file,
                                  const struct part *part, enum exact_outcome *outcome,
                                  struct error *error)
{
    for (uint32_t value = 0; value < adder->sum->value_count; value++) {
        TRY(add_value(adder, object, record, file, value, part, outcome, error));
        if (*outcome != EXACT_DONE)
            return ERROR_NONE;
        value_tile_end_file(&adder->tiles[value]);
    }
    return store_recheck_identity(object, &record->head->identity, error);
}

static enum error_code add_file(struct adder *adder, uint64_t file, const struct part *part,
                                enum exact_outcome *outcome, struct error *error)
{
    struct catalog_record record;
    struct store_object *object;
    TRY(os_check_stop(error));
    TRY(catalog_load(&adder->sum->catalog, file, &adder->record_buffer, &record, error));
    TRY(file_pool_open(&adder->pool, file, &record, &object, error));
    enum error_code code = add_values(adder, object, &record, file, part, outcome, error);
    if (code != ERROR_NONE)
        return sum_explain_file(object, &record, code, error);
    if (*outcome == EXACT_DONE)
        tell_progress(adder, part->end - part->begin);
    return ERROR_NONE;
}

/*
 * How far to ask ahead. Where the system can keep that much of every file, well beyond the tiles
 * under way. Else what it cannot keep would be read twice: then only what these tiles use, asked
 * for by the first of them.
 */
static uint64_t rows_ahead(const struct adding *adding, const struct part *part)
{
    unsigned threads = adding->sum->plan.threads;
    if (adding->rows_ahead > 0)
        return adding->rows_ahead;
    return (part->end - part->begin) * (part->tile % threads == 0 ? threads : 1);
}

/* Asks for the bytes of a later file: what this tile and those of the other threads will want of
 * it. */
static enum error_code look_ahead(struct adder *adder, uint64_t file, const struct part *part,
                                  struct error *error)
{
    struct sum *sum = adder->sum;
    struct catalog_record record;
    struct store_object *object;
    uint64_t rows = rows_ahead(adder->adding, part);
    TRY(catalog_load(&sum->catalog, file, &adder->ahead_buffer, &record, error));
    TRY(file_pool_open(&adder->pool, file, &record, &object, error));
    for (uint32_t value = 0; value < sum->value_count; value++) {
        struct catalog_position position;
        TRY(find_begin(sum, &record, file, value, part->tile, &position, error));
        catalog_prefetch(&sum->catalog, &record, object, sum->key_count + value, &position, rows);
    }
    return ERROR_NONE;
}

/* ---- one part of a tile ---- */

static bool ahead_is_possible(const struct adder *adder, uint64_t file, const struct part *part)
{
    const struct sum *sum = adder->sum;
    return file < sum->catalog.file_count && sum_is_aligned(sum, file) &&
           adder->pool.slot_count > FILES_AHEAD + 1 &&
           (sum->tile_early[part->tile] || wave_passed(&adder->adding->wave, part->tile, file));
}

static enum error_code add_part(struct adder *adder, const struct part *part,
                                enum exact_outcome *outcome, struct error *error)
{
    struct sum *sum = adder->sum;
    struct wave *wave = &adder->adding->wave;
    for (uint32_t i = 0; i < sum->value_count; i++)
        TRY(value_tile_begin(&adder->tiles[i], (size_t)(part->end - part->begin), error));
    for (uint64_t file = 0; file < FILES_AHEAD; file++) {
        if (ahead_is_possible(adder, file, part))
            TRY(look_ahead(adder, file, part, error));
    }
    for (uint64_t file = 0; file < sum->catalog.file_count; file++) {
        if (!sum->tile_early[part->tile] && !wave_wait(wave, part->tile, file))
            return ERROR_CANCELLED;
        if (ahead_is_possible(adder, file + FILES_AHEAD, part))
            TRY(look_ahead(adder, file + FILES_AHEAD, part, error));
        if (sum_is_aligned(sum, file))
            TRY(add_file(adder, file, part, outcome, error));
        if (*outcome != EXACT_DONE) {
            atomic_fetch_add(&adder->adding->tiles_again, 1);
            return ERROR_NONE;
        }
        if (part->last)
            wave_leave(wave, part->tile, file);
    }
    return ERROR_NONE;
}

static uint64_t part_end(const struct adder *adder, uint64_t begin, uint64_t end)
{
    uint64_t rows = end - begin;
    for (uint32_t i = 0; i < adder->sum->value_count; i++) {
        uint64_t limit = value_tile_key_limit(&adder->tiles[i]);
        rows = limit < rows ? limit : rows;
    }
    return begin + (rows > 0 ? rows : 1);
}

/* The sums of rows begin..end-1, in order. */
static enum error_code hand_on(struct adder *adder, uint64_t begin, uint64_t end,
                               struct error *error)
{
    struct adding *adding = adder->adding;
    if (adding->result == NULL)
        return fold_write(&adding->fold, adder->tiles, begin, end - begin, error);
    return result_write(adding->result, adder->tiles, begin, end - begin, error);
}

static enum error_code add_tile(struct adder *adder, uint64_t tile, struct error *error)
{
    struct adding *adding = adder->adding;
    uint64_t begin = adder->sum->tile_starts[tile], end = adder->sum->tile_starts[tile + 1];
    while (begin < end) {
        struct part part = {.tile = tile, .begin = begin, .end = part_end(adder, begin, end)};
        enum exact_outcome outcome = EXACT_DONE;
        part.last = part.end == end;
        TRY(add_part(adder, &part, &outcome, error));
        if (outcome != EXACT_DONE)
            continue; /* with other grids, and perhaps fewer keys */
        if (!wave_wait_finished(&adding->wave, tile))
            return ERROR_CANCELLED;
        TRY(hand_on(adder, begin, part.end, error));
        begin = part.end;
    }
    wave_finish(&adding->wave, tile);
    return ERROR_NONE;
}

/* ---- threads ---- */

static size_t pool_slots(const struct sum *sum)
{
    size_t each = sum_files_a_thread(sum, POOL_MOST);
    return each < sum->catalog.file_count ? each : (size_t)sum->catalog.file_count;
}

static enum error_code adder_open(struct adder *adder, struct adding *adding, struct error *error)
{
    struct sum *sum = adding->sum;
    struct mem_account *account = &sum->account;
    adder->adding = adding;
    adder->sum = sum;
    mem_buffer_init(&adder->record_buffer, account, SIZE_MAX / 2);
    mem_buffer_init(&adder->ahead_buffer, account, SIZE_MAX / 2);
    TRY(exact_check_environment(error));
    TRY(file_pool_init(&adder->pool, pool_slots(sum), account, error));
    TRY(parquet_page_reader_create(account, sum->page_limit, &adder->reader, error));
    TRY(mem_alloc_array(account, sum->value_count, sizeof *adder->tiles, (void **)&adder->tiles,
                        error));
    size_t capacity = (size_t)sum->tile_rows_most;
    for (uint32_t i = 0; i < sum->value_count; i++) {
        double magnitude = sum->facts.columns[sum->key_count + i].magnitude;
        TRY(value_tile_init(&adder->tiles[i], &sum->values[i], capacity,
                            exact_tile_size(capacity, 2), exact_grids_for(magnitude), account,
                            error));
    }
    return ERROR_NONE;
}

static void adder_close(struct adder *adder)
{
    for (uint32_t i = 0; adder->tiles != NULL && i < adder->sum->value_count; i++)
        value_tile_release(&adder->tiles[i]);
    mem_free(adder->tiles);
    parquet_page_reader_destroy(adder->reader);
    file_pool_release(&adder->pool);
    mem_buffer_release(&adder->record_buffer);
    mem_buffer_release(&adder->ahead_buffer);
}

static enum error_code add_tiles(struct adder *adder, struct error *error)
{
    struct adding *adding = adder->adding;
    while (!atomic_load(&adding->failure.stop)) {
        uint64_t turn = wave_take(&adding->wave);
        if (turn >= adder->sum->plan.tile_count)
            break;
        TRY(add_tile(adder, adder->sum->tile_turns[turn], error));
    }
    return ERROR_NONE;
}

static void add_thread(void *context, unsigned index)
{
    (void)index;
    struct adding *adding = context;
    struct adder adder;
    struct error error;
    memset(&adder, 0, sizeof adder);
    error_init(&error);
    enum error_code code = adder_open(&adder, adding, &error);
    if (code == ERROR_NONE)
        code = add_tiles(&adder, &error);
    if (adder.reader != NULL)
        atomic_fetch_add(&adding->bytes_read, parquet_page_reader_bytes_read(adder.reader));
    adder_close(&adder);
    failure_report(&adding->failure, code, &error);
    wave_wake(&adding->wave);
}

static void report_reading(struct sum *sum, const struct adding *adding)
{
    uint64_t chunks = 0;
    for (uint32_t i = 0; i < sum->value_count; i++)
        chunks += sum->facts.columns[sum->key_count + i].bytes;
    uint64_t read = atomic_load(&adding->bytes_read);
    sum->report.bytes_read_twice = read > chunks ? read - chunks : 0;
    sum->report.tiles = sum->plan.tile_count;
    sum->report.tiles_again = atomic_load(&adding->tiles_again);
    sum->report.rows_read = sum->facts.row_count;
}

/* A constant distance, if the system's cache can hold it for all files: an eighth of the memory. */
static uint64_t distance_ahead(const struct sum *sum)
{
    uint64_t rows = sum->tile_rows_most * (sum->plan.threads + 2);
    double bytes = 0;
    for (uint32_t i = 0; i < sum->value_count; i++)
        bytes += (double)sum->facts.columns[sum->key_count + i].bytes;
    double all_rows = (double)sum->facts.row_count + 1;
    double held = bytes / all_rows * (double)rows * (double)sum->catalog.file_count;
    return held <= (double)os_memory_available() / 8 ? rows : 0;
}

static enum error_code run_adders(struct adding *adding, struct error *error)
{
    struct sum *sum = adding->sum;
    wave_init(&adding->wave, sum->catalog.file_count, sum->plan.threads, &adding->failure.stop);
    adding->rows_ahead = distance_ahead(sum);
    TRY(os_run_threads(sum->plan.threads, add_thread, adding, &adding->failure.stop, error));
    report_reading(sum, adding);
    return adding->failure.code;
}

static enum error_code add_to_output(struct adding *adding, struct output *output,
                                     struct error *error)
{
    enum error_code code = result_open(adding->sum, output, &adding->result, error);
    if (code == ERROR_NONE)
        code = run_adders(adding, error);
    if (code == ERROR_NONE)
        code = result_finish(adding->result, error);
    result_destroy(adding->result);
    return code;
}

static enum error_code add_to_groups(struct adding *adding, struct grouping *grouping,
                                     struct error *error)
{
    enum error_code code = fold_open(&adding->fold, adding->sum, grouping, error);
    if (code == ERROR_NONE)
        code = run_adders(adding, error);
    if (code == ERROR_NONE && !atomic_load(&adding->sum->keys_outside))
        code = fold_finish(&adding->fold, error);
    fold_close(&adding->fold);
    return code;
}

enum error_code sum_add(struct sum *sum, struct output *output, struct grouping *grouping,
                        struct error *error)
{
    void *memory;
    TRY(mem_alloc(&sum->account, sizeof(struct adding), &memory, error));
    struct adding *adding = memory;
    adding->sum = sum;
    failure_init(&adding->failure, error);
    enum error_code code = grouping != NULL ? add_to_groups(adding, grouping, error)
                                            : add_to_output(adding, output, error);
    mem_free(adding);
    return code;
}
