#include "arrow/stream_input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "os/os.h"

#define SKIP_PIECE ((size_t)16 << 10)

/* How often a reader that waits looks whether it shall stop: a signal may have come to another
 * thread. */
#define LOOK_MILLISECONDS 100

static enum error_code check_stop(const struct stream_input *input, struct error *error)
{
    if (input->stop != NULL && atomic_load(input->stop))
        return ERROR_CANCELLED;
    return os_check_stop(error);
}

/* Returns when there is something to read, be it the end. */
static enum error_code wait_for_bytes(const struct stream_input *input, struct error *error)
{
    for (;;) {
        struct pollfd wanted = {.fd = input->descriptor, .events = POLLIN};
        int ready = poll(&wanted, 1, LOOK_MILLISECONDS);
        if (ready > 0)
            return ERROR_NONE;
        if (ready < 0 && errno != EINTR)
            return error_set_errno(error, errno, "cannot wait for the Arrow stream");
        TRY(check_stop(input, error));
    }
}

/* Reads until size bytes are there or the input ends. */
static enum error_code read_most(struct stream_input *input, uint8_t *bytes, size_t size,
                                 size_t *ret_got, struct error *error)
{
    size_t got = 0;
    while (got < size) {
        TRY(wait_for_bytes(input, error));
        ssize_t given = read(input->descriptor, bytes + got, size - got);
        if (given == 0)
            break;
        if (given < 0) {
            if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)
                return error_set_errno(error, errno, "cannot read the Arrow stream");
            TRY(check_stop(input, error));
            continue;
        }
        got += (size_t)given;
        input->position += (uint64_t)given;
    }
    *ret_got = got;
    return ERROR_NONE;
}

static enum error_code truncated(const struct stream_input *input, size_t missing,
                                 struct error *error)
{
    error_set(error, ERROR_INPUT, "the Arrow stream ends %zu bytes too early", missing);
    error_hint(error, "look whether the program that wrote it failed");
    error_at_offset(error, (int64_t)input->position);
    return ERROR_INPUT;
}

enum error_code stream_input_begin(struct stream_input *input, void *bytes, size_t size,
                                   bool *ret_ended, struct error *error)
{
    size_t got = 0;
    TRY(read_most(input, bytes, size, &got, error));
    if (got > 0 && got < size)
        return truncated(input, size - got, error);
    *ret_ended = got < size;
    return ERROR_NONE;
}

enum error_code stream_input_read(struct stream_input *input, void *bytes, size_t size,
                                  struct error *error)
{
    size_t got = 0;
    TRY(read_most(input, bytes, size, &got, error));
    return got == size ? ERROR_NONE : truncated(input, size - got, error);
}

enum error_code stream_input_skip(struct stream_input *input, uint64_t size, struct error *error)
{
    uint8_t piece[SKIP_PIECE];
    while (size > 0) {
        size_t step = size < sizeof piece ? (size_t)size : sizeof piece;
        TRY(stream_input_read(input, piece, step, error));
        size -= step;
    }
    return ERROR_NONE;
}

enum error_code stream_damaged(const struct stream_input *input, const char *what,
                               struct error *error)
{
    error_set(error, ERROR_INPUT, "the Arrow stream is damaged: %s", what);
    error_at_offset(error, (int64_t)input->position);
    return ERROR_INPUT;
}
