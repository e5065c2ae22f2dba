/* Temporary files without a name: private to the store room. */
#ifndef WEIR_STORE_TEMPORARY_H
#define WEIR_STORE_TEMPORARY_H

#include "base/error.h"

/* An open, unlinked file for reading and writing in folder (NULL: $TMPDIR, else /tmp). */
CHECKED enum error_code temporary_open(const char *folder, int *ret, struct error *error);

/* Where the file system has no unnamed files: under a name that is removed at once. What processes
 * that were killed between the two left there is removed first. -1 with errno. */
int temporary_open_named(const char *folder);

/* Writes all of the bytes at an offset. */
CHECKED enum error_code temporary_write(int descriptor, uint64_t offset, const void *bytes,
                                        size_t size, struct error *error);
CHECKED enum error_code temporary_read(int descriptor, uint64_t offset, void *bytes, size_t size,
                                       struct error *error);
#endif
