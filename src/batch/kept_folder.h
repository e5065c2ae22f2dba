/*
 * A folder known by what it is, and not by its path alone: whoever writes into it later writes into
 * that folder or not at all, whatever a program has put in its place, or in the place of one above
 * it, meanwhile. No descriptor is kept.
 */
#ifndef WEIR_BATCH_KEPT_FOLDER_H
#define WEIR_BATCH_KEPT_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

struct kept_folder {
    const char *path; /* borrowed */
    dev_t device;
    ino_t inode;
};

/* The folder that stands at the path now; false: there is none, and errno says why. */
bool kept_folder_find(struct kept_folder *ret, const char *path);

/* A descriptor for openat(2) and the like, which the caller closes; -1 with errno, ENOENT where it
 * is not at its path any more. */
int kept_folder_open(const struct kept_folder *folder);

#endif
