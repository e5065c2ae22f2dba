/*
 * The private temporary folder of a command: made before it starts, removed with all that is in it
 * after it has ended. weir holds a lock on the folder while it lives, so a folder whose lock can be
 * had was left by a weir that died, whatever the names of processes, and is removed at the next
 * start.
 */
#ifndef WEIR_CLI_EXEC_FOLDER_H
#define WEIR_CLI_EXEC_FOLDER_H

#include "base/error.h"

struct exec_folder {
    char path[512]; /* empty: there is none */
    int descriptor; /* open and locked */
};

/* In $TMPDIR, else /tmp; readable by this user alone. */
CHECKED enum error_code exec_folder_make(struct exec_folder *ret, struct error *error);
/* Removes it; what cannot be removed stays, and is tried again by a later sweep. */
void exec_folder_remove(struct exec_folder *folder);

/* Removes this user's folders that no weir holds any more. Returns how many. */
unsigned exec_folder_sweep(void);

#endif
