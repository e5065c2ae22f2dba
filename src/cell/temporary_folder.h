/*
 * The private temporary folder of a command: made before it starts, removed with all that is in it
 * after it has ended. weir holds a lock on the folder while it lives, so a folder whose lock can be
 * had was left by a weir that died, whatever the names of processes, and is removed at the next
 * start.
 */
#ifndef WEIR_CELL_TEMPORARY_FOLDER_H
#define WEIR_CELL_TEMPORARY_FOLDER_H

#include "base/error.h"

struct temporary_folder {
    char path[512]; /* empty: there is none */
    int descriptor; /* open and locked */
};

/* In $TMPDIR, else /tmp; readable by this user alone. The path is absolute. */
CHECKED enum error_code temporary_folder_make(struct temporary_folder *ret, struct error *error);
/* Removes it; what cannot be removed stays, and is tried again by a later sweep. */
void temporary_folder_remove(struct temporary_folder *folder);

/* Removes this user's folders that no weir holds any more. Returns how many. */
unsigned temporary_folder_sweep(void);

#endif
