/*
 * Bytes taken for Arrow IPC streams, one behind the other, as they come from a descriptor. All rows
 * of small batches are looked at, and both ends of large ones; each batch also after the next one
 * was taken.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "arrow/stream.h"
#include "slices.h"

#define LIMIT      ((size_t)16 << 20)
#define SLICE_ROWS 4096

/* A stream, and two batches that are taken from it in turn. */
struct read {
    struct arrow_stream *stream;
    struct arrow_batch *batches[2];
};

static void look(struct arrow_stream *stream, struct arrow_batch *batch, uint32_t column,
                 uint64_t first, uint32_t count)
{
    struct error error;
    struct column_slice slice;
    error_init(&error);
    if (arrow_batch_slice(batch, column, first, count, &slice, &error) != ERROR_NONE) {
        demand(error.code != ERROR_INTERNAL && error.code != ERROR_NONE);
        return;
    }
    const struct column_field *field = arrow_stream_field(stream, column);
    demand(slice.row_count == count && arrow_stream_unsupported(stream, column) == NULL);
    demand(field->nullable || slice.present == NULL || field->type.logical == COLUMN_UNKNOWN);
    touch_slice(&field->type, &slice);
}

static void look_at_column(struct arrow_stream *stream, struct arrow_batch *batch, uint32_t column)
{
    uint64_t rows = arrow_batch_rows(batch);
    if (rows <= SLICE_ROWS) {
        look(stream, batch, column, 0, (uint32_t)rows);
        look(stream, batch, column, rows / 3, (uint32_t)(rows / 3));
        return;
    }
    look(stream, batch, column, (rows - SLICE_ROWS) / 2, SLICE_ROWS);
    look(stream, batch, column, rows - 7, 7);
}

static enum error_code take_batch(struct read *read, struct arrow_batch *batch, struct error *error)
{
    struct arrow_stream *stream = read->stream;
    uint32_t columns = arrow_stream_column_count(stream);
    TRY(arrow_stream_take(stream, batch, error));
    for (uint32_t i = 0; i < columns; i++) {
        uint64_t unpacked;
        TRY(arrow_batch_unpacked_bytes(batch, &i, 1, &unpacked, error));
        look_at_column(stream, batch, i);
    }
    for (uint32_t i = 0; i < columns; i++)
        for (int b = 0; b < 2; b++)
            if (arrow_batch_rows(read->batches[b]) > 0)
                look_at_column(stream, read->batches[b], i);
    return ERROR_NONE;
}

static enum error_code read_batches(struct read *read, struct error *error)
{
    for (int turn = 0;; turn++) {
        enum arrow_step step;
        uint64_t size;
        TRY(arrow_stream_next(read->stream, &step, &size, error));
        if (step == ARROW_STEP_END)
            return ERROR_NONE;
        if (step == ARROW_STEP_DICTIONARY && turn % 7 != 6)
            TRY(arrow_stream_take_dictionary(read->stream, error));
        else if (step == ARROW_STEP_BATCH && turn % 5 != 4)
            TRY(take_batch(read, read->batches[turn % 2], error));
    }
}

static enum error_code read_streams(struct read *read, struct error *error)
{
    struct arrow_stream *stream = read->stream;
    char text[256];
    for (bool more = true, batches = true; more; batches = !batches) {
        TRY(arrow_stream_next_schema(stream, &more, error));
        for (uint32_t i = 0; more && i < arrow_stream_column_count(stream); i++) {
            const struct column_field *field = arrow_stream_field(stream, i);
            column_type_describe(&field->type, text, sizeof text);
            demand(strlen(field->name) < LIMIT);
        }
        /* Every second stream is left to be passed over in part. */
        if (more && batches)
            TRY(read_batches(read, error));
    }
    return ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct error error;
    struct read read = {0};
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    demand(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
    demand(lseek(descriptor, 0, SEEK_SET) == 0);
    error_init(&error);
    mem_account_init(&account, "fuzz", NULL, MEM_NO_LIMIT);
    demand(arrow_stream_open(&account, descriptor, LIMIT, &read.stream, &error) == ERROR_NONE);
    for (int i = 0; i < 2; i++)
        demand(arrow_batch_open(read.stream, &read.batches[i], &error) == ERROR_NONE);
    enum error_code code = read_streams(&read, &error);
    demand(code == error.code && code != ERROR_INTERNAL && code != ERROR_IO);
    for (int i = 0; i < 2; i++)
        arrow_batch_close(read.batches[i]);
    arrow_stream_close(read.stream);
    close(descriptor);
    demand(atomic_load(&account.used) == 0 && atomic_load(&account.peak) <= LIMIT + 4096);
    return 0;
}
