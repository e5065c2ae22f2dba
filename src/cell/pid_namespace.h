/*
 * A PID namespace for all cells of a weir: what runs in it sees only processes of it, so it can
 * signal neither weir nor anything else of the machine, and all of it ends with weir: the kernel
 * kills a namespace whose first process is gone, and that one dies with the thread that made it.
 *
 * The first process is a companion (companion.h) that waits for nothing but its end; the kernel
 * takes the status of orphans, whose parent it becomes. It also holds a mount namespace in which
 * /proc is that of the PID namespace. Mounts that are made later come in from the machine where it
 * shares them, and none go out. pid_namespaces(7), mount_namespaces(7).
 *
 * weir itself stays outside and keeps its own numbers of processes. It enters only for the moment
 * of making a child: no thread can be started meanwhile. What it needs is CAP_SYS_ADMIN,
 * CAP_SYS_CHROOT, Linux 5.8 and a root folder that is the machine's or container's own.
 */
#ifndef WEIR_CELL_PID_NAMESPACE_H
#define WEIR_CELL_PID_NAMESPACE_H

#include "cell/companion.h"
#include "cgroup/cgroup.h"

struct pid_namespace {
    struct companion first; /* its number is weir's for it; pid 0: there is no namespace */
};

/* ERROR_UNSUPPORTED where it is not allowed here. To be called before this process has a second
 * thread or much memory that changes. The place is told of the first process (see
 * cgroup_accompany). */
CHECKED enum error_code pid_namespace_open(struct cgroup_place *place, struct pid_namespace *ret,
                                           struct error *error);

/* Ends what is left inside. */
void pid_namespace_close(struct pid_namespace *space);

/* From here on children of this thread are born inside; false with errno set. *ret_back is for
 * pid_namespace_leave, which closes it; false with errno set when children would still be born
 * inside. */
CHECKED bool pid_namespace_enter(const struct pid_namespace *space, int *ret_back);
CHECKED bool pid_namespace_leave(int back);

/* In such a child, between clone and exec, which shares no folders with weir: takes the mounts with
 * the right /proc, and goes to the folder of that path there (NULL: where weir stands, as good as
 * that can be found). */
CHECKED bool pid_namespace_take_mounts(const struct pid_namespace *space, const char *current);

#endif
