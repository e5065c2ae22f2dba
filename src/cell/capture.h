/*
 * What a program writes to one of its outputs: passed on as it comes, up to a bound, with the first
 * and the last bytes kept for messages.
 *
 * Nothing here waits. Where the descriptor that takes the bytes is not ready they stay here and
 * reading stops, so the program waits for its reader as it would without weir. When the reader goes
 * away the pipe is closed, so that the program notices that too. A receiver instead of a descriptor
 * takes everything at once.
 */
#ifndef WEIR_CELL_CAPTURE_H
#define WEIR_CELL_CAPTURE_H

#include <poll.h>

#include "cell/cell.h"

#define CAPTURE_HALF  (CELL_OUTPUT_KEPT / 2)
#define CAPTURE_CHUNK ((size_t)16 << 10)

struct capture {
    int pipe;                             /* -1: it has ended */
    int sink;                             /* borrowed; -1: nobody, or it went away */
    bool has_receiver;                    /* there was a sink or a receiver at first */
    const struct cell_receiver *receiver; /* instead of a sink, or NULL; borrowed */
    bool is_error;                        /* what the receiver is told */
    bool muted;                           /* what comes now is kept, but not passed on */
    uint64_t most;                        /* bytes that may be passed on; 0: all */
    uint64_t passed;                      /* bytes passed on or waiting to be */
    uint64_t total, dropped;
    struct mem_buffer kept;    /* the first half, then a ring of the last */
    struct mem_buffer waiting; /* bytes that the receiver did not take yet */
};

/* Makes the pipe; ret_writer is the program's end, which the caller closes. */
CHECKED enum error_code capture_open(struct capture *capture, int sink, uint64_t most,
                                     struct mem_account *account, int *ret_writer,
                                     struct error *error);
/* Passes on to receiver->output, where there is one, from now on: before the first pump. */
void capture_give(struct capture *capture, const struct cell_receiver *receiver, bool is_error);
void capture_close(struct capture *capture);

/* What to poll for; false: nothing any more. */
bool capture_poll(const struct capture *capture, struct pollfd *ret);

/* Moves what can be moved now, at most a mebibyte. ret_idle: there was nothing to read. */
CHECKED enum error_code capture_pump(struct capture *capture, bool *ret_idle, struct error *error);

/* Nobody writes any more: what is left in the pipe is all there is. True once it is moved. */
CHECKED enum error_code capture_drain(struct capture *capture, bool *ret_done, struct error *error);

/* Once the pipe has ended: the kept bytes in their order. Points into the capture. */
struct cell_text capture_text(struct capture *capture);

/* The last of it in one piece: all of it where nothing was lost. */
const char *capture_tail(const struct cell_text *text, size_t *ret_size);

#endif
