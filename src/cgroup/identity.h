/*
 * Names of folders that tell whose they are: weir-<process>-<its start>. The start is that of
 * /proc/<process>/stat, in clock ticks since the machine started (proc(5)), so a number that the
 * system gave to another process later is not mistaken for the weir that had it before.
 */
#ifndef WEIR_CGROUP_IDENTITY_H
#define WEIR_CGROUP_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* Where this process moves itself when v2 wants its own group free of processes. */
#define SUPERVISOR_FOLDER "weir.supervisor"

/* This process's folder name; false when /proc does not tell. */
bool identity_own(char *ret, size_t size);

/* Whether a folder name is one of a weir. */
bool identity_is_weir(const char *name);
/* Whether it is one of a weir that no longer runs. */
bool identity_is_dead(const char *name);

#endif
