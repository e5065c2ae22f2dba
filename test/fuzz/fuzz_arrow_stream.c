/*
 * Bytes taken for Arrow IPC streams, one behind the other, as they come from a descriptor. All rows
 * of small batches are looked at, and both ends of large ones.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "arrow/stream.h"
#include "slices.h"

#define LIMIT      ((size_t)16 << 20)
#define SLICE_ROWS 4096

static void look(struct arrow_stream *stream, uint32_t column, uint64_t first, uint32_t count)
{
    struct error error;
    struct column_slice slice;
    error_init(&error);
    if (arrow_stream_slice(stream, column, first, count, &slice, &error) != ERROR_NONE) {
        demand(error.code != ERROR_INTERNAL && error.code != ERROR_NONE);
        return;
    }
    const struct column_field *field = arrow_stream_field(stream, column);
    demand(slice.row_count == count && arrow_stream_unsupported(stream, column) == NULL);
    demand(field->nullable || slice.present == NULL || field->type.logical == COLUMN_UNKNOWN);
    touch_slice(&field->type, &slice);
}

static void look_at_column(struct arrow_stream *stream, uint32_t column, uint64_t rows)
{
    if (rows <= SLICE_ROWS) {
        look(stream, column, 0, (uint32_t)rows);
        look(stream, column, rows / 3, (uint32_t)(rows / 3));
        return;
    }
    look(stream, column, (rows - SLICE_ROWS) / 2, SLICE_ROWS);
    look(stream, column, rows - 7, 7);
}

static enum error_code read_batches(struct arrow_stream *stream, struct error *error)
{
    bool more = true;
    while (more) {
        uint64_t rows;
        TRY(arrow_stream_next_batch(stream, &rows, &more, error));
        demand(more || rows == 0);
        for (uint32_t i = 0; more && i < arrow_stream_column_count(stream); i++)
            look_at_column(stream, i, rows);
    }
    return ERROR_NONE;
}

static enum error_code read_streams(struct arrow_stream *stream, struct error *error)
{
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
            TRY(read_batches(stream, error));
    }
    return ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct error error;
    struct arrow_stream *stream;
    int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    demand(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
    demand(lseek(descriptor, 0, SEEK_SET) == 0);
    error_init(&error);
    mem_account_init(&account, "fuzz", NULL, MEM_NO_LIMIT);
    demand(arrow_stream_open(&account, descriptor, LIMIT, &stream, &error) == ERROR_NONE);
    enum error_code code = read_streams(stream, &error);
    demand(code == error.code && code != ERROR_INTERNAL && code != ERROR_IO);
    arrow_stream_close(stream);
    close(descriptor);
    demand(atomic_load(&account.used) == 0 && atomic_load(&account.peak) <= LIMIT + 4096);
    return 0;
}
