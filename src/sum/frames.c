#include "sum/frames.h"

#include <string.h>
#include <unistd.h>

#include "arrow/stream.h"
#include "os/os.h"
#include "sum/frame_pool.h"
#include "sum/match.h"

/* Of the memory there is, for batches of streams, which are held whole. */
#define BATCH_SHARE 4

/* ---- the schema as that of a file ---- */

static enum error_code describe_column(struct sum *sum, uint32_t index, struct error *error)
{
    const struct column_field *field = arrow_stream_field(sum->stream, index);
    struct parquet_column *column = &sum->first.columns[index];
    char *name;
    TRY(mem_arena_copy(&sum->first.arena, field->name, strlen(field->name), &name, error));
    *column = (struct parquet_column){.name = name,
                                      .path = name,
                                      .type = field->type,
                                      .nullable = field->nullable,
                                      .max_definition = field->nullable,
                                      .field_index = index,
                                      .unsupported = arrow_stream_unsupported(sum->stream, index)};
    sum->first.fields[index] =
        (struct parquet_field){.name = name, .first_column = index, .column_count = 1};
    return ERROR_NONE;
}

/* What the schema says, in the form that a footer has. */
static enum error_code describe_schema(struct sum *sum, struct error *error)
{
    struct parquet_metadata *first = &sum->first;
    uint32_t count = arrow_stream_column_count(sum->stream);
    if (sum->first_read)
        parquet_metadata_release(first);
    memset(first, 0, sizeof *first);
    mem_arena_init(&first->arena, &sum->account);
    sum->first_read = true;
    TRY(mem_arena_alloc_array(&first->arena, count, sizeof *first->columns,
                              (void **)&first->columns, error));
    TRY(mem_arena_alloc_array(&first->arena, count, sizeof *first->fields, (void **)&first->fields,
                              error));
    first->column_count = first->field_count = count;
    for (uint32_t i = 0; i < count; i++)
        TRY(describe_column(sum, i, error));
    return ERROR_NONE;
}

enum error_code frames_survey(struct sum *sum, struct error *error)
{
    bool more;
    TRY(arrow_stream_open(&sum->account, STDIN_FILENO,
                          mem_account_left(&sum->account) / BATCH_SHARE, &sum->stream, error));
    TRY(arrow_stream_next_schema(sum->stream, &more, error));
    if (!more) {
        error_set(error, ERROR_INPUT, "there is no Arrow stream on standard input");
        error_hint(error, "a stream in Arrow's IPC format, as pyarrow.ipc.new_stream writes it");
        return ERROR_INPUT;
    }
    TRY(describe_schema(sum, error));
    TRY(sum_resolve_columns(sum, error));
    for (uint32_t i = 0; i < sum->key_count; i++)
        sum->key_nullable[i] = true;
    return ERROR_NONE;
}

/* ---- the plan ---- */

/* Readers are planned to take what batches may: a part of it for each column and thread. */
static void reserve_batches(struct sum *sum)
{
    uint32_t columns = sum_kept_columns(sum);
    for (uint32_t i = 0; i < columns; i++) {
        struct column_facts *facts = &sum->facts.columns[i];
        facts->reader_seen = facts->reader_bound =
            arrow_stream_limit(sum->stream) / columns / sum->options.threads;
    }
}

enum error_code frames_plan(struct sum *sum, struct error *error)
{
    struct sum_plan *plan = &sum->plan;
    reserve_batches(sum);
    TRY(sum_make_group_plan(sum, error));
    plan->way = "any";
    plan->reason = "rows come as streams, which can be read only once";
    plan->otherwise = NULL;
    return ERROR_NONE;
}

/* ---- one stream ---- */

/* The columns of one stream, in the order of row_encoder.h. */
struct frame {
    uint32_t *columns;
    struct column_type *types;
    struct column_slice *slices;
    struct row_encoder encoder;
    uint64_t *codes; /* zeros, where there are no keys */
};

