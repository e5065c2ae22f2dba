#include "sum/groups.h"

#include <string.h>

#include "os/os.h"
#include "sum/key_survey.h"

bool sum_counts_rows(const struct sum *sum)
{
    for (uint32_t i = 0; i < sum->output_count; i++)
        if (sum->outputs[i].function == AGGREGATE_COUNT_ROWS)
            return true;
    return false;
}

struct group_options groups_options(const struct sum *sum, enum group_keys keys, size_t limit,
                                    struct exact_grids *grids)
{
    for (uint32_t i = 0; i < sum->value_count; i++)
        grids[i] = exact_grids_for(sum->facts.columns[sum->key_count + i].magnitude);
    uint64_t rows = sum->facts.row_count;
    uint64_t expected = rows;
    if (sum->has_space && sum->space.span < expected)
        expected = sum->space.span;
    return (struct group_options){
        .keys = keys,
        .span = keys == GROUP_DENSE ? sum->space.span : 0,
        .values = sum->values,
        .grids = grids,
        .value_count = sum->value_count,
        .expected_keys = expected,
        .wants_rows = sum_counts_rows(sum),
        .threads = sum->row_threads,
        .limit = limit,
        .folder = sum->options.folder,
        .room_needed = rows * (uint64_t)(sum->key_count + sum->value_count) * sizeof(uint64_t),
    };
}

enum error_code groups_create(struct sum *sum, struct grouping **ret, struct error *error)
{
    void *grids;
    TRY(mem_arena_alloc_array(&sum->arena, sum->value_count, sizeof(struct exact_grids), &grids,
                              error));
    struct group_options options = groups_options(sum, sum->group_keys, sum->group_limit, grids);
    return group_create(&sum->account, &options, ret, error);
}

enum error_code groups_feed(struct group_feed *feed, const struct row_batch *batch,
                            struct error *error)
{
    if (batch->row_count == 0)
        return ERROR_NONE;
    if (batch->codes != NULL)
        return group_feed_codes(feed, batch->row_count, batch->codes, batch->values, error);
    return group_feed_bytes(feed, batch->row_count, batch->bytes, batch->offsets, batch->hashes,
                            batch->values, error);
}

static enum error_code feed_empty_tiles(struct sum *sum, struct group_feed *feed,
                                        struct value_tile *tiles, struct error *error)
{
    const uint64_t code = 0;
    for (uint32_t i = 0; i < sum->value_count; i++) {
        TRY(value_tile_init(&tiles[i], &sum->values[i], 1, value_tile_size(&sum->values[i], 1),
                            exact_grids_for(1), &sum->account, error));
        TRY(value_tile_begin(&tiles[i], 1, error));
    }
    struct group_sums sums = {.tiles = tiles};
    return group_feed_sums(feed, 1, &code, NULL, NULL, NULL, &sums, error);
}

enum error_code groups_feed_nothing(struct sum *sum, struct group_feed *feed, struct error *error)
{
    struct value_tile *tiles;
    TRY(mem_alloc_array(&sum->account, sum->value_count, sizeof *tiles, (void **)&tiles, error));
    enum error_code code = feed_empty_tiles(sum, feed, tiles, error);
    for (uint32_t i = 0; i < sum->value_count; i++)
        value_tile_release(&tiles[i]);
    mem_free(tiles);
    return code;
}

/* ---- results ---- */

static enum error_code fill_output(struct group_window *window, struct grouping *grouping,
                                   const struct group_rows *rows, uint32_t index,
                                   struct error *error)
{
    const struct sum *sum = window->sum;
    const struct sum_output *output = &sum->outputs[index];
    uint32_t field = sum->key_count + index;
    if (output->function == AGGREGATE_COUNT_ROWS) {
        window->slices[field] = (struct column_slice){
            .row_count = rows->row_count, .value_count = rows->row_count, .values = rows->rows};
        return ERROR_NONE;
    }
    size_t failed = 0;
    enum error_code code = group_result(
        grouping, output->value, output->function, &sum->fields[field].type, window->values[field],
        window->present[field], &window->slices[field], &failed, error);
    if (code == ERROR_OVERFLOW)
        group_window_blame(window, failed, error);
    return code;
}

static enum error_code write_rows(struct group_window *window, struct grouping *grouping,
                                  struct rows_out *out, struct error *error)
{
    struct sum *sum = window->sum;
    for (;;) {
        struct group_rows rows;
        TRY(group_next(grouping, &rows, error));
        if (rows.row_count == 0)
            return ERROR_NONE;
        group_window_keys(window, rows.codes, rows.keys, rows.row_count);
        for (uint32_t i = 0; i < sum->output_count; i++)
            TRY(fill_output(window, grouping, &rows, i, error));
        TRY(rows_out_write(out, rows.row_count, window->slices, error));
        sum->report.result_rows += rows.row_count;
        TRY(os_check_stop(error));
    }
}

size_t groups_write_size(const struct sum *sum)
{
    size_t bytes = rows_out_size(sum, sum->options.sort);
    for (uint32_t i = 0; i < sum->field_count; i++) {
        size_t width = column_value_size(&sum->fields[i].type);
        bytes += mem_charge_of(VALUE_TILE_WINDOW * (width < 8 ? 8 : width)) +
                 mem_charge_of(VALUE_TILE_WINDOW);
    }
    return bytes;
}

/* Keys of all files: NULL where one may have it, and more values than the first file's categories.
 */
void sum_widen_key_fields(struct sum *sum)
{
    for (uint32_t i = 0; i < sum->key_count; i++) {
        struct column_field *field = &sum->fields[i];
        field->nullable = field->nullable || sum->key_nullable[i];
        if (!field->arrow.dictionary)
            continue;
        field->arrow.dictionary_ordered = false;
        if (field->arrow.index_bits < 32) {
            field->arrow.index_bits = 32;
            field->arrow.index_signed = true;
        }
    }
}

enum error_code groups_write(struct sum *sum, struct grouping *grouping, struct output *output,
                             struct error *error)
{
    struct group_window window = {0};
    struct rows_out out = {0};
    sum_widen_key_fields(sum);
    bool in_order = sum->group_keys == GROUP_DENSE;
    enum error_code code = group_window_open(&window, sum, error);
    if (code == ERROR_NONE)
        code = rows_out_open(&out, sum, output, sum->options.sort && !in_order, error);
    if (code == ERROR_NONE)
        code = write_rows(&window, grouping, &out, error);
    if (code == ERROR_NONE)
        code = rows_out_finish(&out, error);
    rows_out_close(&out);
    group_window_close(&window);
    return code;
}
