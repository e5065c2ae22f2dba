/*
 * A group with the groups that its processes made below it: what is inside, signals, removal.
 *
 * Depth and path lengths are bounded; folders beyond are left alone. Processes of another PID
 * namespace, which the kernel shows as 0, are counted but cannot be signalled one by one.
 */
#ifndef WEIR_CGROUP_TREE_H
#define WEIR_CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Fills up to capacity numbers; returns how many processes there are. */
size_t tree_processes(const char *folder, pid_t *pids, size_t capacity);

/* Sends a signal once to each; returns how many processes there were. Never to this process. */
uint64_t tree_signal(const char *folder, int number);

/* Removes the folder and those below; true when it is gone, or was. Fails while processes live. */
bool tree_remove(const char *folder);

/* Calls visit with the name of each folder in folder. */
void folder_each(const char *folder, void (*visit)(void *context, const char *name), void *context);

#endif