static enum error_code type_differs(const struct sum *sum, const char *name,
                                    const struct column_type *here, const struct column_type *there,
                                    struct error *error)
{
    char found[96], expected[96];
    column_type_describe(here, found, sizeof found);
    column_type_describe(there, expected, sizeof expected);
    enum error_code code =
        error_set(error, ERROR_MISMATCH, "the column is %s in stream %llu and %s in the first",
                  found, (unsigned long long)atomic_load(&sum->progress->files_done) + 1, expected);
    error_in_column(error, name);
    error_hint(error, "a cast, so that all frames have the same type");
    return code;
}

static enum error_code check_types(struct sum *sum, const struct column_type *types,
                                   struct error *error)
{
    for (uint32_t i = 0; i < sum->key_count; i++) {
        struct column_type both;
        if (!key_types_unify(&sum->key_types[i], &types[i], &both) ||
            !column_type_equal(&both, &sum->key_types[i]))
            return type_differs(sum, sum->options.keys[i], &types[i], &sum->key_types[i], error);
    }
    for (uint32_t i = 0; i < sum->value_count; i++) {
        const struct column_type *type = &types[sum->key_count + i];
        if (!column_type_equal(type, &sum->values[i].type))
            return type_differs(sum, sum->values[i].name, type, &sum->values[i].type, error);
    }
    return ERROR_NONE;
}

static enum error_code frame_open(struct frame *frame, struct sum *sum, struct error *error)
{
    struct mem_account *account = &sum->account;
    uint32_t count = sum_kept_columns(sum);
    TRY(mem_alloc_array(account, count, sizeof *frame->columns, (void **)&frame->columns, error));
    TRY(mem_alloc_array(account, count, sizeof *frame->types, (void **)&frame->types, error));
    TRY(mem_alloc_array(account, count, sizeof *frame->slices, (void **)&frame->slices, error));
    TRY(mem_alloc_array(account, BATCH_ROWS, sizeof *frame->codes, (void **)&frame->codes, error));
    TRY(sum_match_columns(sum, &sum->first, frame->columns, error));
    for (uint32_t i = 0; i < count; i++)
        frame->types[i] = sum->first.columns[frame->columns[i]].type;
    TRY(check_types(sum, frame->types, error));
    return row_encoder_open(&frame->encoder, sum, frame->types, sum->key_count, sum->value_count,
                            true, error);
}

static void frame_close(struct frame *frame)
{
    if (frame->encoder.sum != NULL)
        row_encoder_close(&frame->encoder);
    mem_free(frame->columns);
    mem_free(frame->types);
    mem_free(frame->slices);
    mem_free(frame->codes);
    *frame = (struct frame){0};
}

/* ---- all streams, by several threads ---- */

struct frames {
    struct sum *sum;
    struct grouping *grouping;
    struct frame_pool pool;
    struct failure failure;
    /* Of who has the turn to read. */
    uint64_t number; /* of the stream that is read, from 1 */
    bool ended;      /* or failed: nothing is read any more */
};

/* What one thread works with. */
struct framer {
    struct frames *frames;
    unsigned index; /* of its seat */
    struct frame frame;
    uint64_t number; /* of the stream that the frame is for; 0: none */
    struct group_feed *feed;
};

static enum error_code need_frame(struct framer *framer, struct error *error)
{
    if (framer->number == framer->frames->number)
        return ERROR_NONE;
    frame_close(&framer->frame);
    framer->number = framer->frames->number;
    return frame_open(&framer->frame, framer->frames->sum, error);
}

static enum error_code next_stream(struct frames *frames, struct error *error)
{
    struct sum *sum = frames->sum;
    bool more;
    atomic_fetch_add(&sum->progress->files_done, 1);
    TRY(arrow_stream_next_schema(sum->stream, &more, error));
    frames->ended = !more;
    frames->number++;
    return more ? describe_schema(sum, error) : ERROR_NONE;
}

/* Reads until there is a batch in the seat or nothing is left. */
static enum error_code read_batch(struct framer *framer, struct error *error)
{
    struct frames *frames = framer->frames;
    struct sum *sum = frames->sum;
    for (bool more = false; !more && !frames->ended;) {
        TRY(need_frame(framer, error));
        TRY(frame_pool_take(&frames->pool, framer->index, framer->frame.columns,
                            sum_kept_columns(sum), &more, error));
        if (!more)
            TRY(next_stream(frames, error));
    }
    if (frames->ended)
        return ERROR_NONE;
    uint64_t rows = arrow_batch_rows(frames->pool.seats[framer->index].batch);
    sum->facts.row_count += rows;
    atomic_fetch_add(&sum->progress->rows_total, rows);
    return ERROR_NONE;
}

