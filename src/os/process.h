/*
 * Which process it is. The system gives a process number again; the number and the start time
 * together name one process for good, until the machine is started anew.
 */
#ifndef WEIR_OS_PROCESS_H
#define WEIR_OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct os_process {
    char state;            /* 'R' runs, 'S' sleeps, 'T' is stopped, 'Z' and 'X' have ended, ... */
    pid_t parent, session; /* 0: outside this PID namespace */
    uint64_t start;        /* clock ticks since the machine was started */
};

/* From /proc/PID/stat; false where there is no such process or no /proc. */
bool os_process_read(pid_t pid, struct os_process *ret);

/* Whether it has ended, though its parent may not have asked yet. */
bool os_process_has_ended(const struct os_process *process);

/* Takes the contents of such a file apart, which end after size bytes or at a NUL. The name in the
 * second field may hold anything. Source: proc(5), /proc/pid/stat, fields 3, 4, 6 and 22. */
bool os_process_parse(const char *text, size_t size, struct os_process *ret);

#endif
