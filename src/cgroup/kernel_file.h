/*
 * Files through which the kernel is read and told: small texts, read whole into a bounded buffer
 * and taken apart by a cursor, and words written at once. Nothing here allocates.
 */
#ifndef WEIR_CGROUP_KERNEL_FILE_H
#define WEIR_CGROUP_KERNEL_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cursor.h"

/* memory.stat, the longest, has under 4 KiB. */
#define KERNEL_TEXT 8192

struct kernel_text {
    size_t size;
    char bytes[KERNEL_TEXT];
};

/* A piece of such a text; not ended by a NUL. */
struct span {
    const char *at;
    size_t size;
};

/* "folder/name", or "folder" for an empty name; false when it does not fit. Callable between fork
 * and exec. */
CHECKED bool path_join(char *ret, size_t size, const char *folder, const char *name);

/* False when the file cannot be opened or read. What is beyond the buffer is left out. */
bool kernel_read(const char *folder, const char *name, struct kernel_text *ret);
struct cursor kernel_cursor(const struct kernel_text *text);

/* A file that is one number; "max" is UINT64_MAX. Leaves *ret alone when it returns false. */
bool kernel_read_number(const char *folder, const char *name, uint64_t *ret);

/* Writes the text in one call; 0, or errno. Callable between fork and exec. */
CHECKED int kernel_write(const char *folder, const char *name, const char *text);
CHECKED int kernel_write_number(const char *folder, const char *name, uint64_t value);

/* Whether the file is there, and whether it may be written; errno tells why not. */
bool kernel_has(const char *folder, const char *name);
bool kernel_may_write(const char *folder, const char *name);

/* The next line without its end; false when there is none. */
bool text_line(struct cursor *text, struct span *ret);
/* Takes off what stands before the next separator; false when nothing is left. */
bool span_take(struct span *from, char separator, struct span *ret);
bool span_is(struct span span, const char *text);
/* Decimal digits alone, at most UINT64_MAX. */
bool span_number(struct span span, uint64_t *ret);

/* The number behind a key at the start of a line: "oom_kill 3". Leaves *ret alone if absent. */
bool text_field(const struct kernel_text *text, const char *key, uint64_t *ret);
/* Whether a word stands in the file, as "memory" in cgroup.controllers. */
bool kernel_lists(const char *folder, const char *name, const char *word);

/* Calls take for each process number in folder's cgroup.procs, of any length; 0 stands for a
 * process of another PID namespace. False when the file cannot be read. */
bool kernel_each_process(const char *folder, void (*take)(void *context, pid_t process),
                         void *context);

#endif
