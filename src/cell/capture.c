#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cell/capture.h"

#define PUMP_MOST ((size_t)1 << 20)
/* A pipe that is ready takes this many without waiting (PIPE_BUF of Linux). */
#define ALWAYS_TAKEN ((size_t)4096)

enum error_code capture_open(struct capture *capture, int sink, uint64_t most,
                             struct mem_account *account, int *ret_writer, struct error *error)
{
    *capture = (struct capture){.pipe = -1, .sink = sink, .has_receiver = sink >= 0, .most = most};
    mem_buffer_init(&capture->kept, account, CELL_OUTPUT_KEPT);
    mem_buffer_init(&capture->waiting, account, CAPTURE_CHUNK);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(error, errno, "cannot make a pipe");
    /* Only weir's end: the program's own must wait, as programs expect. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        close(ends[0]);
        close(ends[1]);
        return error_set_errno(error, errno, "cannot prepare a pipe");
    }
    capture->pipe = ends[0];
    *ret_writer = ends[1];
    return ERROR_NONE;
}

void capture_give(struct capture *capture, const struct cell_receiver *receiver, bool is_error)
{
    bool takes = receiver->output != NULL;
    capture->receiver = takes ? receiver : NULL;
    capture->is_error = is_error;
    capture->has_receiver = takes;
    capture->sink = -1;
}

static void close_pipe(struct capture *capture)
{
    if (capture->pipe >= 0)
        close(capture->pipe);
    capture->pipe = -1;
}

void capture_close(struct capture *capture)
{
    close_pipe(capture);
    mem_buffer_release(&capture->kept);
    mem_buffer_release(&capture->waiting);
}

bool capture_poll(const struct capture *capture, struct pollfd *ret)
{
    if (capture->waiting.size > 0)
        *ret = (struct pollfd){capture->sink, POLLOUT, 0};
    else if (capture->pipe >= 0)
        *ret = (struct pollfd){capture->pipe, POLLIN, 0};
    else
        return false;
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Behind the first half the kept bytes are a ring: position p of the output stands at p modulo its
 * size. */
static enum error_code keep(struct capture *capture, const uint8_t *bytes, size_t size,
                            struct error *error)
{
    size_t filling = smaller(size, CELL_OUTPUT_KEPT - capture->kept.size);
    TRY(mem_buffer_append(&capture->kept, bytes, filling, error));
    capture->total += filling;
    bytes += filling;
    size -= filling;
    while (size > 0) {
        size_t at = (size_t)(capture->total % CAPTURE_HALF);
        size_t run = smaller(size, CAPTURE_HALF - at);
        memcpy(capture->kept.data + CAPTURE_HALF + at, bytes, run);
        capture->total += run;
        bytes += run;
        size -= run;
    }
    return ERROR_NONE;
}

static void lose_sink(struct capture *capture)
{
    capture->dropped += capture->waiting.size;
    capture->passed -= capture->waiting.size;
    capture->waiting.size = 0;
    capture->sink = -1;
}

static bool sink_is_ready(const struct capture *capture)
{
    struct pollfd ready = {capture->sink, POLLOUT, 0};
    return poll(&ready, 1, 0) > 0;
}

/* Gives the receiver what waits, as far as it takes it. */
static void push(struct capture *capture)
{
    struct mem_buffer *waiting = &capture->waiting;
    size_t done = 0;
    while (done < waiting->size && sink_is_ready(capture)) {
        ssize_t got =
            write(capture->sink, waiting->data + done, smaller(waiting->size - done, ALWAYS_TAKEN));
        if (got < 0 && errno == EAGAIN)
            break;
        if (got < 0 && errno != EINTR) {
            bool reader_is_gone = errno == EPIPE;
            waiting->size -= done;
            lose_sink(capture);
            /* The program is to notice it too, as it would without weir in between. */
            if (reader_is_gone)
                close_pipe(capture);
            return;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    if (done > 0) {
        memmove(waiting->data, waiting->data + done, waiting->size - done);
        waiting->size -= done;
    }
}

static enum error_code pass_on(struct capture *capture, const uint8_t *bytes, size_t size,
                               struct error *error)
{
    bool taken = capture->sink >= 0 || capture->receiver != NULL;
    size_t allowed = capture->muted || !taken ? 0 : size;
    if (capture->most > 0 && allowed > capture->most - capture->passed)
        allowed = (size_t)(capture->most - capture->passed);
    capture->dropped += size - allowed;
    capture->passed += allowed;
    if (allowed == 0)
        return ERROR_NONE;
    if (capture->receiver != NULL) {
        capture->receiver->output(capture->receiver->context, capture->is_error, bytes, allowed);
        return ERROR_NONE;
    }
    TRY(mem_buffer_append(&capture->waiting, bytes, allowed, error));
    push(capture);
    return ERROR_NONE;
}

/* Reads one chunk; ret_size 0: nothing there now, or the end. */
static enum error_code take_chunk(struct capture *capture, size_t *ret_size, struct error *error)
{
    uint8_t chunk[CAPTURE_CHUNK];
    ssize_t got = read(capture->pipe, chunk, sizeof chunk);
    *ret_size = got > 0 ? (size_t)got : 0;
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(capture);
    if (got <= 0)
        return ERROR_NONE;
    TRY(keep(capture, chunk, (size_t)got, error));
    return pass_on(capture, chunk, (size_t)got, error);
}

enum error_code capture_pump(struct capture *capture, bool *ret_idle, struct error *error)
{
    if (capture->waiting.size > 0)
        push(capture);
    size_t moved = 0, size = 1;
    while (capture->pipe >= 0 && capture->waiting.size == 0 && moved < PUMP_MOST && size > 0) {
        TRY(take_chunk(capture, &size, error));
        moved += size;
    }
    *ret_idle = size == 0 || capture->pipe < 0;
    return ERROR_NONE;
}

enum error_code capture_drain(struct capture *capture, bool *ret_done, struct error *error)
{
    bool idle;
    TRY(capture_pump(capture, &idle, error));
    if (idle)
        close_pipe(capture);
    *ret_done = capture->pipe < 0 && capture->waiting.size == 0;
    return ERROR_NONE;
}

static void reverse(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

/* Turns the ring so that its oldest byte comes first. */
static void straighten(struct capture *capture)
{
    if (capture->total <= CELL_OUTPUT_KEPT)
        return;
    uint8_t *ring = capture->kept.data + CAPTURE_HALF;
    size_t oldest = (size_t)(capture->total % CAPTURE_HALF);
    reverse(ring, oldest);
    reverse(ring + oldest, CAPTURE_HALF - oldest);
    reverse(ring, CAPTURE_HALF);
}

struct cell_text capture_text(struct capture *capture)
{
    straighten(capture);
    char *bytes = (char *)capture->kept.data;
    size_t start = smaller(capture->kept.size, CAPTURE_HALF);
    return (struct cell_text){
        .start = bytes,
        .start_size = start,
        .end = bytes == NULL ? NULL : bytes + start,
        .end_size = capture->kept.size - start,
        .total = capture->total,
        .dropped = capture->has_receiver ? capture->dropped : 0,
    };
}

const char *capture_tail(const struct cell_text *text, size_t *ret_size)
{
    bool whole = text->total <= CELL_OUTPUT_KEPT;
    *ret_size = whole ? text->start_size + text->end_size : text->end_size;
    return whole ? text->start : text->end;
}