static enum error_code take_turn(struct framer *framer, bool *ret_more, struct error *error)
{
    struct frames *frames = framer->frames;
    enum error_code code = ERROR_NONE;
    frame_pool_begin(&frames->pool);
    frames->ended = frames->ended || atomic_load(&frames->failure.stop);
    if (!frames->ended)
        code = read_batch(framer, error);
    *ret_more = !frames->ended;
    if (code != ERROR_NONE)
        frames->ended = true;
    frame_pool_end(&frames->pool);
    return code;
}

static enum error_code add_rows(struct framer *framer, struct arrow_batch *rows, uint64_t first,
                                uint32_t count, struct error *error)
{
    struct sum *sum = framer->frames->sum;
    struct frame *frame = &framer->frame;
    struct row_batch batch;
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++)
        TRY(arrow_batch_slice(rows, frame->columns[i], first, count, &frame->slices[i], error));
    uint64_t *codes = sum->key_count == 0 ? frame->codes : NULL;
    TRY(row_encoder_take(&frame->encoder, frame->slices, codes, count, &batch, error));
    atomic_fetch_add(&sum->rows_selected, batch.row_count);
    return groups_feed(framer->feed, &batch, error);
}

static enum error_code add_batch(struct framer *framer, struct arrow_batch *batch,
                                 struct error *error)
{
    struct frames *frames = framer->frames;
    uint64_t rows = arrow_batch_rows(batch);
    for (uint64_t row = 0; row < rows; row += BATCH_ROWS) {
        uint32_t count = rows - row < BATCH_ROWS ? (uint32_t)(rows - row) : BATCH_ROWS;
        TRY(add_rows(framer, batch, row, count, error));
        if (atomic_load(&frames->failure.stop))
            return ERROR_CANCELLED;
        TRY(os_check_stop(error));
    }
    atomic_fetch_add(&frames->sum->progress->rows_done, rows);
    return ERROR_NONE;
}

static enum error_code add_batches(struct framer *framer, struct error *error)
{
    struct frame_pool *pool = &framer->frames->pool;
    for (;;) {
        bool more;
        TRY(take_turn(framer, &more, error));
        if (!more)
            return ERROR_NONE;
        enum error_code code = add_batch(framer, pool->seats[framer->index].batch, error);
        frame_pool_return(pool, framer->index);
        if (code != ERROR_NONE)
            return code;
    }
}

static void frames_thread(void *context, unsigned index)
{
    struct frames *frames = context;
    struct framer framer = {.frames = frames, .index = index};
    struct error error;
    error_init(&error);
    enum error_code code = exact_check_environment(&error);
    if (code == ERROR_NONE)
        code = group_feed_open(frames->grouping, &framer.feed, &error);
    if (code == ERROR_NONE)
        code = add_batches(&framer, &error);
    frame_close(&framer.frame);
    if (code == ERROR_NONE)
        code = group_feed_close(framer.feed, &error);
    else
        group_feed_abort(framer.feed);
    failure_report(&frames->failure, code, &error);
}

enum error_code frames_add(struct sum *sum, struct grouping *grouping, struct error *error)
{
    struct frames frames = {.sum = sum, .grouping = grouping, .number = 1};
    unsigned threads = sum->row_threads;
    failure_init(&frames.failure, error);
    arrow_stream_stop_at(sum->stream, &frames.failure.stop);
    enum error_code code =
        frame_pool_open(&frames.pool, &sum->account, sum->stream, threads, error);
    if (code == ERROR_NONE)
        code = os_run_threads(threads, frames_thread, &frames, &frames.failure.stop, error);
    frame_pool_close(&frames.pool);
    arrow_stream_stop_at(sum->stream, NULL);
    return code != ERROR_NONE ? code : frames.failure.code;
}
