/*
 * A scratch file: blocks put aside by several threads, read back in any order.
 *
 * The file comes into being with the first block, in $TMPDIR, else /tmp, else the folder given, and
 * has no name, so it vanishes with the process whatever ends it. Before that the file system is
 * asked whether it has the room that will be needed. Appending is free-threaded, reading too.
 */
#ifndef WEIR_STORE_SCRATCH_FILE_H
#define WEIR_STORE_SCRATCH_FILE_H

#include <pthread.h>
#include <stddef.h>

#include "base/error.h"

struct scratch_file {
    const char *folder;   /* NULL: $TMPDIR or /tmp */
    uint64_t room_needed; /* bytes that must be free before the first block; 0: not asked */
    pthread_mutex_t mutex;
    int descriptor; /* -1 before the first block */
    uint64_t size;  /* bytes given out so far */
};

/* folder is borrowed until close. */
void scratch_file_init(struct scratch_file *file, const char *folder, uint64_t room_needed);
void scratch_file_close(struct scratch_file *file);

struct scratch_piece {
    const void *bytes;
    size_t size;
};

/* Appends pieces one behind the other as a block; *ret_offset is where it begins. ERROR_IO names
 * the folder. */
CHECKED enum error_code scratch_file_append(struct scratch_file *file,
                                            const struct scratch_piece *pieces, size_t count,
                                            uint64_t *ret_offset, struct error *error);
/* The range must have been appended before. */
CHECKED enum error_code scratch_file_read(struct scratch_file *file, uint64_t offset, void *bytes,
                                          size_t size, struct error *error);

/* The range is needed no more: a hint that gives its room back where the file system can. */
void scratch_file_discard(struct scratch_file *file, uint64_t offset, uint64_t size);

#endif
