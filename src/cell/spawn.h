/*
 * Starting a program in a session of its own, inside its control group, with nothing of weir's but
 * three descriptors.
 *
 * The child shares weir's memory until exec (as posix_spawn does it): that costs the same whatever
 * weir's size is, and what went wrong in it can be read here afterwards. So the child allocates
 * nothing and touches only its plan. It dies with the thread that started it (PR_SET_PDEATHSIG).
 *
 * In a PID namespace it is born inside; its parent is then none that it can see.
 */
#ifndef WEIR_CELL_SPAWN_H
#define WEIR_CELL_SPAWN_H

#include "cell/pid_namespace.h"
#include "cgroup/cgroup.h"

/* How far above weir's own its children stand with the kernel's out-of-memory killer, of 1000. */
#define SPAWN_KILLED_EARLIER 200

enum spawn_step {
    SPAWN_DONE,
    SPAWN_GROUP,
    SPAWN_MOUNTS,
    SPAWN_DIRECTORY,
    SPAWN_PROGRAM,
    SPAWN_PARENT
};

struct spawn_request {
    const char *const *arguments;
    const char *const *environment;
    const char *marker;                /* one more entry of the environment, or NULL */
    const char *directory;             /* or NULL */
    const struct cgroup *group;        /* or NULL */
    const struct pid_namespace *space; /* or NULL */
    int input;                         /* -1: /dev/null */
    int output, errors;                /* both needed */
};

struct spawn_result {
    pid_t pid;
    int pidfd;
    enum spawn_step failed_at; /* SPAWN_DONE: it runs; else there is no process */
    int reason;                /* errno of the failed step */
};

/* Fails only where weir itself fails; a program that cannot be run is a result. */
CHECKED enum error_code spawn_run(const struct spawn_request *request, struct mem_account *account,
                                  struct spawn_result *ret, struct error *error);

#endif
