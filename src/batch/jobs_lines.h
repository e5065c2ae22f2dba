/*
 * Lines of a text, one at a time, from bytes or from whatever can be opened: a file, a pipe,
 * standard input. Only the line at hand is held. A byte order mark at the beginning is passed over.
 */
#ifndef WEIR_BATCH_JOBS_LINES_H
#define WEIR_BATCH_JOBS_LINES_H

#include <stdbool.h>

#include "base/cursor.h"
#include "mem/mem.h"

struct jobs_lines {
    int descriptor; /* -1: rest is all there is */
    bool own_descriptor;
    size_t most;            /* bytes of a line */
    struct mem_buffer line; /* gathers a line of which only a part is at hand */
    struct mem_buffer chunk;
    struct cursor rest; /* what is at hand and not yet taken */
    uint32_t number;    /* of the last line given, from 1 */
};

/* The bytes are borrowed. */
void jobs_lines_init(struct jobs_lines *lines, const void *bytes, size_t size, size_t most,
                     struct mem_account *account);
/* path "-": standard input. ERROR_IO, ERROR_MEMORY. */
CHECKED enum error_code jobs_lines_open(struct jobs_lines *lines, const char *path, size_t most,
                                        struct mem_account *account, struct error *error);
void jobs_lines_close(struct jobs_lines *lines);

struct jobs_text {
    const char *text; /* without the newline; not NUL-terminated; lives until the next call. NULL:
                         longer than allowed, and passed over */
    size_t size;
};
/* ret_found false: there is none left. ERROR_IO, ERROR_MEMORY, ERROR_CANCELLED. */
CHECKED enum error_code jobs_lines_next(struct jobs_lines *lines, struct jobs_text *ret,
                                        bool *ret_found, struct error *error);

#endif
