/*
 * What /proc tells about one process. Every function takes a process that may be gone by now, and
 * returns false then. Source: Documentation/filesystems/proc.rst of the Linux kernel.
 */
#ifndef WEIR_CELL_PROCESS_H
#define WEIR_CELL_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "mem/mem.h"

struct process {
    pid_t pid, parent, session;
    unsigned threads;
    bool is_dead;       /* a zombie: nothing of it is left but its status */
    bool catches_abort; /* it has a handler for SIGABRT */
    uint64_t memory;    /* bytes: anonymous, shared memory, both with what is swapped out */
};
CHECKED bool process_read(pid_t pid, struct process *ret);

/* Bytes of anonymous and shared memory, where pages that several processes map are divided among
 * them. The kernel walks the page tables for it: about 3 ms a GiB. */
CHECKED bool process_share(pid_t pid, uint64_t *ret);

/* When it was started, in clock ticks since boot: with the number it names a process for good. */
CHECKED bool process_start_time(pid_t pid, uint64_t *ret);

/* Whether its environment, as it was at exec, has the entry "NAME=value". Unknown: it has none now,
 * because it is between two programs, just ending, or was started so. */
enum process_answer { PROCESS_NO, PROCESS_YES, PROCESS_UNKNOWN };
enum process_answer process_has_entry(pid_t pid, const char *entry);
/* The value of a variable as it was at exec, cut to what fits. */
CHECKED bool process_entry(pid_t pid, const char *name, char *ret, size_t size);

/* Whether this process holds a pidfd of it. */
bool process_is_held(pid_t pid);

/* Whether it runs Python, by its program or the libraries it has mapped. */
bool process_is_python(pid_t pid);

/* Appends its children, as pid_t, to the buffer. threads: how many it has, 0 where unknown. */
CHECKED enum error_code process_children(pid_t pid, unsigned threads, struct mem_buffer *ret,
                                         struct error *error);

/* Processes that the kernel's out-of-memory killer has ended since the machine was started. */
CHECKED bool process_host_kills(uint64_t *ret);

#endif
