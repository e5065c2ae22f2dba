/*
 * A spool: bytes put aside that need not stay in memory.
 *
 * Up to memory_limit bytes are kept in memory; then everything moves to an unlinked temporary file
 * (in $TMPDIR, else /tmp, else the folder given), which vanishes with the process whatever ends it.
 * Append and write are for one thread at a time, reads of what was appended earlier are
 * free-threaded as long as nobody appends meanwhile.
 */
#ifndef WEIR_STORE_SPOOL_H
#define WEIR_STORE_SPOOL_H

#include "mem/mem.h"

struct spool {
    struct mem_buffer memory;
    uint64_t size;      /* bytes appended so far */
    int descriptor;     /* -1 while in memory */
    const char *folder; /* for the temporary file; NULL: $TMPDIR or /tmp */
};

void spool_init(struct spool *spool, struct mem_account *account, size_t memory_limit,
                const char *folder);
void spool_release(struct spool *spool);

CHECKED enum error_code spool_append(struct spool *spool, const void *bytes, size_t size,
                                     struct error *error);
/* offset + size must lie within what was appended. */
CHECKED enum error_code spool_read(const struct spool *spool, uint64_t offset, void *bytes,
                                   size_t size, struct error *error);
CHECKED enum error_code spool_write(struct spool *spool, uint64_t offset, const void *bytes,
                                    size_t size, struct error *error);
/* Forgets the contents; the file, if any, is kept for reuse. */
CHECKED enum error_code spool_clear(struct spool *spool, struct error *error);
#endif
