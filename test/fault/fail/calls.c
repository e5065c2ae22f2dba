#include "fail/calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mem/mem.h"

#define PUBLIC __attribute__((visibility("default")))

static _Atomic(enum failing_call) failing;
static atomic_uint_fast64_t failing_number, calls_made;

const char *calls_name(enum failing_call call)
{
    static const char *const names[] = {"nothing",   "allocation",    "malloc", "open",  "pread",
                                        "pwrite",    "write",         "fstat",  "stat",  "fsync",
                                        "ftruncate", "linkat",        "rename", "memfd", "opendir",
                                        "readdir",   "pthread_create"};
    return names[call];
}

void calls_fail(enum failing_call call, uint64_t number)
{
    atomic_store(&failing, call);
    atomic_store(&failing_number, number);
    atomic_store(&calls_made, 0);
    (void)mem_fail_allocation(call == CALL_ALLOCATION ? number : 0);
}

uint64_t calls_failed(void)
{
    uint64_t made = atomic_load(&calls_made);
    if (atomic_load(&failing) == CALL_ALLOCATION)
        made = mem_fail_allocation(0);
    return made >= atomic_load(&failing_number) ? 1 : 0;
}

/* Whether this call is the one; errno is set then. */
static bool fails(enum failing_call call, int reason)
{
    if (atomic_load(&failing) != call ||
        atomic_fetch_add(&calls_made, 1) + 1 != atomic_load(&failing_number))
        return false;
    errno = reason;
    return true;
}

static void *next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

PUBLIC int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (fails(CALL_OPEN, EMFILE))
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

PUBLIC ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    if (fails(CALL_PREAD, EIO))
        return -1;
    return syscall(SYS_pread64, descriptor, bytes, size, offset);
}

PUBLIC ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    if (fails(CALL_PWRITE, ENOSPC))
        return -1;
    return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}

PUBLIC ssize_t write(int descriptor, const void *bytes, size_t size)
{
    if (fails(CALL_WRITE, ENOSPC))
        return -1;
    return syscall(SYS_write, descriptor, bytes, size);
}

PUBLIC int fstat(int descriptor, struct stat *ret)
{
    if (fails(CALL_FSTAT, EIO))
        return -1;
    return (int)syscall(SYS_fstat, descriptor, ret);
}

PUBLIC int stat(const char *restrict path, struct stat *restrict ret)
{
    if (fails(CALL_STAT, EIO))
        return -1;
    return (int)syscall(SYS_newfstatat, AT_FDCWD, path, ret, 0);
}

PUBLIC int fsync(int descriptor)
{
    return fails(CALL_FSYNC, EIO) ? -1 : (int)syscall(SYS_fsync, descriptor);
}

PUBLIC int ftruncate(int descriptor, off_t size)
{
    return fails(CALL_FTRUNCATE, EIO) ? -1 : (int)syscall(SYS_ftruncate, descriptor, size);
}

PUBLIC int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (fails(CALL_LINKAT, EIO))
        return -1;
    return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

PUBLIC int renameat2(int from_folder, const char *from, int to_folder, const char *to,
                     unsigned flags)
{
    if (fails(CALL_RENAME, EIO))
        return -1;
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

PUBLIC int memfd_create(const char *name, unsigned flags)
{
    return fails(CALL_MEMFD, EMFILE) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

PUBLIC DIR *opendir(const char *path)
{
    DIR *(*real)(const char *) = next("opendir");
    return fails(CALL_OPENDIR, EACCES) ? NULL : real(path);
}

PUBLIC struct dirent *readdir(DIR *folder)
{
    struct dirent *(*real)(DIR *) = next("readdir");
    return fails(CALL_READDIR, EIO) ? NULL : real(folder);
}

PUBLIC int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                          void *(*body)(void *), void *restrict context)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        next("pthread_create");
    return fails(CALL_THREAD, EAGAIN) ? EAGAIN : real(thread, attributes, body, context);
}

#ifndef __SANITIZE_ADDRESS__

/* The allocator's own names in glibc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

PUBLIC void *malloc(size_t size)
{
    return fails(CALL_MALLOC, ENOMEM) ? NULL : __libc_malloc(size);
}

PUBLIC void *calloc(size_t count, size_t size)
{
    return fails(CALL_MALLOC, ENOMEM) ? NULL : __libc_calloc(count, size);
}

PUBLIC void *realloc(void *block, size_t size)
{
    return fails(CALL_MALLOC, ENOMEM) ? NULL : __libc_realloc(block, size);
}

#endif
