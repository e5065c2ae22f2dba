/*
 * An output file that appears whole or not at all.
 *
 * Bytes go to an unnamed file in the folder of the final name (O_TMPFILE; a hidden name where the
 * file system has none), output_commit syncs it and gives it its name in one step, output_abort (or
 * the death of the process) leaves nothing. "-" is standard output, which gets bytes as they come.
 * Writes are gathered in a buffer of 256 KiB charged to the account. One thread at a time.
 */
#ifndef WEIR_STORE_OUTPUT_H
#define WEIR_STORE_OUTPUT_H

#include "mem/mem.h"
#include "store/spool.h"
#include "store/store.h"

struct output {
    struct mem_buffer buffer;
    char *path;       /* final name, or "-" */
    char *hidden;     /* temporary name where one is needed, else NULL */
    int descriptor;   /* -1: not open */
    uint64_t written; /* bytes given to the file, the buffer not counted */
    uint64_t settled; /* of these, on their way to disk */
    bool overwrite;
};

/* Refuses with ERROR_EXISTS when path exists and overwrite is false; fails early where the folder
 * is missing or read-only. */
CHECKED enum error_code output_open(struct output *ret, const char *path, bool overwrite,
                                    struct mem_account *account, struct error *error);
CHECKED enum error_code output_write(struct output *output, const void *bytes, size_t size,
                                     struct error *error);
/* Copies a range of a spool or of an object, at most 256 KiB at a time. */
CHECKED enum error_code output_copy_spool(struct output *output, const struct spool *spool,
                                          uint64_t offset, uint64_t size, struct error *error);
CHECKED enum error_code output_copy_object(struct output *output, const struct store_object *object,
                                           uint64_t offset, uint64_t size, struct error *error);
/* Bytes so far, buffered ones included: the offset of the next byte in the file. */
uint64_t output_position(const struct output *output);

/* Whether what was written can be taken back: not what went into a pipe. */
bool output_can_rewind(const struct output *output);
/* Takes back all that was written: the next byte is the first one again. */
CHECKED enum error_code output_rewind(struct output *output, struct error *error);

/* Makes the output visible; ERROR_EXISTS if another file took the name meanwhile. Ends the output.
 */
CHECKED enum error_code output_commit(struct output *output, struct error *error);
/* Ends the output without a trace; harmless after commit and on a zeroed struct with descriptor -1.
 */
void output_abort(struct output *output);
#endif
