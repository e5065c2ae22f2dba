/*
 * Processes of weir's own that stand beside it: forked from it and never another program, in a
 * session of their own, deaf to every signal that can be blocked, with no descriptor but the one
 * that they need. weir holds each by a pidfd, by which its end is awaited, so the watch of orphans
 * (process_tree.h) leaves it alone.
 */
#ifndef WEIR_CELL_COMPANION_H
#define WEIR_CELL_COMPANION_H

#include <signal.h>
#include <sys/types.h>

struct companion {
    pid_t pid; /* 0: there is none */
    int pidfd;
};

/* Closes all descriptors from the first on; callable between fork and exec. */
void companion_close_from(unsigned first);

/* Blocks all signals in this thread, so that none meets a handler of weir's in a new process. */
void companion_block_signals(sigset_t *ret_before);

/* In the new process: gives it its name (of at most 15 bytes) and lets go of all that is weir's.
 * The descriptor is 3 from now on; 0 to 2 are /dev/null where that can be had. Not to be called
 * with signals open. */
void companion_settle(const char *name, int descriptor);

/* Ends the calling companion, running nothing of weir's. */
_Noreturn void companion_leave(void);

/* Ends it by SIGKILL and takes its status; waits at most two seconds. Leaves "none". */
void companion_end(struct companion *companion);

#endif
