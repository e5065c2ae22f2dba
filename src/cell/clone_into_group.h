/*
 * clone() of the C library, but the child is in a control group of version 2 from its first moment
 * (clone3 with CLONE_INTO_CGROUP, Linux 5.7). Entering by cgroup.procs instead makes the kernel
 * wait until all processors have seen a lock, often 10 ms.
 */
#ifndef WEIR_CELL_CLONE_INTO_GROUP_H
#define WEIR_CELL_CLONE_INTO_GROUP_H

#include <sched.h>
#include <stddef.h>
#include <sys/types.h>

/* The child shares memory with its parent, which stands still until it has become a program. */
#define SPAWN_CLONE_FLAGS (CLONE_VM | CLONE_VFORK | CLONE_PIDFD)

/* The child calls body(argument) on the stack, which is aligned to 16 bytes; body must not return.
 * folder: descriptor of the group's. -1 where the kernel, the group or the processor does not have
 * this way, or no process can be made; then there is no child. */
pid_t clone_into_group(int (*body)(void *argument), void *argument, void *stack, size_t stack_size,
                       int folder, int *ret_pidfd);

#endif
